"""SQL of the hours by epic, month and team."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.pm import EpicHours


async def epic_hours(session: AsyncSession, months: Collection[str] | None = None) -> Sequence[EpicHours]:
    """Return the kept hours of some months ("2026-11"), of all where None, by month, project, epic, team."""
    query = select(EpicHours).order_by(EpicHours.month, EpicHours.project_key, EpicHours.epic_key, EpicHours.team)
    if months is not None:
        query = query.where(EpicHours.month.in_(list(months)))
    return (await session.scalars(query)).all()
