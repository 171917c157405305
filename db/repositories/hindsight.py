"""SQL of looking back: when pull requests that were stuck moved on."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.pm import WorkflowBottleneck


async def bottlenecks(session: AsyncSession, item_keys: Collection[str]) -> Sequence[WorkflowBottleneck]:
    """Return what is kept of items that were stuck, by when they entered their status."""
    statement = select(WorkflowBottleneck).where(WorkflowBottleneck.item_key.in_(item_keys))
    return (await session.scalars(statement.order_by(WorkflowBottleneck.entered_at))).all()
