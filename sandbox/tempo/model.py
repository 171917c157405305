"""What Tempo holds beside the worklogs, which it shares with Jira."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


@dataclass
class Team:
    """A team; members are account ids by membership id."""

    id: int
    name: str
    lead: str
    summary: str = ""
    members: dict[int, str] = field(default_factory=dict)


@dataclass
class WorkloadScheme:
    """Required seconds from Monday to Sunday, for its members."""

    id: int
    name: str
    seconds: tuple[int, int, int, int, int, int, int]
    default: bool = False
    members: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Holiday:
    """A day (or part of one) on which less is required."""

    id: int
    day: date
    name: str
    seconds: int


@dataclass
class HolidayScheme:
    """Holidays of a country, for its members."""

    id: int
    name: str
    default: bool = False
    holidays: dict[date, Holiday] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)


@dataclass
class Plan:
    """Planned time of a person on an issue or a project (`item_type` ISSUE or PROJECT)."""

    id: int
    account_id: str
    item_type: str
    item_id: int
    start: date
    end: date
    seconds_per_day: int
    description: str
    created: datetime
    updated: datetime
    include_non_working_days: bool = False


@dataclass(frozen=True)
class ScheduleDay:
    """What is required of a person on a day."""

    day: date
    required_seconds: int
    type: str
    holiday: Holiday | None
    scheme_id: int


@dataclass(frozen=True)
class AuditEvent:
    """One line of the audit log."""

    action: str
    entity_type: str
    entity_id: str
    parent_id: str
    author: str
    worker: str
    at: datetime
    changes: tuple[tuple[str, str | None, str | None], ...] = ()
