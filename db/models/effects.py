"""Writes to the outside, and the hash-chained trail of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, JsonDocument, TenantMixin


class Effect(TenantMixin, Base):
    """One write to a vendor: what was meant, and how far it got. Its row changes; the trail does not."""

    __tablename__ = "effects"
    __table_args__ = (UniqueConstraint("account_id", "idempotency_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(200))
    vendor: Mapped[str] = mapped_column(String(20))
    operation: Mapped[str] = mapped_column(String(40))
    target: Mapped[str] = mapped_column(String(200), index=True)
    arguments: Mapped[dict[str, Any]] = mapped_column(default=dict)
    actor_member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    actor_name: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    before: Mapped[Any] = mapped_column(JsonDocument, default=None, nullable=True)
    after: Mapped[Any] = mapped_column(JsonDocument, default=None, nullable=True)
    status: Mapped[str] = mapped_column(String(20), index=True)
    error: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("effects.id", ondelete="SET NULL"))
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("effects.id", ondelete="SET NULL"))
    correlation_id: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class AuditEntry(TenantMixin, Base):
    """One line of the trail: append-only, each with the hash of the one before (triggers refuse changes)."""

    __tablename__ = "audit_entries"
    __table_args__ = (UniqueConstraint("account_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int]
    at: Mapped[datetime]
    actor_member_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(80))
    target: Mapped[str] = mapped_column(String(200), index=True)
    reason: Mapped[str] = mapped_column(Text)
    before: Mapped[Any] = mapped_column(JsonDocument, default=None, nullable=True)
    after: Mapped[Any] = mapped_column(JsonDocument, default=None, nullable=True)
    result: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(Text, default="")
    effect_id: Mapped[int | None]
    correlation_id: Mapped[str] = mapped_column(String(40), default="")
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
