"""Messages that grow while they are written, by Slack's own streaming, where a workspace and a channel have it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import structlog
from prometheus_client import Counter

from services.errors import VendorAuthError, VendorError
from services.slack.api import EDITS, TIER_3, Method, SlackApi, Turn
from services.slack.errors import SlackRefusedError
from services.slack.limits import Block
from services.slack.pace import Rate

log = structlog.get_logger(__name__)
STREAMS = Counter("flowpilot_slack_streams", "Streams of answers begun, or why not", ["outcome"])

START_RATE = STOP_RATE = Rate(10, 60.0)
APPEND_RATE = Rate(50, 60.0)
"""Tier 2 is 20 in any minute, tier 4 is 100; a bucket of half of it that fills within a minute gives no more."""
REFUSAL_HOLDS_S = 24 * 3600.0
BY_WORKSPACE = frozenset(
    {
        *("feature_disabled", "method_deprecated", "not_allowed", "team_not_found", "unknown_method"),
        *("not_subscribed_to_message_stream_stopped", "missing_recipient_team_id", "missing_recipient_user_id"),
    }
)
BY_CHANNEL = frozenset(
    {
        *("channel_type_not_supported", "messages_tab_disabled", "method_not_supported_for_channel_type"),
        *("restricted_action", "restricted_action_non_threadable_channel", "restricted_action_read_only_channel"),
        *("restricted_action_thread_locked", "restricted_action_thread_only_channel"),
    }
)


OVER = "message_not_in_streaming_state"


class StreamStoppedError(Exception):
    """A person ended the stream with Slack's Stop."""


@dataclass(frozen=True)
class Recipient:
    """For whom an answer is written; Slack wants to know in channels."""

    team_id: str
    user_id: str


@dataclass(frozen=True)
class Stream:
    """A message that grows."""

    channel: str
    ts: str


class SlackStreams:
    """Begin, grow and end streams within Slack's limits; what a workspace refuses is not tried again for a day."""

    def __init__(self, api: SlackApi, clock: Callable[[], float] = monotonic) -> None:
        self._api = api
        self._clock = clock
        self._refused: dict[tuple[str, str], float] = {}

    def may_start(self, team_id: str, channel: str) -> bool:
        """Tell whether it is worth trying: not refused lately, and one more may begin in this minute."""
        if self.is_refused(team_id, channel):
            return False
        return self._api.pace.has_room(Method.CHAT_START_STREAM.value, START_RATE)

    def is_refused(self, team_id: str, channel: str) -> bool:
        """Tell whether Slack said lately that there is no streaming in that workspace or channel."""
        now = self._clock()
        return any(now < self._refused.get(key, 0.0) for key in ((team_id, ""), (team_id, channel)))

    async def start(self, channel: str, thread_ts: str, recipient: Recipient, text: str) -> Stream | None:
        """Begin a message with Markdown; None where Slack has no streaming, or none at present."""
        try:
            answer = await self._api.call(
                Method.CHAT_START_STREAM,
                Turn(Method.CHAT_START_STREAM.value, START_RATE),
                patience_s=0.0,
                channel=channel,
                thread_ts=thread_ts,
                recipient_team_id=recipient.team_id,
                recipient_user_id=recipient.user_id,
                chunks=_chunks(text),
            )
        except VendorError as error:
            self._remember(recipient.team_id, channel, error)
            return None
        STREAMS.labels("begun").inc()
        return Stream(str(answer.get("channel") or channel), str(answer["ts"]))

    async def append(self, stream: Stream, text: str) -> None:
        """Let it grow; `StreamStoppedError` when a person ended it, `SlackRefusedError` (`OVER`) when Slack did."""
        await self._call(Method.CHAT_APPEND_STREAM, APPEND_RATE, stream, chunks=_chunks(text))

    async def stop(self, stream: Stream, text: str = "", blocks: Sequence[Block] = ()) -> None:
        """End it, with a last piece of Markdown and `blocks` below; `SlackRefusedError` (`OVER`) when it is over."""
        await self._call(Method.CHAT_STOP_STREAM, STOP_RATE, stream, chunks=_chunks(text), blocks=list(blocks) or None)

    def has_time_for_edits(self) -> bool:
        """Tell whether an edit that can be left out would hold up none that cannot."""
        return self._api.pace.has_room(EDITS, TIER_3, spare=TIER_3.calls / 2)

    async def message(self, stream: Stream, thread_ts: str) -> dict[str, Any]:
        """Return the message of a thread that grew, as Slack has it; empty when it is gone."""
        answer = await self._api.call(
            Method.CONVERSATIONS_REPLIES,
            channel=stream.channel,
            ts=thread_ts,
            oldest=stream.ts,
            latest=stream.ts,
            inclusive=True,
            limit=2,
        )
        return next((dict(each) for each in answer.get("messages", []) if each.get("ts") == stream.ts), {})

    async def _call(self, method: Method, rate: Rate, stream: Stream, **arguments: Any) -> None:
        try:
            await self._api.call(method, Turn(method.value, rate), channel=stream.channel, ts=stream.ts, **arguments)
        except SlackRefusedError as error:
            if error.code == "stopped_by_user":
                raise StreamStoppedError(error.message) from error
            raise

    def _remember(self, team_id: str, channel: str, error: VendorError) -> None:
        code = error.code if isinstance(error, SlackRefusedError) else type(error).__name__
        STREAMS.labels(code).inc()
        log.info("answer is not streamed", code=code)
        if code in BY_WORKSPACE or isinstance(error, VendorAuthError):
            self._refused[team_id, ""] = self._clock() + REFUSAL_HOLDS_S
        elif code in BY_CHANNEL:
            self._refused[team_id, channel] = self._clock() + REFUSAL_HOLDS_S


def _chunks(text: str) -> list[dict[str, str]] | None:
    return [{"type": "markdown_text", "text": text}] if text else None
