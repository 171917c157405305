"""SQLite's one writer: who can never have it is told so, instead of waiting for ever."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db.engine import Database, WriterBusyError


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


async def test_letters_beyond_ascii_have_small_ones_on_sqlite_too(database: Database) -> None:
    async with database.system_transaction(write=False) as session:
        assert await session.scalar(select(func.lower("ÜBER Łódź"))) == "über łódź"
