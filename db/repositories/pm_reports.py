"""SQL of monthly reports, and of the forecasts that they compare with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.alerts import AlertDelivery
from db.models.pm import EpicForecast, MonthlyReconciliationReport


async def forecasts_for(session: AsyncSession, month: str) -> Sequence[EpicForecast]:
    """Return what is planned for a month, and for epics as a whole."""
    query = select(EpicForecast).where(EpicForecast.month.in_([month, ""]))
    return (await session.scalars(query.order_by(EpicForecast.epic_key, EpicForecast.team))).all()


async def latest(session: AsyncSession, month: str) -> MonthlyReconciliationReport | None:
    """Return the newest revision of a month."""
    query = select(MonthlyReconciliationReport).where(MonthlyReconciliationReport.month == month)
    return (await session.scalars(query.order_by(MonthlyReconciliationReport.revision.desc()).limit(1))).first()


async def revision(session: AsyncSession, month: str, number: int) -> MonthlyReconciliationReport | None:
    """Return a certain revision of a month."""
    query = select(MonthlyReconciliationReport).where(
        MonthlyReconciliationReport.month == month, MonthlyReconciliationReport.revision == number
    )
    return (await session.scalars(query)).one_or_none()


async def report(session: AsyncSession, report_id: int, *, lock: bool = False) -> MonthlyReconciliationReport | None:
    """Return a report by id."""
    query = select(MonthlyReconciliationReport).where(MonthlyReconciliationReport.id == report_id)
    return (await session.scalars(query.with_for_update() if lock else query)).one_or_none()


async def newest_since(session: AsyncSession, since: datetime) -> Sequence[MonthlyReconciliationReport]:
    """Return the reports made since an instant, oldest first."""
    query = select(MonthlyReconciliationReport).where(MonthlyReconciliationReport.generated_at >= since)
    return (await session.scalars(query.order_by(MonthlyReconciliationReport.id))).all()


async def delivery(session: AsyncSession, delivery_id: int) -> AlertDelivery | None:
    """Return an alert's delivery: where its message is, once it is in Slack."""
    return (await session.scalars(select(AlertDelivery).where(AlertDelivery.id == delivery_id))).one_or_none()
