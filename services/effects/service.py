"""Act once: every write to the outside, with its key, its trail and its way back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.models.effects import Effect
from db.repositories import effects as repository
from db.tenancy import current_account_id
from services.clock import Now
from services.effects.audit import AuditTrail
from services.effects.types import (
    UNDO_WINDOW,
    Actor,
    EffectRecord,
    EffectStatus,
    Intent,
    Json,
    Operation,
    Receipt,
    Undo,
)
from services.errors import ConflictError, FlowPilotError, NotFoundError, VendorError

IN_FLIGHT_AGE = timedelta(minutes=2)
"""A write older than this whose outcome nobody recorded belongs to a process that died."""

log = structlog.get_logger(__name__)


def _record(row: Effect) -> EffectRecord:
    return EffectRecord(
        id=row.id,
        operation=row.operation,
        target=row.target,
        arguments=dict(row.arguments),
        actor=Actor(row.actor_member_id, row.actor_name),
        reason=row.reason,
        idempotency_key=row.idempotency_key,
        status=EffectStatus(row.status),
        before=row.before,
        after=row.after,
        error=row.error,
        created_at=row.created_at,
        finished_at=row.finished_at,
        undoes_id=row.undoes_id,
        undone_by_id=row.undone_by_id,
    )


class Effects:
    """Perform, recover and undo writes. Operations are registered once, at composition."""

    def __init__(self, database: Database, audit: AuditTrail, now: Now) -> None:
        self._database = database
        self._audit = audit
        self._now = now
        self._operations: dict[str, Operation] = {}
        self._in_flight: dict[tuple[str, str], asyncio.Future[Receipt]] = {}

    def register(self, operations: Iterable[Operation]) -> None:
        """Add operations by their names."""
        for operation in operations:
            self._operations[operation.name] = operation

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
        operation = self._operations[intent.operation]
        async with self._database.transaction(write=False) as session:
            earlier = await repository.by_key(session, intent.idempotency_key)
        if earlier is not None:
            return await self._repeat(operation, _record(earlier))
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
        effect = await self._start(draft, before)
        if effect is None:
            return await self._perform(intent)  # another replica stored the key in between
        if operation.is_satisfied(effect, before):
            return await self._finish(operation, effect, EffectStatus.UNCHANGED, after=before)
        return await self._write(operation, effect)

    async def _repeat(self, operation: Operation, effect: EffectRecord) -> Receipt:
        if effect.status in (EffectStatus.DONE, EffectStatus.UNCHANGED):
            return replace(self._receipt(operation, effect), repeated=True)
        if effect.status is EffectStatus.FAILED:
            raise FlowPilotError(effect.error or "That did not work the first time.", hint="Start it anew.")
        if self._now() - effect.created_at < IN_FLIGHT_AGE:
            raise ConflictError("That is being done right now.", hint="Give it a moment.")
        return replace(await self._settle(effect), repeated=True)

    async def _start(self, draft: EffectRecord, before: Json) -> EffectRecord | None:
        row = Effect(
            idempotency_key=draft.idempotency_key,
            vendor=draft.operation.partition(".")[0],
            operation=draft.operation,
            target=draft.target,
            arguments=draft.arguments,
            actor_member_id=draft.actor.member_id,
            actor_name=draft.actor.name,
            reason=draft.reason,
            before=before,
            status=EffectStatus.STARTED,
            attempts=1,
            undoes_id=draft.undoes_id,
            correlation_id=str(structlog.contextvars.get_contextvars().get("correlation_id", "")),
            created_at=draft.created_at,
        )
        try:
            async with self._database.transaction() as session:
                session.add(row)
                await session.flush()
        except IntegrityError:
            return None
        return _record(row)

    async def _write(self, operation: Operation, effect: EffectRecord) -> Receipt:
        try:
            result = await operation.write(effect)
        except VendorError as error:
            if not error.outcome_unknown:
                await self._finish(operation, effect, EffectStatus.FAILED, error=error.message)
                raise
            result = await self._look(operation, effect, error)
        except FlowPilotError as error:
            await self._finish(operation, effect, EffectStatus.FAILED, error=error.message)
            raise
        return await self._verify(operation, replace(effect, after=result))

    async def _look(self, operation: Operation, effect: EffectRecord, error: VendorError) -> Json:
        """After an unknown outcome: return what the vendor shows of it, or leave it to `recover`."""
        found: Json | None = None
        try:
            found = await operation.find(effect)
        except VendorError as look_error:
            log.warning("effect_look_failed", effect=effect.id, error=look_error.message)
        if found is None:
            await self._finish(operation, effect, EffectStatus.UNKNOWN, error=error.message)
            raise VendorError(
                error.vendor,
                f"{error.message} It may have happened all the same.",
                hint="FlowPilot looks again in a few minutes and finishes it once; the audit trail says how it ended.",
                outcome_unknown=True,
            ) from error
        return found

    async def _verify(self, operation: Operation, effect: EffectRecord) -> Receipt:
        """Read the state back; a mismatch is a failure that everybody sees."""
        result = effect.after
        try:
            state = await operation.read(effect)
        except VendorError as error:
            # the vendor said yes; that it cannot be read just now does not make it undone
            log.warning("effect_not_read_back", effect=effect.id, error=error.message)
            return await self._finish(operation, effect, EffectStatus.DONE, after=_merged(result, effect.before))
        effect = replace(effect, after=_merged(result, state))
        if problem := operation.mismatch(effect, effect.after):
            await self._finish(operation, effect, EffectStatus.FAILED, after=effect.after, error=problem)
            raise VendorError(effect.operation.partition(".")[0], problem, hint="Nothing else was done.")
        return await self._finish(operation, effect, EffectStatus.DONE, after=effect.after)

    async def _finish(
        self,
        operation: Operation,
        effect: EffectRecord,
        status: EffectStatus,
        *,
        after: Json = None,
        error: str | None = None,
    ) -> Receipt:
        async with self._database.transaction() as session:
            row = await repository.by_id(session, effect.id)
            if row is None:
                raise NotFoundError(f"Effect {effect.id} is gone.")
            row.status, row.after, row.error, row.finished_at = status, after, error, self._now()
            if row.undoes_id is not None and status is EffectStatus.DONE:
                undone = await repository.by_id(session, row.undoes_id)
                if undone is not None:
                    undone.undone_by_id = row.id
            await self._append_line(session, row, status, error)
            finished = _record(row)
        return self._receipt(operation, finished)

    async def _append_line(self, session: AsyncSession, row: Effect, status: EffectStatus, error: str | None) -> None:
        await self._audit.append(
            session,
            actor=Actor(row.actor_member_id, row.actor_name),
            action=row.operation,
            target=row.target,
            result=status,
            reason=row.reason,
            before=row.before,
            after=row.after,
            detail=error or "",
            effect_id=row.id,
        )

    def _receipt(self, operation: Operation, effect: EffectRecord) -> Receipt:
        finished_at = effect.finished_at or effect.created_at
        can_undo = (
            effect.status is EffectStatus.DONE
            and effect.undone_by_id is None
            and effect.undoes_id is None
            and operation.undo(effect) is not None
        )
        return Receipt(
            effect_id=effect.id,
            operation=effect.operation,
            target=effect.target,
            summary=operation.describe(effect),
            url=operation.url(effect),
            actor=effect.actor,
            status=effect.status,
            before=effect.before,
            after=effect.after,
            at=finished_at,
            undo_until=finished_at + UNDO_WINDOW if can_undo else None,
        )

    async def receipt(self, effect_id: int) -> Receipt:
        """Return the receipt of a write of the current account; raises `NotFoundError`."""
        effect = await self._load(effect_id)
        return self._receipt(self._operations[effect.operation], effect)

    async def _load(self, effect_id: int) -> EffectRecord:
        async with self._database.transaction(write=False) as session:
            row = await repository.by_id(session, effect_id)
        if row is None:
            raise NotFoundError("FlowPilot has no record of that change.")
        return _record(row)

    async def undo(self, effect_id: int, actor: Actor) -> Receipt:
        """Take a write back within `UNDO_WINDOW`, unless somebody changed the same thing since (`ConflictError`)."""
        effect = await self._load(effect_id)
        operation = self._operations[effect.operation]
        if effect.undone_by_id is not None:
            return replace(await self.receipt(effect.undone_by_id), repeated=True)
        undo = self._undo_of(operation, effect, self._now())
        state = await operation.read(effect)
        if operation.mismatch(effect, _merged(effect.after, state)):
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
            minutes = int(UNDO_WINDOW.total_seconds() // 60)
            raise ConflictError(
                f"Undo is possible for {minutes} minutes; that time is over.", hint="Change it with a command instead."
            )
        return undo

    async def recover(self, *, older_than: timedelta = IN_FLIGHT_AGE) -> list[Receipt]:
        """Settle the current account's writes whose outcome nobody recorded: look first, then write once.

        Called at start-up (with `older_than` zero where one process owns the database) and every few minutes.
        """
        async with self._database.transaction(write=False) as session:
            rows = await repository.unsettled(session, before=self._now() - older_than)
        settled = []
        for row in rows:
            async with self._database.transaction() as session:
                claimed = await repository.claim(session, row.id, row.attempts)
            if not claimed:
                continue
            try:
                settled.append(await self._settle(_record(row)))
            except FlowPilotError as error:
                log.warning("effect_not_settled", effect=row.id, operation=row.operation, error=error.message)
        return settled

    async def _settle(self, effect: EffectRecord) -> Receipt:
        operation = self._operations[effect.operation]
        state = await operation.read(effect)
        if operation.is_satisfied(effect, state):
            return await self._finish(operation, effect, EffectStatus.DONE, after=state)
        found = await operation.find(effect)
        if found is not None:
            return await self._verify(operation, replace(effect, after=found))
        if state != effect.before:
            # somebody else moved it meanwhile: doing it now would overwrite their decision
            return await self._finish(
                operation, effect, EffectStatus.FAILED, after=state, error="It was changed by somebody else meanwhile."
            )
        return await self._write(operation, effect)


def _merged(result: Json, state: Json) -> Json:
    """Keep what the write returned (ids) beside the state read back."""
    if isinstance(result, dict) and isinstance(state, dict):
        return {**result, **state}
    return state if state is not None else result
