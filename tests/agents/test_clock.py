"""The clock: slots start workflows, missed ones are caught up, accounts come and go."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from agents.clock import Clock, ClockAccount
from agents.schedule import Daily
from services.clock import utc_now
from tests.agents.conftest import MONDAY_TEN, NEW_YORK
from tests.agents.example import Example

BERLIN = "Europe/Berlin"
SLOT_ID = "agent:example:acc_one:2026-11-23T15:00:00Z"


@dataclass
class Starts:
    """Remembers what was started; an id counts once, as in the real thing."""

    ids: list[str] = field(default_factory=list)
    arguments: list[dict[str, Any]] = field(default_factory=list)
    failures: int = 0

    async def start(self, name: str, workflow_id: str, arguments: dict[str, Any]) -> bool:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database restarts")
        if workflow_id in self.ids:
            return False
        self.ids.append(workflow_id)
        self.arguments.append(arguments)
        return True


@pytest.fixture
def starts() -> Starts:
    return Starts()


@pytest.fixture
async def clock(starts: Starts) -> AsyncIterator[Clock]:
    clock = Clock(starts, (Example().spec(),), utc_now)
    yield clock
    await clock.stop()


async def _tick(clock: Clock) -> None:
    clock.scheduler.wakeup()
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_slot_starts_its_workflow_with_the_scheduled_instant_not_the_present(
    clock: Clock, starts: Starts
) -> None:
    with time_machine.travel(MONDAY_TEN - timedelta(minutes=5), tick=False) as time:
        await clock.start([ClockAccount("acc_one", NEW_YORK)])
        await _tick(clock)
        assert starts.ids == []
        time.move_to(MONDAY_TEN + timedelta(seconds=42))
        await _tick(clock)
    assert starts.ids == [SLOT_ID]
    assert starts.arguments == [
        {"account_id": "acc_one", "agent": "example", "slot": "2026-11-23T15:00:00Z", "time_zone": NEW_YORK}
    ]


async def test_each_account_has_its_own_ten_oclock(clock: Clock, starts: Starts) -> None:
    with time_machine.travel(MONDAY_TEN - timedelta(hours=12), tick=False) as time:
        await clock.start([ClockAccount("acc_one", NEW_YORK), ClockAccount("acc_berlin", BERLIN)])
        time.move_to(MONDAY_TEN - timedelta(hours=3))
        await _tick(clock)
        assert starts.ids == ["agent:example:acc_berlin:2026-11-23T09:00:00Z"]
        time.move_to(MONDAY_TEN)
        await _tick(clock)
    assert starts.ids[1:] == [SLOT_ID]


@pytest.mark.parametrize(("late", "ids"), [(timedelta(hours=11), [SLOT_ID]), (timedelta(hours=13), [])])
async def test_a_slot_missed_while_stopped_is_caught_up_within_its_grace(
    clock: Clock, starts: Starts, late: timedelta, ids: list[str]
) -> None:
    with time_machine.travel(MONDAY_TEN + late, tick=False):
        await clock.start([ClockAccount("acc_one", NEW_YORK)])
        assert starts.ids == ids
        await _tick(clock)
        assert starts.ids == ids


async def test_of_several_slots_missed_within_the_grace_only_the_latest_is_caught_up(starts: Starts) -> None:
    spec = replace(Example().spec(), schedule=Daily((dt.time(8), dt.time(9), dt.time(10))))
    clock = Clock(starts, (spec,), utc_now)
    with time_machine.travel(MONDAY_TEN + timedelta(minutes=5), tick=False):
        await clock.start([ClockAccount("acc_one", NEW_YORK)])
    await clock.stop()
    assert starts.ids == [SLOT_ID]


async def test_a_machine_that_slept_for_hours_still_runs_the_slot_within_its_grace(
    clock: Clock, starts: Starts
) -> None:
    with time_machine.travel(MONDAY_TEN - timedelta(minutes=1), tick=False) as time:
        await clock.start([ClockAccount("acc_one", NEW_YORK)])
        time.move_to(MONDAY_TEN + timedelta(hours=11))
        await _tick(clock)
    assert starts.ids == [SLOT_ID]


async def test_weeks_asleep_run_only_the_latest_slot(clock: Clock, starts: Starts) -> None:
    with time_machine.travel(MONDAY_TEN - timedelta(days=21, minutes=1), tick=False) as time:
        await clock.start([ClockAccount("acc_one", NEW_YORK)])
        time.move_to(MONDAY_TEN + timedelta(minutes=1))
        await _tick(clock)
    assert starts.ids == [SLOT_ID]


async def test_the_change_to_summer_time_moves_the_instant_and_not_the_local_hour(clock: Clock, starts: Starts) -> None:
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False) as time:
        await clock.start([ClockAccount("acc_one", NEW_YORK)])
        for day in (2, 9):
            for hour in (13, 14, 15, 16):
                time.move_to(datetime(2026, 3, day, hour, 1, tzinfo=UTC))
                await _tick(clock)
    assert [workflow_id[-20:] for workflow_id in starts.ids] == ["2026-03-02T15:00:00Z", "2026-03-09T14:00:00Z"]


async def test_an_account_that_leaves_runs_nothing_more_and_one_that_comes_runs_at_once(
    clock: Clock, starts: Starts
) -> None:
    with time_machine.travel(MONDAY_TEN - timedelta(minutes=5), tick=False) as time:
        await clock.start([ClockAccount("acc_one", NEW_YORK)])
        clock.remove_account("acc_one")
        time.move_to(MONDAY_TEN + timedelta(minutes=5))
        await _tick(clock)
        assert starts.ids == []
        await clock.add_account(ClockAccount("acc_two", NEW_YORK))
    assert starts.ids == ["agent:example:acc_two:2026-11-23T15:00:00Z"]


async def test_an_account_that_moves_runs_on_its_new_clock(clock: Clock, starts: Starts) -> None:
    with time_machine.travel(MONDAY_TEN - timedelta(hours=36), tick=False):
        await clock.start([ClockAccount("acc_one", NEW_YORK)])
        spec = Example().spec()
        assert clock.next_run(spec, "acc_one") == MONDAY_TEN
        await clock.add_account(ClockAccount("acc_one", BERLIN))
        assert clock.next_run(spec, "acc_one") == MONDAY_TEN - timedelta(hours=6)
        assert clock.next_run(spec, "acc_nobody") is None
        assert len(clock.scheduler.get_jobs()) == 1


async def test_a_slot_survives_a_database_that_restarts_just_then(clock: Clock, starts: Starts) -> None:
    starts.failures = 1
    with time_machine.travel(MONDAY_TEN, tick=True):
        await clock.start([ClockAccount("acc_one", NEW_YORK)])
    assert starts.ids == [SLOT_ID]


async def test_maintenance_runs_at_once_and_then_at_its_interval(clock: Clock) -> None:
    runs: list[datetime] = []

    async def sync() -> None:
        runs.append(utc_now())

    with time_machine.travel(MONDAY_TEN, tick=False) as time:
        await clock.start()
        clock.every("sync", timedelta(minutes=2), sync)
        await _tick(clock)
        time.move_to(MONDAY_TEN + timedelta(minutes=2))
        await _tick(clock)
    assert runs == [MONDAY_TEN, MONDAY_TEN + timedelta(minutes=2)]
