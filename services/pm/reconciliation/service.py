"""Reports as they are kept: one revision per content, each with its file, never overwritten."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from db.engine import Database
from db.models.pm import MonthlyReconciliationReport
from db.repositories import pm_reports as repository
from db.tenancy import current_account_id
from services.clock import Now
from services.errors import ConflictError, NotFoundError
from services.pm.months import Month
from services.pm.reconciliation.collect import Collector, Progress, silently
from services.pm.reconciliation.content import changes_since, content_hash, totals_of
from services.pm.reconciliation.types import (
    Changes,
    Kept,
    Recipients,
    Reconciliation,
    ReconciliationData,
    Report,
    SentTo,
)
from services.pm.types import ProjectRef

if TYPE_CHECKING:
    from services.accounts import Accounts
    from services.pm import ProjectManagement
    from services.storage import ReportStorage

ALERTS_CHANNEL_PREFERENCE = "alerts_channel_id"


class Reconciliations:
    """Reads months, makes revisions of their reports, and knows who gets them."""

    def __init__(
        self,
        database: Database,
        collector: Collector,
        storage: ReportStorage,
        pm: ProjectManagement,
        accounts: Accounts,
        now: Now,
    ) -> None:
        self._database = database
        self._collector = collector
        self._storage = storage
        self._pm = pm
        self._accounts = accounts
        self._now = now

    async def collect(self, month: Month, progress: Progress = silently) -> ReconciliationData:
        """Read a month, the mirror brought up to date; see `Collector.collect`."""
        return await self._collector.collect(month, progress)

    async def recipients(self) -> Recipients:
        """Return the PMs of all projects (the admins where there are none), and the alerts channel."""
        members = await self._accounts.members()
        managers = {project.pm.id: project.pm for project in await self._pm.projects() if project.pm}
        people = list(managers.values()) or [member for member in members if member.role.value == "admin"]
        channel = await self._accounts.get_setting(ALERTS_CHANNEL_PREFERENCE)
        ordered = tuple(sorted(people, key=lambda member: (member.display_name, member.id)))
        return Recipients(ordered, str(channel) if channel else None, are_admins=not managers)

    async def projects(self) -> list[ProjectRef]:
        """Return the account's projects."""
        return await self._pm.projects()

    async def preview(self, month: Reconciliation) -> Kept:
        """Return what `keep` would make of a month, without making it."""
        last = await self.latest(month.month)
        if last is not None and last.content_hash == content_hash(month):
            return Kept(last, is_new=False, changes=await self._changes(last.revision, month))
        revision = last.revision + 1 if last else 1
        report = self._draft(month, revision, b"")
        return Kept(report, is_new=True, changes=await self._changes(revision, month))

    async def keep(self, month: Reconciliation, time_zone: str) -> Kept:
        """Store the month's workbook and its row, unless the last revision says the very same.

        A crash between the file and its row leaves a file under a name that only the same content gets: the next run
        finds it and goes on from there. Raises `VendorUnavailableError` when the store does not answer.
        """
        kept = await self.preview(month)
        if not kept.is_new:
            return kept
        draft = kept.report
        content = await self._stored(draft, month, kept.changes, time_zone)
        row = _row(self._draft(month, draft.revision, content), content, month)
        try:
            async with self._database.transaction() as session:
                session.add(row)
                await session.flush()
                return replace(kept, report=_report(row))
        except IntegrityError:  # another replica was faster with this revision
            return await self.keep(month, time_zone)

    async def _stored(self, draft: Report, month: Reconciliation, changes: Changes | None, time_zone: str) -> bytes:
        if await self._storage.find(draft.file_key) is not None:
            return await self._storage.read(draft.file_key)
        from services.reports.reconciliation import Edition, build_workbook

        edition = Edition(draft.revision, self._now().astimezone(ZoneInfo(time_zone)), changes)
        content = await asyncio.to_thread(build_workbook, month, edition)
        try:
            await self._storage.put_new(draft.file_key, content)
        except ConflictError:  # two at once: workbooks of one content differ in the time that they say
            return await self._storage.read(draft.file_key)
        return content

    async def _changes(self, revision: int, month: Reconciliation) -> Changes | None:
        if revision == 1:
            return None
        async with self._database.transaction(write=False) as session:
            before = await repository.revision(session, str(month.month), revision - 1)
        return changes_since(before.revision, _totals(before.totals), month) if before else None

    def _draft(self, month: Reconciliation, revision: int, content: bytes) -> Report:
        digest = content_hash(month)
        name = f"reconciliation-{month.month}-r{revision}"
        return Report(
            id=0,
            month=month.month,
            revision=revision,
            file_key=f"{current_account_id()}/{month.month}/{name}-{digest[:16]}.xlsx",
            file_name=f"{name}.xlsx",
            size_bytes=len(content),
            content_hash=digest,
            total_projects=sum(1 for project in month.projects if project.key),
            actual_seconds=month.portfolio.actual_seconds,
            forecast_minutes=month.portfolio.forecast_minutes,
            totals=totals_of(month),
            generated_at=self._now(),
        )

    async def latest(self, month: Month) -> Report | None:
        """Return the newest revision of a month."""
        async with self._database.transaction(write=False) as session:
            row = await repository.latest(session, str(month))
            return _report(row) if row else None

    async def report(self, report_id: int) -> Report:
        """Return a report of the current account; raises `NotFoundError`."""
        async with self._database.transaction(write=False) as session:
            row = await repository.report(session, report_id)
        if row is None:
            raise NotFoundError("That report is no longer known.", hint="Make it again: `/pm report`.")
        return _report(row)

    async def made_since(self, since: datetime) -> list[Report]:
        """Return the reports made since an instant, oldest first."""
        async with self._database.transaction(write=False) as session:
            return [_report(row) for row in await repository.newest_since(session, since)]

    async def note_sheet(self, report_id: int, url: str) -> None:
        """Keep where the month's sheet is."""
        async with self._database.transaction() as session:
            row = await repository.report(session, report_id, lock=True)
            if row is not None:
                row.sheet_url = url

    async def note_sent(self, report_id: int, sent: Sequence[SentTo]) -> Report:
        """Keep what became of some recipients' copies; what is known of the others stays."""
        async with self._database.transaction() as session:
            row = await repository.report(session, report_id, lock=True)
            if row is None:
                raise NotFoundError("That report is no longer known.")
            known = {entry.slack_id: entry for entry in _sent(row.sent_to)} | {entry.slack_id: entry for entry in sent}
            row.sent_to = [asdict(entry) for entry in known.values()]
            return _report(row)

    async def place_of(self, delivery_id: int) -> tuple[str, str] | None:
        """Return channel and ts of an alert's message once it is in Slack."""
        async with self._database.transaction(write=False) as session:
            row = await repository.delivery(session, delivery_id)
        return (row.channel_id, row.message_ts) if row and row.channel_id and row.message_ts else None


def _row(report: Report, content: bytes, month: Reconciliation) -> MonthlyReconciliationReport:
    percent = month.compared.variance_percent
    return MonthlyReconciliationReport(
        month=str(report.month),
        revision=report.revision,
        file_path=report.file_key,
        file_name=report.file_name,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content_hash=report.content_hash,
        total_projects=report.total_projects,
        actual_seconds=report.actual_seconds,
        forecast_minutes=report.forecast_minutes,
        total_variance_percent=None if percent is None else float(percent),
        totals={key: list(pair) for key, pair in report.totals.items()},
        sent_to=[],
        generated_at=report.generated_at,
    )


def _report(row: MonthlyReconciliationReport) -> Report:
    return Report(
        id=row.id,
        month=Month.parse(row.month),
        revision=row.revision,
        file_key=row.file_path,
        file_name=row.file_name,
        size_bytes=row.size_bytes,
        content_hash=row.content_hash,
        total_projects=row.total_projects,
        actual_seconds=row.actual_seconds,
        forecast_minutes=row.forecast_minutes,
        totals=_totals(row.totals),
        generated_at=row.generated_at,
        sheet_url=row.sheet_url,
        sent_to=_sent(row.sent_to),
    )


def _totals(kept: Mapping[str, Any]) -> dict[str, tuple[int, int | None]]:
    return {key: (int(pair[0]), None if pair[1] is None else int(pair[1])) for key, pair in kept.items()}


def _sent(kept: Sequence[Mapping[str, Any]]) -> tuple[SentTo, ...]:
    return tuple(SentTo(**entry) for entry in kept)
