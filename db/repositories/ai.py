"""SQL of model calls: what they cost, and what an account may spend."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.accounts import AccountSettings
from db.models.ai import ModelCall


@dataclass(frozen=True)
class SpendRow:
    """Calls and cost of one task by one model with one outcome."""

    task: str
    model: str
    outcome: str
    calls: int
    cost_microdollars: int


async def preference(session: AsyncSession, key: str, default: Any) -> Any:
    """Return the current account's preference, or `default` where nobody has set it."""
    row = await session.scalar(select(AccountSettings))
    return row.get_setting(key, default) if row else default


async def cost_since(session: AsyncSession, since: datetime) -> int:
    """Return what the account's calls have cost since an instant, in microdollars."""
    statement = select(func.coalesce(func.sum(ModelCall.cost_microdollars), 0)).where(ModelCall.called_at >= since)
    return int((await session.scalar(statement)) or 0)


async def cost_by_subject(
    session: AsyncSession, subjects: Collection[str], since: datetime | None = None
) -> dict[str, int]:
    """Return what calls for these subjects have cost (since an instant), in microdollars; those without cost not."""
    cost = func.sum(ModelCall.cost_microdollars)
    query = select(ModelCall.subject, cost).where(ModelCall.subject.in_(subjects)).group_by(ModelCall.subject)
    if since is not None:
        query = query.where(ModelCall.called_at >= since)
    return {subject: int(spent) for subject, spent in await session.execute(query) if spent}


async def spend_by_task(session: AsyncSession, since: datetime) -> Sequence[SpendRow]:
    """Return calls and cost by task, model and outcome since an instant, dearest first."""
    cost = func.sum(ModelCall.cost_microdollars)
    statement = (
        select(ModelCall.task, ModelCall.model, ModelCall.outcome, func.count(), cost)
        .where(ModelCall.called_at >= since)
        .group_by(ModelCall.task, ModelCall.model, ModelCall.outcome)
        .order_by(cost.desc(), ModelCall.task, ModelCall.model, ModelCall.outcome)
    )
    return [
        SpendRow(task, model, outcome, int(n), int(c))
        for task, model, outcome, n, c in await session.execute(statement)
    ]
