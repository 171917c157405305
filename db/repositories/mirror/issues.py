"""Issues and their field changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.models.mirror import JiraFieldChange, JiraIssue
from db.repositories.mirror.upsert import in_parts, insert_into, one_writer, stamped, table_of

ROWS_PER_FETCH = 500
_ISSUE_KEY = ("account_id", "jira_id")
_CHANGE_KEY = ("account_id", "jira_id", "history_id", "field")


async def store_issues(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert or update issues; a row never replaces a newer one, nor brings back what was deleted after it was read."""
    if not rows:
        return
    await one_writer(session)
    table = table_of(JiraIssue)
    statement = insert_into(session, table)
    new, old = statement.excluded, table.c
    values: dict[str, Any] = {name: new[name] for name in rows[0] if name not in _ISSUE_KEY}
    values["history_at"] = func.coalesce(new.history_at, old.history_at)
    values["deleted_at"] = None
    is_newer = and_(new.updated_at >= old.updated_at, or_(old.deleted_at.is_(None), new.synced_at > old.deleted_at))
    statement = statement.on_conflict_do_update(index_elements=_ISSUE_KEY, set_=values, where=is_newer)
    await session.execute(statement, stamped(rows))


async def store_changes(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the changes that are not known yet; a changelog entry never changes."""
    if rows:
        statement = insert_into(session, table_of(JiraFieldChange)).on_conflict_do_nothing(index_elements=_CHANGE_KEY)
        await session.execute(statement, stamped(rows))


async def relink(session: AsyncSession) -> None:
    """Give issues the present keys of their parents, and sub-tasks the epics of theirs."""
    parent = aliased(JiraIssue)
    is_parent = and_(parent.account_id == JiraIssue.account_id, parent.jira_id == JiraIssue.parent_jira_id)
    has_parent = JiraIssue.parent_jira_id.is_not(None)
    parent_key = select(parent.key).where(is_parent).scalar_subquery()
    await session.execute(
        update(JiraIssue).where(has_parent, parent_key != JiraIssue.parent_key).values(parent_key=parent_key),
        execution_options={"synchronize_session": False},
    )
    epic_key = select(parent.key).where(is_parent, parent.hierarchy_level == 1).scalar_subquery()
    moved = and_(has_parent, JiraIssue.hierarchy_level == 0, epic_key.is_not(None))
    await session.execute(
        update(JiraIssue).where(moved, JiraIssue.epic_key.is_distinct_from(epic_key)).values(epic_key=epic_key),
        execution_options={"synchronize_session": False},
    )
    inherited = select(parent.epic_key).where(is_parent).scalar_subquery()
    await session.execute(
        update(JiraIssue)
        .where(has_parent, JiraIssue.hierarchy_level < 0, JiraIssue.epic_key.is_distinct_from(inherited))
        .values(epic_key=inherited),
        execution_options={"synchronize_session": False},
    )


async def mark_deleted(session: AsyncSession, jira_ids: Collection[str], at: datetime) -> int:
    """Mark issues as gone unless they were read after `at`; return how many were."""
    await one_writer(session)
    count = 0
    for part in in_parts(list(jira_ids)):
        result = await session.execute(
            update(JiraIssue)
            .where(JiraIssue.jira_id.in_(part), JiraIssue.deleted_at.is_(None), JiraIssue.synced_at <= at)
            .values(deleted_at=at),
            execution_options={"synchronize_session": False},
        )
        count += result.rowcount  # type: ignore[attr-defined]
    return count


async def orphan_children(session: AsyncSession, parent_ids: Collection[str]) -> None:
    """Take issues out of deleted parents, as Jira does without stamping them as updated."""
    for part in in_parts(list(parent_ids)):
        await session.execute(
            update(JiraIssue)
            .where(JiraIssue.parent_jira_id.in_(part), JiraIssue.hierarchy_level == 0)
            .values(parent_jira_id=None, parent_key=None, epic_key=None),
            execution_options={"synchronize_session": False},
        )


async def history_stamps(session: AsyncSession, jira_ids: Sequence[str]) -> dict[str, datetime | None]:
    """Return up to which `updated` the history of each known, not deleted issue is complete."""
    found: dict[str, datetime | None] = {}
    for part in in_parts(jira_ids):
        query = select(JiraIssue.jira_id, JiraIssue.history_at)
        rows = await session.execute(query.where(JiraIssue.jira_id.in_(part), JiraIssue.deleted_at.is_(None)))
        found.update(rows.all())
    return found


async def live_keys(session: AsyncSession) -> dict[str, str]:
    """Return the keys of all issues that are not deleted, by Jira id."""
    rows = await session.execute(select(JiraIssue.jira_id, JiraIssue.key).where(JiraIssue.deleted_at.is_(None)))
    return dict(rows.all())


async def count_live(session: AsyncSession) -> int:
    """Return how many issues are not deleted."""
    return await session.scalar(select(func.count(JiraIssue.id)).where(JiraIssue.deleted_at.is_(None))) or 0


async def issues(session: AsyncSession, *conditions: ColumnElement[bool]) -> Sequence[JiraIssue]:
    """Return the issues that meet all conditions and are not deleted, by creation."""
    query = select(JiraIssue).where(JiraIssue.deleted_at.is_(None), *conditions)
    query = query.order_by(JiraIssue.created_at, JiraIssue.jira_id)
    # piece by piece: building tens of thousands of rows at once would keep Slack waiting for seconds
    rows = await session.stream_scalars(query, execution_options={"yield_per": ROWS_PER_FETCH})
    return [row async for row in rows]


async def issue_of_key(session: AsyncSession, key: str) -> JiraIssue | None:
    """Return the issue that has this key now."""
    query = select(JiraIssue).where(JiraIssue.key == key.upper(), JiraIssue.deleted_at.is_(None))
    return await session.scalar(query.order_by(JiraIssue.updated_at.desc()).limit(1))


async def issue_of_id(session: AsyncSession, jira_id: str) -> JiraIssue | None:
    """Return the issue with this Jira id, deleted or not."""
    return await session.scalar(select(JiraIssue).where(JiraIssue.jira_id == jira_id))


async def field_changes(
    session: AsyncSession, jira_ids: Sequence[str] | None, field: str | None
) -> list[JiraFieldChange]:
    """Return the changes of issues (None for all) in one field (None for all), oldest first."""
    query = select(JiraFieldChange)
    if field is not None:
        query = query.where(JiraFieldChange.field == field)
    if jira_ids is None:
        found = list((await session.scalars(query)).all())
    else:
        found = []
        for part in in_parts(jira_ids):
            found += (await session.scalars(query.where(JiraFieldChange.jira_id.in_(part)))).all()
    return sorted(found, key=lambda change: (change.changed_at, int(change.history_id)))
