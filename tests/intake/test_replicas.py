"""Two replicas that get the same delivery: one of them handles it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from db.engine import Database
from db.migrate import upgrade
from services.clock import utc_now
from services.slack.dedupe import Deliveries
from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]


COUNT = 120


async def race(url: str) -> tuple[list[int], bool]:
    """Claim each delivery twice at once; return how often each was given, and if a forgotten one is given anew."""
    databases = [Database(url), Database(url)]
    try:
        replicas = [Deliveries(database, utc_now) for database in databases]
        ids = [f"Ev'{n}\"" for n in range(COUNT)]
        claims = [[replica.claim(delivery_id) for replica in replicas] for delivery_id in ids]
        answers = await asyncio.gather(*(claim for pair in claims for claim in pair))
        await replicas[0].forget_before(utc_now() + timedelta(seconds=1))
        anew = await Deliveries(databases[1], utc_now).claim(ids[0])
        return [sum(answers[i : i + 2]) for i in range(0, len(answers), 2)], anew
    finally:
        for database in databases:
            await database.close()


@pytest.mark.requirement("SYS-4", "SYS-6")
async def test_on_postgres_each_delivery_is_claimed_by_one_replica(postgres_url: str) -> None:
    database = Database(postgres_url)
    await upgrade(database)
    await database.close()
    assert await race(postgres_url) == ([1] * COUNT, True)


@pytest.mark.requirement("SYS-6")
async def test_on_sqlite_each_delivery_is_claimed_by_one_process(database: Database) -> None:
    assert await race(database.url.render_as_string(hide_password=False)) == ([1] * COUNT, True)
