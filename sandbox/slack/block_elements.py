"""Block Kit's composition objects and elements: fields, limits."""

from __future__ import annotations

from typing import Any

from sandbox.slack.block_rules import (
    Problems,
    Rule,
    boolean,
    both,
    choice,
    list_of,
    needs_one,
    note,
    number,
    one_of,
    only_one,
    record,
    string,
    typed,
)

ID = string(255)
URL = string(3000)


def plain(maximum: int = 3000) -> Rule:
    """Accept a plain_text object."""
    return record({"text": string(maximum, 1)}, {"emoji": boolean}, type_="plain_text")


def mrkdwn(maximum: int = 3000) -> Rule:
    """Accept a mrkdwn object."""
    return record({"text": string(maximum, 1)}, {"verbatim": boolean}, type_="mrkdwn")


def text(maximum: int = 3000) -> Rule:
    """Accept a text object of either kind."""
    return typed({"plain_text": plain(maximum), "mrkdwn": mrkdwn(maximum)})


STYLE = choice("primary", "danger")
CONFIRM = record({"text": text(300)}, {"title": plain(100), "confirm": plain(30), "deny": plain(30), "style": STYLE})
# Vendor documents disagree on an option's value (75 or 150): the shorter one passes with both.
OPTION_VALUE = string(75)
OPTION_REST = {"value": OPTION_VALUE, "description": plain(75), "url": URL}
PLAIN_OPTION = record({"text": plain(75)}, OPTION_REST)
OPTION = record({"text": text(75)}, OPTION_REST)
GROUP = record({"label": plain(75), "options": list_of(PLAIN_OPTION, 100)})
DISPATCH = record({}, {"trigger_actions_on": list_of(choice("on_enter_pressed", "on_character_entered"))})
SLACK_FILE = one_of(record({"url": URL}), record({"id": string()}))
FILTER = record(
    {},
    {
        "include": list_of(choice("im", "mpim", "private", "public")),
        "exclude_bot_users": boolean,
        "exclude_external_shared_channels": boolean,
    },
)
IMAGE_SOURCES = (("image_url", URL), ("slack_file", SLACK_FILE))


def image(kind_fields: dict[str, Rule], alt_text: Rule) -> Rule:
    """Accept an image by URL or by Slack file."""
    return one_of(
        *(record({"alt_text": alt_text, name: rule}, kind_fields, type_="image") for name, rule in IMAGE_SOURCES)
    )


IMAGE_ELEMENT = image({}, string(2000))


def _element(type_: str, required: dict[str, Rule] | None = None, **optional: Rule) -> Rule:
    return record(required, {"action_id": ID, **optional}, type_=type_)


def _select(type_: str, **optional: Rule) -> Rule:
    common = {"placeholder": plain(150), "focus_on_load": boolean, "confirm": CONFIRM}
    return _element(type_, None, **common, **optional)


def _initial_is_an_option(value: Any, pointer: str, problems: Problems) -> None:
    if problems or not isinstance(value, dict):
        return
    options = [*value.get("options", []), *(o for group in value.get("option_groups", []) for o in group["options"])]
    for name in ("initial_option", "initial_options"):
        initial = value.get(name, [])
        if any(option not in options for option in (initial if isinstance(initial, list) else [initial])):
            note(problems, f"{name} must exactly match a provided option", f"{pointer}/{name}")


def _static(type_: str, **optional: Rule) -> Rule:
    fields = {"options": list_of(PLAIN_OPTION, 100), "option_groups": list_of(GROUP, 100), **optional}
    return both(
        _select(type_, **fields),
        needs_one("options", "option_groups"),
        only_one("options", "option_groups"),
        _initial_is_an_option,
    )


def _listed(type_: str, **optional: Rule) -> Rule:
    rest = {"confirm": CONFIRM, "focus_on_load": boolean, **optional}
    return both(_element(type_, {"options": list_of(OPTION, 10, 1)}, **rest), _initial_is_an_option)


def _input(type_: str, required: dict[str, Rule] | None = None, **optional: Rule) -> Rule:
    rest = {"placeholder": plain(150), "focus_on_load": boolean, "dispatch_action_config": DISPATCH, **optional}
    return _element(type_, required, **rest)


IDS = list_of(string())
LABEL = string(75)
BUTTON_REST: dict[str, Rule] = {"style": STYLE, "confirm": CONFIRM, "accessibility_label": LABEL}
TRIGGER = record(
    {"url": URL}, {"customizable_input_parameters": list_of(record({"name": string(), "value": string()}))}
)
FEEDBACK = record({"text": plain(75), "value": string(2000)}, {"accessibility_label": LABEL})
SELECTS: dict[str, Rule] = {
    "static_select": _static("static_select", initial_option=PLAIN_OPTION),
    "external_select": _select("external_select", initial_option=PLAIN_OPTION, min_query_length=number),
    "users_select": _select("users_select", initial_user=string()),
    "conversations_select": _select(
        "conversations_select",
        initial_conversation=string(),
        default_to_current_conversation=boolean,
        response_url_enabled=boolean,
        filter=FILTER,
    ),
    "channels_select": _select("channels_select", initial_channel=string(), response_url_enabled=boolean),
    "multi_static_select": _static(
        "multi_static_select", initial_options=list_of(PLAIN_OPTION, 100), max_selected_items=number
    ),
    "multi_external_select": _select(
        "multi_external_select",
        initial_options=list_of(PLAIN_OPTION, 100),
        min_query_length=number,
        max_selected_items=number,
    ),
    "multi_users_select": _select("multi_users_select", initial_users=IDS, max_selected_items=number),
    "multi_conversations_select": _select(
        "multi_conversations_select",
        initial_conversations=IDS,
        default_to_current_conversation=boolean,
        filter=FILTER,
        max_selected_items=number,
    ),
    "multi_channels_select": _select("multi_channels_select", initial_channels=IDS, max_selected_items=number),
}
PICKERS: dict[str, Rule] = {
    "datepicker": _select("datepicker", initial_date=string()),
    "timepicker": _select("timepicker", initial_time=string(), timezone=string()),
    "datetimepicker": _element(
        "datetimepicker", None, initial_date_time=number, confirm=CONFIRM, focus_on_load=boolean
    ),
    "checkboxes": _listed("checkboxes", initial_options=list_of(OPTION, 10)),
    "radio_buttons": _listed("radio_buttons", initial_option=OPTION),
}
BUTTON = _element("button", {"text": plain(75)}, url=URL, value=string(2000), **BUTTON_REST)
WORKFLOW_BUTTON = _element(
    "workflow_button", {"text": plain(75), "workflow": record({"trigger": TRIGGER})}, **BUTTON_REST
)
OVERFLOW = _element("overflow", {"options": list_of(PLAIN_OPTION, 5, 1)}, confirm=CONFIRM)
CONTEXT_ACTIONS: dict[str, Rule] = {
    "feedback_buttons": _element("feedback_buttons", {"positive_button": FEEDBACK, "negative_button": FEEDBACK}),
    "icon_button": _element(
        "icon_button",
        {"icon": string(), "text": plain(75)},
        value=string(2000),
        confirm=CONFIRM,
        accessibility_label=LABEL,
        visible_to_user_ids=IDS,
    ),
}
INPUTS: dict[str, Rule] = {
    "plain_text_input": _input(
        "plain_text_input",
        initial_value=string(3000),
        multiline=boolean,
        min_length=number,
        max_length=number,
    ),
    "number_input": _input(
        "number_input",
        {"is_decimal_allowed": boolean},
        initial_value=string(),
        min_value=string(),
        max_value=string(),
    ),
    "email_text_input": _input("email_text_input", initial_value=string()),
    "url_text_input": _input("url_text_input", initial_value=string()),
    "file_input": _element("file_input", None, filetypes=IDS, max_files=number),
}
