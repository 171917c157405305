"""A replica on Postgres: any number of processes share the work."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from sqlalchemy import URL

from services.errors import NotConfiguredError

CONNECT_TIMEOUT_S = 10


def _lock_key(executor_id: str) -> int:
    digest = hashlib.sha256(f"flowpilot.replica.{executor_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


class PostgresReplica:
    """Holds a session's advisory lock, which the server frees when the connection ends."""

    def __init__(self, url: URL) -> None:
        self.executor_id = f"replica-{uuid.uuid4().hex}"
        self._url = url.set(drivername="postgresql")
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def acquire(self) -> None:
        """Connect and lock."""
        try:
            self._connection = await psycopg.AsyncConnection.connect(
                self._url.render_as_string(hide_password=False),
                autocommit=True,
                connect_timeout=CONNECT_TIMEOUT_S,
                # a server that vanishes is noticed after about 10 + 3 x 5 seconds
                keepalives_idle=10,
                keepalives_interval=5,
                keepalives_count=3,
            )
        except psycopg.OperationalError as error:
            raise NotConfiguredError(
                f"The durable-work database {self._url.render_as_string()} cannot be reached.",
                hint="Check DURABLE_DATABASE_URL (or DATABASE_URL) and that the server runs.",
            ) from error
        await self._connection.execute("select pg_advisory_lock(%s)", (_lock_key(self.executor_id),))

    async def release(self) -> None:
        """Disconnect; the server frees the lock."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def refresh(self) -> None:
        """Ask the server for a sign of life; connect and lock again when there is none."""
        try:
            if self._connection is not None:
                await self._connection.execute("select 1")
                return
        except psycopg.OperationalError:
            await self.release()
        await self.acquire()

    @asynccontextmanager
    async def if_dead(self, executor_id: str) -> AsyncIterator[bool]:
        """Yield whether that replica's lock was free; it stays ours inside the block."""
        connection = self._connection
        assert connection is not None, "acquire() comes first"
        key = (_lock_key(executor_id),)
        row = await (await connection.execute("select pg_try_advisory_lock(%s)", key)).fetchone()
        if row is None or not row[0]:
            yield False
            return
        try:
            yield True
        finally:
            await connection.execute("select pg_advisory_unlock(%s)", key)
