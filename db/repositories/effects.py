"""SQL of effects and of the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.effects import AuditEntry, Effect
from db.tenancy import current_account_id


async def by_key(session: AsyncSession, idempotency_key: str) -> Effect | None:
    """Return the effect with that idempotency key."""
    return await session.scalar(select(Effect).where(Effect.idempotency_key == idempotency_key))


async def by_id(session: AsyncSession, effect_id: int) -> Effect | None:
    """Return one effect of the current account."""
    return await session.scalar(select(Effect).where(Effect.id == effect_id))


async def unsettled(session: AsyncSession, *, before: datetime) -> Sequence[Effect]:
    """Return the effects that started before an instant and whose outcome nobody recorded."""
    query = select(Effect).where(Effect.status.in_(("started", "unknown")), Effect.created_at <= before)
    return (await session.scalars(query.order_by(Effect.id))).all()


async def claim(session: AsyncSession, effect_id: int) -> bool:
    """Take an unsettled effect until the transaction ends; False while another replica has it (Postgres)."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    query = text("select pg_try_advisory_xact_lock(hashtextextended(:key, 0))")
    return bool(await session.scalar(query, {"key": f"effect:{current_account_id()}:{effect_id}"}))


async def lock_trail(session: AsyncSession) -> None:
    """Let one transaction at a time append to the account's trail (SQLite's write lock does so already)."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(
            text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"audit:{current_account_id()}"}
        )


async def last_entry(session: AsyncSession) -> AuditEntry | None:
    """Return the newest line of the trail."""
    return await session.scalar(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1))


async def entries(
    session: AsyncSession, *, target: str | None = None, limit: int | None = None, after_sequence: int = 0
) -> Sequence[AuditEntry]:
    """Return lines of the trail in order; with `limit`, the newest ones."""
    query = select(AuditEntry).where(AuditEntry.sequence > after_sequence)
    if target is not None:
        query = query.where(AuditEntry.target == target)
    if limit is None:
        return (await session.scalars(query.order_by(AuditEntry.sequence))).all()
    newest = (await session.scalars(query.order_by(AuditEntry.sequence.desc()).limit(limit))).all()
    return list(reversed(newest))


async def count_entries(session: AsyncSession, **where: Any) -> int:
    """Count the trail's lines."""
    query = select(func.count()).select_from(AuditEntry).filter_by(**where)
    return await session.scalar(query) or 0
