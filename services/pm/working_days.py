"""Which days are worked in an account: by Tempo's schedules, and by public holidays where Tempo says nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from services.accounts.settings import HOLIDAYS, holiday_region
from services.errors import FlowPilotError, VendorRejectedError

if TYPE_CHECKING:
    from services.accounts import Accounts
    from services.clock import Now
    from services.mirror import Mirror
    from services.mirror.types import ScheduleDay

WORKED = "WORKING_DAY"
"""Tempo's type of a day on which somebody's schedule asks for work; leave does not change it."""

DAYS_BACK, DAYS_AHEAD = 45, 75
SATURDAY = 5

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class WorkingCalendar:
    """Working days of an account: what Tempo says of a day, else Monday to Friday without public holidays.

    `country` is an ISO 3166 code, `subdivision` the holidays package's ("CA" in "US"); without a country no holiday is
    known.
    """

    from_tempo: Mapping[date, bool] = field(default_factory=dict)
    country: str | None = "US"
    subdivision: str | None = None

    def is_working_day(self, day: date) -> bool:
        """Tell whether the account works on a day."""
        said = self.from_tempo.get(day)
        if said is not None:
            return said
        return day.weekday() < SATURDAY and not is_public_holiday(day, self.country, self.subdivision)

    def working_days(self, first: date, last: date) -> Iterator[date]:
        """Yield the working days from `first` to `last`, both included."""
        for number in range((last - first).days + 1):
            if self.is_working_day(day := first + timedelta(days=number)):
                yield day


def is_public_holiday(day: date, country: str | None, subdivision: str | None = None) -> bool:
    """Tell whether a day is a public holiday; nothing is known of a country that the package lacks."""
    return country is not None and day in _public_holidays(country, subdivision, day.year)


@lru_cache(maxsize=64)
def _public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    from holidays import country_holidays

    try:
        return frozenset(country_holidays(country, subdiv=subdivision, years=year))
    except NotImplementedError:
        return frozenset()


def worked_by_most(days: Iterable[ScheduleDay]) -> dict[date, bool]:
    """Return for each day with a schedule whether at least half of the people who ever work are due on it.

    People of whom no day asks for anything (no time tracking) do not count.
    """
    known = list(days)
    people = {day.jira_account_id for day in known if day.day_type == WORKED}
    due: Counter[date] = Counter()
    asked: Counter[date] = Counter()
    for day in known:
        if day.jira_account_id in people:
            asked[day.day] += 1
            due[day.day] += day.day_type == WORKED
    return {day: due[day] * 2 >= count for day, count in asked.items()}


class WorkingDays:
    """The calendars of all accounts, as last read; `is_working_day` never waits and never fails."""

    def __init__(self, accounts: Accounts, mirror: Mirror, now: Now) -> None:
        self._accounts = accounts
        self._mirror = mirror
        self._now = now
        self._calendars: dict[str, WorkingCalendar] = {}

    def of(self, account_id: str) -> Callable[[date], bool]:
        """Return what tells an account's working days, always by the newest calendar."""
        return lambda day: self._calendars.get(account_id, _FALLBACK).is_working_day(day)

    async def refresh(self, account_id: str, time_zone: str, *, ask_tempo: bool = True) -> bool:
        """Read the current account's calendar anew; True if any day has changed.

        Without Tempo, or while it is down, what the mirror knows counts, and for the rest the public holidays.
        """
        region = holiday_region(await self._accounts.get_setting(HOLIDAYS), time_zone)
        calendar = WorkingCalendar(await self._from_tempo(time_zone, ask_tempo=ask_tempo), *region)
        changed = self._calendars.get(account_id) != calendar
        self._calendars[account_id] = calendar
        return changed

    async def calendar(self, account_id: str, time_zone: str) -> WorkingCalendar:
        """Return the current account's calendar, read if it never was."""
        if account_id not in self._calendars:
            await self.refresh(account_id, time_zone)
        return self._calendars[account_id]

    async def _from_tempo(self, time_zone: str, *, ask_tempo: bool) -> dict[date, bool]:
        today = local_day(self._now(), time_zone)
        first, last = today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)
        people = [m.jira_account_id for m in await self._accounts.members() if m.jira_account_id]
        if ask_tempo:
            return worked_by_most(await self.schedule(people, first, last))
        return worked_by_most(await self._mirror.known_schedule_days(people, first, last))

    async def schedule(self, people: Sequence[str], first: date, last: date) -> list[ScheduleDay]:
        """Return what is required of people day by day; without Tempo, or while it is down, what is known of it."""
        try:
            return await self._asked(people, first, last)
        except FlowPilotError as error:
            log.warning("Tempo's schedules could not be read", why=error.message)
            return await self._mirror.known_schedule_days(people, first, last)

    async def _asked(self, people: Sequence[str], first: date, last: date) -> list[ScheduleDay]:
        try:
            return await self._mirror.schedule_days(people, first, last)
        except VendorRejectedError:
            return [day for person in people for day in await self._of_one(person, first, last)]

    async def _of_one(self, person: str, first: date, last: date) -> list[ScheduleDay]:
        try:
            return await self._mirror.schedule_days([person], first, last)
        except VendorRejectedError:
            return []  # Tempo knows nothing of them, such as of a closed Jira account


_FALLBACK = WorkingCalendar()


def local_day(now: datetime, time_zone: str) -> date:
    """Return the date of an instant in a time zone."""
    return now.astimezone(ZoneInfo(time_zone)).date()
