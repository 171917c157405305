"""Days of the world: working days, weeks, and moments in office hours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sandbox.world.people import NEW_YORK

ZONE = ZoneInfo(NEW_YORK)
HISTORY_DAYS = 243


@dataclass(frozen=True)
class Calendar:
    """Today in New York and the public holidays around it."""

    today: date
    now: datetime
    holidays: Mapping[date, str]

    @property
    def first_day(self) -> date:
        """Return the day, eight months back, with which the world begins."""
        return self.today - timedelta(days=HISTORY_DAYS)

    def week(self, back: int = 1) -> list[date]:
        """Return Monday to Sunday of a week, 1 being the last full one."""
        monday = self.today - timedelta(days=self.today.weekday() + 7 * back)
        return [monday + timedelta(days=n) for n in range(7)]

    def works(self, day: date) -> bool:
        """Tell whether people work on a day."""
        return day.weekday() < 5 and day not in self.holidays

    def working_days(self, start: date, end: date) -> Iterator[date]:
        """Yield the working days from start up to, without, end."""
        day = start
        while day < end:
            if self.works(day):
                yield day
            day += timedelta(days=1)

    def working_week(self, back: int = 1) -> list[date]:
        """Return the working days of a week."""
        return [day for day in self.week(back) if self.works(day)]

    def office_hours(self, moment: datetime) -> datetime:
        """Return the moment, moved on into a working day between 9 and 18 o'clock in New York."""
        local = moment.astimezone(ZONE)
        if local.hour >= 18:
            local = _at(local + timedelta(days=1), 9, local.minute)
        elif local.hour < 9:
            local = _at(local, 9, local.minute)
        while not self.works(local.date()):
            local = _at(local + timedelta(days=1), 9, local.minute)
        return local.astimezone(UTC)

    def moment(self, days_back: float, hour: int = 10, minute: int = 0) -> datetime:
        """Return a moment so many days ago, never later than now."""
        day = self.today - timedelta(days=days_back)
        return min(datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC), self.now - timedelta(minutes=1))


def _at(local: datetime, hour: int, minute: int) -> datetime:
    return local.replace(hour=hour, minute=minute)
