"""One answer at a time in a session, on any replica, and each message is answered once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.engine import Database
from db.migrate import upgrade
from db.repositories import events
from db.tenancy import account_scope
from services.pilot.turns import EXPIRES, TURN, SessionTurns
from tests.pilot.engine.conftest import Ticking
from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_account() -> Iterator[None]:
    """Work in an account."""
    with account_scope("acc_test"):
        yield


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.xdist_group("postgres"))])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the replicas' turns are kept."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'turns.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.mark.requirement("SLK-2", "SYS-4")
async def test_a_turn_is_held_by_one_and_a_message_is_taken_in_once(url: str) -> None:
    database = Database(url)
    await upgrade(database)
    clock = Ticking()
    here = SessionTurns(database, clock, look_every_s=0.01)
    there = here if database.is_sqlite else SessionTurns(database, clock, look_every_s=0.01)
    told: list[str] = []

    async def speak(turns: SessionTurns, name: str) -> None:
        async with turns.held("s-1"):
            told.append(f"{name} begins")
            await asyncio.sleep(0.05)
            told.append(f"{name} ends")

    async with here.held("s-2"):
        await asyncio.gather(speak(here, "A"), speak(there, "B"), speak(here, "C"))
    assert [told[at].split()[0] for at in (0, 2, 4)] == [told[at].split()[0] for at in (1, 3, 5)]
    assert sorted(told[::2]) == ["A begins", "B begins", "C begins"]
    taken = await asyncio.gather(*(turns.is_new("s-1", "17.1") for turns in (here, there, here)))
    assert sum(taken) == 1
    assert await there.is_new("s-1", "17.2")
    await database.close()


@pytest.mark.xdist_group("postgres")
@pytest.mark.requirement("SYS-4")
async def test_a_turn_of_a_process_that_died_is_free_again(postgres_url: str) -> None:
    database = Database(postgres_url)
    await upgrade(database)
    async with database.transaction() as transaction:
        await events.claim(transaction, TURN, ["s-1"], NOW)
    turns = SessionTurns(database, lambda: NOW + EXPIRES - timedelta(seconds=1), look_every_s=0.01)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1), turns.held("s-1"):
            pass
    later = SessionTurns(database, lambda: NOW + EXPIRES + timedelta(seconds=1), look_every_s=0.01)
    async with asyncio.timeout(5), later.held("s-1"):
        pass
    await database.close()
