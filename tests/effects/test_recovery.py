"""What was left open ends once, is not tried for ever, and its actor hears of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.effects import EffectRecord, Effects, EffectStatus, Receipt
from services.errors import ConflictError, VendorError, VendorRejectedError, VendorUnavailableError
from tests.effects.test_effects import Bench, Lamp, bench

__all__ = ["bench"]


class SlowLamp(Lamp):
    """A lamp whose switch takes a while, and which can be out of reach."""

    is_unreachable = False

    async def read(self, effect: EffectRecord) -> Any:
        """Return the current value, when it can be reached."""
        if self.is_unreachable:
            raise VendorUnavailableError("lamp", "The lamp does not answer.")
        return await super().read(effect)

    async def write(self, effect: EffectRecord) -> Any:
        """Set the value after a while."""
        await asyncio.sleep(0.1)
        return await super().write(effect)


@pytest.fixture
def told() -> list[Receipt]:
    """What people were told of writes that ended late."""
    return []


@pytest.fixture
def lamp() -> SlowLamp:
    """The vendor."""
    return SlowLamp()


@pytest.fixture
def effects(bench: Bench, lamp: SlowLamp, told: list[Receipt]) -> Effects:
    """The service with somebody to tell."""

    async def tell(receipt: Receipt) -> None:
        told.append(receipt)

    effects = Effects(bench.effects._database, bench.audit, bench.clock.now, tell)
    effects.register([lamp])
    return effects


async def leave_open(bench: Bench, effects: Effects, lamp: SlowLamp) -> None:
    """Perform a write whose answer gets lost, so that it is open a while later."""
    lamp.fail = ["lost"]
    with pytest.raises(VendorError):
        await effects.perform(bench.intent())
    bench.clock.at += timedelta(minutes=5)


@pytest.mark.requirement("TRUST-1")
async def test_who_asked_hears_once_how_it_ended(
    bench: Bench, effects: Effects, lamp: SlowLamp, told: list[Receipt]
) -> None:
    await leave_open(bench, effects, lamp)
    await effects.recover()
    await effects.recover()
    assert [(receipt.status, receipt.summary) for receipt in told] == [(EffectStatus.DONE, "hall is on")]


async def test_a_refusal_on_the_second_try_is_told_too(
    bench: Bench, effects: Effects, lamp: SlowLamp, told: list[Receipt]
) -> None:
    await leave_open(bench, effects, lamp)
    lamp.fail = ["refused"]
    await effects.recover()
    assert [(receipt.status, receipt.error) for receipt in told] == [(EffectStatus.FAILED, "The bulb is out.")]


async def test_that_nobody_can_be_told_settles_the_rest_all_the_same(bench: Bench, lamp: SlowLamp) -> None:
    async def break_down(receipt: Receipt) -> None:
        raise VendorRejectedError("Slack", "Nobody is there.")

    effects = Effects(bench.effects._database, bench.audit, bench.clock.now, break_down)
    effects.register([lamp])
    for key in ("k1", "k2"):
        lamp.fail = ["lost"]
        with pytest.raises(VendorError):
            await effects.perform(bench.intent(key=key))
    bench.clock.at += timedelta(minutes=5)
    assert len(await effects.recover()) == 2


async def test_after_a_day_it_is_looked_for_a_last_time_and_not_written(
    bench: Bench, effects: Effects, lamp: SlowLamp, told: list[Receipt]
) -> None:
    await leave_open(bench, effects, lamp)
    bench.clock.at += timedelta(hours=24)
    await effects.recover()
    assert lamp.writes == []
    assert [receipt.status for receipt in told] == [EffectStatus.FAILED]
    assert "was not done" in str(told[0].error)
    assert await effects.recover() == []


async def test_after_a_day_what_happened_is_still_found(
    bench: Bench, effects: Effects, lamp: SlowLamp, told: list[Receipt]
) -> None:
    await leave_open(bench, effects, lamp)
    lamp.values["hall"] = "on"
    bench.clock.at += timedelta(hours=24)
    await effects.recover()
    assert [receipt.status for receipt in told] == [EffectStatus.DONE]


async def test_a_vendor_that_stays_silent_for_a_day_is_given_up_and_the_person_told_where_to_look(
    bench: Bench, effects: Effects, lamp: SlowLamp, told: list[Receipt]
) -> None:
    await leave_open(bench, effects, lamp)
    lamp.is_unreachable = True
    assert await effects.recover() == []
    bench.clock.at += timedelta(hours=24)
    await effects.recover()
    assert [receipt.error for receipt in told] == ["FlowPilot could not find out whether it was done; look at hall."]
    assert await effects.recover() == []
    assert [line.result for line in await bench.audit.lines()] == ["unknown", "failed"]


async def test_a_recovery_that_begins_while_another_one_writes_does_not_write_too(
    bench: Bench, effects: Effects, lamp: SlowLamp
) -> None:
    await leave_open(bench, effects, lamp)
    first = asyncio.create_task(effects.recover())
    await asyncio.sleep(0.05)
    assert await effects.recover() == []
    with pytest.raises(ConflictError, match="right now"):
        await effects.perform(bench.intent())
    assert len(await first) == 1
    assert lamp.writes == ["k1"]


async def test_tries_that_tell_nothing_new_leave_one_line_in_the_trail(
    bench: Bench, effects: Effects, lamp: SlowLamp
) -> None:
    await leave_open(bench, effects, lamp)
    for _ in range(3):
        lamp.fail = ["lost"]
        await effects.recover()
    assert [line.result for line in await bench.audit.lines()] == ["unknown"]
