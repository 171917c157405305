"""SQLite's one writer: who can never have it is told so, instead of waiting for ever."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from db.engine import Database, WriterBusyError
from db.repositories import events


async def test_a_write_inside_a_write_is_refused_and_the_next_one_goes_on(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'writers.db'}", writer_wait_s=0.1)
    async with database.system_transaction():
        async with database.system_transaction(write=False):
            pass
        with pytest.raises(WriterBusyError, match="inside another"):
            async with asyncio.timeout(5), database.system_transaction():
                pass

    async def write() -> None:
        async with database.system_transaction():
            pass

    async with database.system_transaction():
        with pytest.raises(WriterBusyError, match="does it wait for this one"):
            async with asyncio.timeout(5):
                await asyncio.gather(write())
    async with asyncio.timeout(5):
        await asyncio.gather(*(write() for _ in range(5)))
    await database.close()


async def test_a_write_inside_a_write_of_the_same_row_fails_on_postgres_too(
    postgres: Database, postgres_url: str
) -> None:
    database = Database(postgres_url, pool_size=2, writer_wait_s=0.1)
    now = datetime(2026, 11, 20, tzinfo=UTC)
    async with asyncio.timeout(20), database.system_transaction() as outer:
        await events.claim(outer, "test", ["one"], now)
        with pytest.raises(DBAPIError, match="lock timeout"):
            async with database.system_transaction() as inner:
                await events.claim(inner, "test", ["one"], now)
        async with database.system_transaction() as inner:
            assert await events.claim(inner, "test", ["another"], now) == {"another"}
    await database.close()


async def test_letters_beyond_ascii_have_small_ones_on_sqlite_too(database: Database) -> None:
    async with database.system_transaction(write=False) as session:
        assert await session.scalar(select(func.lower("ÜBER Łódź"))) == "über łódź"
