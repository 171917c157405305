"""The database: engine, transactions, and the account filter on everything tenant-owned."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import event, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from db.base import TenantMixin
from db.tenancy import current_account_id, current_account_id_or_none

SQLITE_BUSY_TIMEOUT_MS = 10_000
WRITER_WAIT_S = 60.0
"""How long a writer waits in SQLite's queue, or for a lock on Postgres: nothing as it should be takes so long."""


def _sqlite_pragmas(connection: Any, _record: object) -> None:
    # autocommit off in the driver; SQLAlchemy's begin event below starts transactions itself
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        f"busy_timeout={SQLITE_BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
        "synchronous=NORMAL",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    # SQLite's own knows only ASCII: "ÜBER" would not be found by "über", as it is on Postgres
    connection.create_function("lower", 1, lambda value: value.lower() if isinstance(value, str) else value)


class WriterBusyError(RuntimeError):
    """SQLite's one writer was not free in time, or can never be: its own holder asks for it once more."""


class SystemSession(Session):
    """A session for work above accounts (installations, deduplication); sees no tenant filter."""


class TenantSession(Session):
    """A session bound to the current account."""


@event.listens_for(TenantSession, "do_orm_execute")
def _filter_by_account(state: ORMExecuteState) -> None:
    if state.is_column_load or state.is_relationship_load:
        return
    if state.is_select or state.is_update or state.is_delete:
        account_id = current_account_id()
        state.statement = state.statement.options(
            with_loader_criteria(TenantMixin, lambda cls: cls.account_id == account_id, include_aliases=True)
        )


class Database:
    """Open transactions; one service method is one transaction."""

    def __init__(self, url: str, *, pool_size: int = 10, writer_wait_s: float = WRITER_WAIT_S) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            if self.url.database and self.url.database != ":memory:":
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            self.engine: AsyncEngine = create_async_engine(self.url)
            event.listen(self.engine.sync_engine, "connect", _sqlite_pragmas)
        else:
            self.engine = create_async_engine(self.url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True)
        self._writer = asyncio.Lock()
        self._writing: asyncio.Task[Any] | None = None
        self._writer_wait_s = writer_wait_s
        self._tenant = async_sessionmaker(self.engine, expire_on_commit=False, sync_session_class=TenantSession)
        self._system = async_sessionmaker(self.engine, expire_on_commit=False, sync_session_class=SystemSession)

    @asynccontextmanager
    async def transaction(self, *, write: bool = True) -> AsyncIterator[AsyncSession]:
        """Yield a session of the current account; commits at the end, rolls back on an error.

        Raises `NoCurrentAccountError` outside `account_scope`. `write=False` lets SQLite readers run beside a writer.
        """
        account_id = current_account_id()
        async with self._turn(write), self._tenant() as session:
            await self.begin(session, write=write, account_id=account_id)
            yield session
            await session.commit()

    @asynccontextmanager
    async def system_transaction(self, *, write: bool = True) -> AsyncIterator[AsyncSession]:
        """Yield a session for tables that belong to no account; row-level security hides tenant rows on Postgres."""
        async with self._turn(write), self._system() as session:
            await self.begin(session, write=write, account_id=current_account_id_or_none())
            yield session
            await session.commit()

    def _turn(self, write: bool) -> AbstractAsyncContextManager[None]:
        # SQLite has one writer: others wait here, first come first served, and leave the connections to readers
        return self._as_writer() if write and self.is_sqlite else nullcontext()

    @asynccontextmanager
    async def _as_writer(self) -> AsyncIterator[None]:
        task = asyncio.current_task()
        if self._writing is task:
            raise WriterBusyError("a write transaction was opened inside another: end the first one before")
        try:
            async with asyncio.timeout(self._writer_wait_s):
                await self._writer.acquire()
        except TimeoutError as error:
            raise WriterBusyError(
                f"another write transaction has lasted for {self._writer_wait_s:g} s; does it wait for this one?"
            ) from error
        self._writing = task
        try:
            yield
        finally:
            self._writing = None
            self._writer.release()

    async def begin(self, session: AsyncSession, *, write: bool, account_id: str | None) -> None:
        """Open the transaction of a session made elsewhere, as `transaction` does; durable steps bring their own."""
        if self.is_sqlite:
            # a deferred transaction that turns writer half-way fails with SQLITE_BUSY: take the lock at the start
            await session.execute(text("BEGIN IMMEDIATE" if write else "BEGIN"))
            return
        settings = {"app.current_account_id": account_id} if account_id is not None else {}
        if write:
            # a write inside a write of the same row would wait for itself: it fails, as it does on SQLite
            settings["lock_timeout"] = f"{self._writer_wait_s * 1000:.0f}ms"
        if settings:
            calls = ", ".join(f"set_config('{name}', :v{number}, true)" for number, name in enumerate(settings))
            values = {f"v{number}": value for number, value in enumerate(settings.values())}
            await session.execute(text(f"select {calls}"), values)

    async def check(self) -> None:
        """Run one trivial query; raises when the database cannot be reached."""
        async with self.engine.connect() as connection:
            await connection.execute(text("select 1"))

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()
