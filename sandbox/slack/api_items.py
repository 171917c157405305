"""reactions.* and pins.*"""

from __future__ import annotations

import re

from sandbox.slack.api import Call, method
from sandbox.slack.errors import SlackError
from sandbox.slack.model import BOT_USER_ID, Channel, Json

EMOJI = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")
TS = re.compile(r"\d{9,11}\.\d{6}")
MAX_PINS = 100
MAX_REACTIONS = 50


def _item(call: Call) -> tuple[Channel, Json]:
    if not call.text("channel") or not call.text("timestamp"):
        raise SlackError("no_item_specified")
    channel = call.state.channel(call.text("channel"), BOT_USER_ID)
    if not TS.fullmatch(call.text("timestamp")):
        raise SlackError("bad_timestamp")
    return channel, call.state.messages.find(channel, call.text("timestamp"))


def _name(call: Call) -> str:
    name = call.text("name").strip(":")
    if not EMOJI.fullmatch(name):
        raise SlackError("invalid_name")
    return name


ITEM_ERRORS = "bad_timestamp channel_not_found message_not_found no_item_specified"


@method(
    "reactions.add",
    required="name timestamp channel",
    scopes="reactions:write",
    tier=3,
    errors=f"{ITEM_ERRORS} already_reacted invalid_name is_archived too_many_reactions",
)
def reactions_add(call: Call) -> Json:
    """React to a message."""
    channel, message = _item(call)
    if channel.is_archived:
        raise SlackError("is_archived")
    if len(message.get("reactions", [])) >= MAX_REACTIONS:
        raise SlackError("too_many_reactions")
    call.state.messages.react(channel, message["ts"], BOT_USER_ID, _name(call))
    return {}


@method(
    "reactions.remove",
    required="name",
    scopes="reactions:write",
    tier=2,
    errors=f"{ITEM_ERRORS} invalid_name no_reaction",
)
def reactions_remove(call: Call) -> Json:
    """Take the app's reaction back."""
    channel, message = _item(call)
    call.state.messages.unreact(channel, message["ts"], BOT_USER_ID, _name(call))
    return {}


@method("reactions.get", scopes="reactions:read", tier=3, errors=ITEM_ERRORS)
def reactions_get(call: Call) -> Json:
    """Return a message with its reactions."""
    channel, message = _item(call)
    return {"type": "message", "channel": channel.id, "message": call.state.messages.present(channel, message)}


@method(
    "pins.add",
    required="channel",
    scopes="pins:write",
    tier=2,
    errors=f"{ITEM_ERRORS} already_pinned not_in_channel too_many_pins",
)
def pins_add(call: Call) -> Json:
    """Pin a message."""
    channel, message = _item(call)
    if BOT_USER_ID not in channel.members:
        raise SlackError("not_in_channel")
    if message["ts"] in channel.pins:
        raise SlackError("already_pinned")
    if len(channel.pins) >= MAX_PINS:
        raise SlackError("too_many_pins")
    channel.pins[message["ts"]] = {"created": call.state.now_s(), "created_by": BOT_USER_ID}
    call.state.messages.changed(channel, message)
    return {}


@method("pins.remove", required="channel", scopes="pins:write", tier=2, errors=f"{ITEM_ERRORS} no_pin")
def pins_remove(call: Call) -> Json:
    """Unpin a message."""
    channel, message = _item(call)
    if channel.pins.pop(message["ts"], None) is None:
        raise SlackError("no_pin")
    call.state.messages.changed(channel, message)
    return {}


@method("pins.list", required="channel", scopes="pins:read", tier=2, errors="channel_not_found")
def pins_list(call: Call) -> Json:
    """List what is pinned in a conversation, newest pin first."""
    channel = call.state.channel(call.text("channel"), BOT_USER_ID)
    items = []
    for ts, pin in reversed(channel.pins.items()):
        message = call.state.messages.present(channel, channel.messages[ts])
        items.append({"type": "message", "channel": channel.id, "message": message, **pin})
    return {"items": items}
