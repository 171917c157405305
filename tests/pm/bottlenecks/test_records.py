"""Rows of stuck work: one per stay, resolved when it moved; and what a run flags."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from db.engine import Database
from db.models.pm import WorkflowBottleneck
from db.repositories import pm_bottlenecks as repository
from services.pm.bottlenecks import records
from services.pm.bottlenecks.assess import assess_waiting, is_unusual
from services.pm.bottlenecks.stuck import Blocker, Context, Flagged, Judged, Scan, WaitingItem
from services.pm.bottlenecks.training import train
from services.pm.bottlenecks.types import Activity, Anomaly, Baseline, ItemType, Visit
from tests.pm.bottlenecks.waiting import NOW, ago, visit, waiting

BASELINE = Baseline("SHOP", ItemType.TICKET, "Code Review", "High", 32_400, 172_800, 1.3, 84, 3, 240, NOW)


def anomaly_of(item: WaitingItem, score: float = 2.6) -> Anomaly:
    return Anomaly(item.visit, BASELINE, score, 0.005, 0.97, None, is_anomalous=score > 2)


def judged(item: WaitingItem, activity: Activity = Activity.PASSIVELY_STUCK) -> Judged:
    return Judged(Flagged(item, anomaly_of(item), True), Context(activity, "Why.", 0.8, "PORT-5"))


async def keep(database: Database, found: list[Judged], ongoing: list[Visit], at: datetime) -> list[WorkflowBottleneck]:
    async with database.transaction() as session:
        return await records.keep(session, found, ongoing, at)


async def rows(database: Database) -> list[WorkflowBottleneck]:
    async with database.transaction(write=False) as session:
        return list(await repository.stays_of(session, ["SHOP-1", "SHOP-2"]))


@pytest.mark.requirement("PM-5.6")
async def test_a_stay_is_one_row_brought_up_to_date_and_resolved_when_its_history_says(
    database: Database, in_account: str
) -> None:
    item = waiting()
    (first,) = await keep(database, [judged(item)], [item.visit], ago(2))
    later = replace(item, visit=replace(item.visit, seen_at=NOW))
    (second,) = await keep(database, [judged(later, Activity.BLOCKED)], [later.visit], NOW)
    assert first.id == second.id
    assert (second.activity, second.blocker, second.is_truly_stuck) == ("blocked", "PORT-5", True)
    assert (second.seconds_in_status, second.expected_seconds, second.p90_seconds) == (9 * 86_400, 32_400, 172_800)
    assert (second.baseline, second.detected_at) == ("SHOP · Code Review · High, 84 visits", ago(2))

    moved = replace(item.visit, left_at=ago(0.5))
    back = replace(item.visit, entered_at=ago(0.1), returns=1)
    async with database.transaction() as session:
        assert [row.item_key for row in await records.resolve(session, {"SHOP-1": [moved, back]}, NOW)] == ["SHOP-1"]
    (row,) = await rows(database)
    assert row.resolved_at == ago(0.5)
    # back in the same status is another stay, with a row of its own
    (again,) = await keep(database, [judged(replace(item, visit=back))], [back], NOW)
    assert (again.id != row.id, again.returns, len(await rows(database))) == (True, 1, 2)


@pytest.mark.requirement("PM-5.6")
async def test_what_is_gone_is_resolved_and_what_is_no_longer_unusual_is_stuck_no_more(
    database: Database, in_account: str
) -> None:
    one, two = waiting("SHOP-1"), waiting("SHOP-2")
    await keep(database, [judged(one), judged(two)], [one.visit, two.visit], NOW)
    await keep(database, [], [one.visit, two.visit], NOW)
    assert {(row.is_truly_stuck, row.context) for row in await rows(database)} == {(False, records.NO_LONGER_UNUSUAL)}
    async with database.transaction() as session:
        assert len(await records.resolve(session, {"SHOP-1": [one.visit]}, NOW)) == 1
    assert [row.resolved_at for row in await rows(database)] == [None, NOW]


@pytest.mark.requirement("PM-5.6")
async def test_work_that_goes_on_is_kept_as_not_stuck_and_so_is_what_a_person_calls_so(
    database: Database, in_account: str
) -> None:
    one, two = waiting("SHOP-1"), waiting("SHOP-2")
    found = [judged(one, Activity.ACTIVELY_WORKED), judged(two)]
    await keep(database, found, [one.visit, two.visit], NOW)
    assert [row.is_truly_stuck for row in await rows(database)] == [False, True]
    async with database.transaction() as session:
        row = await repository.stay(session, (await rows(database))[1].id)
        assert row is not None
        row.dismissed_by_member_id, row.is_truly_stuck = 3, False
    await keep(database, found, [one.visit, two.visit], NOW)
    assert [row.is_truly_stuck for row in await rows(database)] == [False, False]


def scan(items: list[WaitingItem], *, deviation: float = 2.0, history: int = 200) -> Scan:
    """Return a scan whose model has seen 120 visits to Code Review, of one to six hours, since `history` days."""
    past = [
        replace(
            visit(f"SHOP-{100 + n}", days=history * (1 - n / 130)),
            left_at=ago(history * (1 - n / 130)) + timedelta(hours=1 + n % 6),
        )
        for n in range(120)
    ]
    return Scan(NOW, NOW.date(), "America/New_York", tuple(items), train(past, NOW), deviation)


@pytest.mark.requirement("PM-5.2", "PM-5.3")
def test_unusual_and_blocked_items_are_flagged_and_with_little_history_only_blocked_ones() -> None:
    blocker = Blocker("PORT-5", "", "To Do", is_open=True)
    late, fresh = waiting("SHOP-1", days=9), waiting("SHOP-2", days=0.05)
    blocked = waiting("SHOP-3", status="Blocked", days=0.1, is_blocked=True)
    linked = waiting("SHOP-4", days=0.1, blockers=(blocker, Blocker("PORT-6", is_open=False)))
    items = [fresh, late, blocked, linked]
    found = assess_waiting(scan(items))
    assert {each.item.key: each.is_anomalous for each in found.flagged} == {
        "SHOP-1": True,
        "SHOP-3": False,
        "SHOP-4": False,
    }
    assert found.readiness.too_short == ()
    young = assess_waiting(scan(items, history=60))
    assert {each.item.key for each in young.flagged} == {"SHOP-3", "SHOP-4"}
    ((project, days),) = young.readiness.too_short
    assert (project, 55 < days <= 60) == ("SHOP", True)


@pytest.mark.requirement("PM-5.3", "PM-7.1")
def test_a_threshold_that_feedback_moved_up_asks_for_more() -> None:
    item = waiting()
    assert is_unusual(anomaly_of(item, 2.3), 2.0)
    assert not is_unusual(anomaly_of(item, 2.3), 2.5)
    strange = replace(anomaly_of(item, 1.5), isolation=0.99, is_anomalous=True)
    assert is_unusual(strange, 2.0)
    assert not is_unusual(strange, 2.25)


async def test_a_run_as_of_an_earlier_time_leaves_what_was_seen_since_as_it_is(
    database: Database, in_account: str
) -> None:
    one, two = waiting("SHOP-1"), waiting("SHOP-2")
    await keep(database, [judged(one, Activity.BLOCKED), judged(two)], [one.visit, two.visit], NOW)
    await keep(database, [judged(one)], [one.visit], ago(1))
    assert [(row.activity, row.is_truly_stuck, row.seen_at) for row in await rows(database)] == [
        ("blocked", True, NOW),
        ("passively_stuck", True, NOW),
    ]
