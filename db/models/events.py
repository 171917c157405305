"""Incoming events that were handled already, so that a second delivery does nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class HandledEvent(Base):
    """One delivery (Slack event_id, envelope id, webhook id) that was taken up; belongs to no account."""

    __tablename__ = "handled_events"

    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    received_at: Mapped[datetime]
