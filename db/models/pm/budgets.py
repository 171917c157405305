"""Budgets, forecasts, and what was found and reported of them. Months are "2026-11"."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, TenantMixin


class RetainerBudgetAlert(TenantMixin, Base):
    """A threshold (75, 90, 100 per cent) that a retainer passed in a month, with what was known then.

    `alert_sent_at` is None for one that was passed together with a higher one, which was told in its place.
    """

    __tablename__ = "retainer_budget_alerts"
    __table_args__ = (UniqueConstraint("account_id", "project_key", "month", "threshold"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_key: Mapped[str] = mapped_column(String(20))
    month: Mapped[str] = mapped_column(String(7), index=True)
    threshold: Mapped[int]
    seconds_consumed: Mapped[int]
    retainer_seconds: Mapped[int]
    burn_seconds_per_day: Mapped[int]
    projected_seconds: Mapped[int]
    projected_low_seconds: Mapped[int]
    projected_high_seconds: Mapped[int]
    passed_at: Mapped[datetime]
    alert_sent_at: Mapped[datetime | None]


class EpicHours(TenantMixin, Base):
    """Hours of an epic in a month by team ("" for none); `epic_key` is "" for work outside of epics.

    Kept so that totals since inception outlive the mirror; a month is written anew while the mirror still covers it.
    """

    __tablename__ = "epic_hours"
    __table_args__ = (UniqueConstraint("account_id", "project_key", "epic_key", "month", "team"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_key: Mapped[str] = mapped_column(String(20))
    epic_key: Mapped[str] = mapped_column(String(40), default="")
    month: Mapped[str] = mapped_column(String(7), index=True)
    team: Mapped[str] = mapped_column(String(100), default="")
    seconds: Mapped[int]
    computed_at: Mapped[datetime]


class EpicForecast(TenantMixin, Base):
    """Minutes planned for an epic: in a month, or in all (`month` ""); by one team, or by everybody (`team` "")."""

    __tablename__ = "epic_forecasts"
    __table_args__ = (UniqueConstraint("account_id", "epic_key", "month", "team"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_key: Mapped[str] = mapped_column(String(20), index=True)
    epic_key: Mapped[str] = mapped_column(String(40))
    month: Mapped[str] = mapped_column(String(7), default="")
    team: Mapped[str] = mapped_column(String(100), default="")
    minutes: Mapped[int]
    source: Mapped[str] = mapped_column(String(20))
    changed_by_member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    changed_at: Mapped[datetime]


class ProactiveInsight(TenantMixin, Base):
    """Something an agent found out, such as a `forecast_variance`, with the numbers that support it.

    `subject_key` is what it is about (an epic), `period` when ("2026-W47"): the same one is written anew.
    """

    __tablename__ = "proactive_insights"
    __table_args__ = (UniqueConstraint("account_id", "insight_type", "subject_key", "period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    insight_type: Mapped[str] = mapped_column(String(40))
    project_key: Mapped[str] = mapped_column(String(20), index=True)
    subject_key: Mapped[str] = mapped_column(String(60))
    period: Mapped[str] = mapped_column(String(20))
    severity: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(Text)
    explanation: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    detected_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]


class MonthlyReconciliationReport(TenantMixin, Base):
    """One revision of a month's workbook: where it is kept, what it totals, who got it.

    `totals` holds the figures by project, from which the next revision says what changed.
    """

    __tablename__ = "monthly_reconciliation_reports"
    __table_args__ = (UniqueConstraint("account_id", "month", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7))
    revision: Mapped[int]
    file_path: Mapped[str] = mapped_column(String(400))
    file_name: Mapped[str] = mapped_column(String(200))
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content_hash: Mapped[str] = mapped_column(String(64))
    total_projects: Mapped[int]
    actual_seconds: Mapped[int]
    forecast_minutes: Mapped[int]
    total_variance_percent: Mapped[float | None] = mapped_column(Float)
    totals: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sent_to: Mapped[list[Any]] = mapped_column(default=list)
    sheet_url: Mapped[str | None] = mapped_column(Text)
    generated_at: Mapped[datetime]
