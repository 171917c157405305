"""Drafts against the world's Jira and Tempo: what is kept, what is logged, and what is left alone."""

from __future__ import annotations

import asyncio
import json
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from agents.pm.time_tracking import SPEC
from agents.runs import run_agent
from agents.spec import RunMode, RunTrigger, Slot
from blocks.pm.worklog_messages import LOOK
from handlers.pm import worklog_drafts as handlers
from handlers.request import Delivery, Kind, Request
from services.accounts.types import AccountRef, MemberRef, Role
from services.errors import NotAllowedError, NotLinkedError
from services.pm.types import ComplianceStatus, Week
from services.pm.worklog_drafts import WorklogDrafts, evidence_sources
from services.pm.worklog_drafts.gathering import account_of
from services.pm.worklog_drafts.types import DraftStatus, DraftWeek, Edit, LogOutcome
from tests.pm.time_tracking.conftest import MONDAY_TEN, NEW_YORK, Office

WEEK = Week(date(2026, 11, 16))
TUESDAY, THURSDAY = date(2026, 11, 17), date(2026, 11, 19)
SLOT = Slot(MONDAY_TEN, NEW_YORK)


def seen(found: DraftWeek) -> dict[date, int]:
    return {day.day: day.logged_seconds for day in found.days}


async def log_all(office: Office, key: str, found: DraftWeek) -> LogOutcome:
    """Log every row that is ticked, as the form of `found` would."""
    wanted = {row.id: row.seconds for row in found.rows if row.is_open and row.is_ticked}
    return await office.worklog_drafts.log(await office.member(key), WEEK, wanted, seen(found))


def log_by_hand(office: Office, key: str, day: date, seconds: int) -> int:
    """Have a person log time in Tempo itself; returns the sandbox's id of the issue."""
    account = f"712020:{key}"
    issue = office.site.sandbox.jira.by_key["CPE-12"]
    office.site.sandbox.tempo.create_worklog(account, account, issue, datetime.combine(day, time(9)), seconds)
    return issue.id


@pytest.mark.requirement("JOIN-1", "PM-1.6")
async def test_what_is_logged_counts_in_the_record_and_is_never_logged_twice(office: Office) -> None:
    sam = await office.member("sam")
    await run_agent(office.whole, SPEC, SLOT, RunTrigger.MANUAL, RunMode.LIVE)
    (reminder,) = office.slack.to("sam")
    assert "I found traces for all of the *18 h* that are missing" in reminder.text

    found = await office.worklog_drafts.prepare(sam, WEEK)
    assert {row.day for row in found.rows if row.seconds > 3600} == {TUESDAY, THURSDAY}
    assert all(day.traced_seconds <= day.missing_seconds for day in found.days)
    first, second = await asyncio.gather(log_all(office, "sam", found), log_all(office, "sam", found))
    assert (first.failed, second.logged, second.failed) == ((), (), ())
    assert first.logged_seconds == sum(row.seconds for row in found.rows if row.is_ticked)
    again = await log_all(office, "sam", found)
    assert (again.logged, again.failed) == ((), ())
    assert again.week.logged_seconds == 22 * 3600 + first.logged_seconds

    kept = {record.member_id: record for record in await office.pm.week_records(WEEK, WEEK)}
    assert kept[sam.id].logged_seconds == again.week.logged_seconds
    assert kept[sam.id].status is ComplianceStatus.COMPLIANT
    assert kept[sam.id].notification_sent

    undone = await office.worklog_drafts.undo(sam, WEEK)
    assert (undone.seconds, undone.week.logged_seconds) == (first.logged_seconds, 22 * 3600)
    once_more = await log_all(office, "sam", await office.worklog_drafts.load(sam, WEEK))
    assert once_more.logged_seconds == first.logged_seconds


@pytest.mark.requirement("JOIN-1")
async def test_a_day_that_changed_meanwhile_and_a_closed_timesheet_are_left_alone(office: Office) -> None:
    sam = await office.member("sam")
    found = await office.worklog_drafts.prepare(sam, WEEK)
    log_by_hand(office, "sam", TUESDAY, 8 * 3600)
    outcome = await log_all(office, "sam", found)
    assert {each.row.day for each in outcome.failed} == {TUESDAY}
    assert all("changed in Tempo since you looked" in each.why for each in outcome.failed)
    assert TUESDAY not in {row.day for row, _ in outcome.logged}
    anew = await office.worklog_drafts.prepare(sam, WEEK)
    assert not [row for row in anew.rows if row.day == TUESDAY and row.is_open]

    office.site.sandbox.tempo.set_approval("712020:sam", WEEK.start, "APPROVED")
    closed = await office.worklog_drafts.prepare(sam, WEEK)
    assert "approved" in closed.locked
    issue = await office.worklog_drafts.search_issues("CPE-12")
    await office.worklog_drafts.add(sam, WEEK, THURSDAY, issue[0].key)
    refused = await log_all(office, "sam", await office.worklog_drafts.load(sam, WEEK))
    assert refused.logged == ()
    assert "reopened" in refused.failed[0].why


@pytest.mark.requirement("JOIN-1")
async def test_decisions_outlive_a_restart_and_a_row_drafted_anew_is_asked_for_again(office: Office) -> None:
    sam = await office.member("sam")
    found = await office.worklog_drafts.prepare(sam, WEEK)
    edited, dropped, untouched = [row for row in found.rows if row.is_ticked][:3]
    edits = [
        Edit(edited.id, True, 600, "Pairing"),
        Edit(dropped.id, False, dropped.seconds, dropped.description),
        Edit(untouched.id, True, untouched.seconds, untouched.description),
    ]
    await office.worklog_drafts.keep_edits(sam, WEEK, edits)
    restarted = WorklogDrafts(
        office.database, office.mirror, office.site.tempo, office.effects, office.pm,
        evidence_sources(office.database, office.site.jira), office.now, site_url=office.site.jira.site_url,
    )  # fmt: skip
    bob = await office.member("bob")
    assert (await restarted.log(bob, WEEK, {row.id: row.seconds for row in found.rows}, {})).logged == ()
    rows = {row.id: row for row in (await restarted.prepare(sam, WEEK)).rows}
    assert (rows[edited.id].seconds, rows[edited.id].description, rows[edited.id].status) == (
        600,
        "Pairing",
        DraftStatus.EDITED,
    )
    assert (rows[dropped.id].status, rows[dropped.id].is_ticked) == (DraftStatus.DROPPED, False)
    assert rows[untouched.id].status is DraftStatus.PROPOSED
    outcome = await restarted.log(sam, WEEK, {edited.id: 1200}, seen(found))
    assert "drafted anew" in outcome.failed[0].why


@pytest.mark.requirement("PM-1.1", "JOIN-1")
async def test_a_worklog_that_moves_to_another_issue_after_the_report_still_counts_once(office: Office) -> None:
    sam = await office.member("sam")
    found = await office.worklog_drafts.prepare(sam, WEEK)
    outcome = await log_all(office, "sam", found)
    row, receipt = outcome.logged[0]
    world = office.site.sandbox
    worklog = world.tempo.worklog(receipt.after["worklog_id"])
    other = world.jira.by_key["CPE-12"]
    assert worklog is not None
    world.clock.advance(timedelta(minutes=30))
    world.jira.issues[worklog.issue_id].worklog_ids.remove(worklog.id)
    worklog.issue_id = other.id
    other.worklog_ids.append(worklog.id)
    world.jira.worklog_changed("712020:sam", worklog)
    await office.mirror.sync("tempo")
    after = await office.worklog_drafts.load(sam, WEEK, fresh=True)
    assert after.logged_seconds == outcome.week.logged_seconds
    day = next(day for day in after.days if day.day == row.day)
    assert dict(day.logged_by_issue)["CPE-12"] == row.seconds
    assert row.id not in {each.id for each in day.open_rows}


@pytest.mark.requirement("JOIN-1")
async def test_a_button_of_somebody_elses_drafts_opens_nothing() -> None:
    nowhere: Any = None
    bob = MemberRef(7, "U0BOB", "Bob", Role.ENGINEER, NEW_YORK, "712020:bob")
    value = json.dumps({"week": WEEK.start.isoformat(), "member": 8})
    delivery = Delivery(Kind.ACTION, LOOK, {"actions": [{"value": value}]}, "T0TEST", "U0BOB", trigger_id="t")
    request = Request(nowhere, AccountRef("acc_test", "T0TEST", "Test", NEW_YORK), bob, delivery, "c", nowhere)
    with pytest.raises(NotAllowedError, match="somebody else"):
        await handlers.look(request)


def test_without_a_linked_account_one_is_told_how_to_link_it() -> None:
    with pytest.raises(NotLinkedError) as caught:
        account_of(MemberRef(7, "U0BOB", "Bob", Role.ENGINEER, NEW_YORK))
    assert "/flowpilot link" in caught.value.hint
