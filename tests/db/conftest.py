"""A migrated Postgres beside the SQLite of the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from db.engine import Database
from db.migrate import upgrade
from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]


@pytest.fixture
async def postgres(postgres_url: str) -> AsyncIterator[Database]:
    """A migrated Postgres database, reached by a role that row-level security holds for."""
    database = Database(postgres_url, pool_size=4)
    await upgrade(database)
    yield database
    await database.close()
