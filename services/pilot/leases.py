"""Claims of living processes, for what only one of all replicas may do at a time.

A claim is renewed while its holder lives and is anybody's 30 s after the holder died. All times are the database's own,
so that replicas' clocks need not agree. Only for Postgres: SQLite is one process' alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.repositories import events as repository

EXPIRES = timedelta(seconds=30)
"""A claim that was not renewed for so long was held by a process that died."""
RENEW_S, LOOK_EVERY_S = 8.0, 0.25
log = structlog.get_logger(__name__)


async def taken(transaction: AsyncSession, source: str, name: str) -> datetime | None:
    """Take a claim in a transaction; None while somebody who lives has it, otherwise what shows that it is ours."""
    now = await repository.database_now(transaction)
    await repository.release(transaction, source, name, older_than=now - EXPIRES)
    return now if name in await repository.claim(transaction, source, [name], now) else None


class Leases:
    """Claims of one kind."""

    def __init__(self, database: Database, source: str, *, look_every_s: float = LOOK_EVERY_S) -> None:
        self._database = database
        self._source = source
        self._look_every_s = look_every_s

    async def take(self, name: str) -> datetime | None:
        """Take a claim; None while somebody who lives has it."""
        async with self._database.transaction() as transaction:
            return await taken(transaction, self._source, name)

    async def wait(self, name: str) -> datetime:
        """Take a claim as soon as it is free."""
        while (held := await self.take(name)) is None:  # noqa: ASYNC110 - other processes tell only by the database
            await asyncio.sleep(self._look_every_s)
        return held

    @asynccontextmanager
    async def kept(self, name: str, held: datetime) -> AsyncIterator[None]:
        """Renew a claim of ours as long as this goes on, then give it back."""
        since = [held]
        renewing = asyncio.get_running_loop().create_task(self._renew(name, since))
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
            await self._release(name, since[-1])

    async def _release(self, name: str, held: datetime) -> None:
        try:
            async with self._database.transaction() as transaction:
                # one that lapsed meanwhile is somebody else's by now
                await repository.release(transaction, self._source, name, held_since=held)
        except (SQLAlchemyError, OSError) as error:
            # it lapses by itself; what it was for is done
            log.warning("claim_not_released", source=self._source, name=name, error=str(error))

    async def _renew(self, name: str, since: list[datetime]) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                async with self._database.transaction() as transaction:
                    now = await repository.database_now(transaction)
                    is_ours = await repository.renew(transaction, self._source, name, now, held_since=since[-1])
            except (SQLAlchemyError, OSError) as error:
                # the claim has some renewals left
                log.warning("claim_not_renewed", source=self._source, name=name, error=str(error))
                continue
            if not is_ours:
                log.error("claim_lost", source=self._source, name=name)
                return
            since.append(now)
