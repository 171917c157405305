"""Whose turn it is in a session: one answer at a time, in all processes together, and each message answered once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from db.engine import Database
from db.repositories import events as repository
from services.clock import Now
from services.pilot.leases import LOOK_EVERY_S, Leases

SAID, TURN, THREAD = "pilot.said", "pilot.turn", "pilot.thread"
"""Sources of claims: messages that were taken in, sessions in which somebody is answered or that get their thread."""


class SessionTurns:
    """Turns of sessions, of one kind; other replicas are kept out by a claim in the database."""

    def __init__(self, database: Database, now: Now, *, source: str = TURN, look_every_s: float = LOOK_EVERY_S) -> None:
        self._database = database
        self._now = now
        self._leases = Leases(database, source, look_every_s=look_every_s)
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
            async with self._leases.kept(session_id, await self._leases.wait(session_id)):
                yield
