"""One answer at a time in a session, on any replica, and each message is answered once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from db.engine import Database
from db.models.events import HandledEvent
from db.tenancy import account_scope
from services.pilot.leases import EXPIRES, Leases
from services.pilot.turns import TURN, SessionTurns
from tests.databases import make_ready
from tests.pilot.engine.conftest import Ticking
from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]


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
    await make_ready(database)
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
async def test_a_turn_of_a_process_that_died_is_free_again_whatever_replicas_think_the_time_is(
    postgres_url: str,
) -> None:
    database = Database(postgres_url)
    await make_ready(database)
    ahead = SessionTurns(database, lambda: datetime.now(UTC) + timedelta(days=1), look_every_s=0.01)

    async def is_free() -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.2), ahead.held("s-1"):
                return True
        return False

    leases = Leases(database, TURN)
    first = await leases.take("s-1")
    assert first is not None
    assert not await is_free(), "who holds it lives, however late it is here"
    async with leases.kept("s-1", first):
        await _renewed(database, first - EXPIRES - timedelta(seconds=1))
        second = await leases.take("s-1")
        assert second is not None, "nobody has renewed it for too long"
    assert not await is_free(), "who comes too late gives nothing back that is somebody else's by now"
    async with leases.kept("s-1", second):
        pass
    assert await is_free()
    await database.close()


async def _renewed(database: Database, at: datetime) -> None:
    async with database.transaction() as transaction:
        chosen = (HandledEvent.source == TURN, HandledEvent.event_id == "s-1")
        await transaction.execute(update(HandledEvent).where(*chosen).values(received_at=at))
