"""Fixtures that every part of the suite shares."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from db.engine import Database
from db.models.accounts import Account
from db.tenancy import account_scope
from tests.databases import make_ready

pytest_plugins = ["tests.requirements"]
# how long an example takes says more about the machine than about the code
settings.register_profile("untimed", deadline=None, max_examples=50)
settings.load_profile("untimed")
# with the collector's own thresholds a sixth of the suite's time goes into walking what lives as long as the process
gc.set_threshold(20_000, 20, 100)


def pytest_collection_finish() -> None:
    """Set aside what imports and collection made, so that no collection walks it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A migrated SQLite database in a file."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'flowpilot.sqlite'}")
    await make_ready(database)
    yield database
    await database.close()


async def make_account(database: Database, account_id: str = "acc_test", team: str = "T0TEST") -> str:
    """Store an account and return its id."""
    async with database.system_transaction() as session:
        session.add(Account(id=account_id, slack_team_id=team, name="Test", created_at=datetime.now(UTC)))
    return account_id


@pytest.fixture
async def account_id(database: Database) -> str:
    """An account in `database`."""
    return await make_account(database)


@pytest.fixture
def in_account(account_id: str) -> Iterator[str]:
    """Run the test inside `account_id`'s scope."""
    with account_scope(account_id):
        yield account_id
