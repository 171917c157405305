"""Who is told what, how often, and what is kept; against the world's Jira and Tempo over real sockets."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from agents.catalogue import AGENTS
from agents.pm.time_tracking import SPEC
from agents.runs import RunResult, run_agent, run_slot
from agents.spec import RunMode, RunStatus, RunTrigger, Slot
from db.engine import Database
from db.models.pm import TimeTrackingCompliance
from services.pm.types import ComplianceStatus, Week
from tests.pm.time_tracking.conftest import MONDAY_TEN, NEW_YORK, Office, office_at
from tests.vendors.site import running_site

SLOT = Slot(MONDAY_TEN, NEW_YORK)
WEEK = Week.before(SLOT.day)
BELOW = ("bob", "luca", "sam")


async def run(office: Office, mode: RunMode = RunMode.LIVE, slot: Slot = SLOT) -> RunResult:
    """Run the agent as somebody who types the command."""
    return await run_agent(office.whole, SPEC, slot, RunTrigger.MANUAL, mode)


def text_of(office: Office, key: str) -> str:
    """Return the one message that a person got."""
    (message,) = office.slack.to(key)
    return message.text


def buttons(blocks: tuple[dict[str, Any], ...]) -> list[str]:
    return [e["text"]["text"] for b in blocks if b["type"] == "actions" for e in b["elements"] if "text" in e]


@pytest.mark.requirement("PM-1.1", "PM-1.4", "PM-1.5")
async def test_those_below_are_reminded_the_pms_get_a_summary_and_nobody_else_hears_anything(office: Office) -> None:
    result = await run(office)
    assert result.run.line == "Week of Nov 16 to 22: 6 compliant, 1 partial, 2 non-compliant; 2 summaries"
    assert {m.channel for m in office.slack.messages} == {f"D-U0{k.upper()}" for k in (*BELOW, "priya", "marcus")}
    assert len(office.slack.messages) == 5
    assert result.delivery is not None
    assert [message.outcome for message in result.delivery.messages] == ["sent"] * 5


@pytest.mark.requirement("PM-1.4")
async def test_a_reminder_says_hours_missing_days_and_where_to_log_them(office: Office) -> None:
    await run(office)
    bob, sam, luca = text_of(office, "bob"), text_of(office, "sam"), text_of(office, "luca")
    assert "*9 h 30 min* of *40 h*" in bob
    assert f"{office.settings.jira_url}/plugins/servlet/ac/io.tempo.jira/tempo-app#!/my-work/week" in bob
    assert "date=2026-11-16|" in bob
    assert "*22 h* of *40 h*" in sam
    assert "Nothing is logged for Tuesday and Thursday." in sam
    assert "Nothing is logged for any day yet." in luca


@pytest.mark.requirement("PM-1.5")
async def test_a_summary_says_shares_who_is_not_compliant_who_repeats_and_the_trend(office: Office) -> None:
    await run(office)
    (priya,) = office.slack.to("priya")
    assert "*Storefront*: *33 %* compliant (1 of 3)" in priya.text
    assert "<@U0BOB> (Storefront): non-compliant, 9 h 30 min of 40 h" in priya.text
    assert "<@U0SAM> (Storefront): partial, 22 h of 40 h; nothing on Tue Nov 17 and Thu Nov 19" in priya.text
    assert "<@U0BOB>: 3 weeks in a row" in priya.text
    assert "<@U0ALICE>" not in priya.text
    assert "*Last 6 weeks* " in priya.text
    assert "33 %" in priya.text.split("*Last 6 weeks*")[1]
    assert buttons(priya.blocks) == ["Show the numbers", "Useful", "Not useful"]
    assert "Storefront" not in text_of(office, "marcus")


@pytest.mark.requirement("PM-1.6")
async def test_the_same_week_is_told_once_however_often_it_is_run(office: Office) -> None:
    await run(office)
    second = await run(office, slot=Slot(MONDAY_TEN + timedelta(days=2), NEW_YORK))
    assert len(office.slack.messages) == 5
    assert second.delivery is not None
    assert {message.outcome for message in second.delivery.messages} == {"not sent: already sent"}


@pytest.mark.requirement("PM-1.6")
async def test_history_keeps_the_week_and_who_was_told_and_a_second_run_recomputes_it(office: Office) -> None:
    await run(office)
    ids = {key: (await office.member(key)).id for key in (*BELOW, "alice")}
    kept = {record.member_id: record for record in await office.pm.week_records(WEEK, WEEK)}
    assert kept[ids["bob"]].logged_seconds == 34_200
    assert kept[ids["bob"]].status is ComplianceStatus.NON_COMPLIANT
    assert {key for key, id_ in ids.items() if kept[id_].notification_sent} == set(BELOW)
    world = office.site.sandbox
    issue = next(iter(world.jira.issues.values()))
    monday = datetime.combine(WEEK.start, time(9))
    world.jira.add_worklog("712020:bob", "712020:bob", issue, monday, 30 * 3600)
    world.clock.advance(timedelta(hours=1))
    await run(office)
    kept = {record.member_id: record for record in await office.pm.week_records(WEEK, WEEK)}
    assert kept[ids["bob"]].logged_seconds == 34_200 + 30 * 3600
    assert kept[ids["bob"]].status is ComplianceStatus.COMPLIANT
    assert kept[ids["bob"]].notification_sent
    assert len(office.slack.messages) == 5


@pytest.mark.requirement("PM-1.6")
async def test_an_earlier_week_can_be_run_as_of_its_monday(office: Office) -> None:
    result = await run(office, RunMode.DRY_RUN, Slot(datetime(2026, 11, 9, 15, tzinfo=UTC), NEW_YORK))
    assert result.delivery is not None
    (bob,) = [message for message in result.delivery.messages if message.recipient == "U0BOB"]
    assert "*8 h 30 min* of *40 h* for the week of Nov 2 to 8" in bob.text


@pytest.mark.requirement("JOIN-7")
async def test_dry_runs_leave_no_trace_and_shadow_runs_only_a_record(office: Office) -> None:
    dry = await run(office, RunMode.DRY_RUN)
    assert dry.delivery is not None
    assert [message.outcome for message in dry.delivery.messages] == ["would send"] * 5
    assert await office.pm.week_records(WEEK.back(9), WEEK) == []
    await run(office, RunMode.SHADOW)
    records = await office.pm.week_records(WEEK, WEEK)
    assert len(records) == 12
    assert not any(record.notification_sent for record in records)
    assert office.slack.messages == []
    await run(office)
    assert len(office.slack.messages) == 5


@pytest.mark.requirement("PM-1.4")
async def test_a_reminder_waits_for_the_end_of_a_persons_quiet_hours(office: Office) -> None:
    office.site.sandbox.clock.set(MONDAY_TEN - timedelta(hours=8))
    result = await run(office)
    assert office.slack.messages == []
    assert result.delivery is not None
    assert {message.outcome for message in result.delivery.messages} == {"held back: quiet hours"}
    office.site.sandbox.clock.set(MONDAY_TEN)
    await office.alerts.flush_digests()
    assert "9 h 30 min" in text_of(office, "bob")


@pytest.mark.requirement("PM-1.1")
async def test_a_slot_waits_while_tempo_is_down_and_is_then_sent_once(office: Office) -> None:
    office.site.fail("status", vendor="tempo", status=503, times=None)
    waiting = await run_slot(office.whole, SPEC, SLOT, 0)
    assert waiting["status"] == RunStatus.WAITING
    assert office.slack.messages == []
    office.site.sandbox.faults.clear()
    office.site.sandbox.clock.set(MONDAY_TEN + timedelta(hours=2))
    assert (await run_slot(office.whole, SPEC, SLOT, 1))["status"] == RunStatus.DONE
    assert (await run_slot(office.whole, SPEC, SLOT, 2))["status"] == RunStatus.DONE
    assert len(office.slack.messages) == 5


async def test_a_person_whom_tempo_does_not_know_stops_nobody_elses_week(office: Office) -> None:
    office.site.fail("status", vendor="tempo", path="user-schedule/.*luca", status=404, times=None)
    await run(office)
    assert office.slack.to("luca") == []
    assert len(office.slack.to("bob")) == 1
    assert "no schedule of these, so they were not judged*\n• <@U0LUCA> (Endpoint)" in text_of(office, "marcus")


async def test_when_tempo_refuses_every_schedule_the_run_fails_instead_of_judging_nobody(office: Office) -> None:
    office.site.fail("status", vendor="tempo", path="user-schedule", status=400, times=None)
    result = await run(office)
    assert result.run.status is RunStatus.FAILED
    assert office.slack.messages == []


@pytest.mark.requirement("PM-1.6")
async def test_who_was_told_is_noted_by_the_next_run_if_a_crash_kept_the_first_from_it(office: Office) -> None:
    await run(office)
    async with office.database.transaction() as session:
        await session.execute(update(TimeTrackingCompliance).values(notification_sent=False))
    await run(office, RunMode.DRY_RUN)
    assert not any(record.notification_sent for record in await office.pm.week_records(WEEK, WEEK))
    await run(office)
    assert sum(record.notification_sent for record in await office.pm.week_records(WEEK, WEEK)) == len(BELOW)


async def test_worklogs_of_people_nobody_is_linked_to_reach_the_admin_with_their_hours(office: Office) -> None:
    await office.accounts.link_jira((await office.member("sam")).id, None)
    await run(office)
    priya = text_of(office, "priya")
    assert office.slack.to("sam") == []
    assert "nothing is known of their hours*\n• <@U0SAM> (Storefront)" in priya
    assert "`712020:sam`: 22 h" in priya
    assert "712020:sam" not in text_of(office, "marcus")


async def test_without_tempo_the_run_says_which_token_is_missing_and_where_to_get_it(
    database: Database, in_account: str
) -> None:
    async with running_site() as site:
        office = office_at(site, database, tempo=False)
        result = await run(office)
    assert result.run.status is RunStatus.FAILED
    assert "TEMPO_API_TOKEN (Tempo > Settings > API Integration)" in (result.run.error or "")


@pytest.mark.requirement("PM-1.1")
def test_the_agent_is_in_the_catalogue_for_mondays_at_ten_with_half_a_day_of_grace() -> None:
    assert SPEC in AGENTS
    assert SPEC.schedule.describe() == "Mondays at 10:00"
    assert SPEC.grace == timedelta(hours=12)


def test_time_tracking_costs_no_start_time_for_models_that_it_does_not_use() -> None:
    loaded = "import sys, services.pm, agents.pm.time_tracking; print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
