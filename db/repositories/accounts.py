"""SQL of accounts, members and settings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.accounts import Account, AccountSettings, Member


async def account_of_team(session: AsyncSession, slack_team_id: str) -> Account | None:
    """Return the account of a Slack workspace."""
    return await session.scalar(select(Account).where(Account.slack_team_id == slack_team_id))


async def all_accounts(session: AsyncSession) -> Sequence[Account]:
    """Return every account, oldest first."""
    return (await session.scalars(select(Account).order_by(Account.created_at, Account.id))).all()


async def member(session: AsyncSession, member_id: int) -> Member | None:
    """Return one member of the current account."""
    return await session.scalar(select(Member).where(Member.id == member_id))


async def member_of_slack_user(session: AsyncSession, slack_user_id: str) -> Member | None:
    """Return the member with that Slack identity."""
    return await session.scalar(select(Member).where(Member.slack_user_id == slack_user_id))


async def member_of_jira_account(session: AsyncSession, jira_account_id: str) -> Member | None:
    """Return the member linked to that Jira account."""
    return await session.scalar(select(Member).where(Member.jira_account_id == jira_account_id))


async def members(session: AsyncSession) -> Sequence[Member]:
    """Return the account's members by name."""
    return (await session.scalars(select(Member).order_by(Member.display_name, Member.id))).all()


async def settings_row(session: AsyncSession) -> AccountSettings | None:
    """Return the account's settings row, if anyone has changed a setting."""
    return await session.scalar(select(AccountSettings))


async def settings_row_to_change(session: AsyncSession, at: datetime) -> AccountSettings:
    """Return the account's settings row, locked, made on first use; `IntegrityError` when another is making it too."""
    row = await session.scalar(select(AccountSettings).with_for_update())
    if row is None:
        row = AccountSettings(preferences={}, updated_at=at)
        session.add(row)
        await session.flush()
    return row


async def write_setting(session: AsyncSession, key: str, value: Any, at: datetime) -> None:
    """Set one preference, making the row on first use; None removes the key."""
    row = await settings_row_to_change(session, at)
    preferences = dict(row.preferences)
    if value is None:
        preferences.pop(key, None)
    else:
        preferences[key] = value
    row.preferences = preferences
    row.updated_at = at
