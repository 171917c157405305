"""SQL of what is usual for each status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.mirror import JiraIssue
from db.models.pm import BottleneckBaseline
from db.repositories.mirror.upsert import in_parts, stamped, table_of


async def mirrored_projects(session: AsyncSession) -> list[str]:
    """Return the projects that have issues in the mirror, by key."""
    query = select(JiraIssue.project_key).where(JiraIssue.deleted_at.is_(None)).distinct()
    return list((await session.scalars(query.order_by(JiraIssue.project_key))).all())


async def baselines(session: AsyncSession, project_key: str | None = None) -> Sequence[BottleneckBaseline]:
    """Return baselines, the widest first; `project_key` keeps those of one project ("": of all together)."""
    columns = BottleneckBaseline
    query = select(columns)
    if project_key is not None:
        query = query.where(columns.project_key == project_key)
    ordered = query.order_by(columns.project_key, columns.item_type, columns.status, columns.priority)
    return (await session.scalars(ordered)).all()


async def replace_baselines(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put the outcome of a training in the place of the one before."""
    await session.execute(delete(BottleneckBaseline).execution_options(synchronize_session=False))
    for part in in_parts(stamped(rows)):
        await session.execute(insert(table_of(BottleneckBaseline)), list(part))


async def last_training(session: AsyncSession) -> tuple[datetime | None, int, int]:
    """Return when the baselines were trained, how many there are, and the longest history in days."""
    columns = BottleneckBaseline
    query = select(func.max(columns.last_trained), func.count(columns.id), func.max(columns.history_days))
    trained_at, count, days = (await session.execute(query)).one()
    return trained_at, count, days or 0
