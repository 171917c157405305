"""files.*"""

from __future__ import annotations

from sandbox.slack.api import Call, method
from sandbox.slack.api_chat import blocks_of
from sandbox.slack.errors import SlackError
from sandbox.slack.model import BOT_USER_ID, Json

MAX_CHANNELS = 100
ALT_TEXT = 1000


@method(
    "files.getUploadURLExternal",
    required="length filename",
    scopes="files:write",
    tier=4,
    errors="alt_txt_too_large file_upload_size_restricted",
)
def get_upload_url(call: Call) -> Json:
    """Announce an upload."""
    if len(call.text("alt_txt")) > ALT_TEXT:
        raise SlackError("alt_txt_too_large")
    ticket, file = call.state.files.reserve(BOT_USER_ID, call.text("filename"), call.number("length", 0))
    return {"upload_url": f"{call.state.base_url}/slack/upload/{ticket}", "file_id": file.id}


@method(
    "files.completeUploadExternal",
    required="files",
    scopes="files:write",
    tier=4,
    errors="channel_not_found channels_limit_exceeded file_not_found invalid_blocks invalid_channel not_in_channel",
)
def complete_upload(call: Call) -> Json:
    """Finish uploads and share them."""
    listed = call.structure("files", list) or []
    files = [call.state.files.uploaded(str(entry.get("id")), BOT_USER_ID) for entry in listed]
    wanted = [call.text("channel_id")] if call.text("channel_id") else call.words("channels")
    if len(wanted) > MAX_CHANNELS:
        raise SlackError("channels_limit_exceeded")
    channels = [call.state.channel(channel, BOT_USER_ID) for channel in wanted]
    if any(BOT_USER_ID not in channel.members for channel in channels):
        raise SlackError("not_in_channel")
    blocks = blocks_of(call, "invalid_blocks", "invalid_blocks")
    for file, entry in zip(files, listed, strict=True):
        call.state.files.complete(file, str(entry.get("title") or ""))
    for channel in channels:
        thread_ts = call.text("thread_ts")
        if thread_ts and thread_ts not in channel.messages:
            raise SlackError("invalid_arguments", ["[ERROR] no such thread [json-pointer:/thread_ts]"])
        call.state.files.share(
            files, channel, BOT_USER_ID, call.text("initial_comment"), thread_ts, blocks=blocks, subtype="file_share"
        )
    return {"files": [call.state.files.to_slack(file) for file in files]}


@method("files.info", required="file", scopes="files:read", tier=4, errors="file_not_found")
def files_info(call: Call) -> Json:
    """Describe a file."""
    return {"file": call.state.files.to_slack(call.state.files.find(call.text("file"))), "comments": []}


@method("files.list", scopes="files:read", tier=3, errors="user_not_found")
def files_list(call: Call) -> Json:
    """List files, newest first."""
    if (user := call.text("user")) and user not in call.state.users:
        raise SlackError("user_not_found")
    found = call.state.files.list(call.text("channel"), user)
    count, page = max(1, call.number("count", 100)), max(1, call.number("page", 1))
    shown = found[(page - 1) * count : page * count]
    paging = {"count": count, "total": len(found), "page": page, "pages": -(-len(found) // count)}
    return {"files": [call.state.files.to_slack(file) for file in shown], "paging": paging}


@method("files.delete", required="file", scopes="files:write", tier=3, errors="cant_delete_file file_not_found")
def files_delete(call: Call) -> Json:
    """Delete one of the app's files."""
    call.state.files.delete(call.text("file"), BOT_USER_ID)
    return {}
