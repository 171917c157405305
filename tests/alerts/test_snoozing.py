"""Snoozes by project, ticket, agent and subject; bundles; and what is drawn anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from blocks import alerts as look
from db.engine import Database
from services.accounts.types import MemberRef
from services.alerts import Absences, Action, Alerts, Severity, SnoozeChoice, Status
from services.alerts.absences import absence_on
from services.alerts.snoozing import read_duration
from services.errors import InvalidInputError, NotAllowedError, VendorUnavailableError
from services.mirror.types import ScheduleDay
from services.slack.limits import MESSAGE_BLOCKS
from tests.alerts.conftest import WEDNESDAY_NOON_UTC, Clock, Slack, finding, make_member

TODAY = date(2026, 11, 18)


@pytest.mark.requirement("PM-7.1")
@pytest.mark.parametrize("subject", ["shop", "SHOP-12", "bottlenecks", "bottlenecks:SHOP-12"])
async def test_a_project_a_ticket_an_agent_or_a_subject_can_be_snoozed(
    alerts: Alerts, clock: Clock, priya: MemberRef, subject: str
) -> None:
    await alerts.snooze(priya, subject, clock.at + timedelta(days=1))
    about = finding(priya, agent="bottlenecks", subject="bottlenecks:SHOP-12")
    other = finding(priya, "k2", agent="epics", subject="epics:PORT-12")
    outcomes = await alerts.deliver([about, other])
    assert [outcome.status for outcome in outcomes] == [Status.SNOOZED, Status.SENT]


@pytest.mark.requirement("PM-7.1")
async def test_until_it_changes_ends_with_another_status_or_severity_but_not_with_another_figure(
    alerts: Alerts, database: Database, clock: Clock, priya: MemberRef
) -> None:
    stuck = finding(priya, facts={"status": "Code Review", "seconds_in_status": 100}, agent="bottlenecks")
    (outcome,) = await alerts.deliver([stuck])
    snooze = await alerts.snooze_alert(outcome.delivery_id or 0, priya, SnoozeChoice.UNTIL_CHANGED)
    assert snooze.until == clock.at + timedelta(days=90)
    later = [
        replace(stuck, dedupe_key="k2", facts={"status": "Code Review", "seconds_in_status": 999}),
        replace(stuck, dedupe_key="k3", facts={"status": "QA"}),
        replace(stuck, dedupe_key="k4", severity=Severity.CRITICAL),
    ]
    actions = [outcome.decision.action for outcome in await alerts.deliver(later)]
    assert actions == [Action.DROP, Action.SEND, Action.SEND]
    sam = await make_member(database, "USAM")
    with pytest.raises(NotAllowedError):
        await alerts.snooze_alert(outcome.delivery_id or 0, sam, SnoozeChoice.DAY)


def test_durations_are_hours_days_and_weeks() -> None:
    assert [read_duration(text) for text in ("12h", "3d", "1 week")] == [
        timedelta(hours=12),
        timedelta(days=3),
        timedelta(days=7),
    ]
    for wrong in ("", "soon", "0d", "9999d", "-1d"):
        with pytest.raises(InvalidInputError):
            read_duration(wrong)


@pytest.mark.requirement("PM-7.1")
async def test_what_one_run_finds_for_one_person_is_one_message_and_each_keeps_its_feedback_and_facts(
    alerts: Alerts, slack: Slack, priya: MemberRef
) -> None:
    section = {"type": "section", "block_id": "same", "text": {"type": "mrkdwn", "text": "Stuck"}}
    batch = [finding(priya, f"k{n}", blocks=[section], facts={"n": n}) for n in range(12)]
    outcomes = await alerts.deliver(batch)
    (message,) = slack.messages
    assert {(o.status, o.ts) for o in outcomes} == {(Status.SENT, message.ts)}
    assert message.blocks[0]["text"]["text"] == "Time tracking: 12 alerts"
    assert len(message.blocks) <= MESSAGE_BLOCKS
    ids = [block["block_id"] for block in message.blocks if "block_id" in block]
    assert len(ids) == len(set(ids))
    first, second = (outcomes[n].delivery_id or 0 for n in range(2))
    await alerts.record_feedback(first, priya, useful=True)
    shown = look.feedback_given(message.blocks, first, useful=True)
    assert str(shown).count("You found this useful") == 1
    assert f"alert_feedback:{second}" in str(shown)
    assert (await alerts.deliver(batch))[0].decision.why == "already digested"
    for n in range(4):  # the bundle took one of the five places
        assert (await alerts.deliver([finding(priya, f"later {n}")]))[0].status is Status.SENT
    assert (await alerts.deliver([finding(priya, "too many")]))[0].status is Status.FOLDED


@pytest.mark.requirement("PM-7.1")
async def test_what_another_message_of_the_moment_says_too_is_not_told_beside_it(
    alerts: Alerts, slack: Slack, priya: MemberRef
) -> None:
    about = [finding(priya, f"k{n}", told_in="whole") for n in range(2)]
    whole = finding(priya, "whole", digestible=False)
    outcomes = await alerts.deliver([*about, whole])
    assert slack.texts("D-UPRIYA") == ["About whole"]
    assert [outcome.status for outcome in outcomes] == [Status.DIGESTED, Status.DIGESTED, Status.SENT]
    # the day's message is out, so what is new since has to speak for itself, and what was told is not told again
    later = await alerts.deliver([*about, finding(priya, "k3", told_in="whole"), whole])
    assert [o.decision.why for o in later[:2]] == ["already digested"] * 2
    assert slack.texts("D-UPRIYA") == ["About whole", "About k3"]


@pytest.mark.requirement("PM-7.1")
async def test_forty_at_once_are_a_line_each_with_the_whole_alert_behind_it(
    alerts: Alerts, slack: Slack, priya: MemberRef
) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "In full"}}
    outcomes = await alerts.deliver([finding(priya, f"k{n}", blocks=[section]) for n in range(40)])
    (message,) = slack.messages
    assert len(message.blocks) == 41
    options = [option["value"] for option in message.blocks[1]["accessory"]["options"]]
    assert options == ["show", "useful", "not_useful", "day", "until_changed"]
    text, blocks = await alerts.whole(outcomes[3].delivery_id or 0, priya)
    assert (text, blocks[0]) == ("About k3", section)
    shown = look.feedback_given(message.blocks, outcomes[3].delivery_id or 0, useful=False)
    assert "You did not find this useful" in str(shown[4])


@pytest.mark.requirement("PM-7.1", "SLK-3")
async def test_feedback_that_was_given_stays_given_when_the_message_is_drawn_anew(
    alerts: Alerts, priya: MemberRef
) -> None:
    (outcome,) = await alerts.deliver([finding(priya)])
    delivery = outcome.delivery_id or 0
    assert (await alerts.with_feedback(delivery, "Now", []))[-1]["type"] == "actions"
    await alerts.record_feedback(delivery, priya, useful=True)
    last = (await alerts.with_feedback(delivery, "Now", []))[-1]
    assert last["elements"][0]["text"] == "You found this useful. Thank you."


def _day(day: date, required: int, leave: int = 0, kind: str = "WORKING_DAY") -> ScheduleDay:
    return ScheduleDay("jira", day, required, kind, leave, WEDNESDAY_NOON_UTC)


def test_leave_holidays_and_free_days_are_told_apart_and_weekends_are_a_preference() -> None:
    tuesday, saturday = TODAY - timedelta(days=1), TODAY + timedelta(days=3)
    works = _day(tuesday, 28800)
    cases = {
        "at work": ([works, _day(TODAY, 14400, 14400)], TODAY),
        "on leave": ([works, _day(TODAY, 0, 28800)], TODAY),
        "a public holiday": ([works, _day(TODAY, 0, kind="HOLIDAY")], TODAY),
        "not a working day": ([works, _day(TODAY, 0, kind="NON_WORKING_DAY")], TODAY),
        "no schedule": ([_day(tuesday, 0), _day(TODAY, 0, kind="NON_WORKING_DAY")], TODAY),
        "a weekend": ([works, _day(saturday, 0, kind="NON_WORKING_DAY")], saturday),
    }
    quiet = {name: absence_on(day, week) for name, (week, day) in cases.items()}
    assert {name for name, absence in quiet.items() if absence} == {
        "on leave",
        "a public holiday",
        "not a working day",
    }
    assert all(absence.why == name for name, absence in quiet.items() if absence)


@pytest.mark.requirement("PM-7.1")
async def test_a_look_up_that_fails_holds_nothing_up_and_is_not_repeated_at_once(
    database: Database, slack: Slack, clock: Clock, in_account: str
) -> None:
    asked: list[date] = []

    async def down(accounts: object, first: date, last: date) -> list[ScheduleDay]:
        asked.append(first)
        raise VendorUnavailableError("tempo", "Tempo is down")

    sam = await make_member(database, "USAM", jira_account_id="jira")
    absences = Absences(database, down, lambda day, setting, zone: day == TODAY + timedelta(days=1), clock.now)
    alerts = Alerts(database, slack, look, clock.now, absences)
    outcomes = [(await alerts.deliver([finding(sam, f"k{n}")]))[0] for n in range(2)]
    assert [outcome.status for outcome in outcomes] == [Status.SENT, Status.SENT]
    assert len(asked) == 1
    clock.at += timedelta(days=1)
    assert (await alerts.deliver([finding(sam, "holiday")]))[0].decision.why == "a public holiday"
    assert len(asked) == 2
