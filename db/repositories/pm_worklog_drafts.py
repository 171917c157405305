"""SQL of worklog drafts: the rows, the traces that they come from, what became of them in Tempo."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.alerts import AlertDelivery
from db.models.effects import Effect
from db.models.github import GithubPullRequest
from db.models.mirror import JiraFieldChange, JiraIssue
from db.models.pm import WorklogDraft
from db.models.tickets import TicketFocus
from db.repositories.mirror.upsert import in_parts

FOUND_ISSUES = 30


async def drafts(session: AsyncSession, member_id: int, week_start: date) -> Sequence[WorklogDraft]:
    """Return a member's rows of a week, by day and place."""
    query = select(WorklogDraft).where(WorklogDraft.member_id == member_id, WorklogDraft.week_start_date == week_start)
    return (await session.scalars(query.order_by(WorklogDraft.day, WorklogDraft.position, WorklogDraft.id))).all()


async def writes(session: AsyncSession, member_id: int, week_start: date, operation: str) -> list[Effect]:
    """Return what a member had written for a week's drafts, oldest first."""
    query = select(Effect).where(
        Effect.operation == operation,
        Effect.idempotency_key.startswith(f"worklog:{member_id}:{week_start}:", autoescape=True),
    )
    return list((await session.scalars(query.order_by(Effect.id))).all())


async def delivery(session: AsyncSession, dedupe_key: str, recipient: str) -> AlertDelivery | None:
    """Return the alert that somebody got of a finding."""
    query = select(AlertDelivery).where(AlertDelivery.dedupe_key == dedupe_key, AlertDelivery.recipient == recipient)
    return await session.scalar(query)


async def changes_by(
    session: AsyncSession, jira_account_id: str, start: datetime, end: datetime
) -> Sequence[JiraFieldChange]:
    """Return the field changes that somebody made between two instants."""
    query = select(JiraFieldChange).where(
        JiraFieldChange.author_account_id == jira_account_id,
        JiraFieldChange.changed_at >= start,
        JiraFieldChange.changed_at < end,
    )
    return (await session.scalars(query.order_by(JiraFieldChange.changed_at))).all()


async def ever_assigned(session: AsyncSession, jira_account_id: str, since: datetime) -> Sequence[JiraIssue]:
    """Return the issues that are or were somebody's and that anything happened to since, or that are open."""
    had = select(JiraFieldChange.jira_id).where(
        JiraFieldChange.field == "assignee",
        or_(JiraFieldChange.from_id == jira_account_id, JiraFieldChange.to_id == jira_account_id),
    )
    query = select(JiraIssue).where(
        JiraIssue.deleted_at.is_(None),
        or_(JiraIssue.assignee_account_id == jira_account_id, JiraIssue.jira_id.in_(had)),
        or_(JiraIssue.updated_at >= since, JiraIssue.status_category == "indeterminate"),
    )
    return (await session.scalars(query.order_by(JiraIssue.jira_id))).all()


async def issues_by_id(session: AsyncSession, jira_ids: Collection[str]) -> list[JiraIssue]:
    """Return mirrored issues by Jira id."""
    found: list[JiraIssue] = []
    for part in in_parts(sorted(jira_ids)):
        query = select(JiraIssue).where(JiraIssue.jira_id.in_(part), JiraIssue.deleted_at.is_(None))
        found += (await session.scalars(query)).all()
    return found


async def issues_by_key(session: AsyncSession, keys: Collection[str]) -> list[JiraIssue]:
    """Return mirrored issues by key."""
    found: list[JiraIssue] = []
    for part in in_parts(sorted(keys)):
        query = select(JiraIssue).where(JiraIssue.key.in_(part), JiraIssue.deleted_at.is_(None))
        found += (await session.scalars(query)).all()
    return found


async def statuses_in_progress(session: AsyncSession) -> set[str]:
    """Return the names of the statuses that Jira counts as in progress, as far as any issue is in them."""
    query = select(JiraIssue.status).where(JiraIssue.status_category == "indeterminate").distinct()
    return set((await session.scalars(query)).all())


async def jira_writes_by(session: AsyncSession, member_id: int, start: datetime, end: datetime) -> Sequence[Effect]:
    """Return what a member changed in Jira through FlowPilot between two instants, and did not take back."""
    query = select(Effect).where(
        Effect.actor_member_id == member_id,
        Effect.vendor == "jira",
        Effect.status == "done",
        Effect.undoes_id.is_(None),
        Effect.undone_by_id.is_(None),
        Effect.created_at >= start,
        Effect.created_at < end,
    )
    return (await session.scalars(query.order_by(Effect.id))).all()


async def focus(session: AsyncSession, member_id: int, start: datetime, end: datetime) -> TicketFocus | None:
    """Return what a member has had in focus since a time between two instants."""
    query = select(TicketFocus).where(
        TicketFocus.member_id == member_id, TicketFocus.focused_at >= start, TicketFocus.focused_at < end
    )
    return await session.scalar(query)


async def pull_requests_since(session: AsyncSession, since: datetime) -> Sequence[GithubPullRequest]:
    """Return the pull requests that anything happened to since then."""
    query = select(GithubPullRequest).where(GithubPullRequest.updated_at >= since)
    return (await session.scalars(query.order_by(GithubPullRequest.id))).all()


async def search_issues(session: AsyncSession, words: Sequence[str]) -> Sequence[JiraIssue]:
    """Return the issues, last changed first, whose key or summary holds all words."""
    query = select(JiraIssue).where(JiraIssue.deleted_at.is_(None), JiraIssue.hierarchy_level < 1)
    for word in words:
        text = func.lower(JiraIssue.key + " " + JiraIssue.summary)
        query = query.where(text.contains(word.lower(), autoescape=True))
    return (await session.scalars(query.order_by(JiraIssue.updated_at.desc()).limit(FOUND_ISSUES))).all()
