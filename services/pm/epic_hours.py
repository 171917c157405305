"""Hours by project, epic, month and team, kept so that totals since inception outlive the mirror."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from db.engine import Database
from db.models.pm import EpicHours
from db.repositories import epic_hours as repository
from services.clock import Now
from services.mirror.mirror import WORKLOG_DAYS_BACK
from services.pm.hours import LoggedTime, logged_time, seconds_by, team_names
from services.pm.months import Month

if TYPE_CHECKING:
    from services.mirror import Mirror
    from services.pm import ProjectManagement

Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class EpicMonth:
    """Seconds of an epic in a month by one team; `epic_key` "" is work outside of epics, `team` "" people in none."""

    project_key: str
    epic_key: str
    month: Month
    team: str
    seconds: int
    computed_at: datetime


class EpicHoursLedger:
    """Writes the hours of months from the mirror, and reads them, also of months older than the mirror."""

    def __init__(self, database: Database, mirror: Mirror, pm: ProjectManagement, now: Now) -> None:
        self._database = database
        self._mirror = mirror
        self._pm = pm
        self._now = now

    async def refresh(self, months: Iterable[Month] | None = None) -> int:
        """Write months anew from the mirror's worklogs (None: all that it covers whole); return how many rows changed.

        Exact to the second; rows that no longer hold are removed. A month that the mirror no longer covers whole is
        left as it was kept, and before Tempo was ever read nothing is written.
        """
        if (await self._mirror.freshness("tempo")).last_success_at is None:
            return 0
        first = self.first_whole_month
        wanted = sorted(set(_span(first, Month.of(self._today())) if months is None else months))
        if not wanted:
            return 0
        teams = team_names(await self._pm.team_members())
        entries = logged_time(await self._mirror.worklogs(wanted[0].start, wanted[-1].end), teams)
        new = {key: seconds for key, seconds in seconds_by(entries, _key).items() if seconds}
        return await self._write({str(month) for month in wanted}, str(first), new)

    async def hours(self, months: Iterable[Month] | None = None) -> list[EpicMonth]:
        """Return what is kept of some months, of all where None, by month, project, epic and team."""
        names = None if months is None else {str(month) for month in months}
        async with self._database.transaction(write=False) as session:
            return [_epic_month(row) for row in await repository.epic_hours(session, names)]

    @property
    def first_whole_month(self) -> Month:
        """The first month of which the mirror surely holds every worklog."""
        oldest = self._today() - timedelta(days=WORKLOG_DAYS_BACK)
        month = Month.of(oldest)
        return month if oldest == month.start else month.next

    def _today(self) -> date:
        return self._now().astimezone(ZoneInfo("UTC")).date()

    async def _write(self, months: set[str], first_whole: str, new: dict[Key, int]) -> int:
        """Make the rows of the months what `new` says; a month that was cut off is only written where none is kept."""
        changed, now = 0, self._now()
        async with self._database.transaction() as session:
            rows = {
                (row.project_key, row.epic_key, row.month, row.team): row
                for row in await repository.epic_hours(session, months)
            }
            final = {row.month for row in rows.values() if row.month < first_whole}
            for key, row in rows.items():
                if row.month not in final and key not in new:
                    await session.delete(row)
                    changed += 1
            for key, seconds in new.items():
                if key[2] not in months - final:
                    continue
                row = rows.get(key) or EpicHours(project_key=key[0], epic_key=key[1], month=key[2], team=key[3])
                changed += row.seconds != seconds
                row.seconds, row.computed_at = seconds, now
                session.add(row)
        return changed


def _key(entry: LoggedTime) -> Key:
    return entry.project_key, entry.epic_key, str(entry.month), entry.team


def _span(first: Month, last: Month) -> list[Month]:
    months = [first]
    while months[-1] < last:
        months.append(months[-1].next)
    return months


def _epic_month(row: EpicHours) -> EpicMonth:
    return EpicMonth(row.project_key, row.epic_key, Month.parse(row.month), row.team, row.seconds, row.computed_at)
