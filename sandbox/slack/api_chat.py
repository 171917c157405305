"""chat.*: posting, editing, deleting."""

from __future__ import annotations

from typing import Any

from sandbox.slack.api import Call, method
from sandbox.slack.blocks import ALL_TEXT, check_message_blocks, parse_blocks, total_text
from sandbox.slack.errors import SlackError
from sandbox.slack.model import BOT_USER_ID, Channel, Json

MAX_ATTACHMENTS = 100
UPDATE_TEXT = 4_000
METADATA_BYTES = 16_000


def target(call: Call, name: str = "channel") -> Channel:
    """Return where to post: a conversation's id or #name, or a person (their direct message)."""
    wanted = call.text(name)
    state = call.state
    if wanted in state.users:
        return state.open_direct([wanted, BOT_USER_ID])
    named = state.by_name(wanted)
    channel = state.channel(named.id if named else wanted, BOT_USER_ID)
    if BOT_USER_ID not in channel.members and not call.has_scope("chat:write.public"):
        raise SlackError("not_in_channel")
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel


def blocks_of(
    call: Call, too_long: str = "msg_blocks_too_long", malformed: str = "invalid_blocks_format"
) -> list[Json] | None:
    """Return the call's blocks, checked, or None when it has none."""
    if call.arguments.get("blocks") in (None, ""):
        return None
    blocks = parse_blocks(call.arguments["blocks"])
    if blocks is None:
        raise SlackError(malformed)
    if problems := check_message_blocks(blocks):
        raise SlackError("invalid_blocks", problems)
    if problems := _unknown_images(call, blocks):
        raise SlackError("invalid_blocks", problems)
    if total_text(blocks) > ALL_TEXT:
        raise SlackError(too_long)
    return blocks


def _unknown_images(call: Call, blocks: list[Json]) -> list[str]:
    """Return a problem for each image block whose Slack file is not there, or is no picture."""
    images = [
        (n, (block.get("slack_file") or {}).get("id")) for n, block in enumerate(blocks) if block["type"] == "image"
    ]
    return [
        f"[ERROR] invalid slack file [json-pointer:/blocks/{number}/slack_file]"
        for number, file_id in images
        if file_id and not call.state.files.is_image(file_id)
    ]


def content(call: Call, too_long: str = "msg_blocks_too_long") -> tuple[str, dict[str, Any]]:
    """Return the text and the further fields of the message that a call carries, or refuse."""
    text, blocks = call.text("text"), blocks_of(call, too_long)
    attachments = call.structure("attachments", list)
    if attachments and len(attachments) > MAX_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    for position, attachment in enumerate(attachments or []):
        problems = check_message_blocks(attachment.get("blocks", []))
        if problems:
            pointer = f"[json-pointer:/attachments/{position}"
            raise SlackError("invalid_blocks", [p.replace("[json-pointer:", pointer) for p in problems])
    if markdown := call.text("markdown_text"):
        if text or blocks:
            raise SlackError("markdown_text_conflict")
        blocks = [{"type": "markdown", "text": markdown}]
        if problems := check_message_blocks(blocks):
            raise SlackError("invalid_blocks", problems)
        text = markdown
    return text, {"blocks": blocks, "attachments": attachments, "metadata": _metadata(call)}


def _metadata(call: Call) -> Json | None:
    metadata = call.structure("metadata", dict)
    if metadata is None or not metadata:
        return None
    if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    if len(str(metadata)) > METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return metadata


def _demand_words(text: str, fields: dict[str, Any]) -> None:
    if not text and not fields["blocks"] and not fields["attachments"]:
        raise SlackError("no_text")


def _persona(call: Call) -> Json:
    named = {name: call.text(name) for name in ("username", "icon_emoji", "icon_url") if call.text(name)}
    if not named:
        return {}
    call.demand_scopes(("chat:write.customize",))
    icons = {"icons": {n.removeprefix("icon_"): v for n, v in named.items() if n != "username"}}
    return {"username": named.get("username"), "icons": icons["icons"] or None}


@method(
    "chat.postMessage",
    required="channel",
    scopes="chat:write",
    tier=5,
    errors="cannot_reply_to_message channel_not_found invalid_blocks invalid_blocks_format invalid_metadata_format "
    "is_archived markdown_text_conflict metadata_too_large msg_blocks_too_long no_text not_in_channel "
    "too_many_attachments",
)
def post_message(call: Call) -> Json:
    """Post a message."""
    channel = target(call)
    text, fields = content(call)
    _demand_words(text, fields)
    thread_ts = call.text("thread_ts")
    if thread_ts and call.flag("reply_broadcast"):
        fields["subtype"] = "thread_broadcast"
    fields |= _persona(call)
    call.state.demand_pace(channel)
    message = call.state.messages.post(channel, BOT_USER_ID, text, thread_ts=thread_ts, **fields)
    return {"channel": channel.id, "ts": message["ts"], "message": message}


@method(
    "chat.postEphemeral",
    required="channel user",
    scopes="chat:write",
    tier=4,
    errors="channel_not_found invalid_blocks invalid_blocks_format is_archived markdown_text_conflict msg_too_long "
    "no_text not_in_channel too_many_attachments user_not_in_channel",
)
def post_ephemeral(call: Call) -> Json:
    """Show a message to one member of a conversation."""
    channel = target(call)
    user = call.text("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    call.arguments.pop("metadata", None)
    text, fields = content(call, "msg_too_long")
    _demand_words(text, fields)
    fields |= _persona(call)
    message = call.state.messages.ephemeral(channel, user, text, thread_ts=call.text("thread_ts") or None, **fields)
    return {"message_ts": message["ts"]}


@method(
    "chat.update",
    required="ts channel",
    scopes="chat:write",
    tier=3,
    errors="cant_update_message channel_not_found invalid_blocks invalid_blocks_format invalid_metadata_format "
    "markdown_text_conflict message_not_found metadata_too_large msg_too_long no_text streaming_state_conflict "
    "too_many_attachments",
)
def update(call: Call) -> Json:
    """Change one of the app's own messages; blocks left out stay, an empty list takes them away."""
    channel = call.state.channel(call.text("channel"), BOT_USER_ID)
    ts = call.text("ts")
    message = call.state.messages.find(channel, ts)
    if message.get("user") != BOT_USER_ID:
        raise SlackError("cant_update_message")
    if call.state.streams.is_streaming(channel, ts):
        raise SlackError("streaming_state_conflict")
    if len(call.text("text")) > UPDATE_TEXT:
        raise SlackError("msg_too_long")
    text, fields = content(call, "msg_too_long")
    if not text and all(value is None for value in fields.values()):
        raise SlackError("no_text")
    shown = call.state.messages.update(channel, ts, {"text": text or None, **fields})
    return {"channel": channel.id, "ts": ts, "text": shown["text"], "message": shown}


@method(
    "chat.delete",
    required="ts channel",
    scopes="chat:write",
    tier=3,
    errors="cant_delete_message channel_not_found message_not_found",
)
def delete(call: Call) -> Json:
    """Delete one of the app's own messages."""
    channel = call.state.channel(call.text("channel"), BOT_USER_ID)
    ts = call.text("ts")
    if call.state.messages.find(channel, ts).get("user") != BOT_USER_ID:
        raise SlackError("cant_delete_message")
    call.state.messages.delete(channel, ts)
    return {"channel": channel.id, "ts": ts}


@method("chat.getPermalink", required="channel message_ts", tier=5, errors="channel_not_found message_not_found")
def get_permalink(call: Call) -> Json:
    """Return the address of a message."""
    channel = call.state.channel(call.text("channel"), BOT_USER_ID)
    message = call.state.messages.find(channel, call.text("message_ts"))
    link = f"{call.state.base_url}/archives/{channel.id}/p{message['ts'].replace('.', '')}"
    root = message.get("thread_ts", message["ts"])
    if root != message["ts"]:
        link += f"?thread_ts={root}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}
