"""What is known of an epic's hours against its forecast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum
from fractions import Fraction

from services.accounts.types import MemberRef
from services.mirror.types import IssueRow
from services.pm.epic_hours import EpicMonth
from services.pm.forecasts import Basis, Forecast
from services.pm.hours import LoggedTime
from services.pm.months import Month
from services.pm.types import ProjectRef


class Window(StrEnum):
    """Of which time a figure is."""

    INCEPTION = "since inception"
    MONTH = "month to date"


class Level(IntEnum):
    """Who hears of a variance: nobody, the PM weekly, the PM at once, the stakeholders too."""

    QUIET = 0
    WEEKLY = 1
    ALERT = 2
    STAKEHOLDERS = 3


class CauseKind(StrEnum):
    """Patterns that explain hours above a forecast."""

    SCOPE_CREEP = "scope creep"
    UNDER_ESTIMATION = "under-estimation"
    TEAM_CHANGE = "team change"
    LATE_START = "late start"
    DEFECTS = "defects"
    ONE_ISSUE = "one large issue"
    UNEXPLAINED = "no pattern"


@dataclass(frozen=True)
class Thresholds:
    """Per cent above the forecast from which, exceeded, somebody hears of it."""

    weekly: Fraction = Fraction(20)
    alert: Fraction = Fraction(30)
    stakeholders: Fraction = Fraction(50)


@dataclass(frozen=True)
class Figure:
    """Seconds worked against minutes planned in one window; `forecast_minutes` None or 0 is no forecast.

    `month` is set where the window is a month's: on the 1st that is the one that has just ended.
    """

    window: Window
    actual_seconds: int
    forecast_minutes: int | None
    basis: Basis | None = None
    month: Month | None = None

    @property
    def forecast_seconds(self) -> int:
        """The forecast in seconds, 0 without one."""
        return (self.forecast_minutes or 0) * 60

    @property
    def variance_percent(self) -> Fraction | None:
        """(actual - forecast) / forecast x 100, exactly; None where there is no forecast to compare with (PM-3.2)."""
        planned = self.forecast_seconds
        return Fraction(self.actual_seconds - planned, planned) * 100 if planned else None

    @property
    def hours_percent(self) -> Fraction | None:
        """actual / forecast x 100, exactly."""
        variance = self.variance_percent
        return None if variance is None else variance + 100


@dataclass(frozen=True)
class Completion:
    """Issues of an epic, sub-tasks left out: `done` of `total` are in a status of the category Done."""

    done: int
    total: int

    @property
    def percent(self) -> Fraction | None:
        """done / total x 100, exactly; None of an epic without issues."""
        return Fraction(self.done, self.total) * 100 if self.total else None


@dataclass(frozen=True)
class Cause:
    """A pattern with the numbers that support it; `strength` (0 to 1) ranks it, `says` is the sentence with them."""

    kind: CauseKind
    strength: Fraction
    says: str
    numbers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EpicVariance:
    """One epic against its forecast; `risk` is 1 to 10, `causes` are the strongest first."""

    epic: IssueRow
    inception: Figure
    month: Figure
    completion: Completion
    risk: int
    level: Level
    causes: tuple[Cause, ...] = ()

    @property
    def key(self) -> str:
        """The epic's key."""
        return self.epic.key

    @property
    def worst(self) -> Figure | None:
        """The window in which it is furthest above its forecast; None where neither has one."""
        known = [figure for figure in (self.inception, self.month) if figure.variance_percent is not None]
        return max(known, key=lambda figure: figure.variance_percent or 0, default=None)

    @property
    def variance_percent(self) -> Fraction | None:
        """The variance of the worst window."""
        return self.worst.variance_percent if self.worst else None

    @property
    def has_forecast(self) -> bool:
        """Tell whether there is anything to compare with."""
        return self.worst is not None

    @property
    def is_under_late(self) -> bool:
        """Tell whether nearly all is done and far fewer hours were needed than planned: worth a line, no alert."""
        variance, done = self.inception.variance_percent, self.completion.percent
        return variance is not None and done is not None and variance <= -20 and done >= 90


@dataclass(frozen=True)
class Told:
    """An alert that somebody got: of which epic, at which step (30, 40, …), when."""

    epic_key: str
    slack_id: str
    step: int
    at: datetime


@dataclass(frozen=True)
class VarianceData:
    """What an assessment reads; `entries` are whole for the months from `first_whole_month` on, `kept` before it."""

    day: date
    at: datetime
    projects: tuple[ProjectRef, ...]
    members: tuple[MemberRef, ...]
    epics: tuple[IssueRow, ...]
    issues: tuple[IssueRow, ...]
    entries: tuple[LoggedTime, ...]
    kept: tuple[EpicMonth, ...]
    forecasts: tuple[Forecast, ...]
    thresholds: Thresholds = Thresholds()
    told: tuple[Told, ...] = ()
    mirrored_at: datetime | None = None


@dataclass(frozen=True)
class Alert:
    """An epic that somebody hears of at once; `step` is the ten of per cent that it has passed."""

    recipient: MemberRef
    variance: EpicVariance
    step: int
    is_stakeholder: bool = False


@dataclass(frozen=True)
class Summary:
    """What one PM hears of all their projects: over by most risk first, without a forecast, and far under when done."""

    recipient: MemberRef
    period: str
    month: Month
    over: tuple[EpicVariance, ...]
    without_forecast: tuple[EpicVariance, ...]
    under: tuple[EpicVariance, ...]
    within: int
    mirrored_at: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to say."""
        return not (self.over or self.without_forecast or self.under)

    @property
    def has_forecasts(self) -> bool:
        """Tell whether there is any forecast to compare with."""
        return bool(self.over or self.under or self.within)


@dataclass(frozen=True)
class VarianceFindings:
    """What came of a run: every epic looked at, and who hears of what."""

    period: str
    month: Month
    at: datetime
    epics: tuple[EpicVariance, ...]
    summaries: tuple[Summary, ...]
    alerts: tuple[Alert, ...]

    @property
    def flagged(self) -> tuple[EpicVariance, ...]:
        """The epics above the weekly threshold, most risk first."""
        return tuple(epic for epic in self.epics if epic.level > Level.QUIET)


@dataclass(frozen=True)
class Reason:
    """Why an epic is above its forecast; `answered_by` is "rule-based" or a model."""

    kind: CauseKind
    says: str
    answered_by: str
    is_rule_based: bool
    cites: tuple[str, ...] = ()


@dataclass(frozen=True)
class VarianceNumbers:
    """An epic's hours by issue, person and month (most first, months in order), forecasts, and which issues count."""

    variance: EpicVariance
    day: date
    by_issue: tuple[tuple[str, int], ...]
    by_person: tuple[tuple[str, int], ...]
    by_month: tuple[tuple[str, int], ...]
    forecasts: tuple[Forecast, ...]
    done: tuple[IssueRow, ...]
    open: tuple[IssueRow, ...]
    misaligned_points: float
    pm_member_ids: tuple[int, ...]
    stakeholder_member_ids: tuple[int, ...]
    mirrored_at: datetime | None
