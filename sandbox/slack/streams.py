"""Messages that grow while they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.slack.blocks import check_message_blocks
from sandbox.slack.errors import SlackError
from sandbox.slack.model import BOT_USER_ID, Channel, Json

if TYPE_CHECKING:
    from sandbox.slack.state import SlackState

MARKDOWN_LIMIT = 12_000
TASK_STATUSES = ("pending", "in_progress", "complete", "error")


@dataclass
class Stream:
    """What a streaming message holds so far."""

    thread_ts: str
    plan_mode: bool
    plan_title: str = ""
    text: str = ""
    tasks: dict[str, Json] = field(default_factory=dict)
    blocks: list[Json] = field(default_factory=list)
    is_open: bool = True
    is_stopped: bool = False

    def rendered(self) -> list[Json]:
        """Return the blocks that show it."""
        cards = list(self.tasks.values())
        if cards and self.plan_mode:
            cards = [{"type": "plan", "title": self.plan_title or "Plan", "tasks": cards}]
        words = [{"type": "markdown", "text": self.text}] if self.text else []
        return [*cards, *words, *self.blocks]

    def take(self, chunks: list[Json]) -> None:
        """Add chunks: markdown_text, task_update, plan_update, blocks."""
        for position, chunk in enumerate(chunks):
            match chunk:
                case {"type": "markdown_text", "text": str(text)}:
                    self.text += text
                case {"type": "plan_update", "title": str(title)}:
                    self.plan_title = title
                case {"type": "task_update", "id": str(id_)}:
                    self._take_task(id_, chunk, position)
                case {"type": "blocks", "blocks": list(blocks)}:
                    self.blocks.extend(blocks)
                case _:
                    raise SlackError("invalid_chunks", [f"[ERROR] unsupported chunk [json-pointer:/chunks/{position}]"])

    def _take_task(self, id_: str, chunk: Json, position: int) -> None:
        card = self.tasks.get(id_, {"type": "task_card", "task_id": id_, "title": "", "status": "pending"})
        status = chunk.get("status", card["status"])
        if status not in TASK_STATUSES:
            raise SlackError("invalid_chunks", [f"[ERROR] unknown status [json-pointer:/chunks/{position}/status]"])
        card = {**card, "title": chunk.get("title") or card["title"], "status": status}
        for name in ("details", "output"):
            if added := chunk.get(name):
                card[name] = _with_text(card.get(name), added)
        if chunk.get("sources"):
            card["sources"] = [*card.get("sources", []), *chunk["sources"]]
        self.tasks[id_] = card


def _with_text(block: Json | None, added: Any) -> Json:
    if isinstance(added, dict):
        return added
    section: Json = {"type": "rich_text_section", "elements": [{"type": "text", "text": str(added)}]}
    return {"type": "rich_text", "elements": [*(block or {}).get("elements", []), section]}


class Streams:
    """The streaming messages of the app."""

    def __init__(self, state: SlackState) -> None:
        self._state = state
        self._streams: dict[tuple[str, str], Stream] = {}
        self.refusal = ""
        """What chat.startStream answers in a workspace or channel without streaming (`channel_type_not_supported`)."""

    def start(self, channel: Channel, thread_ts: str, chunks: list[Json], *, plan_mode: bool, **fields: object) -> Json:
        """Post a message that will grow."""
        stream = Stream(thread_ts, plan_mode)
        stream.take(chunks)
        blocks = self._checked(stream)
        message = self._state.messages.post(
            channel, BOT_USER_ID, stream.text, thread_ts=thread_ts, blocks=blocks, streaming=True, **fields
        )
        self._streams[channel.id, message["ts"]] = stream
        return message

    def append(self, channel: Channel, ts: str, chunks: list[Json]) -> None:
        """Let it grow."""
        stream = self._open(channel, ts)
        stream.take(chunks)
        self._show(channel, ts, stream)

    def stop(self, channel: Channel, ts: str, chunks: list[Json], blocks: list[Json], **fields: object) -> Json:
        """Finish it; `blocks` come below what was streamed."""
        if (stream := self._streams.get((channel.id, ts))) is not None and stream.is_stopped:
            raise SlackError("message_not_in_streaming_state")
        stream = self._open(channel, ts)
        stream.take(chunks)
        stream.blocks.extend(blocks)
        rendered = self._checked(stream)
        stream.is_open = False
        message = self._state.messages.find(channel, ts)
        message.pop("streaming", None)
        changes = {"text": stream.text, "blocks": rendered, **fields}
        return self._state.messages.update(channel, ts, changes, edited=False)

    def stop_by_person(self, channel: Channel, thread_ts: str, user: str) -> None:
        """Do what the Stop button does: freeze the open streams of a thread and tell the app."""
        stopped = []
        for (channel_id, ts), stream in self._streams.items():
            if channel_id == channel.id and stream.thread_ts == thread_ts and stream.is_open and not stream.is_stopped:
                stream.is_stopped = True
                message = self._state.messages.find(channel, ts)
                message.pop("streaming", None)
                self._state.messages.changed(channel, message)
                stopped.append(ts)
        self._state.events.session_stopped(user, channel, thread_ts, stopped)

    def is_streaming(self, channel: Channel, ts: str) -> bool:
        """Tell whether a message still grows."""
        stream = self._streams.get((channel.id, ts))
        return stream is not None and stream.is_open and not stream.is_stopped

    def _open(self, channel: Channel, ts: str) -> Stream:
        message = self._state.messages.find(channel, ts)
        stream = self._streams.get((channel.id, ts))
        if message.get("user") != BOT_USER_ID:
            raise SlackError("message_not_owned_by_app")
        if stream is None or not stream.is_open:
            raise SlackError("message_not_in_streaming_state")
        if stream.is_stopped:
            raise SlackError("stopped_by_user")
        return stream

    def _show(self, channel: Channel, ts: str, stream: Stream) -> None:
        blocks = self._checked(stream)
        message = self._state.messages.find(channel, ts)
        message |= {"text": stream.text, "blocks": blocks}
        self._state.messages.changed(channel, message)

    def _checked(self, stream: Stream) -> list[Json]:
        blocks = stream.rendered()
        if len(blocks) > 50:
            raise SlackError("msg_blocks_too_many")
        if len(stream.text) > MARKDOWN_LIMIT:
            raise SlackError("msg_blocks_too_long")
        if problems := check_message_blocks(blocks):
            raise SlackError("invalid_blocks", problems)
        return blocks
