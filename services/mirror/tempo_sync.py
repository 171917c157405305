"""Bringing the mirror of Tempo's worklogs up to date, deletions included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from db.engine import Database
from db.repositories.mirror import states
from db.repositories.mirror import worklogs as repository
from services.clock import Now
from services.errors import VendorAuthError, VendorNotFoundError, VendorRejectedError
from services.mirror.rows import stored_worklog
from services.mirror.types import Census, Source, SyncReport
from services.vendors.tempo import TempoClient
from services.vendors.types import TempoWorklogDetail

OVERLAP = timedelta(minutes=30)
AUDIT_LOG_REACH = timedelta(days=179)
"""Tempo's audit log goes back 180 days."""
WINDOW = timedelta(days=31)
AHEAD = timedelta(days=62)
"""Time can be logged for days to come."""


class TempoSync:
    """The first time month by month, then what was updated since the watermark, which is by Tempo's own stamps."""

    def __init__(self, database: Database, tempo: TempoClient, now: Now, *, days_back: int) -> None:
        self._database = database
        self._tempo = tempo
        self._now = now
        self._days_back = timedelta(days=days_back)

    async def run(self, from_date: date | None = None) -> SyncReport:
        """Do one pass; `from_date` reads all worklogs from that day on. Raises the `VendorError` kinds."""
        started_at = self._now()
        async with self._database.transaction() as session:
            state = await states.state(session, Source.TEMPO)
        is_first = state.last_success_at is None or state.watermark is None
        if is_first or from_date is not None:
            found, newest = await self._take_windows(from_date)
        else:
            assert state.watermark is not None
            found, newest = await self._take_updated(state.watermark - OVERLAP)
        deleted = 0 if is_first or state.last_success_at is None else await self._take_deletions(state.last_success_at)
        # what changed while we read would be skipped by its own stamp: never beyond our start
        watermark = min(newest or started_at, started_at)
        async with self._database.transaction() as session:
            await states.advance_watermark(session, Source.TEMPO, watermark)
            await states.save_state(
                session,
                Source.TEMPO,
                last_success_at=self._now(),
                last_error=None,
                counts={**state.counts, "found": found},
            )
            if is_first:
                # it listed everything, which is what a census does
                mirrored = await repository.count_live_worklogs(session)
                counts = {"found": found, "census": [found, mirrored]}
                await states.save_state(session, Source.TEMPO, last_census_at=self._now(), counts=counts)
        return SyncReport(Source.TEMPO, found, found, 0, deleted, is_first=is_first)

    async def _take_windows(self, from_date: date | None) -> tuple[int, datetime | None]:
        found, newest = 0, None
        for first, last in self._windows(from_date):
            for_window, stamp = await self._take(from_date=first, to_date=last)
            found += for_window
            newest = max(filter(None, (newest, stamp)), default=None)
        return found, newest

    async def _take_updated(self, since: datetime) -> tuple[int, datetime | None]:
        return await self._take(updated_from=since)

    async def _take(
        self, *, from_date: date | None = None, to_date: date | None = None, updated_from: datetime | None = None
    ) -> tuple[int, datetime | None]:
        found, stamps = 0, []
        read_at = self._now()
        pages = self._tempo.worklogs(from_date=from_date, to_date=to_date, updated_from=updated_from)
        async for page in pages:
            await self._store(page, read_at)
            found += len(page)
            stamps += [worklog.updated_at for worklog in page]
            read_at = self._now()
        return found, max(stamps, default=None)

    async def take_person(self, jira_account_id: str, first: date, last: date) -> None:
        """Read a person's worklogs of some days, both ends included, and mark what is gone; no watermark moves."""
        read_at = self._now()
        found = await self._tempo.worklogs_of_user(jira_account_id, first, last)
        await self._store(found, read_at)
        async with self._database.transaction() as session:
            known = await repository.worklogs(session, first, last, [jira_account_id])
            gone = {row.tempo_worklog_id for row, *_ in known} - {worklog.id for worklog in found}
            await repository.mark_worklogs_deleted(session, gone, read_at)

    async def _store(self, worklogs: list[TempoWorklogDetail], read_at: datetime) -> None:
        async with self._database.transaction() as session:
            await repository.store_worklogs(session, [stored_worklog(w, read_at=read_at) for w in worklogs])

    async def _take_deletions(self, last_success_at: datetime) -> int:
        """Mark what Tempo's audit log says was deleted; without the right to read it the census has to do."""
        since = max(last_success_at - OVERLAP, self._now() - AUDIT_LOG_REACH)
        try:
            deletions = await self._tempo.deleted_worklogs(since)
        except (VendorRejectedError, VendorAuthError):
            return 0
        async with self._database.transaction() as session:
            ids = [deletion.worklog_id for deletion in deletions]
            return await repository.mark_worklogs_deleted(session, ids, self._now())

    async def census(self) -> Census:
        """List all worklogs of the mirrored days, and put right what differs; deletions are asked for one by one."""
        there: set[int] = set()
        deleted: list[int] = []
        for first, last in self._windows(None):
            listed, gone = await self.compare(first, last)
            deleted += gone
            there |= listed
        return await self._counted(len(there), deleted)

    async def compare(self, first: date, last: date) -> tuple[set[int], list[int]]:
        """List the worklogs of some days and put right what differs; return those that are there, and those gone."""
        async with self._database.transaction(write=False) as session:
            known = await repository.live_worklog_ids(session, first, last)
        listed: set[int] = set()
        async for page in self._tempo.worklogs(from_date=first, to_date=last):
            await self._store(page, self._now())
            listed |= {worklog.id for worklog in page}
        return listed, [worklog_id for worklog_id in sorted(known - listed) if await self._is_gone(worklog_id)]

    async def _is_gone(self, worklog_id: int) -> bool:
        read_at = self._now()
        try:
            worklog = await self._tempo.worklog(worklog_id)
        except VendorNotFoundError:
            async with self._database.transaction() as session:
                return await repository.mark_worklogs_deleted(session, [worklog_id], self._now()) > 0
        await self._store([worklog], read_at)
        return False

    async def _counted(self, there: int, deleted: list[int]) -> Census:
        async with self._database.transaction() as session:
            mirrored = await repository.count_live_worklogs(session)
            state = await states.state(session, Source.TEMPO)
            await states.save_state(
                session,
                Source.TEMPO,
                last_census_at=self._now(),
                counts={**state.counts, "census": [there, mirrored]},
            )
        age = max(timedelta(0), self._now() - (state.last_success_at or self._now()))
        return Census(Source.TEMPO, there, mirrored, age, deleted=tuple(str(worklog_id) for worklog_id in deleted))

    def _windows(self, from_date: date | None) -> Iterator[tuple[date, date]]:
        first = from_date or (self._now() - self._days_back).date()
        end = (self._now() + AHEAD).date()
        while first <= end:
            last = min(first + WINDOW, end)
            yield first, last
            first = last + timedelta(days=1)
