"""The history of time tracking."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, TenantMixin


class TimeTrackingCompliance(TenantMixin, Base):
    """One person's week: what was logged against what was required."""

    __tablename__ = "time_tracking_compliance"
    __table_args__ = (UniqueConstraint("account_id", "member_id", "week_start_date"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    week_start_date: Mapped[date] = mapped_column(index=True)
    team: Mapped[str] = mapped_column(String(100), default="")
    seconds_logged: Mapped[int]
    seconds_required: Mapped[int]
    status: Mapped[str] = mapped_column(String(20))
    is_compliant: Mapped[bool]
    missing_days: Mapped[list[Any]] = mapped_column(default=list)
    notification_sent: Mapped[bool] = mapped_column(default=False)
    assessed_at: Mapped[datetime]


class WorklogDraft(TenantMixin, Base):
    """An entry proposed to a person from evidence, which they keep, edit or drop, and what it became in Tempo.

    `evidence` is a list of {kind, at, what, url}; `position` orders the rows of a day.
    """

    __tablename__ = "worklog_drafts"
    __table_args__ = (UniqueConstraint("account_id", "member_id", "day", "issue_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    week_start_date: Mapped[date] = mapped_column(index=True)
    day: Mapped[date]
    issue_key: Mapped[str] = mapped_column(String(40))
    issue_jira_id: Mapped[str] = mapped_column(String(20))
    position: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[int]
    description: Mapped[str] = mapped_column(String(500), default="")
    evidence: Mapped[list[Any]] = mapped_column(default=list)
    status: Mapped[str] = mapped_column(String(20))
    tempo_worklog_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
