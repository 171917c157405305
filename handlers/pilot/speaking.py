"""The two forms of an answer in a thread: Slack's own stream, or one message that is edited while it comes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import structlog

from blocks.pilot.answer import growing, next_piece, streamable, streamed, written
from blocks.pilot.parts import Block
from services.errors import VendorError
from services.pilot.types import Session
from services.slack.limits import pages
from services.slack.sender import Posted, SlackSender
from services.slack.streaming import Recipient, Stream, StreamStoppedError

log = structlog.get_logger(__name__)
ShownAt = Callable[[str], Awaitable[None]]


class NoStreamError(Exception):
    """There is no stream for what is to be said: the rest is shown without."""


class Form(Protocol):
    """How an answer is shown; the texts are the whole answer so far. `StreamStoppedError`: somebody ended it."""

    @property
    def is_native(self) -> bool:
        """Tell whether Slack itself streams it."""
        ...

    @property
    def ts(self) -> str | None:
        """The message, once there is one."""
        ...

    async def show(self, text: str, elapsed_s: float) -> None:
        """Show what has been said so far."""
        ...

    async def finish(self, text: str, below: Sequence[Block]) -> None:
        """Show all of it, with `below` under it."""
        ...


class EditedMessage:
    """One message, edited in place; what is over its limits goes into further ones in the end."""

    is_native = False

    def __init__(self, slack: SlackSender, session: Session, shown_at: ShownAt) -> None:
        self._slack = slack
        self._session = session
        self._shown_at = shown_at
        self._posted: Posted | None = None
        self._shown = ""

    @property
    def ts(self) -> str | None:
        """The message, once there is one."""
        return self._posted.ts if self._posted else None

    async def show(self, text: str, elapsed_s: float) -> None:
        """Satisfy `Form`."""
        notice, blocks = growing(text, self._session.id, elapsed_s)
        if str(blocks) == self._shown or (self._posted is not None and not self._slack.streams.has_time_for_edits()):
            return
        self._shown = str(blocks)
        if self._posted is None:
            self._posted = await self._post(notice, blocks)
            await self._shown_at(self._posted.ts)
        else:
            await self._slack.update(self._posted.channel, self._posted.ts, notice, blocks)

    async def finish(self, text: str, below: Sequence[Block]) -> None:
        """Satisfy `Form`."""
        notice, blocks = written(text, below)
        earlier, is_one_page = self._posted, len(pages(notice, blocks)) == 1
        if earlier is not None and is_one_page:
            await self._slack.update(earlier.channel, earlier.ts, notice, blocks)
            return
        self._posted = await self._post(notice, blocks)
        if earlier is not None:
            await self._slack.delete(earlier)

    async def drop(self) -> None:
        """Take away what was shown: nothing was said."""
        if self._posted is not None:
            await self._slack.delete(self._posted)

    async def _post(self, notice: str, blocks: Sequence[Block]) -> Posted:
        return await self._slack.post(self._session.channel_id or "", notice, blocks, thread_ts=self._session.thread_ts)


class StreamedMessage:
    """Slack's own stream; a text over one message's limit goes on in a further one."""

    is_native = True

    def __init__(self, slack: SlackSender, session: Session, recipient: Recipient, shown_at: ShownAt) -> None:
        self._slack = slack
        self._channel, self._thread_ts = session.channel_id or "", session.thread_ts or ""
        self._recipient = recipient
        self._shown_at = shown_at
        self._stream: Stream | None = None
        self._page, self._opening = "", ""
        self._taken, self._page_began = 0, 0
        self._is_broken = False
        self.ts: str | None = None

    async def begin(self, text: str) -> bool:
        """Begin with the first words; False where Slack has no streaming, or none at present."""
        words = streamable(text, is_whole=False)
        if not words.strip() or not self._slack.streams.may_start(self._recipient.team_id, self._channel):
            return False
        try:
            await self._grow(words)
        except NoStreamError:
            return self.ts is not None
        return True

    async def show(self, text: str, elapsed_s: float) -> None:
        """Satisfy `Form`; after a failure the rest comes in the end, by an edit."""
        if self._is_broken:
            return
        # whatever interrupts this, a shutdown too, nobody knows what has arrived
        self._is_broken = True
        try:
            await self._grow(streamable(text, is_whole=False))
        except (NoStreamError, VendorError) as error:
            log.warning("stream could not grow", why=str(error))
        else:
            self._is_broken = False

    async def finish(self, text: str, below: Sequence[Block]) -> None:
        """Satisfy `Form`; where the stream cannot be ended as it should, the message is edited to say the same."""
        whole = streamable(text, is_whole=True)
        try:
            if self._is_broken:
                raise NoStreamError("it could not grow")
            await self._grow(whole, is_whole=True)
            assert self._stream is not None, "a page that is full is followed by one that is not"
            await self._slack.streams.stop(self._stream, blocks=below)
        except (StreamStoppedError, NoStreamError, VendorError) as error:
            log.info("stream ended by an edit", why=str(error))
            await self._end_by_edit(self._opening + whole[self._page_began :], below)

    async def _grow(self, text: str, *, is_whole: bool = False) -> None:
        while fresh := text[self._taken :]:
            piece, closing, opening = next_piece(self._page, fresh, is_whole=is_whole)
            if not piece and closing is None:
                return
            if piece:
                await self._send(piece)
            if closing is not None and self._stream is not None:
                await self._slack.streams.stop(self._stream, closing)
                self._stream, self._page, self._opening, self._page_began = None, opening, opening, self._taken

    async def _send(self, piece: str) -> None:
        streams = self._slack.streams
        if self._stream is not None:
            await streams.append(self._stream, piece)
        else:
            words = self._page + piece
            self._stream = await streams.start(self._channel, self._thread_ts, self._recipient, words)
            if self._stream is None:
                raise NoStreamError("Slack gives none at present")
            self.ts = self._stream.ts
            await self._shown_at(self.ts)
        self._page += piece
        self._taken += len(piece)

    async def _end_by_edit(self, page: str, below: Sequence[Block]) -> None:
        """Put what belongs there into the last message: an edit replaces what may or may not have arrived."""
        notice, blocks = streamed(page, below)
        if self._stream is None:
            await self._slack.post(self._channel, notice, blocks, thread_ts=self._thread_ts)
            return
        try:
            await self._slack.streams.stop(self._stream)
        except (StreamStoppedError, VendorError) as error:
            log.info("stream was over", why=str(error))
        first, *rest = pages(notice, blocks)
        await self._slack.update(self._channel, self._stream.ts, first.text, first.blocks)
        for more in rest:
            await self._slack.post(self._channel, more.text, more.blocks, thread_ts=self._thread_ts)
