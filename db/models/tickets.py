"""What the ticket assistant remembers of a person's work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, TenantMixin


class TicketFocus(TenantMixin, Base):
    """The ticket that commands without a key mean."""

    __tablename__ = "ticket_focus"
    __table_args__ = (UniqueConstraint("account_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    ticket_key: Mapped[str] = mapped_column(String(40))
    focused_at: Mapped[datetime]
