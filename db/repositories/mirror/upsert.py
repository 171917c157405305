"""Insert-or-update statements of SQLite and Postgres behind one name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from db.base import Base
from db.tenancy import current_account_id

Item = TypeVar("Item")
IDS_PER_STATEMENT = 500
"""Far below what SQLite and Postgres take as parameters of one statement."""


def insert_into(session: AsyncSession, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return the dialect's own insert, which knows `on_conflict_do_update`."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


async def one_writer(session: AsyncSession) -> None:
    """Let one transaction at a time write an account's mirror: on Postgres two replicas would lock rows crosswise."""
    if session.get_bind().dialect.name == "postgresql":
        name = f"mirror:{current_account_id()}"
        await session.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def table_of(model: type[Base]) -> Table:
    """Return a model's table."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def stamped(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with the current account on each."""
    account_id = current_account_id()
    return [{**row, "account_id": account_id} for row in rows]


def in_parts(items: Sequence[Item], size: int = IDS_PER_STATEMENT) -> Iterator[Sequence[Item]]:
    """Yield the items in slices that fit into one statement."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
