"""Deliveries that were taken up."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.events import HandledEvent


async def claim(session: AsyncSession, source: str, event_ids: Collection[str], now: datetime) -> set[str]:
    """Store deliveries as taken up and return those that nobody had taken up before."""
    rows = [{"source": source, "event_id": event_id, "received_at": now} for event_id in event_ids]
    dialect = session.get_bind().dialect.name
    insert = sqlite.insert(HandledEvent) if dialect == "sqlite" else postgresql.insert(HandledEvent)
    statement = insert.on_conflict_do_nothing().returning(HandledEvent.event_id)
    return set((await session.execute(statement, rows)).scalars())


async def forget_before(session: AsyncSession, instant: datetime) -> None:
    """Delete deliveries received before `instant`."""
    await session.execute(delete(HandledEvent).where(HandledEvent.received_at < instant))
