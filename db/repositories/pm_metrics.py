"""SQL of the metrics: what was logged, told, suggested and done in some time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.agents import AgentRun
from db.models.alerts import AlertDelivery
from db.models.effects import Effect
from db.models.mirror import JiraIssue, TempoWorklog
from db.models.pm import (
    EpicAssignmentCompliance,
    EpicAssignmentSuggestion,
    EpicForecast,
    MonthlyReconciliationReport,
    RetainerBudgetAlert,
    WorklogDraft,
)


async def first_runs(session: AsyncSession) -> dict[str, datetime]:
    """Return when each agent first ran and told people."""
    query = select(AgentRun.agent, func.min(AgentRun.started_at)).where(
        AgentRun.mode == "live", AgentRun.status == "done"
    )
    rows = await session.execute(query.group_by(AgentRun.agent))
    return {row[0]: row[1] for row in rows}


def _worklogs_with_issues(*columns: Any) -> Any:
    return (
        select(*columns, TempoWorklog.start_date, func.sum(TempoWorklog.time_spent_seconds))
        .select_from(TempoWorklog)
        .outerjoin(
            JiraIssue,
            and_(JiraIssue.account_id == TempoWorklog.account_id, JiraIssue.jira_id == TempoWorklog.issue_jira_id),
        )
        .where(TempoWorklog.deleted_at.is_(None))
        .group_by(*columns, TempoWorklog.start_date)
    )


async def project_days(session: AsyncSession, first: date, last: date) -> dict[tuple[str, date], int]:
    """Return seconds logged by project and day; "" for issues that are not mirrored."""
    query = _worklogs_with_issues(JiraIssue.project_key).where(TempoWorklog.start_date.between(first, last))
    return {(project or "", day): int(seconds) for project, day, seconds in await session.execute(query)}


async def epic_days(session: AsyncSession, epic_keys: Collection[str]) -> dict[tuple[str, date], int]:
    """Return seconds logged by epic and day, of some epics."""
    query = _worklogs_with_issues(JiraIssue.epic_key).where(JiraIssue.epic_key.in_(list(epic_keys)))
    return {(epic, day): int(seconds) for epic, day, seconds in await session.execute(query)}


async def thresholds_since(session: AsyncSession, month: str) -> Sequence[RetainerBudgetAlert]:
    """Return the thresholds passed in a month ("2026-11") and later ones."""
    return (await session.scalars(select(RetainerBudgetAlert).where(RetainerBudgetAlert.month >= month))).all()


async def forecast_starts(session: AsyncSession, epic_keys: Collection[str]) -> dict[str, datetime]:
    """Return since when each epic has had a forecast, as far as is known."""
    query = select(EpicForecast.epic_key, func.min(EpicForecast.changed_at)).where(
        EpicForecast.epic_key.in_(list(epic_keys))
    )
    rows = await session.execute(query.group_by(EpicForecast.epic_key))
    return {row[0]: row[1] for row in rows}


async def reports_since(session: AsyncSession, month: str) -> Sequence[MonthlyReconciliationReport]:
    """Return all revisions of a month's report and of later ones, the newest revision last."""
    report = MonthlyReconciliationReport
    query = select(report).where(report.month >= month).order_by(report.month, report.revision)
    return (await session.scalars(query)).all()


async def epic_weeks(session: AsyncSession, first: date, last: date) -> Sequence[EpicAssignmentCompliance]:
    """Return how many tickets had no epic, by project and week."""
    compliance = EpicAssignmentCompliance
    query = select(compliance).where(compliance.week_start_date.between(first, last))
    return (await session.scalars(query.order_by(compliance.week_start_date, compliance.project_key))).all()


async def decided_suggestions(session: AsyncSession, since: datetime) -> Sequence[EpicAssignmentSuggestion]:
    """Return the suggestions that named an epic and whose ticket got one since an instant."""
    suggestion = EpicAssignmentSuggestion
    query = select(suggestion).where(
        suggestion.decided_at >= since, suggestion.actual_epic.is_not(None), suggestion.suggested_epic.is_not(None)
    )
    return (await session.scalars(query.order_by(suggestion.id))).all()


async def messages_to_people(session: AsyncSession, since: datetime) -> list[tuple[str, datetime]]:
    """Return recipient and instant of each message that people got; a bundle or digest is one."""
    message = func.coalesce(AlertDelivery.bundled_in_id, AlertDelivery.id)
    query = (
        select(AlertDelivery.recipient, func.min(AlertDelivery.sent_at))
        .where(
            AlertDelivery.sent_at >= since,
            or_(AlertDelivery.recipient.startswith("U"), AlertDelivery.recipient.startswith("W")),
        )
        .group_by(AlertDelivery.recipient, message)
    )
    return [(recipient, at) for recipient, at in await session.execute(query) if at]


async def actions_done(session: AsyncSession, since: datetime) -> dict[str, int]:
    """Count what was done with the agents' help since an instant and not taken back, by kind."""
    draft, suggestion, alert = WorklogDraft, EpicAssignmentSuggestion, AlertDelivery
    counts = {
        "worklog": select(func.count(draft.id)).where(draft.status == "logged", draft.changed_at >= since),
        "epic": select(func.count(suggestion.id)).where(
            suggestion.decided_at >= since,
            suggestion.actual_epic.is_not(None),
            suggestion.decided_by_member_id.is_not(None),
        ),
        "reminder": select(func.count(alert.id)).where(
            alert.agent == "time-tracking", alert.subject == "time-tracking", alert.sent_at >= since
        ),
        "change": _changes(since),
        "report": select(func.count(func.distinct(MonthlyReconciliationReport.month))).where(
            MonthlyReconciliationReport.generated_at >= since
        ),
    }
    return {name: int(await session.scalar(query) or 0) for name, query in counts.items()}


def _changes(since: datetime) -> Any:
    """People's changes in Jira and GitHub, without those that are counted elsewhere or were taken back."""
    is_counted = case((Effect.operation == "jira.parent", False), else_=Effect.vendor.in_(["jira", "github"]))
    return select(func.count(Effect.id)).where(
        Effect.status == "done",
        Effect.actor_member_id.is_not(None),
        Effect.undoes_id.is_(None),
        Effect.undone_by_id.is_(None),
        Effect.created_at >= since,
        is_counted,
    )
