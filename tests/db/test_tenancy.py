"""One account never sees or touches another's rows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from db.engine import Database
from db.models.accounts import Member
from db.models.effects import AuditEntry
from db.tenancy import NoCurrentAccountError, account_scope
from services.effects import Actor, AuditTrail
from tests.conftest import make_account

NOW = datetime(2026, 11, 21, tzinfo=UTC)


async def add_member(database: Database, account_id: str, slack_user_id: str) -> None:
    """Store a member of an account."""
    with account_scope(account_id):
        async with database.transaction() as session:
            session.add(Member(slack_user_id=slack_user_id, display_name=slack_user_id, created_at=NOW))


async def names(database: Database, account_id: str) -> list[str]:
    """Return the display names that an account sees."""
    with account_scope(account_id):
        async with database.transaction(write=False) as session:
            return list(await session.scalars(select(Member.display_name).order_by(Member.display_name)))


@pytest.fixture
async def two_accounts(database: Database) -> tuple[str, str]:
    """Two accounts with a member each."""
    first = await make_account(database, "acc_one", "T1")
    second = await make_account(database, "acc_two", "T2")
    await add_member(database, first, "U1")
    await add_member(database, second, "U2")
    return first, second


async def test_an_account_selects_only_its_own_rows(database: Database, two_accounts: tuple[str, str]) -> None:
    assert await names(database, two_accounts[0]) == ["U1"]
    assert await names(database, two_accounts[1]) == ["U2"]


async def test_updates_and_deletes_reach_only_the_own_account(
    database: Database, two_accounts: tuple[str, str]
) -> None:
    first, second = two_accounts
    with account_scope(first):
        async with database.transaction() as session:
            await session.execute(update(Member).values(display_name="changed"))
    assert await names(database, second) == ["U2"]
    with account_scope(second):
        async with database.transaction() as session:
            await session.execute(delete(Member))
    assert await names(database, first) == ["changed"]
    assert await names(database, second) == []


async def test_loading_by_primary_key_does_not_cross_accounts(
    database: Database, two_accounts: tuple[str, str]
) -> None:
    first, second = two_accounts
    with account_scope(first):
        async with database.transaction() as session:
            own_id = await session.scalar(select(Member.id))
    with account_scope(second):
        async with database.transaction() as session:
            assert await session.get(Member, own_id) is None


async def test_without_a_current_account_tenant_data_cannot_be_reached(database: Database) -> None:
    with pytest.raises(NoCurrentAccountError):
        async with database.transaction():
            pass


async def test_the_audit_trail_refuses_changes_in_the_database_itself(database: Database, in_account: str) -> None:
    trail = AuditTrail(database, lambda: NOW)
    await trail.record(actor=Actor(None, "FlowPilot"), action="settings.change", target="x", result="done")
    for statement in ("update audit_entries set reason = 'other'", "delete from audit_entries"):
        with pytest.raises(DatabaseError, match="append-only"):
            async with database.transaction() as session:
                await session.execute(text(statement))
    async with database.transaction(write=False) as session:
        assert (await session.scalars(select(AuditEntry.reason))).all() == [""]
