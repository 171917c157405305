"""Revisions and links: one file per content, nothing overwritten, a crash in between settled by the next run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from db.engine import Database
from db.models.pm import MonthlyReconciliationReport
from db.tenancy import account_scope
from services.errors import NotFoundError
from services.pm.reconciliation.reconcile import reconcile
from services.pm.reconciliation.service import Reconciliations
from services.pm.reconciliation.types import HoursRow, Reconciliation, SentTo
from services.reports.links import GOOD_FOR, LinkExpiredError, ReportLinks
from services.storage import ReportStorage
from tests.conftest import make_account
from tests.pm.reconciliation.months import HOUR, OCTOBER, data
from tests.storage.test_storage import settings

NEW_YORK = "America/New_York"


class Present:
    """A present that tests move."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 1, 14, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def present() -> Present:
    return Present()


@pytest.fixture
def storage(tmp_path: Path) -> ReportStorage:
    return ReportStorage(settings(tmp_path))


@pytest.fixture
def reports(database: Database, in_account: str, storage: ReportStorage, present: Present) -> Reconciliations:
    nobody = cast(Any, None)  # neither reads nor asks anybody: the months are given
    return Reconciliations(database, nobody, storage, nobody, nobody, present)


def month_with(*hours: int) -> Reconciliation:
    return reconcile(data([HoursRow("SHOP", f"SHOP-{n}", "Atlas", each * HOUR) for n, each in enumerate(hours, 1)]))


async def stored(database: Database) -> Sequence[MonthlyReconciliationReport]:
    from sqlalchemy import select

    async with database.transaction(write=False) as session:
        query = select(MonthlyReconciliationReport).order_by(MonthlyReconciliationReport.revision)
        return (await session.scalars(query)).all()


@pytest.mark.requirement("PM-4.4")
async def test_the_same_figures_make_no_revision_other_figures_make_the_next_and_both_files_stay(
    reports: Reconciliations, storage: ReportStorage, present: Present
) -> None:
    first = await reports.keep(month_with(3, 4), NEW_YORK)
    content = await storage.read(first.report.file_key)
    present.at += timedelta(hours=1)
    again = await reports.keep(month_with(3, 4), NEW_YORK)
    assert (first.is_new, again.is_new, again.report) == (True, False, first.report)
    second = await reports.keep(month_with(3, 5), NEW_YORK)
    assert (second.report.revision, second.is_new) == (2, True)
    assert second.changes is not None
    assert [(change.key, change.delta_seconds) for change in second.changes.projects] == [("SHOP", HOUR)]
    assert await storage.read(first.report.file_key) == content
    assert await storage.find(second.report.file_key) is not None
    back = await reports.keep(month_with(3, 4), NEW_YORK)
    assert (back.report.revision, back.report.file_key != first.report.file_key) == (3, True)


@pytest.mark.requirement("PM-4.4")
async def test_a_crash_between_the_file_and_its_row_is_settled_with_the_file_that_is_there(
    reports: Reconciliations, storage: ReportStorage, database: Database, present: Present
) -> None:
    lost = await reports.keep(month_with(7), NEW_YORK)
    content = await storage.read(lost.report.file_key)
    async with database.transaction() as session:
        for row in await stored(database):
            await session.delete(await session.merge(row))
    present.at += timedelta(minutes=10)
    found = await reports.keep(month_with(7), NEW_YORK)
    assert found.report.file_key == lost.report.file_key
    (row,) = await stored(database)
    assert (row.revision, row.size_bytes) == (1, len(content))
    assert await storage.read(lost.report.file_key) == content


async def test_an_empty_month_and_a_preview_and_who_got_what_are_kept_as_they_are(
    reports: Reconciliations, database: Database
) -> None:
    assert (await reports.preview(reconcile(data()))).is_new
    assert await stored(database) == []
    kept = await reports.keep(reconcile(data()), NEW_YORK)
    assert (kept.report.total_projects, kept.report.actual_seconds) == (0, 0)
    await reports.note_sent(kept.report.id, [SentTo("U1", "Priya", 1, 7), SentTo("C1", "")])
    report = await reports.note_sent(kept.report.id, [SentTo("U1", "Priya", 1, 7, "F1", "sent")])
    assert report.sent_to == (SentTo("U1", "Priya", 1, 7, "F1", "sent"), SentTo("C1", ""))
    latest = await reports.latest(OCTOBER)
    assert latest == report
    with pytest.raises(NotFoundError, match="/pm report"):
        await reports.report(999)


@pytest.mark.requirement("PM-4.4")
async def test_a_link_opens_its_own_report_for_thirty_days_and_cannot_be_changed(
    database: Database, in_account: str, present: Present
) -> None:
    await make_account(database, "acc_other", "T0OTHER")
    links = ReportLinks(database, present, "https://pilot.example/")
    url = await links.url(12)
    token = url.removeprefix("https://pilot.example/reports/")
    ticket = await links.open(token)
    assert (ticket.account_id, ticket.report_id) == (in_account, 12)
    assert await links.url(12) == url
    with account_scope("acc_other"):
        other = await links.token(12, present.at + GOOD_FOR)
    assert (await links.open(other)).account_id == "acc_other"
    for wrong in (token[:-2] + "AA", "A" + token[1:], other[:43] + token[43:], "", "%", "é", token + "x" * 500):
        with pytest.raises(NotFoundError):
            await links.open(wrong)
    present.at += GOOD_FOR
    with pytest.raises(LinkExpiredError, match="30 days"):
        await links.open(token)
    assert await ReportLinks(database, present).url(12) == "", "without an address there is no link to nowhere"
