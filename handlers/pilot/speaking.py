"""Show an answer in a session's thread while it is made: one message, edited in place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from blocks.pilot.parts import section
from blocks.text import markdown, truncate_markup
from handlers.request import Request
from services.pilot.types import Session
from services.slack.limits import SECTION_CHARACTERS, split_text
from services.slack.sender import Posted

FIRST_LOOK_S = 0.8
"""Something is to be seen within a second (SLK-1)."""
EDIT_EVERY_S = 1.5
"""Edits share 50 a minute with all others (Slack's tier 3)."""
THINKING = ":hourglass_flowing_sand: Thinking…"
MOST_SECTIONS = 45
NOTICE_CHARACTERS = 300


async def speak(request: Request, session: Session, pieces: AsyncIterator[str]) -> None:
    """Post the answer in the thread as it grows; what was said before an error stays, the error is raised."""
    said: list[str] = []
    reading = asyncio.get_running_loop().create_task(_read(pieces, said))
    message = _Answer(request, session)
    try:
        wait_s = FIRST_LOOK_S
        while not reading.done():
            await asyncio.wait([reading], timeout=wait_s)
            if not reading.done():
                await message.show("".join(said))
                wait_s = EDIT_EVERY_S
    finally:
        reading.cancel()
        await message.finish("".join(said))
    await reading


async def _read(pieces: AsyncIterator[str], said: list[str]) -> None:
    async for piece in pieces:
        said.append(piece)  # noqa: PERF401 - it is looked at while it grows


class _Answer:
    """One message in the thread; a text over what one message takes goes on in further ones."""

    def __init__(self, request: Request, session: Session) -> None:
        self._slack = request.services.slack
        self._channel = session.channel_id or ""
        self._thread_ts = session.thread_ts
        self._posted: Posted | None = None
        self._shown = ""

    async def show(self, text: str) -> None:
        """Show what has been said so far, or that it is coming."""
        shown = f"{text} …" if text.strip() else THINKING
        if shown == self._shown:
            return
        self._shown = shown
        if self._posted is None:
            self._posted = await self._slack.post(self._channel, *_message(shown), thread_ts=self._thread_ts)
        else:
            await self._slack.update(self._posted.channel, self._posted.ts, *_message(shown))

    async def finish(self, text: str) -> None:
        """Show the whole answer; nothing stays where nothing was said."""
        if not text.strip():
            if self._posted is not None:
                await self._slack.delete(self._posted)
            return
        notice, blocks = _message(text)
        if self._posted is None or len(text) > SECTION_CHARACTERS * 4:
            await self._slack.post(self._channel, notice, blocks, thread_ts=self._thread_ts)
            if self._posted is not None:
                await self._slack.delete(self._posted)
        else:
            await self._slack.update(self._posted.channel, self._posted.ts, notice, blocks)


def _message(text: str) -> tuple[str, list[dict[str, object]]]:
    shown = markdown(text)
    pieces = split_text(shown, SECTION_CHARACTERS)[:MOST_SECTIONS]
    return truncate_markup(shown, NOTICE_CHARACTERS), [section(piece) for piece in pieces]
