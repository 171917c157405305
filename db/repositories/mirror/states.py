"""How far each source is mirrored, and which projects are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.mirror import MirrorState
from db.models.pm import Project
from db.repositories.mirror.upsert import insert_into, stamped, table_of


async def state(session: AsyncSession, source: str) -> MirrorState:
    """Return the source's state, made on first use (needs a writing transaction)."""
    found = await session.scalar(select(MirrorState).where(MirrorState.source == source))
    if found is not None:
        return found
    insert = insert_into(session, table_of(MirrorState)).on_conflict_do_nothing(index_elements=("account_id", "source"))
    await session.execute(insert, stamped([{"source": source, "counts": {}}]))
    return (await session.scalars(select(MirrorState).where(MirrorState.source == source))).one()


async def state_or_none(session: AsyncSession, source: str) -> MirrorState | None:
    """Return the source's state, None before its first pass."""
    return await session.scalar(select(MirrorState).where(MirrorState.source == source))


async def advance_watermark(session: AsyncSession, source: str, to: datetime) -> None:
    """Move the watermark forwards, never back: another replica may be further."""
    await session.execute(
        update(MirrorState)
        .where(MirrorState.source == source, or_(MirrorState.watermark.is_(None), MirrorState.watermark < to))
        .values(watermark=to),
        execution_options={"synchronize_session": False},
    )


async def save_state(session: AsyncSession, source: str, **values: Any) -> None:
    """Set columns of the source's state."""
    await session.execute(
        update(MirrorState).where(MirrorState.source == source).values(**values),
        execution_options={"synchronize_session": False},
    )


async def project_keys(session: AsyncSession) -> Sequence[str]:
    """Return the keys of the account's projects."""
    return (await session.scalars(select(Project.project_key).order_by(Project.project_key))).all()
