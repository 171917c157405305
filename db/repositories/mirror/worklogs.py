"""Worklogs and schedules."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.mirror import JiraIssue, TempoScheduleDay, TempoWorklog
from db.repositories.mirror.upsert import in_parts, insert_into, one_writer, stamped, table_of

_WORKLOG_KEY = ("account_id", "tempo_worklog_id")
_DAY_KEY = ("account_id", "jira_account_id", "day")


async def store_worklogs(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert or update worklogs; a row never replaces a newer one, nor brings back a deleted one read before."""
    if not rows:
        return
    await one_writer(session)
    table = table_of(TempoWorklog)
    statement = insert_into(session, table)
    new, old = statement.excluded, table.c
    values: dict[str, Any] = {name: new[name] for name in rows[0] if name not in _WORKLOG_KEY}
    values["deleted_at"] = None
    is_newer = and_(new.updated_at >= old.updated_at, or_(old.deleted_at.is_(None), new.synced_at > old.deleted_at))
    statement = statement.on_conflict_do_update(index_elements=_WORKLOG_KEY, set_=values, where=is_newer)
    await session.execute(statement, stamped(rows))


async def mark_worklogs_deleted(session: AsyncSession, worklog_ids: Collection[int], at: datetime) -> int:
    """Mark worklogs as gone unless they were read after `at`; return how many were."""
    await one_writer(session)
    count = 0
    for part in in_parts(list(worklog_ids)):
        result = await session.execute(
            update(TempoWorklog)
            .where(
                TempoWorklog.tempo_worklog_id.in_(part),
                TempoWorklog.deleted_at.is_(None),
                TempoWorklog.synced_at <= at,
            )
            .values(deleted_at=at),
            execution_options={"synchronize_session": False},
        )
        count += result.rowcount  # type: ignore[attr-defined]
    return count


async def live_worklog_ids(session: AsyncSession, from_date: date, to_date: date) -> set[int]:
    """Return the Tempo ids of the worklogs of some days that are not deleted."""
    query = select(TempoWorklog.tempo_worklog_id).where(
        TempoWorklog.deleted_at.is_(None), TempoWorklog.start_date.between(from_date, to_date)
    )
    return set((await session.scalars(query)).all())


async def count_live_worklogs(session: AsyncSession) -> int:
    """Return how many worklogs are not deleted."""
    return await session.scalar(select(func.count(TempoWorklog.id)).where(TempoWorklog.deleted_at.is_(None))) or 0


async def worklogs(
    session: AsyncSession, from_date: date, to_date: date, account_ids: Collection[str] | None
) -> Sequence[Row[TempoWorklog, str, str, str | None]]:
    """Return (worklog, issue key, project key, epic key) of some days, the keys None for an issue not mirrored.

    What is logged on an epic itself is that epic's.
    """
    epic_key = case((JiraIssue.hierarchy_level == 1, JiraIssue.key), else_=JiraIssue.epic_key)
    query = (
        select(TempoWorklog, JiraIssue.key, JiraIssue.project_key, epic_key)
        .outerjoin(
            JiraIssue,
            and_(JiraIssue.account_id == TempoWorklog.account_id, JiraIssue.jira_id == TempoWorklog.issue_jira_id),
        )
        .where(TempoWorklog.deleted_at.is_(None), TempoWorklog.start_date.between(from_date, to_date))
        .order_by(TempoWorklog.start_date, TempoWorklog.tempo_worklog_id)
    )
    if account_ids is not None:
        query = query.where(TempoWorklog.author_account_id.in_(list(account_ids)))
    return (await session.execute(query)).all()


async def store_days(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert or replace what is required of people on days."""
    if not rows:
        return
    await one_writer(session)
    table = table_of(TempoScheduleDay)
    statement = insert_into(session, table)
    values = {name: statement.excluded[name] for name in rows[0] if name not in _DAY_KEY}
    is_newer = statement.excluded.synced_at >= table.c.synced_at
    statement = statement.on_conflict_do_update(index_elements=_DAY_KEY, set_=values, where=is_newer)
    await session.execute(statement, stamped(rows))


async def days(
    session: AsyncSession, account_ids: Collection[str], from_date: date, to_date: date
) -> Sequence[TempoScheduleDay]:
    """Return what is stored of people's days."""
    query = select(TempoScheduleDay).where(
        TempoScheduleDay.jira_account_id.in_(list(account_ids)), TempoScheduleDay.day.between(from_date, to_date)
    )
    return (await session.scalars(query.order_by(TempoScheduleDay.jira_account_id, TempoScheduleDay.day))).all()
