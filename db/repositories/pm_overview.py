"""SQL of what is shown of projects as a whole: on Home, on the Monday card."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import String, and_, cast, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.github import GithubPullRequest
from db.models.mirror import JiraIssue, TempoScheduleDay, TempoWorklog
from db.models.pm import BottleneckBaseline, MonthlyReconciliationReport, ProactiveInsight, WorkflowBottleneck


async def stuck_items(session: AsyncSession) -> Sequence[tuple[WorkflowBottleneck, GithubPullRequest | None]]:
    """Return what is stuck now, the longest first, a pull request with its row.

    Only what `/pm stuck` lists: a robot's pull requests are watched, and shown nowhere; what is a draft again, was
    closed or has left the mirror is over.
    """
    stay, pull, issue = WorkflowBottleneck, GithubPullRequest, JiraIssue
    reference = pull.repository + "#" + cast(pull.number, String)
    is_open_pull = and_(pull.state == "open", ~pull.is_bot, ~pull.is_draft)
    is_ticket = exists().where(
        issue.account_id == stay.account_id, issue.key == stay.item_key, issue.deleted_at.is_(None)
    )
    query = (
        select(stay, pull)
        .outerjoin(pull, and_(pull.account_id == stay.account_id, reference == stay.item_key))
        .where(stay.resolved_at.is_(None), stay.is_truly_stuck, or_(is_open_pull, is_ticket))
        .order_by(stay.entered_at, stay.item_key)
    )
    return [(row, found) for row, found in await session.execute(query)]


async def orphan_counts(session: AsyncSession, project_keys: Collection[str]) -> dict[str, int]:
    """Count the open tickets without an epic by project."""
    query = (
        select(JiraIssue.project_key, func.count(JiraIssue.id))
        .where(
            JiraIssue.project_key.in_(list(project_keys)),
            JiraIssue.deleted_at.is_(None),
            JiraIssue.hierarchy_level == 0,
            JiraIssue.epic_key.is_(None),
            JiraIssue.parent_jira_id.is_(None),
            JiraIssue.status_category != "done",
        )
        .group_by(JiraIssue.project_key)
    )
    return {key: int(count) for key, count in await session.execute(query)}


async def month_seconds(
    session: AsyncSession, project_keys: Collection[str], first: date, last: date
) -> dict[tuple[str, date], int]:
    """Return seconds logged by project and day, of some projects and days."""
    query = (
        select(JiraIssue.project_key, TempoWorklog.start_date, func.sum(TempoWorklog.time_spent_seconds))
        .select_from(TempoWorklog)
        .join(
            JiraIssue,
            and_(JiraIssue.account_id == TempoWorklog.account_id, JiraIssue.jira_id == TempoWorklog.issue_jira_id),
        )
        .where(
            TempoWorklog.deleted_at.is_(None),
            TempoWorklog.start_date.between(first, last),
            JiraIssue.project_key.in_(list(project_keys)),
        )
        .group_by(JiraIssue.project_key, TempoWorklog.start_date)
    )
    return {(key, day): int(seconds) for key, day, seconds in await session.execute(query)}


async def own_seconds(session: AsyncSession, jira_account_id: str, first: date, last: date) -> tuple[int, int | None]:
    """Return seconds that a person logged on some days, and that are required of them; None where nobody knows."""
    logged = select(func.sum(TempoWorklog.time_spent_seconds)).where(
        TempoWorklog.deleted_at.is_(None),
        TempoWorklog.author_account_id == jira_account_id,
        TempoWorklog.start_date.between(first, last),
    )
    required = select(func.sum(TempoScheduleDay.required_seconds)).where(
        TempoScheduleDay.jira_account_id == jira_account_id, TempoScheduleDay.day.between(first, last)
    )
    asked = await session.scalar(required)
    return int(await session.scalar(logged) or 0), None if asked is None else int(asked)


async def open_variances(session: AsyncSession, project_keys: Collection[str]) -> Sequence[ProactiveInsight]:
    """Return the newest unresolved variance of each epic of some projects, the newest last."""
    insight = ProactiveInsight
    query = select(insight).where(
        insight.insight_type == "forecast_variance",
        insight.project_key.in_(list(project_keys)),
        insight.resolved_at.is_(None),
    )
    newest = {row.subject_key: row for row in await session.scalars(query.order_by(insight.id))}
    return list(newest.values())


async def newest_report(session: AsyncSession) -> MonthlyReconciliationReport | None:
    """Return the newest revision of the newest month's report."""
    report = MonthlyReconciliationReport
    return await session.scalar(select(report).order_by(report.month.desc(), report.revision.desc()).limit(1))


async def longest_history(session: AsyncSession) -> int | None:
    """Return how many days of history the best known group of work has; None before anything was learned."""
    return await session.scalar(select(func.max(BottleneckBaseline.history_days)))
