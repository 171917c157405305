"""Durable instances on SQLite and on Postgres."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from services.durable import Durable, WorkflowState
from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]

ACCOUNT = "acc_one"
PATIENCE_S = 60.0


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    """Wait until `condition` holds; fails after `PATIENCE_S`."""
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():
            await asyncio.sleep(0.02)


async def ended(durable: Durable, workflow_id: str) -> WorkflowState:
    """Return the state of a workflow once it is final."""

    async def is_final() -> bool:
        state = await durable.status(workflow_id)
        return state is not None and state.status.is_final

    await until(is_final)
    state = await durable.status(workflow_id)
    assert state is not None
    return state


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'durable.sqlite'}"


@pytest.fixture(params=["sqlite", "postgres"])
def durable_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def durable(durable_url: str) -> AsyncIterator[Durable]:
    """A Durable that the test registers on and launches itself."""
    durable = Durable(durable_url, poll_interval_s=0.05, takeover_interval_s=0.2)
    yield durable
    await durable.shutdown(0)
