"""The payloads of commands and interactions, in Slack's shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.slack.errors import SlackError
from sandbox.slack.events import TOKEN
from sandbox.slack.inputs import HOLDS, held, option_of
from sandbox.slack.model import APP_ID, TEAM_DOMAIN, TEAM_ID, Channel, Json

if TYPE_CHECKING:
    from sandbox.slack.state import SlackState

ECHOED = ("text", "style", "placeholder", "confirm", "url", "workflow", "icon", "accessibility_label")


def channel_name(channel: Channel) -> str:
    """Return a conversation's name as payloads give it."""
    names = {"im": "directmessage", "mpim": channel.name, "groups": "privategroup"}
    return names.get(channel.kind, channel.name)


def command_payload(state: SlackState, user: str, channel: Channel, command: str, text: str) -> Json:
    """Return the payload of a slash command."""
    return {
        "token": TOKEN,
        "team_id": TEAM_ID,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": user,
        "user_name": state.users[user].name,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": state.hooks.issue("commands", channel, user),
        "trigger_id": state.views.new_trigger(user),
    }


def interaction(state: SlackState, type_: str, user: str) -> Json:
    """Return what all interactions have in common."""
    name = state.users[user].name
    return {
        "type": type_,
        "user": {"id": user, "username": name, "name": name, "team_id": TEAM_ID},
        "api_app_id": APP_ID,
        "token": TOKEN,
        "team": state.team(),
        "enterprise": None,
        "is_enterprise_install": False,
    }


def in_channel(channel: Channel) -> Json:
    """Return the channel as interactions carry it."""
    return {"id": channel.id, "name": channel_name(channel)}


def action_of(block: Json, element: Json, given: Json, ts: str) -> Json:
    """Return the entry in `actions` for an element a person used."""
    type_ = element["type"]
    action: Json = {"type": type_, "action_id": element["action_id"], "block_id": block["block_id"]}
    action |= {name: element[name] for name in ECHOED if name in element}
    if type_ in HOLDS:
        field, initial = HOLDS[type_]
        action[field] = held(element, given)[field]
        if initial and initial in element:
            action[initial] = element[initial]
    elif type_ == "overflow":
        action["selected_option"] = option_of(element, given.get("selected_option"))
    elif type_ == "feedback_buttons":
        action |= _feedback(element, given.get("value"))
    elif "value" in element:
        action["value"] = element["value"]
    return action | {"action_ts": ts}


def _feedback(element: Json, value: Any) -> Json:
    for name in ("positive_button", "negative_button"):
        if element[name]["value"] == value:
            return {"text": element[name]["text"], "value": value}
    raise SlackError("invalid_value", [f"{value!r} is the value of neither button"])
