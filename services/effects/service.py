"""Act once: every write to the outside, with its key, its trail and its way back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from db.engine import Database
from db.repositories import effects as repository
from db.tenancy import current_account_id
from services.clock import Now
from services.effects.attempts import IN_FLIGHT_AGE, Attempts, merged, record_of
from services.effects.audit import AuditTrail
from services.effects.own_changes import undo_is_over
from services.effects.recovery import OnSettled, Recovery
from services.effects.types import (
    UNDO_WINDOW,
    Actor,
    EffectRecord,
    EffectStatus,
    Intent,
    Operation,
    Receipt,
    Undo,
)
from services.errors import ConflictError, FlowPilotError, NotFoundError


class Effects:
    """Perform, recover and undo writes. Operations are registered once, at composition."""

    def __init__(self, database: Database, audit: AuditTrail, now: Now, on_settled: OnSettled | None = None) -> None:
        self._database = database
        self._now = now
        self._attempts = Attempts(database, audit, now)
        self._recovery = Recovery(database, self._attempts, now, on_settled)
        self._in_flight: dict[tuple[str, str], asyncio.Future[Receipt]] = {}

    def register(self, operations: Iterable[Operation]) -> None:
        """Add operations by their names."""
        for operation in operations:
            self._attempts.operations[operation.name] = operation

    async def perform(self, intent: Intent) -> Receipt:
        """Do the write once and return its receipt; the same key again returns the first receipt, `repeated`.

        Raises what the vendor raised when nothing happened, and `VendorError` with `outcome_unknown` when nobody can
        tell: it is then settled by `recover`, by looking before writing.
        """
        flight = (current_account_id(), intent.idempotency_key)
        if (running := self._in_flight.get(flight)) is not None:
            return replace(await asyncio.shield(running), repeated=True)
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._in_flight[flight] = future
        try:
            receipt = await self._perform(intent)
        except BaseException as error:
            if isinstance(error, Exception):
                future.set_exception(error)
                future.exception()  # mark as seen: nobody may be waiting
            else:
                future.cancel()
            raise
        else:
            future.set_result(receipt)
            return receipt
        finally:
            del self._in_flight[flight]

    async def _perform(self, intent: Intent) -> Receipt:
        operation = self._attempts.operations[intent.operation]
        async with self._database.transaction(write=False) as session:
            earlier = await repository.by_key(session, intent.idempotency_key)
        if earlier is not None:
            return await self._repeat(operation, record_of(earlier))
        draft = EffectRecord(
            id=0,
            status=EffectStatus.STARTED,
            before=None,
            after=None,
            error=None,
            created_at=self._now(),
            finished_at=None,
            undone_by_id=None,
            **{name: getattr(intent, name) for name in Intent.__dataclass_fields__},
        )
        before = await operation.read(draft)
        effect = await self._attempts.start(draft, before)
        if effect is None:
            return await self._perform(intent)  # another replica stored the key in between
        if operation.is_satisfied(effect, before):
            return await self._attempts.finish(operation, effect, EffectStatus.UNCHANGED, after=before)
        return await self._attempts.write(operation, effect)

    async def _repeat(self, operation: Operation, effect: EffectRecord) -> Receipt:
        if effect.status in (EffectStatus.DONE, EffectStatus.UNCHANGED):
            return replace(self._attempts.receipt(operation, effect), repeated=True)
        if effect.status is EffectStatus.FAILED:
            raise FlowPilotError(effect.error or "That did not work the first time.", hint="Start it anew.")
        if self._now() - effect.created_at < IN_FLIGHT_AGE:
            raise ConflictError("That is being done right now.", hint="Give it a moment.")
        settled = await self._recovery.settle(effect.id)
        if settled is None:
            raise ConflictError("That is being done right now.", hint="Give it a moment.")
        return replace(settled, repeated=True)

    async def receipt(self, effect_id: int) -> Receipt:
        """Return the receipt of a write of the current account; raises `NotFoundError`."""
        effect = await self._load(effect_id)
        return self._attempts.receipt(self._attempts.operations[effect.operation], effect)

    async def _load(self, effect_id: int) -> EffectRecord:
        async with self._database.transaction(write=False) as session:
            row = await repository.by_id(session, effect_id)
        if row is None:
            raise NotFoundError("FlowPilot has no record of that change.")
        return record_of(row)

    async def undo(self, effect_id: int, actor: Actor) -> Receipt:
        """Take a write back within `UNDO_WINDOW`, unless somebody changed the same thing since (`ConflictError`)."""
        effect = await self._load(effect_id)
        operation = self._attempts.operations[effect.operation]
        if effect.undone_by_id is not None:
            return replace(await self.receipt(effect.undone_by_id), repeated=True)
        undo = self._undo_of(operation, effect, self._now())
        state = await operation.read(effect)
        if operation.mismatch(effect, merged(effect.after, state)):
            raise ConflictError(
                f"{effect.target} was changed again since, so this cannot be taken back.",
                hint="Look at it in its system and change it there or with a command.",
            )
        return await self.perform(
            Intent(
                operation=undo.operation,
                target=effect.target,
                arguments=undo.arguments,
                actor=actor,
                reason=f"undo of change {effect.id}",
                idempotency_key=f"undo:{effect.id}",
                undoes_id=effect.id,
            )
        )

    @staticmethod
    def _undo_of(operation: Operation, effect: EffectRecord, now: datetime) -> Undo:
        undo = operation.undo(effect) if effect.status is EffectStatus.DONE else None
        if undo is None or effect.undoes_id is not None:
            raise ConflictError("That change cannot be undone.", hint="Change it with a command instead.")
        if now > (effect.finished_at or effect.created_at) + UNDO_WINDOW:
            raise undo_is_over()
        return undo

    async def recover(self, *, older_than: timedelta = IN_FLIGHT_AGE) -> list[Receipt]:
        """Settle the current account's writes whose outcome nobody recorded: look first, then write once.

        Called at start-up (with `older_than` zero where one process owns the database) and every few minutes. Those
        that are settled are told to `on_settled`; after `GIVE_UP_AGE` nothing is written any more.
        """
        return await self._recovery.recover(older_than)
