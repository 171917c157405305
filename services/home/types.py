"""What App Home shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.accounts.types import AccountRef, MemberRef


@dataclass(frozen=True)
class FocusLine:
    """The ticket that commands without a key mean; `summary` and `status` are empty while it is not mirrored."""

    key: str
    summary: str
    status: str
    url: str


@dataclass(frozen=True)
class SuggestionCount:
    """Epic suggestions of one project that wait for a decision; `url` leads to the latest message about them."""

    project_key: str
    open: int
    url: str


@dataclass(frozen=True)
class AlertLine:
    """One alert for the person or for a channel of their projects; `url` is empty when it is not in Slack."""

    text: str
    severity: str
    status: str
    at: datetime
    url: str


@dataclass(frozen=True)
class AgentLine:
    """One agent; `status` is that of its last run, `mode` how its scheduled runs go (live, shadow, off)."""

    name: str
    title: str
    schedule: str
    mode: str
    status: str
    last_at: datetime | None
    last_line: str
    next_at: datetime | None
    may_run: bool
    is_running: bool = False


@dataclass(frozen=True)
class SourceLine:
    """How fresh one mirror is; `error` says why the last pass failed."""

    name: str
    read_at: datetime | None
    is_stale: bool
    error: str


@dataclass(frozen=True)
class HomeData:
    """One person's Home."""

    account: AccountRef
    member: MemberRef
    focus: FocusLine | None = None
    suggestions: tuple[SuggestionCount, ...] = ()
    alerts: tuple[AlertLine, ...] = ()
    agents: tuple[AgentLine, ...] = ()
    sources: tuple[SourceLine, ...] = ()
    resting_vendors: tuple[str, ...] = ()
