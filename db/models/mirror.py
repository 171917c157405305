"""The local mirror of Jira and Tempo."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, TenantMixin


class JiraIssue(TenantMixin, Base):
    """One Jira issue as last seen; `deleted_at` is set when it is gone from Jira or from the mirrored projects.

    `history_at` is the `updated_at` up to which its field changes are known to be complete.
    """

    __tablename__ = "jira_issues"
    __table_args__ = (
        UniqueConstraint("account_id", "jira_id"),
        Index("ix_jira_issues_account_key", "account_id", "key"),
        Index("ix_jira_issues_account_project", "account_id", "project_key", "status_category"),
        Index("ix_jira_issues_account_epic", "account_id", "epic_key"),
        Index("ix_jira_issues_account_parent", "account_id", "parent_jira_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    jira_id: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(40))
    project_key: Mapped[str] = mapped_column(String(20))
    issue_type: Mapped[str] = mapped_column(String(80))
    hierarchy_level: Mapped[int]
    summary: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(80))
    status_category: Mapped[str] = mapped_column(String(20))
    priority: Mapped[str | None] = mapped_column(String(80))
    assignee_account_id: Mapped[str | None] = mapped_column(String(128))
    reporter_account_id: Mapped[str | None] = mapped_column(String(128))
    parent_jira_id: Mapped[str | None] = mapped_column(String(20))
    parent_key: Mapped[str | None] = mapped_column(String(40))
    epic_key: Mapped[str | None] = mapped_column(String(40))
    labels: Mapped[list[Any]] = mapped_column(default=list)
    components: Mapped[list[Any]] = mapped_column(default=list)
    links: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    history_at: Mapped[datetime | None]
    synced_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class JiraFieldChange(TenantMixin, Base):
    """One changed field of an issue's changelog (status, assignee, parent, priority): ids, and names beside them."""

    __tablename__ = "jira_field_changes"
    __table_args__ = (
        UniqueConstraint("account_id", "jira_id", "history_id", "field"),
        Index("ix_jira_field_changes_issue", "account_id", "jira_id", "field", "changed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    jira_id: Mapped[str] = mapped_column(String(20))
    history_id: Mapped[str] = mapped_column(String(20))
    field: Mapped[str] = mapped_column(String(80))
    from_id: Mapped[str | None] = mapped_column(Text)
    from_value: Mapped[str | None] = mapped_column(Text)
    to_id: Mapped[str | None] = mapped_column(Text)
    to_value: Mapped[str | None] = mapped_column(Text)
    author_account_id: Mapped[str | None] = mapped_column(String(128))
    changed_at: Mapped[datetime]


class TempoWorklog(TenantMixin, Base):
    """One Tempo worklog; deleted ones stay, marked."""

    __tablename__ = "tempo_worklogs"
    __table_args__ = (
        UniqueConstraint("account_id", "tempo_worklog_id"),
        Index("ix_tempo_worklogs_account_date", "account_id", "start_date", "author_account_id"),
        Index("ix_tempo_worklogs_account_issue", "account_id", "issue_jira_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tempo_worklog_id: Mapped[int] = mapped_column(BigInteger)
    issue_jira_id: Mapped[str] = mapped_column(String(20))
    author_account_id: Mapped[str] = mapped_column(String(128))
    start_date: Mapped[date]
    time_spent_seconds: Mapped[int]
    billable_seconds: Mapped[int]
    description: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    synced_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class TempoScheduleDay(TenantMixin, Base):
    """What Tempo requires of a person on a day, leave already taken off."""

    __tablename__ = "tempo_schedule_days"
    __table_args__ = (UniqueConstraint("account_id", "jira_account_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    jira_account_id: Mapped[str] = mapped_column(String(128))
    day: Mapped[date]
    required_seconds: Mapped[int]
    day_type: Mapped[str] = mapped_column(String(40))
    leave_seconds: Mapped[int] = mapped_column(default=0)
    synced_at: Mapped[datetime]


class MirrorState(TenantMixin, Base):
    """How far a source is mirrored, and when it was last all right.

    `watermark` is in the source's own clock; `counts` holds what the last pass found and the ids to try again.
    """

    __tablename__ = "mirror_states"
    __table_args__ = (UniqueConstraint("account_id", "source"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    watermark: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    last_census_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
