"""One example of every block, as full as it can be, and a modal and a Home tab."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def plain(text: str = "Words") -> Json:
    """Return a plain_text object."""
    return {"type": "plain_text", "text": text, "emoji": True}


def mrkdwn(text: str = "*Words*") -> Json:
    """Return a mrkdwn object."""
    return {"type": "mrkdwn", "text": text, "verbatim": False}


def option(value: str = "1") -> Json:
    """Return an option."""
    return {"text": plain(), "value": value, "description": plain()}


CONFIRM = {"title": plain(), "text": mrkdwn(), "confirm": plain("Yes"), "deny": plain("No"), "style": "danger"}
BUTTON = {
    "type": "button",
    "action_id": "press",
    "text": plain(),
    "value": "7",
    "url": "https://example.test",
    "style": "primary",
    "confirm": CONFIRM,
    "accessibility_label": "Press",
}
RICH = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "Hello ", "style": {"bold": True}},
                {"type": "user", "user_id": "U1"},
                {"type": "channel", "channel_id": "C1"},
                {"type": "usergroup", "usergroup_id": "S1"},
                {"type": "emoji", "name": "wave"},
                {"type": "link", "url": "https://example.test", "text": "there"},
                {"type": "date", "timestamp": 1, "format": "{date}", "fallback": "then"},
                {"type": "broadcast", "range": "here"},
                {"type": "color", "value": "#fff"},
                {"type": "team", "team_id": "T1"},
            ],
        },
        {
            "type": "rich_text_list",
            "style": "bullet",
            "indent": 1,
            "border": 0,
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "One"}]}],
        },
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "Said"}], "border": 1},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "code"}]},
    ],
}
SHORT: Json = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "Short"}]}],
}
IMAGE = {"type": "image", "image_url": "https://example.test/i.png", "alt_text": "A picture"}
CARD = {
    "type": "card",
    "block_id": "card",
    "title": mrkdwn(),
    "subtitle": mrkdwn(),
    "body": mrkdwn(),
    "icon": IMAGE,
    "hero_image": IMAGE,
    "actions": [BUTTON],
}
TASK: Json = {
    "type": "task_card",
    "task_id": "1",
    "title": "Look",
    "status": "in_progress",
    "details": SHORT,
    "output": SHORT,
    "sources": [{"type": "url", "url": "https://example.test", "text": "Source"}],
}
STATIC = {
    "type": "static_select",
    "action_id": "static",
    "placeholder": plain(),
    "options": [option()],
    "initial_option": option(),
    "confirm": CONFIRM,
    "focus_on_load": False,
}
GROUPED = {
    "type": "multi_static_select",
    "action_id": "grouped",
    "option_groups": [{"label": plain(), "options": [option()]}],
    "max_selected_items": 1,
}
ACTIONS = [
    BUTTON,
    STATIC,
    GROUPED,
    {"type": "external_select", "action_id": "external", "min_query_length": 1, "initial_option": option()},
    {"type": "multi_external_select", "action_id": "externals", "initial_options": [option()]},
    {"type": "users_select", "action_id": "user", "initial_user": "U1"},
    {"type": "multi_users_select", "action_id": "users", "initial_users": ["U1"]},
    {
        "type": "conversations_select",
        "action_id": "conversation",
        "default_to_current_conversation": True,
        "response_url_enabled": False,
        "filter": {"include": ["im"], "exclude_bot_users": True},
    },
    {"type": "multi_conversations_select", "action_id": "conversations", "initial_conversations": ["C1"]},
    {"type": "channels_select", "action_id": "channel", "initial_channel": "C1"},
    {"type": "multi_channels_select", "action_id": "channels", "initial_channels": ["C1"]},
    {"type": "datepicker", "action_id": "date", "initial_date": "2026-11-21", "placeholder": plain()},
    {"type": "timepicker", "action_id": "time", "initial_time": "10:00", "timezone": "Etc/UTC"},
    {"type": "datetimepicker", "action_id": "moment", "initial_date_time": 1_795_000_000},
    {"type": "checkboxes", "action_id": "checks", "options": [option(), option("2")], "initial_options": [option()]},
    {"type": "radio_buttons", "action_id": "radio", "options": [option()], "initial_option": option()},
    {"type": "overflow", "action_id": "more", "options": [option(), option("2")], "confirm": CONFIRM},
    {
        "type": "workflow_button",
        "action_id": "flow",
        "text": plain(),
        "workflow": {
            "trigger": {
                "url": "https://example.test",
                "customizable_input_parameters": [{"name": "a", "value": "b"}],
            }
        },
    },
    {"type": "rich_text_input", "action_id": "rich", "initial_value": SHORT},
]
INPUTS: list[Json] = [
    {
        "type": "plain_text_input",
        "action_id": "text",
        "multiline": True,
        "min_length": 1,
        "max_length": 100,
        "initial_value": "Hi",
        "placeholder": plain(),
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
    },
    {"type": "number_input", "action_id": "number", "is_decimal_allowed": False, "min_value": "1", "max_value": "9"},
    {"type": "email_text_input", "action_id": "email"},
    {"type": "url_text_input", "action_id": "url", "focus_on_load": True},
    {"type": "file_input", "action_id": "files", "filetypes": ["pdf"], "max_files": 2},
    STATIC,
]


def entered(element: Json) -> Json:
    """Return an input block."""
    block_id = f"input-{element['action_id']}"
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(),
        "element": element,
        "hint": plain(),
        "optional": True,
    }


SECTION = {"type": "section", "block_id": "words", "text": mrkdwn(), "fields": [mrkdwn(), plain()], "accessory": BUTTON}
EXAMPLES: list[Json] = [
    *({"type": "actions", "block_id": "actions", "elements": [element]} for element in ACTIONS),
    {"type": "alert", "text": mrkdwn(), "level": "warning"},
    CARD,
    {"type": "carousel", "elements": [CARD]},
    {
        "type": "container",
        "title": plain(),
        "subtitle": mrkdwn(),
        "child_blocks": [{"type": "divider"}, SECTION],
        "is_collapsible": True,
        "width": "wide",
    },
    {"type": "context", "elements": [mrkdwn(), IMAGE, plain()]},
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "feedback",
                "positive_button": {"text": plain(), "value": "good", "accessibility_label": "Good"},
                "negative_button": {"text": plain(), "value": "bad"},
            },
            {"type": "icon_button", "action_id": "bin", "icon": "trash", "text": plain(), "value": "7"},
        ],
    },
    {
        "type": "data_table",
        "caption": "Hours",
        "rows": [[{"type": "raw_text", "text": "A"}, {"type": "raw_number", "value": 1, "text": "1"}, SHORT]],
        "page_size": 5,
    },
    {"type": "divider", "block_id": "line"},
    {"type": "file", "external_id": "1", "source": "remote"},
    {"type": "header", "text": plain()},
    {**IMAGE, "title": plain(), "block_id": "picture"},
    {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "A picture"},
    *(entered(element) for element in INPUTS),
    {"type": "markdown", "text": "**Words**"},
    {"type": "plan", "title": "Plan", "tasks": [TASK]},
    RICH,
    SECTION,
    {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": "A"}, SHORT]],
        "column_settings": [{"align": "right", "is_wrapped": True}],
    },
    TASK,
    {
        "type": "video",
        "alt_text": "A film",
        "title": plain(),
        "thumbnail_url": "https://example.test/t.png",
        "video_url": "https://example.test/v",
        "author_name": "Ann",
        "description": plain(),
    },
]
MODAL: Json = {
    "type": "modal",
    "title": plain("Title"),
    "submit": plain("Save"),
    "close": plain("Cancel"),
    "blocks": [entered(INPUTS[0]), SECTION],
    "callback_id": "edit",
    "private_metadata": "{}",
    "notify_on_close": True,
    "clear_on_close": False,
    "external_id": "one",
}
HOME: Json = {"type": "home", "blocks": [SECTION], "callback_id": "home", "private_metadata": "x", "external_id": "h"}
