"""Whose turn it is in a session: one answer at a time, in all processes together, and each message answered once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from weakref import WeakValueDictionary

from db.engine import Database
from db.repositories import events as repository
from services.clock import Now

SAID, TURN = "pilot.said", "pilot.turn"
"""Sources of claims: messages that were taken in, and sessions in which somebody is answered."""
EXPIRES = timedelta(seconds=30)
"""A turn that was not renewed for so long was held by a process that died."""
RENEW_S, LOOK_EVERY_S = 8.0, 0.25


class SessionTurns:
    """Turns of sessions. Other replicas are kept out by a claim in the database that is renewed while a turn lasts."""

    def __init__(self, database: Database, now: Now, *, look_every_s: float = LOOK_EVERY_S) -> None:
        self._database = database
        self._now = now
        self._look_every_s = look_every_s
        self._here: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def is_new(self, session_id: str, slack_ts: str) -> bool:
        """Take a Slack message in; False when this or another process did, however it came."""
        key = f"{session_id} {slack_ts}"
        async with self._database.transaction() as transaction:
            return key in await repository.claim(transaction, SAID, [key], self._now())

    @asynccontextmanager
    async def held(self, session_id: str) -> AsyncIterator[None]:
        """Wait for the turn, and hold it."""
        lock = self._here.setdefault(session_id, asyncio.Lock())
        async with lock:
            if self._database.is_sqlite:
                yield  # there is no other process
                return
            while not await self._take(session_id):  # noqa: ASYNC110 - other processes tell only through the database
                await asyncio.sleep(self._look_every_s)
            renewing = asyncio.get_running_loop().create_task(self._renew(session_id))
            try:
                yield
            finally:
                renewing.cancel()
                async with self._database.transaction() as transaction:
                    await repository.release(transaction, TURN, session_id)

    async def _take(self, session_id: str) -> bool:
        now = self._now()
        async with self._database.transaction() as transaction:
            await repository.release(transaction, TURN, session_id, older_than=now - EXPIRES)
            return session_id in await repository.claim(transaction, TURN, [session_id], now)

    async def _renew(self, session_id: str) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            async with self._database.transaction() as transaction:
                await repository.renew(transaction, TURN, session_id, self._now())
