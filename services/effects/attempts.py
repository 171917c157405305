"""One write from its row to its end: start, write, look, verify, record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.models.effects import Effect
from db.repositories import effects as repository
from services.clock import Now
from services.effects.audit import AuditTrail
from services.effects.types import (
    UNDO_WINDOW,
    Actor,
    EffectRecord,
    EffectStatus,
    Json,
    Operation,
    Receipt,
)
from services.errors import FlowPilotError, NotFoundError, VendorError

IN_FLIGHT_AGE = timedelta(minutes=2)
"""A write older than this whose outcome nobody recorded belongs to a process that died."""
OPEN = (EffectStatus.STARTED, EffectStatus.UNKNOWN)
"""Nobody knows yet how it ended."""

log = structlog.get_logger(__name__)


def record_of(row: Effect) -> EffectRecord:
    """Return a stored row as operations get it."""
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


class Attempts:
    """What performing and settling have in common; each call is about one write of the current account."""

    def __init__(self, database: Database, audit: AuditTrail, now: Now) -> None:
        self._database = database
        self._audit = audit
        self._now = now
        self.operations: dict[str, Operation] = {}

    async def start(self, draft: EffectRecord, before: Json) -> EffectRecord | None:
        """Store that the write begins; None when the idempotency key is taken.

        Raises the database's error where the row is refused for another reason.
        """
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
            async with self._database.transaction(write=False) as session:
                if await repository.by_key(session, draft.idempotency_key) is None:
                    raise  # no other replica: nothing would change by trying again
            return None
        return record_of(row)

    async def write(self, operation: Operation, effect: EffectRecord) -> Receipt:
        """Write and verify; raises what the vendor refused, and `outcome_unknown` where the write stays open."""
        try:
            result = await operation.write(effect)
        except VendorError as error:
            if not error.outcome_unknown:
                await self.finish(operation, effect, EffectStatus.FAILED, error=error.message)
                raise
            result = await self._look(operation, effect, error)
        except FlowPilotError as error:
            await self.finish(operation, effect, EffectStatus.FAILED, error=error.message)
            raise
        return await self.verify(operation, replace(effect, after=result))

    async def _look(self, operation: Operation, effect: EffectRecord, error: VendorError) -> Json:
        """After an unknown outcome: return what the vendor shows of it, or leave it to `recover`."""
        found: Json | None = None
        try:
            found = await operation.find(effect)
        except VendorError as look_error:
            log.warning("effect_look_failed", effect=effect.id, error=look_error.message)
        if found is None:
            await self.finish(operation, effect, EffectStatus.UNKNOWN, error=error.message)
            raise VendorError(
                error.vendor,
                f"{error.message} It may have happened all the same.",
                hint="FlowPilot looks again in a few minutes and finishes it once; the audit trail says how it ended.",
                outcome_unknown=True,
            ) from error
        return found

    async def verify(self, operation: Operation, effect: EffectRecord) -> Receipt:
        """Read the state back; a mismatch is a failure that everybody sees."""
        result = effect.after
        try:
            state = await operation.read(effect)
        except VendorError as error:
            # the vendor said yes; that it cannot be read just now does not make it undone
            log.warning("effect_not_read_back", effect=effect.id, error=error.message)
            return await self.finish(operation, effect, EffectStatus.DONE, after=merged(result, effect.before))
        effect = replace(effect, after=merged(result, state))
        if problem := operation.mismatch(effect, effect.after):
            await self.finish(operation, effect, EffectStatus.FAILED, after=effect.after, error=problem)
            raise VendorError(effect.operation.partition(".")[0], problem, hint="Nothing else was done.")
        return await self.finish(operation, effect, EffectStatus.DONE, after=effect.after)

    async def finish(
        self,
        operation: Operation,
        effect: EffectRecord,
        status: EffectStatus,
        *,
        after: Json = None,
        error: str | None = None,
    ) -> Receipt:
        """Record how the write ended (or that nobody knows), in the trail too, and return its receipt."""
        async with self._database.transaction() as session:
            row = await repository.by_id(session, effect.id)
            if row is None:
                raise NotFoundError(f"Effect {effect.id} is gone.")
            is_news = row.status != status
            if not is_news:  # still unknown, after one more attempt
                row.attempts += 1
            row.status, row.after, row.error, row.finished_at = status, after, error, self._now()
            if row.undoes_id is not None and status is EffectStatus.DONE:
                undone = await repository.by_id(session, row.undoes_id)
                if undone is not None:
                    undone.undone_by_id = row.id
            if is_news:
                await self._append_line(session, row, status, error)
            finished = record_of(row)
        return self.receipt(operation, finished)

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

    def receipt(self, operation: Operation, effect: EffectRecord) -> Receipt:
        """Return what a person is shown of the write as it is stored."""
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
            error=effect.error,
            at=finished_at,
            undo_until=finished_at + UNDO_WINDOW if can_undo else None,
        )


def merged(result: Json, state: Json) -> Json:
    """Keep what the write returned (ids) beside the state read back."""
    if isinstance(result, dict) and isinstance(state, dict):
        return {**result, **state}
    return state if state is not None else result
