"""What the project management features know, as agents, blocks and handlers see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.accounts.types import MemberRef


class ComplianceStatus(StrEnum):
    """How a person's logged time stands to what their week required."""

    COMPLIANT = "compliant"
    PARTIAL = "partial"
    NON_COMPLIANT = "non_compliant"
    NOT_REQUIRED = "not_required"


class ProjectType(StrEnum):
    """How a project is paid for."""

    RETAINER = "retainer"
    SCOPE = "scope"
    INTERNAL = "internal"


@dataclass(frozen=True, order=True)
class Week:
    """Monday to Sunday."""

    start: date

    def __post_init__(self) -> None:
        if self.start.weekday() != 0:
            raise ValueError(f"{self.start} is not a Monday")

    @classmethod
    def before(cls, day: date) -> Week:
        """Return the last full week before the one that `day` is in."""
        return cls(day - timedelta(days=day.weekday() + 7))

    @property
    def end(self) -> date:
        """The Sunday."""
        return self.start + timedelta(days=6)

    def back(self, weeks: int) -> Week:
        """Return the week so many weeks earlier."""
        return Week(self.start - timedelta(weeks=weeks))

    def __iter__(self) -> Iterator[date]:
        return (self.start + timedelta(days=number) for number in range(7))

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end


@dataclass(frozen=True)
class TeamMember:
    """A member with their team ("" for none), the member id of its PM, and what an hour of theirs costs."""

    member: MemberRef
    team: str = ""
    pm_member_id: int | None = None
    hourly_rate_cents: int | None = None


@dataclass(frozen=True)
class ProjectRef:
    """A project as imported; the retainer is in minutes a month."""

    key: str
    name: str
    type: ProjectType
    pm: MemberRef | None
    channel_id: str | None
    monthly_retainer_minutes: int | None
    stakeholder_member_ids: tuple[int, ...]
    hourly_rate_cents: int | None = None
    github_repositories: tuple[str, ...] = ()


@dataclass(frozen=True)
class DayHours:
    """A day of a person: what was logged, and what was required with leave taken off."""

    day: date
    logged_seconds: int
    required_seconds: int

    @property
    def is_missing(self) -> bool:
        """Tell whether something was required and nothing logged."""
        return self.required_seconds > 0 and self.logged_seconds == 0


@dataclass(frozen=True)
class WeekRecord:
    """One person's week as the history keeps it."""

    member_id: int
    week: Week
    team: str
    logged_seconds: int
    required_seconds: int
    status: ComplianceStatus
    missing_days: tuple[date, ...] = ()
    notification_sent: bool = False


@dataclass(frozen=True)
class PersonWeek:
    """One person's week, day by day; `weeks_in_a_row` counts non-compliant weeks up to and including this one."""

    person: TeamMember
    week: Week
    days: tuple[DayHours, ...]
    status: ComplianceStatus
    weeks_in_a_row: int = 0

    @property
    def logged_seconds(self) -> int:
        """What was logged in the week."""
        return sum(day.logged_seconds for day in self.days)

    @property
    def required_seconds(self) -> int:
        """What the week required, holidays and leave taken off."""
        return sum(day.required_seconds for day in self.days)

    @property
    def missing_days(self) -> tuple[date, ...]:
        """The days on which something was required and nothing logged."""
        return tuple(day.day for day in self.days if day.is_missing)

    @property
    def record(self) -> WeekRecord:
        """The week as the history keeps it."""
        return WeekRecord(
            self.person.member.id,
            self.week,
            self.person.team,
            self.logged_seconds,
            self.required_seconds,
            self.status,
            self.missing_days,
        )


@dataclass(frozen=True)
class UnknownAuthor:
    """Somebody who logged time in the week and whom no member is linked to."""

    jira_account_id: str
    logged_seconds: int


@dataclass(frozen=True)
class Compliance:
    """How many of the people of whom something was required were compliant."""

    compliant: int
    judged: int

    @property
    def percent(self) -> int | None:
        """The whole per cent, rounded down so that 100 means everybody; None when nobody was judged."""
        return self.compliant * 100 // self.judged if self.judged else None


@dataclass(frozen=True)
class TeamWeek:
    """A team's week; `name` is "" for the people in no team."""

    name: str
    people: tuple[PersonWeek, ...]
    compliance: Compliance


@dataclass(frozen=True)
class TrendPoint:
    """A week's compliance of the people of one summary."""

    week: Week
    compliance: Compliance


@dataclass(frozen=True)
class TimeTrackingSummary:
    """What one PM hears of a week; `without_pm` when it holds people whom no PM looks after."""

    recipient: MemberRef
    week: Week
    teams: tuple[TeamWeek, ...]
    without_pm: tuple[PersonWeek, ...]
    not_linked: tuple[TeamMember, ...]
    no_schedule: tuple[TeamMember, ...]
    unknown_authors: tuple[UnknownAuthor, ...]
    trend: tuple[TrendPoint, ...]
    mirrored_at: datetime | None

    @property
    def people(self) -> tuple[PersonWeek, ...]:
        """Everybody in it whose week was assessed."""
        return tuple(person for team in self.teams for person in team.people) + self.without_pm

    @property
    def repeat_offenders(self) -> tuple[PersonWeek, ...]:
        """Those who were non-compliant for two or more weeks in a row."""
        return tuple(person for person in self.people if person.weeks_in_a_row >= 2)
