"""assistant.threads.*, agents.sessions.* and streams."""

from __future__ import annotations

from sandbox.slack.api import Call, method
from sandbox.slack.api_chat import blocks_of, target
from sandbox.slack.assistant import SESSION_STATUSES
from sandbox.slack.errors import SlackError
from sandbox.slack.model import BOT_USER_ID, Channel, Json

MAX_PROMPTS = 4
MAX_TITLE = 200
STREAM_ERRORS = (
    "channel_not_found invalid_blocks invalid_chunks is_archived msg_blocks_too_long msg_blocks_too_many not_in_channel"
)


def _thread(call: Call) -> tuple[Channel, str]:
    channel = call.state.channel(call.text("channel_id"), BOT_USER_ID)
    thread_ts = call.text("thread_ts")
    if thread_ts and thread_ts not in channel.messages:
        raise SlackError("invalid_thread_ts")
    return channel, thread_ts


@method(
    "assistant.threads.setStatus",
    required="channel_id thread_ts status",
    may_be_empty="status",
    scopes="chat:write",
    tier=5,
    errors="channel_not_found invalid_thread_ts",
)
def set_status(call: Call) -> Json:
    """Show what the app is doing; an empty status takes it away, as docs.slack.dev says of this method."""
    channel, thread_ts = _thread(call)
    call.state.assistant.set_status(channel.id, thread_ts, call.text("status"), call.words("loading_messages"))
    return {}


@method(
    "assistant.threads.setSuggestedPrompts",
    required="channel_id prompts",
    scopes="assistant:write",
    tier=4,
    errors="channel_not_found invalid_thread_ts",
)
def set_suggested_prompts(call: Call) -> Json:
    """Suggest what a person could ask."""
    channel, thread_ts = _thread(call)
    prompts = call.structure("prompts", list) or []
    if not 1 <= len(prompts) <= MAX_PROMPTS:
        raise SlackError(
            "invalid_arguments", [f"[ERROR] no more than {MAX_PROMPTS} items allowed [json-pointer:/prompts]"]
        )
    for position, prompt in enumerate(prompts):
        if not isinstance(prompt, dict) or not prompt.get("title") or not prompt.get("message"):
            raise SlackError("invalid_arguments", [f"[ERROR] title and message [json-pointer:/prompts/{position}]"])
    call.state.assistant.set_prompts(channel.id, thread_ts, call.text("title"), prompts)
    return {}


@method(
    "assistant.threads.setTitle",
    required="channel_id thread_ts title",
    scopes="assistant:write",
    tier=4,
    errors="channel_not_found invalid_thread_ts",
)
def set_title(call: Call) -> Json:
    """Name a conversation with the app."""
    channel, thread_ts = _thread(call)
    call.state.assistant.titles[channel.id, thread_ts] = call.text("title")
    return {}


def _session(call: Call) -> tuple[Channel, str]:
    channel = call.state.channel(call.text("channel_id"), BOT_USER_ID)
    if not call.text("thread_ts"):
        raise SlackError("thread_ts_required")
    return channel, call.text("thread_ts")


@method(
    "agents.sessions.setStatus",
    required="channel_id status",
    scopes="chat:write",
    tier=3,
    errors="channel_not_found invalid_status thread_ts_required user_not_found",
)
def set_session_status(call: Call) -> Json:
    """Set the state of an agent's session, making it if need be."""
    channel, thread_ts = _session(call)
    status, initiator = call.text("status"), call.text("initiator_user_id")
    if status not in SESSION_STATUSES:
        raise SlackError("invalid_status")
    if initiator and initiator not in channel.members:
        raise SlackError("user_not_found")
    call.state.assistant.set_session(channel.id, thread_ts, status, call.text("title")[:MAX_TITLE])
    title = call.state.assistant.titles.get((channel.id, thread_ts), "")
    return {"status": status, "agent_status": status, "title": title}


@method(
    "agents.sessions.rename",
    required="channel_id title",
    scopes="chat:write",
    tier=3,
    errors="channel_not_found invalid_name session_not_found thread_ts_required",
)
def rename_session(call: Call) -> Json:
    """Rename an agent's session."""
    key = (_session(call)[0].id, call.text("thread_ts"))
    if key not in call.state.assistant.sessions:
        raise SlackError("session_not_found")
    if len(call.text("title")) > MAX_TITLE:
        raise SlackError("invalid_name")
    call.state.assistant.titles[key] = call.text("title")
    return {"title": call.text("title")}


def _chunks(call: Call) -> list[Json]:
    chunks = list(call.structure("chunks", list) or [])
    if markdown := call.text("markdown_text"):
        chunks.insert(0, {"type": "markdown_text", "text": markdown})
    return chunks


@method(
    "chat.startStream",
    required="channel",
    scopes="chat:write",
    tier=2,
    errors=f"{STREAM_ERRORS} channel_type_not_supported missing_recipient_team_id missing_recipient_user_id "
    "messages_tab_disabled not_subscribed_to_message_stream_stopped restricted_action user_not_found",
)
def start_stream(call: Call) -> Json:
    """Begin a message that grows."""
    channel = target(call)
    if call.state.streams.refusal:
        raise SlackError(call.state.streams.refusal)
    if not channel.is_im:
        if not call.text("recipient_user_id"):
            raise SlackError("missing_recipient_user_id")
        if not call.text("recipient_team_id"):
            raise SlackError("missing_recipient_team_id")
    if (recipient := call.text("recipient_user_id")) and recipient not in call.state.users:
        raise SlackError("user_not_found")
    thread_ts = call.text("thread_ts")
    if thread_ts and thread_ts not in channel.messages:
        raise SlackError("invalid_arguments", ["[ERROR] no such thread [json-pointer:/thread_ts]"])
    plan_mode = call.text("task_display_mode") == "plan"
    message = call.state.streams.start(channel, thread_ts, _chunks(call), plan_mode=plan_mode)
    return {"channel": channel.id, "ts": message["ts"]}


@method(
    "chat.appendStream",
    required="channel ts",
    scopes="chat:write",
    tier=4,
    errors=f"{STREAM_ERRORS} message_not_found message_not_in_streaming_state message_not_owned_by_app no_text "
    "stopped_by_user",
)
def append_stream(call: Call) -> Json:
    """Let it grow."""
    channel, chunks = call.state.channel(call.text("channel"), BOT_USER_ID), _chunks(call)
    if not chunks:
        raise SlackError("no_text")
    call.state.streams.append(channel, call.text("ts"), chunks)
    return {"channel": channel.id, "ts": call.text("ts")}


@method(
    "chat.stopStream",
    required="channel ts",
    scopes="chat:write",
    tier=2,
    errors=f"{STREAM_ERRORS} message_not_found message_not_in_streaming_state message_not_owned_by_app",
)
def stop_stream(call: Call) -> Json:
    """Finish it."""
    channel, ts = call.state.channel(call.text("channel"), BOT_USER_ID), call.text("ts")
    message = call.state.streams.stop(channel, ts, _chunks(call), blocks_of(call, malformed="invalid_blocks") or [])
    if status := call.text("session_status"):
        if status not in SESSION_STATUSES:
            raise SlackError("invalid_arguments", ["[ERROR] unknown status [json-pointer:/session_status]"])
        call.state.assistant.set_session(channel.id, message.get("thread_ts", ts), status, "")
    return {"channel": channel.id, "ts": ts, "message": message}
