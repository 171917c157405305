"""Stuck work, and what is usual for each status."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, TenantMixin


class WorkflowBottleneck(TenantMixin, Base):
    """A visit of a ticket or pull request to a waiting status that takes too long; `resolved_at` when it moved.

    `item_key` is a Jira key or "owner/name#12"; `item_type` is jira_ticket or github_pr; `activity` says whether it is
    actively worked, passively stuck or blocked, `context` why that is believed, `quote` somebody's words it rests on,
    `quoted` whose they are. `returns` counts its earlier stays in the status. Who said that it is not stuck at all is
    `dismissed_by_member_id`.
    """

    __tablename__ = "workflow_bottlenecks"
    __table_args__ = (
        UniqueConstraint("account_id", "item_key", "status", "entered_at"),
        Index("ix_workflow_bottlenecks_open", "account_id", "resolved_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_key: Mapped[str] = mapped_column(String(200))
    item_type: Mapped[str] = mapped_column(String(20))
    project_key: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(80))
    priority: Mapped[str] = mapped_column(String(80), default="")
    assignee: Mapped[str] = mapped_column(String(128), default="")
    team: Mapped[str] = mapped_column(String(100), default="")
    entered_at: Mapped[datetime]
    seconds_in_status: Mapped[int]
    expected_seconds: Mapped[int]
    p90_seconds: Mapped[float] = mapped_column(Float, default=0)
    anomaly_score: Mapped[float] = mapped_column(Float)
    risk: Mapped[float] = mapped_column(Float, default=0)
    isolation_score: Mapped[float | None] = mapped_column(Float)
    baseline: Mapped[str] = mapped_column(Text, default="")
    activity: Mapped[str] = mapped_column(String(20))
    context: Mapped[str] = mapped_column(Text, default="")
    blocker: Mapped[str] = mapped_column(String(200), default="")
    quote: Mapped[str] = mapped_column(Text, default="")
    quoted: Mapped[str] = mapped_column(String(200), default="")
    returns: Mapped[int] = mapped_column(default=0)
    confidence: Mapped[float] = mapped_column(Float)
    is_truly_stuck: Mapped[bool]
    rule_based: Mapped[bool] = mapped_column(default=True)
    dismissed_by_member_id: Mapped[int | None]
    detected_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]


class BottleneckBaseline(TenantMixin, Base):
    """How long visits to a status usually take; "" for project or priority means all of them.

    `curve` holds the survival function as [seconds, share still there] points, censored visits counted.
    """

    __tablename__ = "bottleneck_baselines"
    __table_args__ = (UniqueConstraint("account_id", "project_key", "item_type", "status", "priority"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_key: Mapped[str] = mapped_column(String(20), default="")
    item_type: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(80))
    priority: Mapped[str] = mapped_column(String(80), default="")
    median_seconds: Mapped[float] = mapped_column(Float)
    p90_seconds: Mapped[float] = mapped_column(Float)
    log_spread: Mapped[float] = mapped_column(Float)
    sample_size: Mapped[int]
    censored: Mapped[int]
    curve: Mapped[list[Any]] = mapped_column(default=list)
    history_days: Mapped[int]
    last_trained: Mapped[datetime]
