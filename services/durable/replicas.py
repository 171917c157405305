"""Who runs: each replica holds a lock for as long as it lives, so that others can tell when it has died."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL

from services.errors import NotConfiguredError

LOCK_TIMEOUT_S = 1.0


class Replica(Protocol):
    """This process' place among those that share the durable-work database."""

    executor_id: str

    async def acquire(self) -> None:
        """Take this replica's lock; `NotConfiguredError` when that is impossible."""
        ...

    async def release(self) -> None:
        """Give the lock back."""
        ...

    async def refresh(self) -> None:
        """Take the lock again if the connection that held it was lost."""
        ...

    def if_dead(self, executor_id: str) -> AbstractAsyncContextManager[bool]:
        """Yield whether the replica `executor_id` has died; inside the block nobody else finds that out."""
        ...


class SingleReplica:
    """SQLite: one process at a time; a second one is refused, since it would take over what the first one runs."""

    def __init__(self, url: URL) -> None:
        if not url.database or url.database == ":memory:":
            raise NotConfiguredError(
                "The durable-work database must be a file.", hint="Set DURABLE_DATABASE_URL, or leave it empty."
            )
        self.executor_id = "single"
        self._path = Path(url.database)
        self._connection: sqlite3.Connection | None = None

    async def acquire(self) -> None:
        """Lock a file beside the database; the operating system frees it when the process dies."""
        self._connection = await asyncio.to_thread(self._lock)

    def _lock(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            f"{self._path}.lock", timeout=LOCK_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            connection.close()
            raise NotConfiguredError(
                f"Another FlowPilot process works with {self._path}.",
                hint="Stop it first, or share the work between processes on Postgres (DATABASE_URL).",
            ) from error
        return connection

    async def release(self) -> None:
        """Unlock."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def refresh(self) -> None:
        """Keep the lock: a file's lock is not lost."""

    @asynccontextmanager
    async def if_dead(self, executor_id: str) -> AsyncIterator[bool]:
        """Yield False: on SQLite the engine itself recovers, at launch, what the process left."""
        yield False


def replica_for(url: URL) -> Replica:
    """Return the replica that fits the database."""
    if url.get_backend_name() == "sqlite":
        return SingleReplica(url)
    from services.durable.postgres import PostgresReplica

    return PostgresReplica(url)
