"""Writes whose outcome nobody recorded: settled by one process at a time, looking before writing, not for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import structlog

from db.engine import Database
from db.repositories import effects as repository
from db.tenancy import current_account_id
from services.clock import Now
from services.effects.attempts import OPEN, Attempts, record_of
from services.effects.types import EffectRecord, EffectStatus, Operation, Receipt
from services.errors import FlowPilotError

GIVE_UP_AGE = timedelta(hours=24)
"""What could not be settled for so long may not be wanted any more: it is looked for once more, and closed."""

OnSettled = Callable[[Receipt], Awaitable[None]]
"""Told, in the account's scope, of each write that `recover` brought to an end."""

log = structlog.get_logger(__name__)


class Recovery:
    """Settles what a crash or a silent vendor left open."""

    def __init__(self, database: Database, attempts: Attempts, now: Now, on_settled: OnSettled | None = None) -> None:
        self._database = database
        self._attempts = attempts
        self._now = now
        self._on_settled = on_settled
        self._claims: set[tuple[str, int]] = set()

    async def recover(self, older_than: timedelta) -> list[Receipt]:
        """Settle the current account's open writes that are older than that; one that fails holds up no other."""
        async with self._database.transaction(write=False) as session:
            rows = await repository.unsettled(session, before=self._now() - older_than)
        settled = []
        for row in rows:
            try:
                receipt = await self.settle(row.id)
            except FlowPilotError as error:
                log.warning("effect_not_settled", effect=row.id, operation=row.operation, error=error.message)
                receipt = await self._ended(row.id)
            except Exception:
                log.exception("effect_not_settled", effect=row.id, operation=row.operation)
                continue
            if receipt is not None:
                settled.append(receipt)
                await self._tell(receipt)
        return settled

    async def settle(self, effect_id: int) -> Receipt | None:
        """Bring one open write to its end; None when it is not open any more, or another process is at it."""
        async with self._claimed(effect_id) as effect:
            if effect is None:
                return None
            operation = self._attempts.operations[effect.operation]
            if self._now() - effect.created_at >= GIVE_UP_AGE:
                return await self._close(operation, effect)
            return await self._look(operation, effect) or await self._attempts.write(operation, effect)

    @asynccontextmanager
    async def _claimed(self, effect_id: int) -> AsyncIterator[EffectRecord | None]:
        """Yield the write if it is open and nobody else settles it; a process that dies loses its claim."""
        claim = (current_account_id(), effect_id)
        if claim in self._claims:
            yield None
            return
        self._claims.add(claim)
        try:
            async with self._database.transaction(write=False) as session:
                is_ours = await repository.claim(session, effect_id)
                row = await repository.by_id(session, effect_id) if is_ours else None
                yield record_of(row) if row is not None and row.status in OPEN else None
        finally:
            self._claims.discard(claim)

    async def _look(self, operation: Operation, effect: EffectRecord) -> Receipt | None:
        """Return how the write ended, if the vendor shows it; None when nothing has happened."""
        state = await operation.read(effect)
        if operation.is_satisfied(effect, state):
            return await self._attempts.finish(operation, effect, EffectStatus.DONE, after=state)
        found = await operation.find(effect)
        if found is not None:
            return await self._attempts.verify(operation, replace(effect, after=found))
        if state != effect.before:
            # somebody else moved it meanwhile: doing it now would overwrite their decision
            return await self._attempts.finish(
                operation, effect, EffectStatus.FAILED, after=state, error="It was changed by somebody else meanwhile."
            )
        return None

    async def _close(self, operation: Operation, effect: EffectRecord) -> Receipt:
        """Look a last time; write nothing."""
        error = f"It was not done, and FlowPilot tries no longer; look at {effect.target}, and start it anew if needed."
        try:
            if (ended := await self._look(operation, effect)) is not None:
                return ended
        except FlowPilotError as look_error:
            log.warning("effect_given_up", effect=effect.id, error=look_error.message)
            if (receipt := await self._ended(effect.id)) is not None:
                return receipt
            error = f"FlowPilot could not find out whether it was done; look at {effect.target}."
        return await self._attempts.finish(operation, effect, EffectStatus.FAILED, error=error)

    async def _ended(self, effect_id: int) -> Receipt | None:
        """Return the receipt of a write that has just failed for good; None while it is open."""
        async with self._database.transaction(write=False) as session:
            row = await repository.by_id(session, effect_id)
        if row is None or row.status in OPEN:
            return None
        effect = record_of(row)
        return self._attempts.receipt(self._attempts.operations[effect.operation], effect)

    async def _tell(self, receipt: Receipt) -> None:
        if self._on_settled is None:
            return
        try:
            await self._on_settled(receipt)
        except Exception:
            log.exception("nobody could be told how a write ended", effect=receipt.effect_id)
