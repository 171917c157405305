"""SQL of forecasts, and of what was found of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.alerts import AlertDelivery
from db.models.pm import EpicForecast, ProactiveInsight


async def forecasts(
    session: AsyncSession, *, project_keys: Collection[str] | None = None, epic_keys: Collection[str] | None = None
) -> Sequence[EpicForecast]:
    """Return forecasts by project, epic, month and team."""
    query = select(EpicForecast).order_by(
        EpicForecast.project_key, EpicForecast.epic_key, EpicForecast.month, EpicForecast.team
    )
    if project_keys is not None:
        query = query.where(EpicForecast.project_key.in_(list(project_keys)))
    if epic_keys is not None:
        query = query.where(EpicForecast.epic_key.in_(list(epic_keys)))
    return (await session.scalars(query)).all()


async def insights(
    session: AsyncSession, insight_type: str, *, period: str | None = None, open_only: bool = False
) -> Sequence[ProactiveInsight]:
    """Return insights of a type, newest last; of one period, or only those not resolved, where asked for."""
    query = select(ProactiveInsight).where(ProactiveInsight.insight_type == insight_type)
    if period is not None:
        query = query.where(ProactiveInsight.period == period)
    if open_only:
        query = query.where(ProactiveInsight.resolved_at.is_(None))
    return (await session.scalars(query.order_by(ProactiveInsight.detected_at, ProactiveInsight.id))).all()


async def alerts_told(session: AsyncSession, agent: str, key_prefix: str, since: datetime) -> Sequence[AlertDelivery]:
    """Return an agent's alerts since a moment that somebody was told, or that wait to be told."""
    query = select(AlertDelivery).where(
        AlertDelivery.agent == agent,
        AlertDelivery.dedupe_key.startswith(key_prefix, autoescape=True),
        AlertDelivery.created_at > since,
        AlertDelivery.status.not_in(["shadow", "snoozed", "failed"]),
    )
    return (await session.scalars(query.order_by(AlertDelivery.created_at))).all()
