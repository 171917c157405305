"""Deliveries that were taken up."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, cast, delete, func, literal, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.events import HandledEvent


async def claim(session: AsyncSession, source: str, event_ids: Collection[str], now: datetime) -> set[str]:
    """Store deliveries as taken up and return those that nobody had taken up before."""
    # one parameter for all ids: a row of parameters each would hold up the event loop in a burst
    ids = json.dumps(list(event_ids))
    insert: Any
    if session.get_bind().dialect.name == "sqlite":
        insert, each = sqlite.insert(HandledEvent), func.json_each(ids).table_valued("value")
    else:
        each = func.json_array_elements_text(cast(list(event_ids), JSON)).table_valued("value")
        insert = postgresql.insert(HandledEvent)
    received_at = literal(now, HandledEvent.received_at.type)
    # without a WHERE, SQLite reads ON CONFLICT as a join's ON
    rows = select(literal(source), each.c.value, received_at).where(true())
    statement = insert.from_select(["source", "event_id", "received_at"], rows).on_conflict_do_nothing()
    return set((await session.execute(statement.returning(HandledEvent.event_id))).scalars())


async def forget_before(session: AsyncSession, instant: datetime) -> None:
    """Delete deliveries received before `instant`."""
    await session.execute(delete(HandledEvent).where(HandledEvent.received_at < instant))


async def database_now(session: AsyncSession) -> datetime:
    """Return the time by Postgres' own clock, which is the same for all replicas."""
    now: datetime = (
        await session.execute(select(func.clock_timestamp(type_=HandledEvent.received_at.type)))
    ).scalar_one()
    return now


async def renew(session: AsyncSession, source: str, event_id: str, now: datetime, *, held_since: datetime) -> bool:
    """Say that what was claimed is still being worked on; False when it is somebody else's by now."""
    chosen = _chosen(source, event_id, HandledEvent.received_at == held_since)
    renewed = await session.execute(
        update(HandledEvent).where(*chosen).values(received_at=now).returning(HandledEvent.event_id)
    )
    return renewed.scalar() is not None


async def release(
    session: AsyncSession,
    source: str,
    event_id: str,
    *,
    older_than: datetime | None = None,
    held_since: datetime | None = None,
) -> None:
    """Give a claim back: only one that was not renewed since `older_than`, only one of ours (`held_since`)."""
    conditions = []
    if older_than is not None:
        conditions.append(HandledEvent.received_at < older_than)
    if held_since is not None:
        conditions.append(HandledEvent.received_at == held_since)
    await session.execute(delete(HandledEvent).where(*_chosen(source, event_id, *conditions)))


def _chosen(source: str, event_id: str, *conditions: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    return (HandledEvent.source == source, HandledEvent.event_id == event_id, *conditions)
