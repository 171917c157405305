"""Keeping Tempo's worklogs and schedules mirrored."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from db.engine import Database
from sandbox.jira.model import Worklog
from sandbox.tempo.state import tempo_id
from services.errors import NotConfiguredError, VendorUnavailableError
from services.mirror import Mirror
from tests.vendors.site import ALICE, BOB, Site

HOUR = 3600


def today(site: Site) -> date:
    """Return the site's day."""
    return site.now().date()


def log(site: Site, issue_key: str, day: date, seconds: int = HOUR, who: str = ALICE) -> Worklog:
    """Log time as a person would in Tempo."""
    issue = site.sandbox.jira.issue(issue_key)
    return site.sandbox.tempo.create_worklog(who, who, issue, datetime.combine(day, time(9)), seconds, "Work")


async def seconds_by_issue(mirror: Mirror, site: Site) -> dict[str | None, int]:
    """Return the mirrored seconds of the last year by issue."""
    totals: dict[str | None, int] = {}
    for row in await mirror.worklogs(today(site) - timedelta(days=365), today(site)):
        totals[row.issue_key] = totals.get(row.issue_key, 0) + row.time_spent_seconds
    return totals


async def test_the_first_time_months_of_worklogs_come_with_the_keys_of_their_issues(site: Site, mirror: Mirror) -> None:
    epic = site.create("APP", "Epic", "Epic")
    issue = site.create("APP", "Work", parent={"key": epic.key})
    for back in (0, 40, 200):
        log(site, issue.key, today(site) - timedelta(days=back))
    log(site, epic.key, today(site))
    await mirror.sync_jira()
    report = await mirror.sync("tempo")
    assert (report.is_first, report.stored) == (True, 4)
    [row, *_] = rows = await mirror.worklogs(today(site) - timedelta(days=300), today(site))
    assert len(rows) == 4
    assert (row.issue_key, row.project_key, row.epic_key) == (issue.key, "APP", epic.key)
    assert {row.epic_key for row in rows if row.issue_key == epic.key} == {epic.key}, "logged on the epic itself"
    assert await mirror.worklogs(today(site), today(site), [BOB]) == []
    assert (await mirror.freshness("tempo")).summary == "Tempo 4, mirror 4, oldest <1 min"


async def test_what_was_added_and_changed_comes_with_the_next_pass(site: Site, mirror: Mirror) -> None:
    issue = site.create("APP", "Work")
    first = log(site, issue.key, today(site))
    await mirror.sync_jira()
    await mirror.sync_tempo()
    before = len(site.calls("", "tempo"))
    site.sandbox.tempo.update_worklog(ALICE, first, first.started, 3 * HOUR, "More")
    log(site, issue.key, today(site), who=BOB)
    await mirror.sync_tempo()
    assert await seconds_by_issue(mirror, site) == {issue.key: 4 * HOUR}
    assert len(site.calls("", "tempo")) - before == 2, "one page of updates, one of the audit log"


async def test_a_deleted_worklog_is_gone_with_the_next_pass(site: Site, mirror: Mirror) -> None:
    issue = site.create("APP", "Work")
    gone, kept = log(site, issue.key, today(site)), log(site, issue.key, today(site), 2 * HOUR)
    await mirror.sync_tempo()
    site.sandbox.tempo.delete_worklog(ALICE, gone)
    report = await mirror.sync_tempo()
    assert report.deleted == 1
    rows = await mirror.worklogs(today(site), today(site))
    assert [row.tempo_worklog_id for row in rows] == [tempo_id(kept.id)]


async def test_without_the_audit_log_the_census_finds_deletions(site: Site, mirror: Mirror) -> None:
    issue = site.create("APP", "Work")
    gone = log(site, issue.key, today(site) - timedelta(days=3))
    log(site, issue.key, today(site))
    await mirror.sync_tempo()
    site.sandbox.tempo.delete_worklog(ALICE, gone)
    site.fail("status", vendor="tempo", path="papertrail", status=403, times=None)
    assert (await mirror.sync_tempo()).deleted == 0
    census = await mirror.census("tempo")
    assert census.deleted == (str(tempo_id(gone.id)),)
    assert str(census) == "Tempo 1, mirror 1, oldest <1 min"


async def test_a_worklog_moved_to_another_issue_and_day_counts_there(site: Site, mirror: Mirror) -> None:
    one, two = site.create("APP", "One"), site.create("APP", "Two")
    worklog = log(site, one.key, today(site) - timedelta(days=40))
    await mirror.sync_jira()
    await mirror.sync_tempo()
    one.worklog_ids.remove(worklog.id)
    two.worklog_ids.append(worklog.id)
    worklog.issue_id = two.id
    worklog.started += timedelta(days=35)
    worklog.updated = site.now()
    census = await mirror.census("tempo")
    assert census.deleted == ()
    assert await seconds_by_issue(mirror, site) == {two.key: HOUR}


async def test_an_empty_answer_deletes_no_worklog(site: Site, mirror: Mirror) -> None:
    issue = site.create("APP", "Work")
    worklog = log(site, issue.key, today(site))
    await mirror.sync_tempo()
    day, worklog.started = worklog.started, worklog.started - timedelta(days=3000)
    lookups = len(site.calls("/worklogs/", "tempo"))
    census = await mirror.census("tempo")
    worklog.started = day
    assert census.deleted == ()
    assert len(site.calls("/worklogs/", "tempo")) == lookups + 1, "it was asked for by its id"


async def test_tempo_down_is_remembered_and_made_good(site: Site, mirror: Mirror) -> None:
    issue = site.create("APP", "Work")
    log(site, issue.key, today(site))
    site.fail("status", vendor="tempo", path="worklogs", status=503, times=None)
    with pytest.raises(VendorUnavailableError):
        await mirror.sync_tempo()
    assert "503" in str((await mirror.freshness("tempo")).error)
    site.sandbox.faults.clear()
    await mirror.sync_tempo()
    assert len(await mirror.worklogs(today(site), today(site))) == 1
    assert (await mirror.freshness("tempo")).error is None


async def test_a_schedule_has_holidays_and_leave_taken_off(site: Site, mirror: Mirror) -> None:
    monday = date(2026, 11, 2)
    scheme = site.sandbox.tempo.holiday_scheme(ALICE)
    site.sandbox.tempo.add_holiday(scheme, monday + timedelta(days=4), "Some day")
    away, work = site.create("OPS", "Vacation"), site.create("OPS", "Build it")
    site.sandbox.tempo.add_plan(ALICE, ("ISSUE", away.id), monday, monday + timedelta(days=1))
    site.sandbox.tempo.add_plan(ALICE, ("ISSUE", work.id), monday, monday + timedelta(days=6))
    site.sandbox.tempo.add_plan(BOB, ("ISSUE", work.id), monday, monday, 4 * HOUR, "Half a day of PTO")
    await mirror.sync_jira()
    days = await mirror.schedule_days([ALICE, BOB], monday, monday + timedelta(days=6))
    hours = {who: [d.required_seconds // HOUR for d in days if d.jira_account_id == who] for who in (ALICE, BOB)}
    assert hours == {ALICE: [0, 0, 8, 8, 0, 0, 0], BOB: [4, 8, 8, 8, 0, 0, 0]}
    assert [d.leave_seconds // HOUR for d in days if d.jira_account_id == ALICE] == [8, 8, 0, 0, 0, 0, 0]


async def test_a_schedule_is_asked_for_once_and_kept_while_tempo_is_down(site: Site, mirror: Mirror) -> None:
    monday, sunday = date(2026, 11, 2), date(2026, 11, 8)
    first = await mirror.schedule_days([ALICE], monday, sunday)
    calls = len(site.calls("", "tempo"))
    assert await mirror.schedule_days([ALICE], monday, sunday) == first
    assert len(site.calls("", "tempo")) == calls
    site.sandbox.clock.advance(timedelta(days=1))
    site.fail("status", vendor="tempo", status=500, times=None)
    assert await mirror.schedule_days([ALICE], monday, sunday) == first
    with pytest.raises(VendorUnavailableError):
        await mirror.schedule_days([ALICE, BOB], monday, sunday)


async def test_without_tempo_it_is_said_what_to_set(site: Site, database: Database, in_account: str) -> None:
    mirror = Mirror(database, site.jira, None, site.now)
    with pytest.raises(NotConfiguredError, match="TEMPO_API_TOKEN"):
        await mirror.sync_tempo()
    with pytest.raises(NotConfiguredError, match="TEMPO_API_TOKEN"):
        await mirror.schedule_days([ALICE], date(2026, 11, 2), date(2026, 11, 2))
