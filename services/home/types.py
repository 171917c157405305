"""What App Home shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from services.accounts.types import AccountRef, MemberRef
from services.pilot.types import SessionSummary
from services.pm.months import Month
from services.pm.types import ProjectRef, Week


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
class BudgetLine:
    """A retainer's month so far; `ends_on` is when its pace uses it up within the month, None when it does not.

    Before the first working day is over there is no pace yet.
    """

    retainer_seconds: int
    consumed_seconds: int
    ends_on: date | None
    has_pace: bool = True

    @property
    def percent(self) -> int:
        """The whole per cent used, rounded down so that 100 means all of it."""
        return self.consumed_seconds * 100 // self.retainer_seconds


@dataclass(frozen=True)
class ProjectLine:
    """A project of the person's; `over` are epics over forecast with their per cent, the most first.

    `is_own` tells that they manage it, otherwise they only look. What an agent finds in shadow mode is None.
    """

    project: ProjectRef
    is_own: bool
    budget: BudgetLine | None = None
    over: tuple[tuple[str, float], ...] | None = ()
    stuck: int | None = 0
    blocked: int = 0
    orphans: int = 0


@dataclass(frozen=True)
class OwnWeek:
    """The person's running week; `required_seconds` is None where Tempo has said nothing of it."""

    week: Week
    logged_seconds: int
    required_seconds: int | None


@dataclass(frozen=True)
class ReportLine:
    """The newest reconciliation report."""

    id: int
    month: Month
    revision: int
    actual_seconds: int
    generated_at: datetime


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
class SessionLine:
    """An open session of the person's; `url` opens its thread, empty where it has none or Slack does not say."""

    session: SessionSummary
    url: str


@dataclass(frozen=True)
class HomeData:
    """One person's Home."""

    account: AccountRef
    member: MemberRef
    focus: FocusLine | None = None
    day: date | None = None
    own_week: OwnWeek | None = None
    projects: tuple[ProjectLine, ...] = ()
    report: ReportLine | None = None
    suggestions: tuple[SuggestionCount, ...] = ()
    alerts: tuple[AlertLine, ...] = ()
    agents: tuple[AgentLine, ...] = ()
    sources: tuple[SourceLine, ...] = ()
    resting_vendors: tuple[str, ...] = ()
    sessions: tuple[SessionLine, ...] = ()
    draft_templates: int = 0
