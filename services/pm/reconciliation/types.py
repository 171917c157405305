"""A month's hours against its forecasts, as a tree: project, epic, team. Seconds and minutes, nothing rounded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from services.accounts.types import MemberRef
from services.pm.months import Month
from services.pm.types import ProjectRef

DEVIATION_PERCENT = 10
"""What deviates by more than this is listed in the variance analysis (PM-4.2)."""


@dataclass(frozen=True, slots=True)
class HoursRow:
    """Seconds of an epic by one team; "" for no project, epic or team."""

    project_key: str
    epic_key: str
    team: str
    seconds: int


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """Minutes planned for an epic: in a month or in all (`month` None); by one team, or by everybody (`team` "")."""

    project_key: str
    epic_key: str
    month: Month | None
    team: str
    minutes: int


@dataclass(frozen=True, slots=True)
class EpicName:
    """What an epic is called, and whether it is done."""

    summary: str
    is_done: bool = False


@dataclass(frozen=True)
class ReconciliationData:
    """What a reconciliation is made of: `hours` of the month, `to_date` of all months up to its end.

    `tempo_seconds` and `worklogs` are counted from the month's worklogs themselves, for comparison.
    """

    month: Month
    hours: tuple[HoursRow, ...]
    to_date: tuple[HoursRow, ...]
    forecasts: tuple[ForecastRow, ...]
    projects: tuple[ProjectRef, ...]
    epics: Mapping[str, EpicName]
    tempo_seconds: int
    worklogs: int
    mirrored_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds worked against minutes planned; `forecast_minutes` is None where nobody planned anything."""

    actual_seconds: int
    forecast_minutes: int | None = None

    @property
    def has_forecast(self) -> bool:
        """Tell whether there is something to compare with; a forecast of 0 is none."""
        return bool(self.forecast_minutes)

    @property
    def variance_seconds(self) -> int | None:
        """Actual less forecast; None without a forecast."""
        return self.actual_seconds - 60 * (self.forecast_minutes or 0) if self.has_forecast else None

    @property
    def variance_percent(self) -> Fraction | None:
        """(actual - forecast) / forecast x 100, exactly (PM-3.2); None without a forecast."""
        if self.variance_seconds is None or not self.forecast_minutes:
            return None
        return Fraction(100 * self.variance_seconds, 60 * self.forecast_minutes)


@dataclass(frozen=True, slots=True)
class Rollup:
    """Several epics together: all seconds, and those on epics with a forecast, which alone are compared with it."""

    actual_seconds: int
    planned_seconds: int
    forecast_minutes: int

    @property
    def compared(self) -> Figures:
        """What has a forecast, against it."""
        return Figures(self.planned_seconds, self.forecast_minutes)

    @classmethod
    def of(cls, parts: Iterable[Figures]) -> Rollup:
        """Add up."""
        actual = planned = minutes = 0
        for part in parts:
            actual += part.actual_seconds
            if part.has_forecast:
                planned += part.actual_seconds
                minutes += part.forecast_minutes or 0
        return cls(actual, planned, minutes)

    def __add__(self, other: Rollup) -> Rollup:
        return Rollup(
            self.actual_seconds + other.actual_seconds,
            self.planned_seconds + other.planned_seconds,
            self.forecast_minutes + other.forecast_minutes,
        )


@dataclass(frozen=True, slots=True)
class TeamLine:
    """One team's part of an epic; `team` is "" for people in no team, None for what was planned and nobody did."""

    team: str | None
    figures: Figures


@dataclass(frozen=True, slots=True)
class EpicLine:
    """An epic in the month; `epic_key` is "" for the project's work outside of epics.

    The teams add up to `month`. `to_date` is all work on it up to the end of the month against its whole forecast.
    """

    project_key: str
    epic_key: str
    name: EpicName
    teams: tuple[TeamLine, ...]
    month: Figures
    to_date: Figures


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """A project; `key` is "" for issues that are not mirrored, so that nobody knows their project."""

    key: str
    name: str
    epics: tuple[EpicLine, ...]

    @property
    def month(self) -> Rollup:
        """The month's hours."""
        return Rollup.of(epic.month for epic in self.epics)

    @property
    def to_date(self) -> Rollup:
        """All hours of these epics up to the end of the month, against whole forecasts."""
        return Rollup.of(epic.to_date for epic in self.epics)


@dataclass(frozen=True, slots=True)
class TeamTotal:
    """A team over all projects; the names are as in `TeamLine`."""

    team: str | None
    month: Rollup


class Basis(StrEnum):
    """What is compared: the month with the month's forecast, or everything so far with the epic's whole forecast."""

    MONTH = "this month"
    TO_DATE = "to date"


@dataclass(frozen=True, slots=True)
class Deviation:
    """An epic off its forecast by more than `DEVIATION_PERCENT`."""

    project: ProjectLine
    epic: EpicLine
    basis: Basis

    @property
    def figures(self) -> Figures:
        """The figures that deviate."""
        return self.epic.month if self.basis is Basis.MONTH else self.epic.to_date


@dataclass(frozen=True, slots=True)
class ProjectChange:
    """A project's figures in the last revision and now; `None` where it was not in one of them."""

    key: str
    name: str
    before: Figures | None
    after: Figures | None

    @property
    def delta_seconds(self) -> int:
        """How much more was worked than the last revision said."""
        return (self.after.actual_seconds if self.after else 0) - (self.before.actual_seconds if self.before else 0)

    @property
    def delta_minutes(self) -> int:
        """How much more is planned than the last revision said."""
        before, after = (figures.forecast_minutes or 0 if figures else 0 for figures in (self.before, self.after))
        return after - before


@dataclass(frozen=True)
class Changes:
    """What is different from an earlier revision; without projects it is in their epics or teams."""

    since_revision: int
    projects: tuple[ProjectChange, ...]


@dataclass(frozen=True)
class Reconciliation:
    """The month. `tempo_seconds` is what Tempo's worklogs add up to, without any grouping."""

    month: Month
    projects: tuple[ProjectLine, ...]
    teams: tuple[TeamTotal, ...]
    tempo_seconds: int
    worklogs: int
    mirrored_at: datetime | None = None

    @property
    def portfolio(self) -> Rollup:
        """The month over all projects."""
        return sum((project.month for project in self.projects), Rollup(0, 0, 0))

    @property
    def to_date(self) -> Rollup:
        """Everything so far over all projects."""
        return sum((project.to_date for project in self.projects), Rollup(0, 0, 0))

    @property
    def basis(self) -> Basis:
        """What the portfolio is judged by: the month's forecasts where there are any."""
        return Basis.MONTH if self.portfolio.forecast_minutes else Basis.TO_DATE

    @property
    def compared(self) -> Figures:
        """The portfolio's figures by that basis."""
        return (self.portfolio if self.basis is Basis.MONTH else self.to_date).compared

    @property
    def deviations(self) -> tuple[Deviation, ...]:
        """What is off by more than `DEVIATION_PERCENT`, most hours first.

        An open epic that has not used up its whole forecast yet is no deviation.
        """
        found = [
            Deviation(project, epic, basis)
            for project in self.projects
            for epic in project.epics
            for basis in Basis
            if _deviates(epic, basis)
        ]
        return tuple(sorted(found, key=_weight))

    @property
    def without_forecast(self) -> tuple[EpicLine, ...]:
        """Epics worked on in the month for which there is no forecast at all."""
        epics = (epic for project in self.projects for epic in project.epics if epic.epic_key)
        return tuple(
            e for e in epics if e.month.actual_seconds and not e.month.has_forecast and not e.to_date.has_forecast
        )


def _deviates(epic: EpicLine, basis: Basis) -> bool:
    percent = (epic.month if basis is Basis.MONTH else epic.to_date).variance_percent
    if percent is None or abs(percent) <= DEVIATION_PERCENT:
        return False
    return basis is Basis.MONTH or percent > 0 or epic.name.is_done


def _weight(deviation: Deviation) -> tuple[int, str, str]:
    return (-abs(deviation.figures.variance_seconds or 0), deviation.epic.epic_key, deviation.basis)


@dataclass(frozen=True)
class SentTo:
    """What became of one recipient's copy: `delivery_id` of the alert, `file_id` in Slack, what e-mail said."""

    slack_id: str
    name: str
    member_id: int | None = None
    delivery_id: int | None = None
    file_id: str = ""
    email: str = ""
    """"sent", or why not; empty where none was to be sent."""
    failures: int = 0
    """How many attempts certainly did nothing: the next one is another effect."""


@dataclass(frozen=True)
class Report:
    """A revision as it was stored."""

    id: int
    month: Month
    revision: int
    file_key: str
    file_name: str
    size_bytes: int
    content_hash: str
    total_projects: int
    actual_seconds: int
    forecast_minutes: int
    totals: Mapping[str, tuple[int, int | None]]
    generated_at: datetime
    sheet_url: str | None = None
    sent_to: tuple[SentTo, ...] = ()


@dataclass(frozen=True)
class Kept:
    """A report, whether it is a new revision, and what is different from the one before it."""

    report: Report
    is_new: bool
    changes: Changes | None = None


@dataclass(frozen=True)
class Recipients:
    """Who gets a report: the projects' PMs (or admins where there are none), and the alerts channel."""

    people: tuple[MemberRef, ...]
    channel_id: str | None = None
    are_admins: bool = field(default=False)
