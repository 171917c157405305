"""Every write happens once, is verified, recorded and can be taken back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from db.engine import Database
from services.effects import Actor, AuditTrail, EffectRecord, Effects, EffectStatus, Intent, Undo
from services.errors import ConflictError, FlowPilotError, VendorError, VendorRejectedError

PRIYA = Actor(None, "Priya Shah")


@dataclass
class Clock:
    """A clock that the test moves."""

    at: datetime = datetime(2026, 11, 21, 10, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the moved time."""
        return self.at


@dataclass
class Lamp:
    """A vendor with one value per target; `fail` decides what the next write does."""

    values: dict[str, str] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    fail: list[str] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    name: str = "lamp.set"

    async def read(self, effect: EffectRecord) -> Any:
        """Return the current value."""
        return {"value": self.values.get(effect.target, "off")}

    def is_satisfied(self, effect: EffectRecord, state: Any) -> bool:
        """Tell whether it has the value."""
        return bool(state["value"] == effect.arguments["value"])

    async def find(self, effect: EffectRecord) -> Any | None:
        """Find the mark that the write left."""
        return {"value": self.marks[effect.idempotency_key]} if effect.idempotency_key in self.marks else None

    async def write(self, effect: EffectRecord) -> Any:
        """Set the value, or fail as told."""
        how = self.fail.pop(0) if self.fail else ""
        if how == "refused":
            raise VendorRejectedError("lamp", "The bulb is out.", status=400)
        if how == "lost":
            raise VendorError("lamp", "No answer.", outcome_unknown=True)
        self.writes.append(effect.idempotency_key)
        self.marks[effect.idempotency_key] = effect.arguments["value"]
        if how != "ignored":
            self.values[effect.target] = effect.arguments["value"]
        if how == "done_but_lost":
            raise VendorError("lamp", "No answer.", outcome_unknown=True)
        if how == "killed":
            raise KeyboardInterrupt
        return {}

    def mismatch(self, effect: EffectRecord, after: Any) -> str | None:
        """Compare with what was wanted."""
        wanted = effect.arguments["value"]
        return None if after["value"] == wanted else f"The lamp is {after['value']}, not {wanted}."

    def undo(self, effect: EffectRecord) -> Undo | None:
        """Set the value from before."""
        return Undo(self.name, {"value": effect.before["value"]})

    def describe(self, effect: EffectRecord) -> str:
        """Say what was done."""
        return f"{effect.target} is {effect.arguments['value']}"

    def url(self, effect: EffectRecord) -> str:
        """Return an address."""
        return f"https://lamp.test/{effect.target}"


@dataclass
class Bench:
    """The service under test with its vendor and clock."""

    effects: Effects
    audit: AuditTrail
    lamp: Lamp
    clock: Clock

    def intent(self, value: str = "on", key: str = "k1") -> Intent:
        """Return a wish to set the hall's lamp."""
        return Intent("lamp.set", "hall", {"value": value}, PRIYA, "typed", key)


@pytest.fixture
def bench(database: Database, in_account: str) -> Bench:
    """The service over a fresh database."""
    clock = Clock()
    audit = AuditTrail(database, clock.now)
    effects = Effects(database, audit, clock.now)
    lamp = Lamp()
    effects.register([lamp])
    return Bench(effects, audit, lamp, clock)


@pytest.mark.requirement("TRUST-1")
async def test_a_write_answers_with_a_receipt_that_offers_undo(bench: Bench) -> None:
    receipt = await bench.effects.perform(bench.intent())
    assert receipt.status is EffectStatus.DONE
    assert (receipt.summary, receipt.url, receipt.actor) == ("hall is on", "https://lamp.test/hall", PRIYA)
    assert (receipt.before, receipt.after) == ({"value": "off"}, {"value": "on"})
    assert receipt.undo_until == bench.clock.at + timedelta(minutes=10)


async def test_the_same_key_acts_once_and_returns_the_first_receipt(bench: Bench) -> None:
    first = await bench.effects.perform(bench.intent())
    second = await bench.effects.perform(bench.intent())
    assert bench.lamp.writes == ["k1"]
    assert second.repeated
    assert second.effect_id == first.effect_id


async def test_a_row_that_is_refused_for_another_reason_than_its_key_is_an_error_and_nothing_is_written(
    bench: Bench,
) -> None:
    stranger = replace(bench.intent(), actor=Actor(4711, "Nobody"))
    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        await bench.effects.perform(stranger)
    assert bench.lamp.writes == []
    assert (await bench.effects.perform(bench.intent())).status is EffectStatus.DONE


async def test_what_is_so_already_is_not_written(bench: Bench) -> None:
    bench.lamp.values["hall"] = "on"
    receipt = await bench.effects.perform(bench.intent())
    assert receipt.status is EffectStatus.UNCHANGED
    assert receipt.undo_until is None
    assert bench.lamp.writes == []


async def test_a_refusal_is_raised_and_recorded(bench: Bench) -> None:
    bench.lamp.fail = ["refused"]
    with pytest.raises(VendorRejectedError, match="bulb is out"):
        await bench.effects.perform(bench.intent())
    assert [(line.result, line.detail) for line in await bench.audit.lines()] == [("failed", "The bulb is out.")]


async def test_a_write_that_the_vendor_ignored_is_an_error(bench: Bench) -> None:
    bench.lamp.fail = ["ignored"]
    with pytest.raises(VendorError, match="lamp is off, not on"):
        await bench.effects.perform(bench.intent())


async def test_a_lost_answer_is_looked_up_before_anything_else(bench: Bench) -> None:
    bench.lamp.fail = ["done_but_lost"]
    receipt = await bench.effects.perform(bench.intent())
    assert receipt.status is EffectStatus.DONE
    assert bench.lamp.writes == ["k1"]


async def test_an_unknown_outcome_is_said_and_settled_later_once(bench: Bench) -> None:
    bench.lamp.fail = ["lost"]
    with pytest.raises(VendorError) as raised:
        await bench.effects.perform(bench.intent())
    assert raised.value.outcome_unknown
    bench.clock.at += timedelta(minutes=5)
    settled = await bench.effects.recover()
    assert [receipt.status for receipt in settled] == [EffectStatus.DONE]
    assert bench.lamp.writes == ["k1"]
    assert await bench.effects.recover() == []


async def test_killed_between_the_write_and_its_record_it_is_neither_lost_nor_done_twice(bench: Bench) -> None:
    bench.lamp.fail = ["killed"]
    with pytest.raises(KeyboardInterrupt):
        await bench.effects.perform(bench.intent())
    restarted = Effects(bench.effects._database, bench.audit, bench.clock.now)
    restarted.register([bench.lamp])
    settled = await restarted.recover(older_than=timedelta())
    assert [receipt.status for receipt in settled] == [EffectStatus.DONE]
    assert bench.lamp.writes == ["k1"]


async def test_recovery_does_not_overwrite_what_somebody_else_decided_meanwhile(bench: Bench) -> None:
    bench.lamp.fail = ["lost"]
    with pytest.raises(VendorError):
        await bench.effects.perform(bench.intent())
    bench.lamp.values["hall"] = "broken"
    bench.clock.at += timedelta(minutes=5)
    settled = await bench.effects.recover()
    assert [receipt.status for receipt in settled] == [EffectStatus.FAILED]
    assert bench.lamp.values["hall"] == "broken"


@pytest.mark.requirement("TKT-1.4")
async def test_undo_restores_the_state_before_once(bench: Bench) -> None:
    receipt = await bench.effects.perform(bench.intent())
    undone = await bench.effects.undo(receipt.effect_id, PRIYA)
    again = await bench.effects.undo(receipt.effect_id, PRIYA)
    assert bench.lamp.values["hall"] == "off"
    assert again.repeated
    assert undone.undo_until is None
    assert len(bench.lamp.writes) == 2


@pytest.mark.requirement("TKT-1.4")
async def test_undo_is_refused_after_ten_minutes(bench: Bench) -> None:
    receipt = await bench.effects.perform(bench.intent())
    bench.clock.at += timedelta(minutes=10, seconds=1)
    with pytest.raises(ConflictError, match="10 minutes"):
        await bench.effects.undo(receipt.effect_id, PRIYA)
    assert bench.lamp.values["hall"] == "on"


@pytest.mark.requirement("TKT-1.4")
async def test_undo_is_refused_when_somebody_changed_it_since(bench: Bench) -> None:
    receipt = await bench.effects.perform(bench.intent())
    bench.lamp.values["hall"] = "red"
    with pytest.raises(ConflictError, match="changed again"):
        await bench.effects.undo(receipt.effect_id, PRIYA)
    assert bench.lamp.values["hall"] == "red"


async def test_two_at_the_same_time_write_once(bench: Bench) -> None:
    import asyncio

    receipts = await asyncio.gather(*(bench.effects.perform(bench.intent()) for _ in range(5)))
    assert bench.lamp.writes == ["k1"]
    assert sorted(receipt.repeated for receipt in receipts) == [False, True, True, True, True]


async def test_a_failed_write_is_not_silently_repeated(bench: Bench) -> None:
    bench.lamp.fail = ["refused"]
    with pytest.raises(FlowPilotError):
        await bench.effects.perform(bench.intent())
    with pytest.raises(FlowPilotError, match="bulb is out"):
        await bench.effects.perform(bench.intent())
    assert bench.lamp.writes == []


@pytest.mark.requirement("TKT-9.1")
async def test_the_trail_says_who_what_before_after_why_and_how_it_ended(bench: Bench) -> None:
    receipt = await bench.effects.perform(bench.intent())
    (line,) = await bench.audit.lines(target="hall")
    assert (line.actor_name, line.action, line.target, line.reason) == ("Priya Shah", "lamp.set", "hall", "typed")
    assert (line.before, line.after, line.result) == ({"value": "off"}, {"value": "on"}, "done")
    assert line.effect_id == receipt.effect_id
    assert (await bench.audit.verify()).is_intact
