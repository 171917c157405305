"""conversations.* and users.conversations."""

from __future__ import annotations

import re
import secrets

from sandbox.slack.api import Call, method
from sandbox.slack.errors import SlackError
from sandbox.slack.model import BOT_USER_ID, Channel, Json

READ = "channels:read groups:read im:read mpim:read"
HISTORY = "channels:history groups:history im:history mpim:history"
MANAGE = "channels:manage groups:write im:write mpim:write"
OWN = f"channels:write {MANAGE}"
TOPIC = f"channels:write.topic groups:write.topic mpim:write.topic im:write.topic {MANAGE}"
INVITE = f"channels:write.invites groups:write.invites {MANAGE}"
TYPES = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}
NAME = re.compile(r"[\w-]+")
TS = re.compile(r"\d+(\.\d+)?")
MAX_NAME = 80
MAX_TOPIC = 250
MAX_PEOPLE = 8


def _shown(channel: Channel) -> Json:
    return channel.to_slack(BOT_USER_ID)


def _no_direct(channel: Channel) -> Channel:
    if channel.is_im or channel.is_mpim:
        raise SlackError("method_not_supported_for_channel_type")
    return channel


@method("conversations.info", required="channel", scopes=READ, tier=3, errors="channel_not_found missing_scope")
def info(call: Call) -> Json:
    """Describe a conversation."""
    channel = call.channel()
    shown = _shown(channel)
    if not call.flag("include_num_members"):
        shown.pop("num_members", None)
    if BOT_USER_ID in channel.members:
        shown["last_read"] = channel.last_read.get(BOT_USER_ID, "0000000000.000000")
    return {"channel": shown}


def _of_types(call: Call, channels: list[Channel]) -> list[Channel]:
    wanted = call.words("types") or ["public_channel"]
    if not set(wanted) <= set(TYPES):
        raise SlackError("invalid_types")
    for name in wanted:
        call.demand_kind(TYPES[name])
    kinds = {TYPES[name] for name in wanted}
    hide_archived = call.flag("exclude_archived")
    return [c for c in channels if c.kind in kinds and not (hide_archived and c.is_archived)]


LIST_ERRORS = "invalid_cursor invalid_types missing_scope"


@method("conversations.list", scopes=READ, tier=2, errors=LIST_ERRORS)
def list_(call: Call) -> Json:
    """List the conversations that the app may know of."""
    seen = [c for c in call.state.channels.values() if call.state.sees(BOT_USER_ID, c)]
    page, metadata = call.page(_of_types(call, seen))
    return {"channels": [_shown(channel) for channel in page], "response_metadata": metadata}


@method("users.conversations", scopes=READ, tier=3, errors=LIST_ERRORS)
def users_conversations(call: Call) -> Json:
    """List the conversations of a member that the app may know of."""
    user = call.text("user", BOT_USER_ID)
    seen = [c for c in call.state.channels.values() if user in c.members and call.state.sees(BOT_USER_ID, c)]
    page, metadata = call.page(_of_types(call, seen))
    return {"channels": [_shown(channel) for channel in page], "response_metadata": metadata}


@method("conversations.members", required="channel", scopes=READ, tier=4, errors="channel_not_found invalid_cursor")
def members(call: Call) -> Json:
    """List the members of a conversation."""
    page, metadata = call.page(call.channel().members)
    return {"members": page, "response_metadata": metadata}


def _window(call: Call, messages: list[Json]) -> list[Json]:
    oldest, latest = call.text("oldest", "0"), call.text("latest")
    for name, value in (("oldest", oldest), ("latest", latest or "0")):
        if not TS.fullmatch(value):
            raise SlackError(f"invalid_ts_{name}")
    inclusive = call.flag("inclusive")
    low, high = float(oldest), float(latest) if latest else float("inf")
    return [
        message
        for message in messages
        if low < float(message["ts"]) < high or (inclusive and float(message["ts"]) in (low, high))
    ]


WINDOW_ERRORS = "channel_not_found invalid_cursor invalid_ts_latest invalid_ts_oldest"


@method("conversations.history", required="channel", scopes=HISTORY, tier=3, errors=f"{WINDOW_ERRORS} not_in_channel")
def history(call: Call) -> Json:
    """Return a conversation's messages, newest first."""
    channel = call.channel(member=True)
    found = _window(call, call.state.messages.top_level(channel))[::-1]
    page, metadata = call.page(found, maximum=999)
    has_more = bool(metadata["next_cursor"])
    body: Json = {"messages": _with_metadata(call, page), "has_more": has_more, "pin_count": len(channel.pins)}
    return body | ({"response_metadata": metadata} if has_more else {})


@method(
    "conversations.replies", required="channel ts", scopes=HISTORY, tier=3, errors=f"{WINDOW_ERRORS} thread_not_found"
)
def replies(call: Call) -> Json:
    """Return a thread: its parent, then the replies, oldest first."""
    channel = call.channel()
    if BOT_USER_ID not in channel.members:
        raise SlackError("channel_not_found")
    thread = call.state.messages.thread(channel, call.text("ts"))
    page, metadata = call.page([thread[0], *_window(call, thread[1:])])
    has_more = bool(metadata["next_cursor"])
    body: Json = {"messages": _with_metadata(call, page), "has_more": has_more}
    return body | ({"response_metadata": metadata} if has_more else {})


def _with_metadata(call: Call, messages: list[Json]) -> list[Json]:
    if call.flag("include_all_metadata"):
        return messages
    return [{name: value for name, value in message.items() if name != "metadata"} for message in messages]


@method(
    "conversations.open",
    scopes=MANAGE,
    tier=3,
    errors="channel_not_found method_not_supported_for_channel_type missing_scope not_enough_users too_many_users "
    "user_not_found users_list_not_supplied",
)
def open_(call: Call) -> Json:
    """Open a direct message with one person or several."""
    if call.text("channel"):
        channel = call.channel()
        if not (channel.is_im or channel.is_mpim):
            raise SlackError("method_not_supported_for_channel_type")
    else:
        people = [call.state.user(person).id for person in dict.fromkeys(call.words("users"))]
        others = [person for person in people if person != BOT_USER_ID]
        if not people:
            raise SlackError("users_list_not_supplied")
        if not others:
            raise SlackError("not_enough_users")
        if len(others) > MAX_PEOPLE:
            raise SlackError("too_many_users")
        call.demand_kind("im" if len(others) == 1 else "mpim")
        channel = call.state.open_direct([BOT_USER_ID, *others])
    return {"channel": _shown(channel) if call.flag("return_im") else {"id": channel.id}}


@method(
    "conversations.join",
    required="channel",
    scopes="channels:join",
    tier=3,
    errors="channel_not_found is_archived method_not_supported_for_channel_type",
)
def join(call: Call) -> Json:
    """Join a public channel."""
    channel = call.state.channel(call.text("channel"), BOT_USER_ID)
    if channel.kind != "channels":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    if BOT_USER_ID in channel.members:
        return {"channel": _shown(channel), "warning": "already_in_channel"}
    call.state.join(channel, BOT_USER_ID)
    return {"channel": _shown(channel)}


@method(
    "conversations.leave",
    required="channel",
    scopes=OWN,
    tier=3,
    errors="cant_leave_general channel_not_found method_not_supported_for_channel_type missing_scope",
)
def leave(call: Call) -> Json:
    """Leave a channel."""
    channel = _no_direct(call.channel())
    if channel.name == "general":
        raise SlackError("cant_leave_general")
    if BOT_USER_ID not in channel.members:
        return {"not_in_channel": True}
    call.state.leave(channel, BOT_USER_ID)
    return {}


@method(
    "conversations.invite",
    required="channel users",
    scopes=INVITE,
    tier=3,
    errors="already_in_channel cant_invite_self channel_not_found is_archived method_not_supported_for_channel_type "
    "missing_scope no_user not_in_channel user_not_found",
)
def invite(call: Call) -> Json:
    """Bring people into a channel."""
    channel = _no_direct(call.channel(member=True, active=True))
    people = [call.state.user(person).id for person in call.words("users")]
    if not people:
        raise SlackError("no_user")
    if BOT_USER_ID in people:
        raise SlackError("cant_invite_self")
    if all(person in channel.members for person in people):
        raise SlackError("already_in_channel")
    for person in people:
        if person not in channel.members:
            call.state.join(channel, person, inviter=BOT_USER_ID)
    return {"channel": _shown(channel)}


NAME_ERRORS = "invalid_name_maxlength invalid_name_required invalid_name_specials name_taken"


def _new_name(call: Call) -> str:
    name = call.text("name").removeprefix("#")
    if not name:
        raise SlackError("invalid_name_required")
    if len(name) > MAX_NAME:
        raise SlackError("invalid_name_maxlength")
    if not NAME.fullmatch(name) or name != name.lower():
        raise SlackError("invalid_name_specials")
    if call.state.by_name(name):
        raise SlackError("name_taken")
    return name


@method("conversations.create", required="name", scopes=OWN, tier=2, errors=f"{NAME_ERRORS} missing_scope")
def create(call: Call) -> Json:
    """Make a channel with the app in it."""
    name, is_private = _new_name(call), call.flag("is_private")
    call.demand_kind("groups" if is_private else "channels")
    new_id = f"C{secrets.token_hex(5).upper()}"
    channel = call.state.add_channel(new_id, name, [BOT_USER_ID], is_private=is_private)
    return {"channel": _shown(channel)}


CHANGE_ERRORS = "channel_not_found is_archived method_not_supported_for_channel_type missing_scope not_in_channel"


@method("conversations.rename", required="channel name", scopes=OWN, tier=2, errors=f"{CHANGE_ERRORS} {NAME_ERRORS}")
def rename(call: Call) -> Json:
    """Rename a channel."""
    channel = _no_direct(call.channel(member=True, active=True))
    channel.name = _new_name(call)
    call.state.bus.publish("channel", channel=channel.id, change="renamed")
    return {"channel": _shown(channel)}


@method("conversations.setTopic", required="channel topic", scopes=TOPIC, tier=2, errors=f"{CHANGE_ERRORS} too_long")
def set_topic(call: Call) -> Json:
    """Set a channel's topic."""
    channel = _no_direct(call.channel(member=True, active=True))
    if len(call.text("topic")) > MAX_TOPIC:
        raise SlackError("too_long")
    channel.topic = call.text("topic")
    call.state.bus.publish("channel", channel=channel.id, change="topic")
    return {"channel": _shown(channel)}


@method(
    "conversations.setPurpose", required="channel purpose", scopes=TOPIC, tier=2, errors=f"{CHANGE_ERRORS} too_long"
)
def set_purpose(call: Call) -> Json:
    """Set a channel's purpose."""
    channel = _no_direct(call.channel(member=True, active=True))
    if len(call.text("purpose")) > MAX_TOPIC:
        raise SlackError("too_long")
    channel.purpose = call.text("purpose")
    return {"channel": _shown(channel), "purpose": channel.purpose}


@method(
    "conversations.archive",
    required="channel",
    scopes=OWN,
    tier=2,
    errors="already_archived cant_archive_general channel_not_found method_not_supported_for_channel_type "
    "missing_scope not_in_channel",
)
def archive(call: Call) -> Json:
    """Archive a channel."""
    channel = _no_direct(call.channel(member=True))
    if channel.is_archived:
        raise SlackError("already_archived")
    if channel.name == "general":
        raise SlackError("cant_archive_general")
    channel.is_archived = True
    call.state.bus.publish("channel", channel=channel.id, change="archived")
    return {}
