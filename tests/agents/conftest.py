"""Small stand-ins with the fields that agents use, around a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

import db.models  # noqa: F401 - all tables
from db.base import Base
from db.engine import Database
from db.models.accounts import Account
from db.tenancy import account_scope
from services.durable import Durable
from services.home import Homes
from tests.postgres import postgres_server, postgres_url

if TYPE_CHECKING:
    from services.container import Services

__all__ = ["postgres_server", "postgres_url"]

ACCOUNT = "acc_one"
NEW_YORK = "America/New_York"
MONDAY_TEN = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@dataclass
class Time:
    """A present that tests move."""

    at: datetime = MONDAY_TEN

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Preferences:
    """The settings of the account, without an account service."""

    values: dict[str, Any] = field(default_factory=dict)

    async def get_setting(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)


@dataclass(frozen=True)
class SmallServices:
    """The fields of `Services` that runs use."""

    database: Database
    durable: Durable
    accounts: Preferences
    now: Time
    homes: Homes = field(default_factory=Homes)

    @property
    def whole(self) -> Services:
        """These services, for functions that declare the whole."""
        return cast("Services", self)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'flowpilot.sqlite'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with database.system_transaction() as session:
        for account_id in (ACCOUNT, "acc_other"):
            session.add(Account(id=account_id, slack_team_id=account_id, name=account_id, created_at=MONDAY_TEN))
    yield database
    await database.close()


@pytest.fixture
async def services(database: Database, tmp_path: Path) -> AsyncIterator[SmallServices]:
    durable = Durable(f"sqlite:///{tmp_path / 'durable.sqlite'}", poll_interval_s=0.05)
    yield SmallServices(database, durable, Preferences(), Time())
    await durable.shutdown(0)


@pytest.fixture
def in_account() -> Iterator[None]:
    with account_scope(ACCOUNT):
        yield
