"""Tickets without an epic: how many, what was proposed, what became of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, TenantMixin


class EpicAssignmentCompliance(TenantMixin, Base):
    """How many of a project's open tickets had an epic in a week."""

    __tablename__ = "epic_assignment_compliance"
    __table_args__ = (UniqueConstraint("account_id", "project_key", "week_start_date"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_key: Mapped[str] = mapped_column(String(20))
    week_start_date: Mapped[date]
    total_tickets: Mapped[int]
    orphaned_tickets: Mapped[int]
    auto_assigned: Mapped[int] = mapped_column(default=0)
    manual_assigned: Mapped[int] = mapped_column(default=0)
    orphans_by_creator: Mapped[dict[str, Any]] = mapped_column(default=dict)
    assessed_at: Mapped[datetime]


class EpicAssignmentSuggestion(TenantMixin, Base):
    """An epic proposed for a ticket, and what became of it."""

    __tablename__ = "epic_assignment_suggestions"
    __table_args__ = (UniqueConstraint("account_id", "ticket_key", "suggested_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_key: Mapped[str] = mapped_column(String(40), index=True)
    project_key: Mapped[str] = mapped_column(String(20))
    ticket_summary: Mapped[str] = mapped_column(Text)
    suggested_epic: Mapped[str | None] = mapped_column(String(40))
    confidence: Mapped[float]
    candidates: Mapped[list[Any]] = mapped_column(default=list)
    suggested_at: Mapped[datetime]
    accepted: Mapped[bool | None]
    actual_epic: Mapped[str | None] = mapped_column(String(40))
    decided_by_member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]


class CachedEmbedding(Base):
    """An embedding by the hash of its text and its embedder; holds no text, so accounts share it."""

    __tablename__ = "cached_embeddings"

    embedder: Mapped[str] = mapped_column(String(80), primary_key=True)
    content_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    vector: Mapped[bytes]
    created_at: Mapped[datetime]
