"""What interactive elements hold: their initial values, what a person puts in, what the client refuses."""

from __future__ import annotations

import re
from typing import Any

from sandbox.slack.blocks import elements_of
from sandbox.slack.errors import SlackError
from sandbox.slack.model import Json

# Element type: the field that holds its value, and the field of the element that it starts with.
HOLDS = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "file_input": ("files", ""),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
LISTS = frozenset(type_ for type_, (field, _) in HOLDS.items() if field.endswith("s"))
REQUIRED = "Please complete this required field."
FORMATS = {
    "email_text_input": (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "Please enter a valid email address."),
    "url_text_input": (re.compile(r"https?://\S+"), "Please enter a valid URL."),
    "number_input": (re.compile(r"-?\d+(\.\d+)?"), "Please enter a number."),
}


def find_element(blocks: list[Json], block_id: str, action_id: str) -> tuple[Json, Json]:
    """Return the block and the interactive element with these ids, or refuse."""
    for outer in blocks:
        inner_blocks = outer.get("child_blocks") or (outer["elements"] if outer["type"] == "carousel" else [])
        for block in (outer, *inner_blocks):
            if block.get("block_id") != block_id:
                continue
            for element in elements_of(block):
                if element.get("action_id") == action_id:
                    return block, element
    raise SlackError("element_not_found", [f"no element {action_id!r} in a block {block_id!r}"])


def held(element: Json, given: Json) -> Json:
    """Return what an element holds in Slack's shape, when a person put `given` in."""
    field, _ = HOLDS[element["type"]]
    if field not in given:
        raise SlackError("invalid_value", [f"a {element['type']} needs {field}"])
    value = given[field]
    if field == "selected_option" and value is not None:
        value = option_of(element, value)
    elif field == "selected_options":
        value = [option_of(element, option) for option in value or []]
    elif field == "value":
        value = str(value) if value not in (None, "") else None
    return {"type": element["type"], field: value}


def option_of(element: Json, chosen: Any) -> Json:
    """Return the element's option with the chosen value; external selects have none of their own."""
    value = chosen.get("value") if isinstance(chosen, dict) else chosen
    if element["type"] in ("external_select", "multi_external_select"):
        if not isinstance(chosen, dict) or "text" not in chosen:
            raise SlackError("invalid_value", ["an external option needs text and value"])
        return chosen
    groups = element.get("option_groups", [])
    options: list[Json] = [*element.get("options", []), *(o for group in groups for o in group["options"])]
    for option in options:
        if option.get("value") == value:
            return option
    raise SlackError("invalid_value", [f"{value!r} is not among the options"])


def initial_values(blocks: list[Json]) -> Json:
    """Return what all inputs of these blocks hold before anybody touches them."""
    values: Json = {}
    for block in blocks:
        for inner in (block, *block.get("child_blocks", ())):
            for element in elements_of(inner) if not inner.get("child_blocks") else ():
                if element["type"] in HOLDS:
                    field, initial = HOLDS[element["type"]]
                    empty: Any = [] if element["type"] in LISTS else None
                    content = {"type": element["type"], field: element.get(initial, empty)}
                    values.setdefault(inner["block_id"], {})[element["action_id"]] = content
    return values


def merged(blocks: list[Json], stored: Json, given: Json) -> Json:
    """Return what the inputs hold: initially, over that what was put in before, over that `given`."""
    values = initial_values(blocks)
    for block_id, actions in stored.items():
        for action_id, content in actions.items():
            if action_id in values.get(block_id, {}):
                values[block_id][action_id] = content
    for block_id, actions in given.items():
        for action_id, content in actions.items():
            _, element = find_element(blocks, block_id, action_id)
            values.setdefault(block_id, {})[action_id] = held(element, content)
    return values


def complaints(blocks: list[Json], values: Json) -> dict[str, str]:
    """Return what Slack's client says to a form before it lets it go, by block_id."""
    found: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        content = values[block["block_id"]][element["action_id"]]
        value = content[HOLDS[element["type"]][0]]
        if value in (None, "", []):
            if not block.get("optional", False):
                found[block["block_id"]] = REQUIRED
        elif problem := _misfit(element, value):
            found[block["block_id"]] = problem
    return found


def _misfit(element: Json, value: Any) -> str:
    if element["type"] in FORMATS:
        pattern, problem = FORMATS[element["type"]]
        if not pattern.fullmatch(value):
            return problem
    if element["type"] == "number_input":
        if "." in value and not element["is_decimal_allowed"]:
            return "Please enter a whole number."
        if "min_value" in element and float(value) < float(element["min_value"]):
            return f"Please enter a number of at least {element['min_value']}."
        if "max_value" in element and float(value) > float(element["max_value"]):
            return f"Please enter a number of at most {element['max_value']}."
    if element["type"] == "plain_text_input":
        if len(value) < element.get("min_length", 0):
            return f"Please enter at least {element['min_length']} characters."
        if len(value) > element.get("max_length", 3000):
            return f"Please enter at most {element.get('max_length', 3000)} characters."
    if len(value) > element.get("max_selected_items", len(value)) if isinstance(value, list) else False:
        return f"Please choose at most {element['max_selected_items']}."
    return ""
