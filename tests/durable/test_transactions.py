"""Transaction steps: rows that are written once though the process dies at the worst moment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

import db.models  # noqa: F401 - all tables
from db.base import Base
from db.engine import Database
from db.models.accounts import Account, Member
from db.tenancy import account_scope
from services.durable import Durable, StepFailedError
from services.errors import ConflictError
from tests.durable.conftest import ACCOUNT, ended, until

ARGUMENTS = {"account_id": ACCOUNT}
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
async def database(durable_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    is_sqlite = durable_url.startswith("sqlite")
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'flowpilot.sqlite'}" if is_sqlite else durable_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with database.system_transaction() as session:
        session.add(Account(id=ACCOUNT, slack_team_id="T1", name="One", created_at=NOW))
    yield database
    await database.close()


def _durable(durable_url: str, database: Database) -> Durable:
    url = database.url.render_as_string(hide_password=False)
    return Durable(durable_url, database_url=url, poll_interval_s=0.05, takeover_interval_s=0.2)


def _add_member(session: AsyncSession, name: str) -> None:
    session.add(Member(slack_user_id=name, display_name=name, created_at=NOW))


async def _members(database: Database) -> int:
    with account_scope(ACCOUNT):
        async with database.transaction(write=False) as session:
            return await session.scalar(select(func.count()).select_from(Member)) or 0


async def test_what_was_committed_is_not_written_again_when_the_workflow_is_replayed(
    durable_url: str, database: Database
) -> None:
    runs: list[str] = []

    def build(*, answer: bool) -> Durable:
        durable = _durable(durable_url, database)

        async def write(session: AsyncSession) -> dict[str, Any]:
            runs.append("wrote")
            _add_member(session, f"U{len(runs)}")
            return {"number": len(runs)}

        @durable.register("writes")
        async def writes(arguments: dict[str, Any]) -> dict[str, Any]:
            result = await durable.transaction_step("write", write)
            await durable.wait_for("answer", None if not answer else 0.01)
            return {"wrote": result}

        return durable

    durable = build(answer=False)
    await durable.launch()
    await durable.start("writes", "writes:1", ARGUMENTS)
    await until(partial(_members, database))
    await durable.shutdown(5)
    durable = build(answer=True)
    await durable.launch()
    await durable.signal("writes:1", "answer", True)
    state = await ended(durable, "writes:1")
    await durable.shutdown(0)
    assert (state.result, runs, await _members(database)) == ({"wrote": {"number": 1}}, ["wrote"], 1)


async def test_an_error_rolls_the_transaction_back_and_keeps_its_message(durable_url: str, database: Database) -> None:
    durable = _durable(durable_url, database)

    async def write(session: AsyncSession) -> None:
        _add_member(session, "U1")
        await session.flush()
        raise ConflictError("It changed meanwhile.", hint="Look again.")

    async def twice(session: AsyncSession) -> None:
        _add_member(session, "U1")
        _add_member(session, "U1")

    @durable.register("fails")
    async def fails(arguments: dict[str, Any]) -> dict[str, Any]:
        said = []
        for function in (write, twice):
            try:
                await durable.transaction_step(function.__name__, function)
            except StepFailedError as error:
                said.append([error.kind, str(error)])
        return {"said": said}

    await durable.launch()
    await durable.start("fails", "fails:1", ARGUMENTS)
    state = await ended(durable, "fails:1")
    await durable.shutdown(0)
    assert state.result == {
        "said": [["ConflictError", "It changed meanwhile. Look again."], ["IntegrityError", "The step “twice” failed."]]
    }
    assert await _members(database) == 0


async def test_without_a_database_it_says_what_is_missing(sqlite_url: str) -> None:
    durable = Durable(sqlite_url)

    async def nothing(session: AsyncSession) -> None:
        return

    with pytest.raises(RuntimeError, match="application's database"):
        await durable.transaction_step("nothing", nothing)
