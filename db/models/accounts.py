"""Accounts (one Slack workspace each), their settings, their members."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, TenantMixin
from db.tenancy import current_account_id


class Account(Base):
    """One Slack workspace."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    slack_team_id: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    time_zone: Mapped[str] = mapped_column(String(64), default="America/New_York")
    created_at: Mapped[datetime]


class AccountSettings(TenantMixin, Base):
    """One lazily made row per account; `get_setting` reads its preferences."""

    __tablename__ = "account_settings"

    account_id: Mapped[str] = mapped_column(
        String(40), ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, default=current_account_id
    )
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    updated_at: Mapped[datetime]

    def get_setting(self, key: str, default: Any = None) -> Any:
        """Return the preference `key`, or `default` where nobody has set it."""
        return self.preferences.get(key, default)


class Member(TenantMixin, Base):
    """A person of an account, with their identities in the systems of record."""

    __tablename__ = "members"
    __table_args__ = (
        UniqueConstraint("account_id", "slack_user_id"),
        UniqueConstraint("account_id", "jira_account_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slack_user_id: Mapped[str] = mapped_column(String(40))
    display_name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(320))
    role: Mapped[str] = mapped_column(String(20), default="viewer")
    time_zone: Mapped[str] = mapped_column(String(64), default="America/New_York")
    jira_account_id: Mapped[str | None] = mapped_column(String(128))
    github_login: Mapped[str | None] = mapped_column(String(100))
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
