"""Each delivery is handled once: within this process at once, across restarts and replicas by the database."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import datetime, timedelta
from time import monotonic

import structlog

from db.engine import Database
from db.repositories import events as repository
from services.clock import Now

log = structlog.get_logger(__name__)

SOURCE = "slack"
REMEMBERED = 50_000
KEPT_FOR = timedelta(days=1)
FORGET_EVERY_S = 3_600.0
# the first claim is written at once; those of the next moments share one transaction
BATCH_PAUSE_S = 0.05
BATCH_SIZE = 100


class Deliveries:
    """Tell new deliveries from repeated ones; ids are Slack's event_id or trigger_id."""

    def __init__(self, database: Database, now: Now, *, source: str = SOURCE) -> None:
        self._database = database
        self._now = now
        self._source = source
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._waiting: dict[str, asyncio.Future[bool]] = {}
        self._writer: asyncio.Task[None] | None = None
        self._last_forgot: float | None = None

    def is_repeated(self, delivery_id: str) -> bool:
        """Tell whether this process has seen the delivery; from now on it has. Never waits."""
        if delivery_id in self._seen:
            return True
        self._seen[delivery_id] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return False

    async def claim(self, delivery_id: str) -> bool:
        """Store the delivery as taken up; False when an earlier process or another replica has done so."""
        future = self._waiting.get(delivery_id)
        if future is None:
            future = self._waiting[delivery_id] = asyncio.get_running_loop().create_future()
        if self._writer is None or self._writer.done():
            self._writer = asyncio.get_running_loop().create_task(self._write())
        return await future

    async def _write(self) -> None:
        while self._waiting:
            ids = list(self._waiting)[:BATCH_SIZE]
            batch = {delivery_id: self._waiting.pop(delivery_id) for delivery_id in ids}
            try:
                async with self._database.system_transaction() as session:
                    new = await repository.claim(session, self._source, ids, self._now())
            except Exception as error:  # noqa: BLE001 - handed to everyone who waits for this batch
                for delivery_id, future in batch.items():
                    self._seen.pop(delivery_id, None)
                    if not future.done():  # cancelled with the work that waited for it
                        future.set_exception(error)
            else:
                for delivery_id, future in batch.items():
                    if not future.done():
                        future.set_result(delivery_id in new)
            await self._forget_old()
            await asyncio.sleep(BATCH_PAUSE_S if len(ids) < BATCH_SIZE else 0)

    async def _forget_old(self) -> None:
        if self._last_forgot is not None and monotonic() - self._last_forgot < FORGET_EVERY_S:
            return
        self._last_forgot = monotonic()
        try:
            await self.forget_before(self._now() - KEPT_FOR)
        except Exception:
            log.warning("old deliveries could not be deleted", exc_info=True)

    async def forget_before(self, instant: datetime) -> None:
        """Delete what was received before `instant` from the database."""
        async with self._database.system_transaction() as session:
            await repository.forget_before(session, instant)
