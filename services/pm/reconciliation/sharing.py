"""The workbook beside its message: a write to Slack that is looked for before it is repeated."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from services.effects.types import Actor, EffectRecord, Intent, Json, Undo
from services.pm.reconciliation.types import Report
from services.slack.api import Method
from services.slack.markup import bold
from services.slack.sender import SlackSender

LoadFile = Callable[[str], Awaitable[bytes]]
LOOK_BACK_MESSAGES = 100


def share_intent(report: Report, channel: str, thread_ts: str, *, actor: Actor, reason: str, key: str) -> Intent:
    """Return the intent to share a report's file in a conversation, in a thread where there is one."""
    return Intent(
        operation=ShareFile.name,
        target=channel,
        arguments={
            "thread_ts": thread_ts,
            "storage_key": report.file_key,
            "file_name": report.file_name,
            "title": f"Reconciliation {report.month.title}, revision {report.revision}",
        },
        actor=actor,
        reason=reason,
        idempotency_key=key,
    )


class ShareFile:
    """`slack.share_file` {thread_ts, storage_key, file_name, title}; found again by its name where it was shared."""

    name = "slack.share_file"

    def __init__(self, sender: SlackSender, load: LoadFile) -> None:
        self._sender = sender
        self._load = load

    async def read(self, effect: EffectRecord) -> Json:
        """Return nothing: what is in the conversation already does not matter."""
        return None

    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Return False: sharing is always wanted anew."""
        return False

    async def find(self, effect: EffectRecord) -> Json | None:
        """Look for a file of that name in the thread, or in what came to the conversation since the first attempt."""
        thread_ts = effect.arguments["thread_ts"]
        answer = await self._sender.api.call(
            Method.CONVERSATIONS_REPLIES if thread_ts else Method.CONVERSATIONS_HISTORY,
            channel=effect.target,
            ts=thread_ts or None,
            oldest=None if thread_ts else f"{effect.created_at.timestamp():.6f}",
            limit=LOOK_BACK_MESSAGES,
        )
        files: list[dict[str, Any]] = [
            file for message in answer.get("messages", []) for file in message.get("files") or []
        ]
        found = next((file for file in files if file.get("name") == effect.arguments["file_name"]), None)
        return {"file_id": str(found["id"])} if found else None

    async def write(self, effect: EffectRecord) -> Json:
        """Upload and share it."""
        told = effect.arguments
        content = await self._load(told["storage_key"])
        file_id = await self._sender.upload(
            effect.target, told["file_name"], content, title=told["title"], thread_ts=told["thread_ts"]
        )
        return {"file_id": file_id}

    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Return None: Slack has answered with the file's id."""
        return None

    def undo(self, effect: EffectRecord) -> Undo | None:
        """Return None: people may have opened it."""
        return None

    def describe(self, effect: EffectRecord) -> str:
        """Say which file it is."""
        return f"Shared {bold(effect.arguments['title'])}"

    def url(self, effect: EffectRecord) -> str:
        """Return nothing: Slack gives no address without asking for another right."""
        return ""
