"""Findings reach people once, at a good time, and what they say of them counts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from blocks import alerts as look
from db.engine import Database
from db.models.accounts import AccountSettings
from db.models.alerts import AlertDelivery
from db.tenancy import account_scope
from services.accounts.types import MemberRef, Role
from services.alerts import Action, Alerts, Severity, Status
from services.alerts.service import ALERTS_CHANNEL_PREFERENCE
from services.alerts.types import Snooze
from services.errors import InvalidInputError, NotAllowedError, NotFoundError
from services.modes import RunMode
from tests.alerts.conftest import Clock, ProcessDiedError, Slack, finding, make_member
from tests.conftest import make_account

NIGHT = datetime(2026, 11, 18, 22, tzinfo=UTC)
NEXT_MORNING = datetime(2026, 11, 19, 8, 5, tzinfo=UTC)


async def _rows(database: Database) -> list[AlertDelivery]:
    async with database.transaction(write=False) as session:
        return list((await session.scalars(select(AlertDelivery).order_by(AlertDelivery.id))).all())


@pytest.mark.requirement("PM-7.1", "SLK-7")
async def test_a_finding_is_posted_with_feedback_buttons_that_carry_only_its_id(
    alerts: Alerts, slack: Slack, priya: MemberRef
) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "Hello"}}
    (outcome,) = await alerts.deliver([finding(priya, blocks=[section])])
    (message,) = slack.messages
    assert (message.channel, message.text) == ("D-UPRIYA", "About k1")
    assert message.blocks[0] == section
    *buttons, snooze = message.blocks[1]["elements"]
    assert [button["text"]["text"] for button in buttons] == ["Useful", "Not useful"]
    assert {button["value"] for button in buttons} == {str(outcome.delivery_id)}
    assert snooze["action_id"] == f"alert_snooze:{outcome.delivery_id}"
    assert len(snooze["options"]) == 4
    assert (outcome.status, outcome.ts) == (Status.SENT, message.ts)


@pytest.mark.requirement("PM-7.1", "PM-1.6")
async def test_the_same_finding_is_told_once_to_each_recipient(alerts: Alerts, slack: Slack, priya: MemberRef) -> None:
    again = await alerts.deliver([finding(priya), finding("C1"), finding(priya), finding("C1")])
    later = await alerts.deliver([finding(priya)])
    assert [o.decision.action for o in [*again, *later]] == [Action.SEND, Action.SEND] + [Action.DROP] * 3
    assert [m.channel for m in slack.messages] == ["D-UPRIYA", "C1"]


async def test_two_processes_that_find_the_same_thing_at_once_tell_it_once(
    alerts: Alerts, database: Database, slack: Slack, clock: Clock, priya: MemberRef
) -> None:
    other = Alerts(database, slack, look, clock.now)
    await asyncio.gather(*(each.deliver([finding(priya)]) for each in (alerts, other) * 5))
    assert len(slack.messages) == 1


@pytest.mark.requirement("PM-7.1")
async def test_at_night_it_waits_for_the_mornings_digest_and_comes_in_one_message(
    alerts: Alerts, slack: Slack, clock: Clock, priya: MemberRef
) -> None:
    clock.at = NIGHT
    outcomes = await alerts.deliver([finding(priya, "a"), finding(priya, "b", Severity.NOTICE)])
    assert {o.status for o in outcomes} == {Status.FOLDED}
    assert await alerts.flush_digests() == 0
    clock.at = NEXT_MORNING
    assert await alerts.flush_digests() == 1
    assert await alerts.flush_digests() == 0
    (message,) = slack.messages
    assert "About a" in message.text
    assert "About b" in message.text
    assert message.blocks[0]["text"]["text"] == "2 things that could wait"


@pytest.mark.requirement("PM-7.1")
async def test_critical_passes_the_night_the_cap_and_a_snooze(
    alerts: Alerts, slack: Slack, clock: Clock, database: Database, in_account: str
) -> None:
    sam = await make_member(database, "USAM", preferences={"alert_daily_cap": 0})
    clock.at = NIGHT
    await alerts.snooze(sam, "subject", NIGHT + timedelta(days=1))
    await alerts.deliver([finding(sam, severity=Severity.CRITICAL)])
    (message,) = slack.messages
    assert message.text.startswith("About k1\nYou snoozed this until 2026-11-19 22:00. It is critical")
    assert [block["type"] for block in message.blocks] == ["section", "context", "actions"]


@pytest.mark.requirement("PM-7.1")
async def test_the_sixth_message_of_a_day_is_folded_into_the_afternoons_digest(
    alerts: Alerts, slack: Slack, clock: Clock, priya: MemberRef
) -> None:
    outcomes = [(await alerts.deliver([finding(priya, f"k{n}")]))[0] for n in range(7)]
    assert [o.status for o in outcomes] == [Status.SENT] * 5 + [Status.FOLDED] * 2
    assert await alerts.flush_digests() == 0, "the next digest is at 16:00"
    clock.at = clock.at.replace(hour=16, minute=1)
    assert await alerts.flush_digests() == 1
    assert len(slack.messages) == 6
    assert "About k5" in slack.messages[-1].text
    clock.at += timedelta(days=1)
    assert (await alerts.deliver([finding(priya, "tomorrow")]))[0].status is Status.SENT


async def test_an_early_flush_does_not_wait_for_the_hour_but_for_the_end_of_quiet_hours(
    alerts: Alerts, clock: Clock, priya: MemberRef
) -> None:
    for n in range(6):
        await alerts.deliver([finding(priya, f"k{n}")])
    evening = clock.at.replace(hour=20)
    clock.at, noon = evening, clock.at
    assert await alerts.flush_digests(early=True) == 0
    clock.at = noon
    assert await alerts.flush_digests(early=True) == 1


async def test_what_cannot_be_in_a_digest_comes_alone_in_the_morning_as_far_as_the_cap_allows(
    alerts: Alerts, slack: Slack, clock: Clock, priya: MemberRef
) -> None:
    clock.at = NIGHT
    await alerts.deliver([finding(priya, f"k{n}", digestible=False) for n in range(7)])
    clock.at = NEXT_MORNING
    assert await alerts.flush_digests() == 5
    assert await alerts.flush_digests() == 0
    clock.at += timedelta(days=1)
    assert await alerts.flush_digests() == 2
    assert slack.texts("D-UPRIYA") == [f"About k{n}" for n in range(7)]


@pytest.mark.requirement("PM-7.1")
def test_a_snooze_is_named_as_people_call_the_thing() -> None:
    until = datetime(2026, 11, 18, tzinfo=UTC)
    subjects = ("forecast-variance:SHOP-13", "time-tracking:summary", "SHOP")
    named = [look.snoozed(Snooze(subject, until))[0].split(" is snoozed")[0] for subject in subjects]
    assert named == [":zzz: `SHOP-13 (forecast-variance)`", ":zzz: `time-tracking`", ":zzz: `SHOP`"]


@pytest.mark.requirement("PM-7.1")
async def test_a_snoozed_subject_is_kept_back_and_told_when_the_snooze_is_over(
    alerts: Alerts, slack: Slack, clock: Clock, priya: MemberRef
) -> None:
    await alerts.snooze(priya, "subject", clock.at + timedelta(hours=2))
    (kept_back,) = await alerts.deliver([finding(priya)])
    assert (kept_back.decision.action, kept_back.status) == (Action.DROP, Status.SNOOZED)
    assert "snoozed until 2026-11-18 14:00" in kept_back.decision.why
    assert [s.subject for s in await alerts.snoozes(priya)] == ["subject"]
    await alerts.deliver([finding(priya, "other", subject="another")])
    clock.at += timedelta(hours=3)
    await alerts.deliver([finding(priya)])
    assert slack.texts("D-UPRIYA") == ["About other", "About k1"]


async def test_a_snooze_can_be_ended_and_must_end_in_the_future(alerts: Alerts, clock: Clock, priya: MemberRef) -> None:
    with pytest.raises(InvalidInputError):
        await alerts.snooze(priya, "subject", clock.at)
    await alerts.snooze(priya, "subject", clock.at + timedelta(hours=2))
    assert await alerts.end_snooze(priya, "subject")
    assert not await alerts.end_snooze(priya, "subject")
    assert (await alerts.deliver([finding(priya)]))[0].status is Status.SENT


async def test_a_dry_run_says_what_it_would_do_and_keeps_nothing(
    alerts: Alerts, database: Database, slack: Slack, priya: MemberRef
) -> None:
    (outcome,) = await alerts.deliver([finding(priya)], RunMode.DRY_RUN)
    assert (outcome.decision.action, outcome.status) == (Action.SEND, None)
    assert (slack.messages, await _rows(database)) == ([], [])


@pytest.mark.requirement("PM-7.1")
async def test_shadow_mode_records_and_does_not_send_until_it_is_live(
    alerts: Alerts, database: Database, slack: Slack, priya: MemberRef
) -> None:
    batch = [finding(priya, f"k{n}") for n in range(6)]
    first = [(await alerts.deliver([each], RunMode.SHADOW))[0] for each in batch]
    second = await alerts.deliver(batch, RunMode.SHADOW)
    assert slack.messages == []
    assert [o.decision.action for o in first] == [Action.SEND] * 5 + [Action.FOLD]
    assert {o.decision.action for o in second} == {Action.DROP}
    assert [row.why for row in await _rows(database)][-1] == "would fold: 5 messages today already"
    await alerts.deliver(batch[:1])
    assert slack.texts("D-UPRIYA") == ["About k0"]


@pytest.mark.requirement("SLK-6")
async def test_a_refused_post_is_a_failure_and_the_next_flush_tries_again(
    alerts: Alerts, slack: Slack, priya: MemberRef
) -> None:
    slack.next_ends = ["refused"]
    (outcome,) = await alerts.deliver([finding(priya)])
    assert (outcome.status, outcome.ts) == (Status.FAILED, None)
    assert (await alerts.deliver([finding(priya)]))[0].decision.action is Action.DROP
    assert await alerts.flush_digests() == 1
    assert slack.texts("D-UPRIYA") == ["About k1"]


async def test_a_failed_post_is_not_tried_again_at_night(
    alerts: Alerts, slack: Slack, clock: Clock, priya: MemberRef
) -> None:
    slack.next_ends = ["refused"]
    await alerts.deliver([finding(priya)])
    clock.at = NIGHT
    assert await alerts.flush_digests() == 0
    clock.at = NEXT_MORNING
    assert await alerts.flush_digests() == 1


async def test_a_post_that_slack_refuses_for_days_is_left_with_its_reason(
    alerts: Alerts, database: Database, slack: Slack, clock: Clock
) -> None:
    slack.next_ends = ["refused"] * 9
    await alerts.deliver([finding("CGONE")])
    await alerts.flush_digests()
    clock.at += timedelta(days=5)
    await alerts.flush_digests()
    assert len(slack.next_ends) == 7
    (row,) = await _rows(database)
    assert (row.status, row.why) == (Status.FAILED, "Slack refused: channel_not_found")


@pytest.mark.parametrize("end", ["died", "died after"])
async def test_a_crash_between_reservation_and_record_leaves_exactly_one_message(
    alerts: Alerts, slack: Slack, priya: MemberRef, end: str
) -> None:
    slack.next_ends = [end]
    with pytest.raises(ProcessDiedError):
        await alerts.deliver([finding(priya)])
    assert (await alerts.deliver([finding(priya)]))[0].decision.why == "already reserved"
    assert await alerts.flush_digests() == 0, "it may still be on its way"
    assert await alerts.recover() == 1
    assert await alerts.recover() == 0
    assert slack.texts("D-UPRIYA") == ["About k1"]


async def test_a_post_with_unknown_outcome_is_looked_for_before_it_is_posted_again(
    alerts: Alerts, slack: Slack, clock: Clock, priya: MemberRef
) -> None:
    slack.next_ends = ["lost"]
    assert (await alerts.deliver([finding(priya)]))[0].status is Status.RESERVED
    clock.at += timedelta(minutes=4)
    assert await alerts.flush_digests() == 1
    assert slack.texts("D-UPRIYA") == ["About k1"]


@pytest.mark.requirement("PM-7.1", "JOIN-7")
async def test_precision_is_the_share_of_useful_among_the_judged(
    alerts: Alerts, database: Database, priya: MemberRef
) -> None:
    sam = await make_member(database, "USAM")
    outcomes = await alerts.deliver([finding("C1", f"k{n}") for n in range(3)])
    ids = [o.delivery_id or 0 for o in outcomes]
    assert (await alerts.precision("time-tracking")).share is None
    for delivery_id, member, useful in [(ids[0], priya, True), (ids[0], sam, True), (ids[1], sam, False)]:
        assert (await alerts.record_feedback(delivery_id, member, useful)).changed
    assert not (await alerts.record_feedback(ids[1], sam, False)).changed
    precision = await alerts.precision("time-tracking")
    assert (precision.useful, precision.not_useful) == (2, 1)
    assert precision.share == pytest.approx(2 / 3)
    await alerts.record_feedback(ids[1], sam, True)
    assert [p.share for p in await alerts.precision_by_agent()] == [1.0]


async def test_feedback_on_an_unknown_or_somebody_elses_alert_is_refused(
    alerts: Alerts, database: Database, priya: MemberRef
) -> None:
    eve = await make_member(database, "UEVE")
    (outcome,) = await alerts.deliver([finding(priya)])
    with pytest.raises(NotAllowedError):
        await alerts.record_feedback(outcome.delivery_id or 0, eve, True)
    with pytest.raises(NotFoundError):
        await alerts.record_feedback(4711, priya, True)


@pytest.mark.requirement("SYS-5")
async def test_another_account_hears_of_its_own_only(
    alerts: Alerts, database: Database, slack: Slack, priya: MemberRef
) -> None:
    (outcome,) = await alerts.deliver([finding("C1")])
    with account_scope(await make_account(database, "acc_other", "T0OTHER")):
        with pytest.raises(NotFoundError):
            await alerts.record_feedback(outcome.delivery_id or 0, priya, True)
        await alerts.deliver([finding("C1")])
    assert len(slack.messages) == 2


@pytest.mark.requirement("SYS-7")
async def test_a_vendor_that_goes_down_is_told_once_in_the_alerts_channel_and_so_is_its_return(
    alerts: Alerts, database: Database, slack: Slack, clock: Clock
) -> None:
    async with database.transaction() as session:
        session.add(AccountSettings(preferences={ALERTS_CHANNEL_PREFERENCE: "CALERTS"}, updated_at=clock.at))
    await alerts.vendor_circuit_changed("Tempo", is_open=False)
    for is_open in (True, True, False, True, False):
        await alerts.vendor_circuit_changed("Tempo", is_open=is_open)
    assert [text.split(" ", 1)[1][:20] for text in slack.texts("CALERTS")] == [
        "Tempo is not answeri",
        "Tempo answers again.",
    ]


@pytest.mark.requirement("SYS-7")
async def test_without_an_alerts_channel_the_admins_hear_of_a_vendor_that_is_down(
    alerts: Alerts, database: Database, slack: Slack, in_account: str
) -> None:
    await make_member(database, "UADMIN", role=Role.ADMIN)
    await make_member(database, "UOTHER")
    await alerts.vendor_circuit_changed("Jira", is_open=True)
    assert [message.channel for message in slack.messages] == ["D-UADMIN"]


def test_feedback_replaces_the_buttons_of_its_own_alert_only() -> None:
    blocks = look.alert_blocks(7, "Text", []) + look.alert_blocks(8, "Other", [])
    shown = [block["type"] for block in look.feedback_given(blocks, 7, useful=True)]
    assert shown == ["section", "context", "section", "actions"]
