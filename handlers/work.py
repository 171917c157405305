"""Work after the acknowledgement: tracked, bounded, in order where it matters, finished at shutdown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextvars import ContextVar

import structlog

log = structlog.get_logger(__name__)

Work = Callable[[], Awaitable[None]]
FAREWELL_S = 2.0
_over: ContextVar[asyncio.Event | None] = ContextVar("over", default=None)


def let_next() -> None:
    """Let work of the same key go on that waits for the work that is running: what follows keeps no order with it."""
    over = _over.get()
    if over is not None:
        over.set()


class WorkPool:
    """Run at most `limit` pieces of work at a time; more wait. Work never raises: it shows its own errors."""

    def __init__(self, limit: int) -> None:
        self._room = asyncio.Semaphore(limit)
        self._tasks: set[asyncio.Task[None]] = set()
        self._last: dict[Hashable, asyncio.Event] = {}

    @property
    def unfinished(self) -> int:
        """How many pieces of work run or wait."""
        return len(self._tasks)

    def submit(
        self, work: Work, key: Hashable | None = None, *, abandoned: Work | None = None, at_once: bool = False
    ) -> None:
        """Start `work` when there is room; work of the same key runs one after another, in the order given.

        `abandoned` runs instead when the process stops while the work still waits. `at_once` needs no room: it is for
        what ends other work.
        """
        before, over = self._last.get(key) if key is not None else None, asyncio.Event()
        running = _at_once(work) if at_once else self._run(work, before, over, abandoned)
        task = asyncio.get_running_loop().create_task(running)
        self._tasks.add(task)
        if key is not None:
            self._last[key] = over
        task.add_done_callback(lambda done: self._finished(done, key, over))

    async def _run(self, work: Work, before: asyncio.Event | None, over: asyncio.Event, abandoned: Work | None) -> None:
        _over.set(over)
        try:
            if before is not None:
                await before.wait()
            await self._room.acquire()
        except asyncio.CancelledError:
            if abandoned is not None:
                await abandoned()
            raise
        try:
            await work()
        finally:
            self._room.release()

    def _finished(self, task: asyncio.Task[None], key: Hashable | None, over: asyncio.Event) -> None:
        self._tasks.discard(task)
        over.set()
        if key is not None and self._last.get(key) is over:
            del self._last[key]
        if not task.cancelled() and task.exception() is not None:
            log.error("work raised", exc_info=task.exception())

    async def drain(self, grace_s: float) -> int:
        """Wait up to `grace_s` for all work, then cancel the rest and return how many were cancelled."""
        deadline = asyncio.get_running_loop().time() + grace_s
        while self._tasks and (left := deadline - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(set(self._tasks), timeout=left)
        late = set(self._tasks)
        for task in late:
            task.cancel()
        if late:
            log.warning("work was cancelled at shutdown", count=len(late))
            await asyncio.wait(late, timeout=FAREWELL_S)
        return len(late)


async def _at_once(work: Work) -> None:
    await work()
