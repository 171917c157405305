"""Reading what a month's reconciliation is made of, from a mirror that agrees with Tempo."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

from db.engine import Database
from db.models.pm import EpicForecast
from db.repositories import pm_reports as repository
from services.pm.epic_hours import EpicHoursLedger, EpicMonth
from services.pm.months import Month
from services.pm.reconciliation.types import EpicName, ForecastRow, HoursRow, ReconciliationData

if TYPE_CHECKING:
    from services.mirror import Mirror
    from services.pm import ProjectManagement

Progress = Callable[[str], Awaitable[None]]
"""Tells the person who waits what is being done."""


async def silently(said: str) -> None:
    """Tell nobody."""


class Collector:
    """Reads a month."""

    def __init__(self, database: Database, pm: ProjectManagement, mirror: Mirror, ledger: EpicHoursLedger) -> None:
        self._database = database
        self._pm = pm
        self._mirror = mirror
        self._ledger = ledger

    async def collect(self, month: Month, progress: Progress = silently) -> ReconciliationData:
        """Read a month's hours and forecasts, after comparing the mirror's worklogs with Tempo's one by one.

        Raises `NotConfiguredError` without Tempo, and `VendorUnavailableError` while it is down.
        """
        await progress("comparing with Tempo…")
        await self._refresh(month)
        worklogs = await self._mirror.worklogs(month.start, month.end)
        await progress(f"reading {len(worklogs):,} worklogs…")
        await self._ledger.refresh()
        kept = [row for row in await self._ledger.hours() if row.month <= month]
        async with self._database.transaction(write=False) as session:
            forecasts = tuple(_forecast(row) for row in await repository.forecasts_for(session, str(month)))
        epics = await self._mirror.epics()
        return ReconciliationData(
            month=month,
            hours=_rows(row for row in kept if row.month == month),
            to_date=_rows(kept),
            forecasts=forecasts,
            projects=tuple(await self._pm.projects()),
            epics={epic.key: EpicName(epic.summary, epic.is_done) for epic in epics},
            tempo_seconds=sum(worklog.time_spent_seconds for worklog in worklogs),
            worklogs=len(worklogs),
            mirrored_at=(await self._mirror.freshness("tempo")).last_success_at,
        )

    async def _refresh(self, month: Month) -> None:
        # moved issues change what hours count for, so that both mirrors have to be of now
        if (await self._mirror.freshness("jira")).is_stale:
            await self._mirror.sync("jira")
        await self._mirror.sync("tempo")
        await self._mirror.compare_worklogs(month.start, month.end)


def _rows(months: Iterable[EpicMonth]) -> tuple[HoursRow, ...]:
    seconds: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in months:
        seconds[row.project_key, row.epic_key, row.team] += row.seconds
    return tuple(HoursRow(*key, total) for key, total in sorted(seconds.items()))


def _forecast(row: EpicForecast) -> ForecastRow:
    month = Month.parse(row.month) if row.month else None
    return ForecastRow(row.project_key, row.epic_key, month, row.team, row.minutes)
