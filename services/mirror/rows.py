"""Vendors' values to rows to be stored, and stored rows to what the mirror answers."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from db.models.mirror import JiraFieldChange, JiraIssue, TempoScheduleDay, TempoWorklog
from services.mirror.types import FieldChangeRow, IssueLinkRow, IssueRow, ScheduleDay, WorklogRow
from services.vendors.types import JiraChange, JiraIssueDetail, TempoWorklogDetail

Stored = dict[str, Any]


def own_epic(issue: JiraIssueDetail) -> str | None:
    """Return the epic that the issue itself names: its parent if that is an epic, else the Epic Link field.

    A sub-task names none; it gets its parent's epic when it is stored.
    """
    if issue.hierarchy_level != 0:
        return None
    if issue.parent is not None and issue.parent.hierarchy_level == 1:
        return issue.parent.key
    return issue.epic_link


def stored_issue(issue: JiraIssueDetail, *, read_at: datetime, has_history: bool) -> Stored:
    """Return the row of an issue read at `read_at`; `has_history` when its field changes are stored with it."""
    return {
        "jira_id": issue.id,
        "key": issue.key,
        "project_key": issue.project_key,
        "issue_type": issue.issue_type,
        "hierarchy_level": issue.hierarchy_level,
        "summary": issue.summary,
        "description": issue.description,
        "status": issue.status.name,
        "status_category": issue.status.category,
        "priority": issue.priority,
        "assignee_account_id": issue.assignee.account_id if issue.assignee else None,
        "reporter_account_id": issue.reporter.account_id if issue.reporter else None,
        "parent_jira_id": issue.parent.id if issue.parent else None,
        "parent_key": issue.parent.key if issue.parent else None,
        "epic_key": own_epic(issue),
        "labels": list(issue.labels),
        "components": list(issue.components),
        "links": [
            {"type": link.type, "direction": link.direction, "phrase": link.phrase, "key": link.key}
            for link in issue.links
        ],
        "created_at": issue.created_at,
        "updated_at": issue.updated_at,
        "resolved_at": issue.resolved_at,
        "history_at": issue.updated_at if has_history else None,
        "synced_at": read_at,
    }


def stored_change(change: JiraChange) -> Stored:
    """Return the row of a field change."""
    row = asdict(change)
    row["jira_id"] = row.pop("issue_id")
    return row


def stored_worklog(worklog: TempoWorklogDetail, *, read_at: datetime) -> Stored:
    """Return the row of a worklog read at `read_at`."""
    return {
        "tempo_worklog_id": worklog.id,
        "issue_jira_id": worklog.issue_id,
        "author_account_id": worklog.author_account_id,
        "start_date": worklog.start_date,
        "time_spent_seconds": worklog.time_spent_seconds,
        "billable_seconds": worklog.billable_seconds,
        "description": worklog.description,
        "created_at": worklog.created_at,
        "updated_at": worklog.updated_at,
        "synced_at": read_at,
    }


def issue_row(row: JiraIssue) -> IssueRow:
    """Return a stored issue."""
    return IssueRow(
        jira_id=row.jira_id,
        key=row.key,
        project_key=row.project_key,
        issue_type=row.issue_type,
        hierarchy_level=row.hierarchy_level,
        summary=row.summary,
        description=row.description,
        status=row.status,
        status_category=row.status_category,
        priority=row.priority,
        assignee_account_id=row.assignee_account_id,
        reporter_account_id=row.reporter_account_id,
        parent_key=row.parent_key,
        epic_key=row.epic_key,
        labels=tuple(row.labels),
        components=tuple(row.components),
        links=tuple(IssueLinkRow(**link) for link in row.links),
        created_at=row.created_at,
        updated_at=row.updated_at,
        resolved_at=row.resolved_at,
        synced_at=row.synced_at,
    )


def change_row(row: JiraFieldChange) -> FieldChangeRow:
    """Return a stored field change."""
    return FieldChangeRow(
        jira_id=row.jira_id,
        history_id=row.history_id,
        field=row.field,
        from_id=row.from_id,
        from_value=row.from_value,
        to_id=row.to_id,
        to_value=row.to_value,
        author_account_id=row.author_account_id,
        changed_at=row.changed_at,
    )


def worklog_row(row: TempoWorklog, issue_key: str | None, project_key: str | None, epic_key: str | None) -> WorklogRow:
    """Return a stored worklog with the keys of its issue."""
    return WorklogRow(
        tempo_worklog_id=row.tempo_worklog_id,
        issue_jira_id=row.issue_jira_id,
        issue_key=issue_key,
        project_key=project_key,
        epic_key=epic_key,
        author_account_id=row.author_account_id,
        start_date=row.start_date,
        time_spent_seconds=row.time_spent_seconds,
        billable_seconds=row.billable_seconds,
        description=row.description,
        updated_at=row.updated_at,
    )


def schedule_day(row: TempoScheduleDay) -> ScheduleDay:
    """Return a stored day."""
    return ScheduleDay(
        jira_account_id=row.jira_account_id,
        day=row.day,
        required_seconds=row.required_seconds,
        day_type=row.day_type,
        leave_seconds=row.leave_seconds,
        synced_at=row.synced_at,
    )
