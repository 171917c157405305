"""Calls to model vendors, for caches, costs and budgets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, TenantMixin


class ModelCall(TenantMixin, Base):
    """One call to a model, or the rule-based answer in its place; `subject` is the session that it was for, if any."""

    __tablename__ = "model_calls"

    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str] = mapped_column(String(60), index=True)
    model: Mapped[str] = mapped_column(String(120))
    outcome: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(Text, default="")
    input_tokens: Mapped[int] = mapped_column(default=0)
    output_tokens: Mapped[int] = mapped_column(default=0)
    cache_read_tokens: Mapped[int] = mapped_column(default=0)
    cache_write_tokens: Mapped[int] = mapped_column(default=0)
    latency_ms: Mapped[int] = mapped_column(default=0)
    cost_microdollars: Mapped[int] = mapped_column(BigInteger, default=0)
    correlation_id: Mapped[str] = mapped_column(String(40), default="")
    subject: Mapped[str] = mapped_column(String(60), default="", index=True)
    called_at: Mapped[datetime] = mapped_column(index=True)
