"""SQL of retainer budgets."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.pm import RetainerBudgetAlert


async def alerts_of_month(session: AsyncSession, month: str) -> Sequence[RetainerBudgetAlert]:
    """Return the thresholds passed in a month ("2026-11"), by project and threshold."""
    query = select(RetainerBudgetAlert).where(RetainerBudgetAlert.month == month)
    return (await session.scalars(query.order_by(RetainerBudgetAlert.project_key, RetainerBudgetAlert.threshold))).all()
