"""What was told to whom, what waits for a digest, and what people thought of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, TenantMixin


class AlertDelivery(TenantMixin, Base):
    """One finding for one recipient: sent, held for a digest, snoozed or recorded in shadow mode.

    `bundled_in_id` is the delivery of the message that told it together with others: a bundle or a digest.
    """

    __tablename__ = "alert_deliveries"
    __table_args__ = (UniqueConstraint("account_id", "dedupe_key", "recipient"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(String(200))
    recipient: Mapped[str] = mapped_column(String(40), index=True)
    agent: Mapped[str] = mapped_column(String(60), index=True)
    severity: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text)
    blocks: Mapped[list[Any]] = mapped_column(default=list)
    status: Mapped[str] = mapped_column(String(20), index=True)
    why: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    channel_id: Mapped[str | None] = mapped_column(String(40))
    message_ts: Mapped[str | None] = mapped_column(String(40))
    bundled_in_id: Mapped[int | None] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]


class AlertFeedback(TenantMixin, Base):
    """A person's word on an alert."""

    __tablename__ = "alert_feedback"
    __table_args__ = (UniqueConstraint("account_id", "delivery_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("alert_deliveries.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    useful: Mapped[bool]
    given_at: Mapped[datetime]


class AlertSnooze(TenantMixin, Base):
    """A person does not want to hear of a subject for a while; with a `fingerprint` only while things stand so."""

    __tablename__ = "alert_snoozes"
    __table_args__ = (UniqueConstraint("account_id", "member_id", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    subject: Mapped[str] = mapped_column(String(200))
    until: Mapped[datetime]
    fingerprint: Mapped[str] = mapped_column(String(64), default="")


class AlertThreshold(TenantMixin, Base):
    """A threshold of an agent as feedback moved it: each move is a row, the newest counts."""

    __tablename__ = "alert_thresholds"

    id: Mapped[int] = mapped_column(primary_key=True)
    agent: Mapped[str] = mapped_column(String(60), index=True)
    name: Mapped[str] = mapped_column(String(60))
    value: Mapped[float]
    previous: Mapped[float]
    useful: Mapped[int]
    not_useful: Mapped[int]
    why: Mapped[str] = mapped_column(Text, default="")
    changed_at: Mapped[datetime]
