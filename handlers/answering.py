"""Never silent: "Working on it…" after a second, the answer in the end."""

from __future__ import annotations

import asyncio

import structlog

from handlers.request import Responder
from services.commands.types import Reply

log = structlog.get_logger(__name__)

PATIENCE_S = 1.0
FAREWELL_S = 1.5


class Answering:
    """One request's answers; the clock runs from when it is made."""

    def __init__(self, responder: Responder, patience_s: float = PATIENCE_S) -> None:
        self.responder = responder
        self._working: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(patience_s, self._start_working)

    def _start_working(self) -> None:
        self._working = asyncio.get_running_loop().create_task(self._show_working())

    async def _show_working(self, said: str = "") -> None:
        try:
            await self.responder.working(said)
        except Exception as error:  # noqa: BLE001 - the answer itself still comes; its failure is what counts
            log.warning("'working on it' could not be shown", error=repr(error))

    async def working(self, said: str = "") -> None:
        """Satisfy `Responder`: show it now, after "Working on it…" if that is on its way."""
        self._timer.cancel()
        if self._working is not None:
            await self._working
        await self._show_working(said)

    async def answer(self, reply: Reply) -> None:
        """Show `reply`, after "Working on it…" if that is on its way, so that it can take its place."""
        self._timer.cancel()
        if self._working is not None:
            await self._working
        await self.responder.answer(reply)

    async def done(self) -> None:
        """Take "Working on it…" away: the handler has shown the result itself."""
        self._timer.cancel()
        if self._working is not None:
            await self._working
        await self.responder.done()

    async def finish(self, reply: Reply | None) -> None:
        """Show the last answer, if there is one; a failure to do so is logged, there is nowhere left to show it."""
        self._timer.cancel()
        if reply is None and self._working is None:
            return
        try:
            if reply is not None:
                await self.answer(reply)
            else:
                await self.done()
        except Exception:
            log.exception("answer could not be shown", text=reply.text[:200] if reply else "")

    async def say_farewell(self, reply: Reply) -> None:
        """Show `reply` while the process is stopping: briefly, or not at all."""
        try:
            async with asyncio.timeout(FAREWELL_S):
                await self.finish(reply)
        except TimeoutError:
            log.warning("no time left to say that work was interrupted")
