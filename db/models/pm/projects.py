"""Projects as the PM agents see them, and who is in which team."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, TenantMixin


class Project(TenantMixin, Base):
    """A Jira project as the PM agents see it."""

    __tablename__ = "projects"
    __table_args__ = (UniqueConstraint("account_id", "project_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_key: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    project_type: Mapped[str] = mapped_column(String(20))
    pm_member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    slack_channel_id: Mapped[str | None] = mapped_column(String(40))
    monthly_retainer_minutes: Mapped[int | None]
    stakeholder_member_ids: Mapped[list[Any]] = mapped_column(default=list)
    hourly_rate_cents: Mapped[int | None]
    github_repositories: Mapped[list[Any]] = mapped_column(default=list)


class UserTeam(TenantMixin, Base):
    """Which team a member is in, and who its PM is."""

    __tablename__ = "user_teams"
    __table_args__ = (UniqueConstraint("account_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    team: Mapped[str] = mapped_column(String(100))
    pm_member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    hourly_rate_cents: Mapped[int | None]
