"""What is measured, what it is read from, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from services.pm.hindsight.types import TrackRecord
from services.pm.types import Week, WeekRecord


class MeasureName(StrEnum):
    """The measures, in the order in which they are shown."""

    COMPLIANCE = "compliance"
    SURPRISES = "surprises"
    LATENCY = "latency"
    RECONCILIATION = "reconciliation"
    BOTTLENECKS = "bottlenecks"
    LINKED = "linked"
    FIRST_CHOICE = "first-choice"
    PRECISION = "precision"
    QUIETNESS = "quietness"
    HOURS_SAVED = "hours-saved"


class Unit(StrEnum):
    """What a value counts."""

    PERCENT = "%"
    COUNT = ""
    DAYS = "days"
    MESSAGES = "messages"
    HOURS = "h"


@dataclass(frozen=True)
class Target:
    """A bound that a value is held against: `sign` is ">", "≤" or "="."""

    sign: str
    bound: int

    def is_met(self, value: Fraction) -> bool:
        """Tell whether a value is on the right side of the bound."""
        return {">": value > self.bound, "≤": value <= self.bound, "=": value == self.bound}[self.sign]


@dataclass(frozen=True)
class Definition:
    """One measure in words; `agent` is whose it is ("" for all of them), `nothing` what is said without data."""

    name: MeasureName
    agent: str
    title: str
    unit: Unit
    target: Target | None
    formula: str
    source: str
    nothing: str


@dataclass(frozen=True)
class Row:
    """One of the things that a value is made of, as plain text; `misses` marks what speaks against the target."""

    what: str
    figure: str
    misses: bool = False


@dataclass(frozen=True)
class Point:
    """A week's value; None where nothing is known of the week."""

    week: Week
    value: Fraction | None


@dataclass(frozen=True)
class Measured:
    """A measure's value in its unit (None while there is nothing to go by), and what it rests on.

    `said` says of how many, `low` and `high` bound a share by 95 %.
    """

    definition: Definition
    value: Fraction | None
    said: str = ""
    rows: tuple[Row, ...] = ()
    trend: tuple[Point, ...] = ()
    low: Fraction | None = None
    high: Fraction | None = None

    @property
    def is_met(self) -> bool | None:
        """Tell whether the target is met; None without a target or a value."""
        target = self.definition.target
        return None if target is None or self.value is None else target.is_met(self.value)


@dataclass(frozen=True)
class ToldThreshold:
    """A retainer's threshold that was passed in a month ("2026-11"), and the day on which somebody was told of it."""

    project_key: str
    month: str
    threshold: int
    retainer_seconds: int
    told_on: date | None


@dataclass(frozen=True)
class FoundVariance:
    """A variance that was found: of which epic and window, against how much, and since when it could be known.

    `kept_seconds` are those of months that the worklogs no longer cover.
    """

    epic_key: str
    found_on: date
    is_monthly: bool
    forecast_seconds: int
    forecast_since: date | None
    kept_seconds: int = 0


@dataclass(frozen=True)
class ReportedMonth:
    """A month's newest report: seconds by project as it says, and as Tempo has them now."""

    month: str
    revision: int
    reported: Mapping[str, int]
    now: Mapping[str, int]


@dataclass(frozen=True)
class EpicWeek:
    """How many of a project's open tickets had no epic in a week."""

    project_key: str
    week: Week
    total: int
    orphaned: int


@dataclass(frozen=True)
class DecidedSuggestion:
    """A ticket that got an epic after one was suggested, and whether it was the one that was suggested first."""

    ticket_key: str
    suggested: str
    actual: str
    decided_on: date


@dataclass(frozen=True)
class SentMessage:
    """One message that a person got."""

    recipient: str
    day: date


@dataclass(frozen=True)
class MetricsData:
    """Everything that the measures are computed from, of the last `weeks` (oldest first, the running one last).

    `seconds` are those logged by project and day, `epic_seconds` by epic and day; `started` is the day of each agent's
    first run that told anybody; `actions` counts what was done with the agents' help, `minutes` what each is worth.
    """

    today: date
    weeks: tuple[Week, ...]
    started: Mapping[str, date] = field(default_factory=dict)
    compliance: tuple[WeekRecord, ...] = ()
    retainers: Mapping[str, int] = field(default_factory=dict)
    thresholds: tuple[ToldThreshold, ...] = ()
    seconds: Mapping[tuple[str, date], int] = field(default_factory=dict)
    variances: tuple[FoundVariance, ...] = ()
    epic_seconds: Mapping[tuple[str, date], int] = field(default_factory=dict)
    reports: tuple[ReportedMonth, ...] = ()
    epic_weeks: tuple[EpicWeek, ...] = ()
    decided: tuple[DecidedSuggestion, ...] = ()
    messages: tuple[SentMessage, ...] = ()
    records: tuple[TrackRecord, ...] = ()
    actions: Mapping[str, int] = field(default_factory=dict)
    minutes: Mapping[str, int] = field(default_factory=dict)
    mirrored_at: datetime | None = None

    @property
    def first_day(self) -> date:
        """The first day looked at."""
        return self.weeks[0].start


@dataclass(frozen=True)
class Metrics:
    """The measures of some weeks."""

    weeks: tuple[Week, ...]
    measured: tuple[Measured, ...]
    mirrored_at: datetime | None = None
