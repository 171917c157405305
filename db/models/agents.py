"""Runs of the scheduled agents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, TenantMixin


class AgentRun(TenantMixin, Base):
    """One run of an agent for one slot; the slot is the scheduled instant, not when it ran."""

    __tablename__ = "agent_runs"
    __table_args__ = (UniqueConstraint("account_id", "workflow_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workflow_id: Mapped[str] = mapped_column(String(200))
    agent: Mapped[str] = mapped_column(String(60), index=True)
    slot_at: Mapped[datetime]
    trigger: Mapped[str] = mapped_column(String(20))
    mode: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
