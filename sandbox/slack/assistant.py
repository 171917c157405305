"""What an agent shows beside its messages: status, suggested prompts, titles and session states."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.slack.model import BOT_USER_ID, Json

if TYPE_CHECKING:
    from sandbox.slack.state import SlackState

STATUS_LIFE = timedelta(minutes=2)
SESSION_STATUSES = frozenset({"active", "processing", "suspended", "closed"})


class Assistant:
    """Keyed by conversation and thread (an empty thread is the conversation itself)."""

    def __init__(self, state: SlackState) -> None:
        self._state = state
        self._statuses: dict[tuple[str, str], tuple[datetime, Json]] = {}
        self._prompts: dict[tuple[str, str], Json] = {}
        self.titles: dict[tuple[str, str], str] = {}
        self.sessions: dict[tuple[str, str], str] = {}

    def set_status(self, channel: str, thread_ts: str, status: str, loading_messages: list[str] | None) -> None:
        """Show what the app is doing; an empty status takes it away."""
        shown: Json = {"text": status, "thread_ts": thread_ts}
        if loading_messages:
            shown["loading_messages"] = loading_messages
        self._statuses[channel, thread_ts] = (self._state.clock.now(), shown)
        if not status:
            del self._statuses[channel, thread_ts]
        extra = {"loading_messages": loading_messages} if loading_messages else {}
        self._state.bus.publish("typing_status", channel=channel, thread_ts=thread_ts, status=status, **extra)

    def clear_status(self, channel: str, thread_ts: str, by: str) -> None:
        """Take the status away because the app has answered."""
        if by == BOT_USER_ID and (channel, thread_ts) in self._statuses:
            self.set_status(channel, thread_ts, "", None)

    def status(self, channel: str, thread_ts: str) -> Json | None:
        """Return the status shown, unless it is over two minutes old."""
        since, shown = self._statuses.get((channel, thread_ts), (None, None))
        if since is None or self._state.clock.now() - since > STATUS_LIFE:
            return None
        return shown

    def set_prompts(self, channel: str, thread_ts: str, title: str, prompts: list[Json]) -> None:
        """Suggest prompts."""
        self._prompts[channel, thread_ts] = {"prompts": prompts} | ({"title": title} if title else {})
        self._state.bus.publish("prompts", channel=channel, thread_ts=thread_ts)

    def prompts(self, channel: str, thread_ts: str) -> Json | None:
        """Return the prompts last suggested there."""
        return self._prompts.get((channel, thread_ts))

    def set_session(self, channel: str, thread_ts: str, status: str, title: str) -> None:
        """Set the state of a session; the title only counts when this makes the session."""
        key = (channel, thread_ts)
        if key not in self.sessions and title:
            self.titles[key] = title
        self.sessions[key] = status
        self._state.bus.publish("typing_status", channel=channel, thread_ts=thread_ts, status=_as_status(status))


def _as_status(session_status: str) -> str:
    return "is working…" if session_status == "processing" else ""
