"""When agents run: schedules in local time, and the instants (slots) that they mean in a time zone.

Local times follow the wall clock: a time that daylight saving skips means the instant an hour later on the clock,
one that happens twice means the first.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from itertools import count
from typing import Protocol
from zoneinfo import ZoneInfo

IsWorkingDay = Callable[[date], bool]
LONGEST_GAP_DAYS = 366


class Weekday(IntEnum):
    """Monday is 0, as in `date.weekday()` (and unlike in crontab)."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


def monday_to_friday(day: date) -> bool:
    """Tell whether the day is a working day where nothing is known of holidays."""
    return day.weekday() < Weekday.SATURDAY


class Schedule(Protocol):
    """Says at which local times of a day something is due."""

    def times_on(self, day: date, is_working_day: IsWorkingDay) -> Iterator[time]:
        """Yield the local times that are due on `day`."""
        ...

    def describe(self) -> str:
        """Return the schedule in words, such as "Mondays at 10:00"."""
        ...


@dataclass(frozen=True)
class Weekly:
    """Each week on one weekday."""

    weekday: Weekday
    at: time

    def times_on(self, day: date, is_working_day: IsWorkingDay) -> Iterator[time]:
        """Yield the time on that weekday, holiday or not."""
        if day.weekday() == self.weekday:
            yield self.at

    def describe(self) -> str:
        """Return the weekday and the time."""
        return f"{self.weekday.name.capitalize()}s at {self.at:%H:%M}"


@dataclass(frozen=True)
class Daily:
    """Each day, or each working day, at one or several times."""

    at: tuple[time, ...]
    working_days_only: bool = True

    def times_on(self, day: date, is_working_day: IsWorkingDay) -> Iterator[time]:
        """Yield the times, on working days if only those count."""
        if not self.working_days_only or is_working_day(day):
            yield from self.at

    def describe(self) -> str:
        """Return the times and which days."""
        days = "working days" if self.working_days_only else "every day"
        return f"{days} at {', '.join(f'{at:%H:%M}' for at in self.at)}"


@dataclass(frozen=True)
class Monthly:
    """Each month on a day of the month (its last one where the month is shorter)."""

    day: int
    at: time

    def __post_init__(self) -> None:
        if not 1 <= self.day <= 31:
            raise ValueError(f"a month has no day {self.day}")

    def times_on(self, day: date, is_working_day: IsWorkingDay) -> Iterator[time]:
        """Yield the time on that day of the month."""
        if day.day == min(self.day, calendar.monthrange(day.year, day.month)[1]):
            yield self.at

    def describe(self) -> str:
        """Return the day and the time."""
        return f"day {self.day} of each month at {self.at:%H:%M}"


@dataclass(frozen=True)
class FirstWorkingDay:
    """Each month on its first working day."""

    at: time

    def times_on(self, day: date, is_working_day: IsWorkingDay) -> Iterator[time]:
        """Yield the time if no earlier day of the month is a working day."""
        earlier = (day.replace(day=number) for number in range(1, day.day))
        if is_working_day(day) and not any(map(is_working_day, earlier)):
            yield self.at

    def describe(self) -> str:
        """Return the time."""
        return f"first working day of each month at {self.at:%H:%M}"


@dataclass(frozen=True)
class WorkingMonday:
    """Each week on Monday, or on its first working day where Monday is none; in a week without any, not at all."""

    at: time

    def times_on(self, day: date, is_working_day: IsWorkingDay) -> Iterator[time]:
        """Yield the time if no earlier day of the week is a working day."""
        earlier = (day - timedelta(days=number) for number in range(1, day.weekday() + 1))
        if is_working_day(day) and not any(map(is_working_day, earlier)):
            yield self.at

    def describe(self) -> str:
        """Return the day and the time."""
        return f"Mondays at {self.at:%H:%M}, after a holiday the next working day"


@dataclass(frozen=True)
class Every:
    """Each so many minutes of the day, counted from local midnight; for what runs often."""

    minutes: int

    def __post_init__(self) -> None:
        if self.minutes < 1 or 24 * 60 % self.minutes:
            raise ValueError(f"{self.minutes} minutes do not divide a day")

    def times_on(self, day: date, is_working_day: IsWorkingDay) -> Iterator[time]:
        """Yield the times from midnight on."""
        for minute in range(0, 24 * 60, self.minutes):
            yield time(minute // 60, minute % 60)

    def describe(self) -> str:
        """Return the interval."""
        return f"every {self.minutes} minutes" if self.minutes > 1 else "every minute"


@dataclass(frozen=True)
class AnyOf:
    """Whenever one of several schedules says so."""

    schedules: tuple[Schedule, ...]

    def times_on(self, day: date, is_working_day: IsWorkingDay) -> Iterator[time]:
        """Yield the times of all."""
        for schedule in self.schedules:
            yield from schedule.times_on(day, is_working_day)

    def describe(self) -> str:
        """Return all in words."""
        return " and ".join(schedule.describe() for schedule in self.schedules)


def _slots_on(schedule: Schedule, zone: ZoneInfo, day: date, is_working_day: IsWorkingDay) -> Iterator[datetime]:
    for at in schedule.times_on(day, is_working_day):
        yield datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def slots_between(
    schedule: Schedule, time_zone: str, start: datetime, end: datetime, is_working_day: IsWorkingDay = monday_to_friday
) -> list[datetime]:
    """Return the slots after `start` up to and including `end`, in order, in UTC; each instant once."""
    zone = ZoneInfo(time_zone)
    # a skipped time may move to the next day, and whole days have been skipped
    first, last = start.astimezone(zone).date() - timedelta(days=2), end.astimezone(zone).date() + timedelta(days=2)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return sorted({
        slot for day in days for slot in _slots_on(schedule, zone, day, is_working_day) if start < slot <= end
    })  # fmt: skip


def next_slot(
    schedule: Schedule, time_zone: str, after: datetime, is_working_day: IsWorkingDay = monday_to_friday
) -> datetime | None:
    """Return the first slot after an instant, in UTC; None if there is none within `LONGEST_GAP_DAYS`."""
    start = after
    for step in count(1):
        days = min(2**step, LONGEST_GAP_DAYS)
        end = after + timedelta(days=days)
        if found := slots_between(schedule, time_zone, start, end, is_working_day):
            return found[0]
        if days == LONGEST_GAP_DAYS:
            break
        start = end
    return None
