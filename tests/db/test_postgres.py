"""On Postgres the database itself keeps accounts apart and the trail whole."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import DBAPIError

from db.engine import Database
from db.migrate import UnsafeRoleError, refuse_unsafe_role, upgrade
from db.models.accounts import Member
from db.tenancy import account_scope
from services.effects import Actor, AuditTrail
from tests.conftest import make_account
from tests.db.test_migrations import differences
from tests.db.test_tenancy import add_member, names

NOW = datetime(2026, 11, 21, tzinfo=UTC)
pytestmark = pytest.mark.xdist_group("postgres")


async def test_the_migrations_give_what_the_models_say(postgres: Database) -> None:
    async with postgres.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_two_replicas_may_migrate_at_once(postgres_url: str) -> None:
    databases = [Database(postgres_url) for _ in range(2)]
    await asyncio.gather(*(upgrade(database) for database in databases))
    async with databases[0].engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    for database in databases:
        await database.close()


async def test_plain_sql_sees_only_the_current_account(postgres: Database) -> None:
    first = await make_account(postgres, "acc_one", "T1")
    second = await make_account(postgres, "acc_two", "T2")
    await add_member(postgres, first, "U1")
    await add_member(postgres, second, "U2")
    query = text("select slack_user_id from members")
    with account_scope(first):
        async with postgres.transaction() as session:
            assert (await session.scalars(query)).all() == ["U1"]
    async with postgres.system_transaction() as session:
        assert (await session.scalars(query)).all() == []
    assert await names(postgres, second) == ["U2"]


async def test_a_row_for_another_account_is_refused(postgres: Database) -> None:
    await make_account(postgres, "acc_one", "T1")
    await make_account(postgres, "acc_two", "T2")
    with account_scope("acc_one"), pytest.raises(DBAPIError, match="row-level security"):
        async with postgres.transaction() as session:
            session.add(Member(account_id="acc_two", slack_user_id="U9", display_name="U9", created_at=NOW))


async def test_every_tenant_table_is_protected(postgres: Database) -> None:
    query = text(
        "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'account_id' "
        "where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace "
        "and not (c.relrowsecurity and c.relforcerowsecurity)"
    )
    async with postgres.engine.connect() as connection:
        assert (await connection.scalars(query)).all() == []


async def test_a_role_that_could_see_everything_is_refused(postgres_server: URL, postgres: Database) -> None:
    await refuse_unsafe_role(postgres)
    database = Database(
        make_url(postgres_server).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    )
    with pytest.raises(UnsafeRoleError, match="nobypassrls"):
        await refuse_unsafe_role(database)
    await database.close()


@pytest.mark.requirement("TKT-9.1")
async def test_many_writers_at_once_leave_one_unbroken_trail(postgres: Database) -> None:
    account_id = await make_account(postgres)
    trail = AuditTrail(postgres, lambda: NOW)
    with account_scope(account_id):
        await asyncio.gather(
            *(
                trail.record(actor=Actor(None, f"writer {n}"), action="jira.comment", target="ABC-1", result="done")
                for n in range(20)
            )
        )
        check = await trail.verify()
    assert (check.is_intact, check.lines) == (True, 20)


async def test_the_trail_cannot_be_changed(postgres: Database) -> None:
    account_id = await make_account(postgres)
    with account_scope(account_id):
        await AuditTrail(postgres, lambda: NOW).record(
            actor=Actor(None, "x"), action="jira.comment", target="ABC-1", result="done"
        )
        with pytest.raises(DBAPIError, match="append-only"):
            async with postgres.transaction() as session:
                await session.execute(text("delete from audit_entries"))
