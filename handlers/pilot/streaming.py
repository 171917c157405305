"""Show an answer in a session's thread while it is made, let people stop it, and close what a restart cut off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from time import monotonic
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError

from blocks.pilot.answer import (
    CUT_OFF,
    LONG_S,
    cut_off_note,
    effort_note,
    feedback_buttons,
    status_words,
    stopped_note,
    without_buttons,
)
from blocks.pilot.parts import Block
from handlers.pilot.speaking import EditedMessage, Form, StreamedMessage
from handlers.request import Request
from services.errors import VendorError
from services.pilot.answers import LeftOver, LiveAnswer
from services.pilot.types import Author, Session
from services.slack.errors import SlackRefusedError
from services.slack.sender import SlackSender
from services.slack.streaming import OVER, Recipient, Stream, StreamStoppedError

if TYPE_CHECKING:
    from services.container import Services

log = structlog.get_logger(__name__)
FIRST_LOOK_S = 0.7
"""Something is to be seen within a second (SLK-1)."""
GROW_EVERY_S = 1.0
"""Pieces of one stream share 100 calls a minute with all others (Slack's tier 4)."""
EDIT_EVERY_S = 1.5
"""Edits share 50 a minute with all others (Slack's tier 3)."""
STATUS_EVERY_S = 10.0
NAME_WAIT_S = 1.0
STOPPED = "The engineer stopped this answer before its end."


async def speak(request: Request, session: Session, pieces: AsyncIterator[str], kept: Sequence[int]) -> None:
    """Show the answer in the thread as it grows; what was said before an error or a stop stays, an error is raised.

    `kept` has the id of what was said, as soon as it is kept: what people think of it is thought of that.
    """
    answers = request.services.pilot_answers
    try:
        # what is shown here says that work goes on: "Working on it…" beside it would be said twice
        await request.responder.done()
    except VendorError as error:
        log.warning("placeholder stays", why=error.message)
    await close_left_over(request.services, session.id)
    answer = await answers.begin(session)
    async with answers.alive(answer):
        await _Speaking(request, session, answer, pieces, kept).run()


async def close_left_over(services: Services, session_id: str | None = None) -> None:
    """Say of answers that a process did not finish that they are cut off: none of them stays as if it still came."""
    answers = services.pilot_answers
    for left in await answers.left_over(session_id):
        async with answers.closing(left) as is_ours:
            if not is_ours:
                continue
            try:
                await _close(services.slack, left)
            except SlackRefusedError as error:
                log.info("cut-off answer is not there any more", why=error.message)
            except VendorError as error:
                log.warning("cut-off answer is closed later", why=error.message)
                continue
            await answers.end(left.id)


async def _close(slack: SlackSender, left: LeftOver) -> None:
    if left.ts is None:
        await slack.post(left.channel, CUT_OFF, [cut_off_note()], thread_ts=left.thread_ts)
        return
    stream = Stream(left.channel, left.ts)
    try:
        await slack.streams.stop(stream, blocks=[cut_off_note()])
    except SlackRefusedError as error:
        if error.code != OVER:
            raise
        message = await slack.streams.message(stream, left.thread_ts or left.ts)
        blocks = message.get("blocks") or []
        if any(each.get("type") == "actions" for each in blocks):
            text = str(message.get("text") or "") or CUT_OFF
            await slack.update(left.channel, left.ts, text, without_buttons(blocks, cut_off_note()))


class _Speaking:
    """One answer from the first look to its end."""

    def __init__(
        self,
        request: Request,
        session: Session,
        answer: LiveAnswer,
        pieces: AsyncIterator[str],
        kept: Sequence[int],
    ) -> None:
        self._request = request
        self._session = session
        self._answer = answer
        self._slack = request.services.slack
        self._said: list[str] = []
        self._kept = kept
        self._reading = asyncio.get_running_loop().create_task(self._read(pieces))
        self._form: Form | None = None
        self._status_at: float | None = None
        self._began, self._began_at = monotonic(), request.services.now()

    async def _read(self, pieces: AsyncIterator[str]) -> None:
        async for piece in pieces:
            self._said.append(piece)

    @property
    def _text(self) -> str:
        return "".join(self._said)

    async def run(self) -> None:
        """Show it, and say below it how it ended."""
        try:
            await self._follow()
        except asyncio.CancelledError:
            await self._end_reading()
            await self._finish([cut_off_note()])
            raise
        finally:
            self._reading.cancel()
        if not self._reading.done():
            await self._end_reading()
            await self._request.services.pilot.add_message(self._session.id, Author.SYSTEM, STOPPED)
            await self._finish([stopped_note(self._answer.stopped_by)])
            return
        await self._finish([] if self._reading.exception() else None)
        await self._reading

    async def _follow(self) -> None:
        """Show the answer while it grows, until it is whole or somebody stops it."""
        stopped = asyncio.get_running_loop().create_task(self._answer.stopped.wait())
        wait_s = FIRST_LOOK_S
        try:
            while not self._reading.done() and not stopped.done():
                await asyncio.wait([self._reading, stopped], timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
                if self._reading.done() or stopped.done():
                    return
                await self._look_for_stop()
                await self._show()
                wait_s = GROW_EVERY_S if self._form is None or self._form.is_native else EDIT_EVERY_S
        except StreamStoppedError:
            # who it was comes as an event, a little earlier or later
            await asyncio.wait([stopped], timeout=NAME_WAIT_S)
            self._answer.stop("")
        finally:
            stopped.cancel()

    async def _look_for_stop(self) -> None:
        try:
            await self._request.services.pilot_answers.look_for_stop(self._answer)
        except (SQLAlchemyError, OSError) as error:
            # it is looked for again in a second; an answer must not end for it
            log.warning("stop was not looked for", why=str(error))

    async def _show(self) -> None:
        text, elapsed_s = self._text, monotonic() - self._began
        try:
            if self._form is None and not text.strip():
                await self._show_status(elapsed_s)
                return
            if self._form is None:
                self._form = await self._form_for(text)
            await self._form.show(text, elapsed_s)
        except VendorError as error:
            # the whole answer is shown in the end; if that fails too, it is told
            log.warning("answer could not be shown as it grows", why=error.message)

    async def _show_status(self, elapsed_s: float) -> None:
        """Say that work goes on and for how long; where Slack shows no status, by a message."""
        if self._status_at is not None and elapsed_s - self._status_at < STATUS_EVERY_S:
            return
        channel, thread_ts = self._session.channel_id or "", self._session.thread_ts or ""
        try:
            await self._slack.set_status(channel, thread_ts, status_words(elapsed_s))
            self._status_at = elapsed_s
        except VendorError as error:
            log.info("status is not shown here", why=error.message)
            self._form = EditedMessage(self._slack, self._session, self._shown_at)
            await self._form.show("", elapsed_s)

    async def _form_for(self, text: str) -> Form:
        account, member = self._request.account, self._request.member
        recipient = Recipient(account.slack_team_id, member.slack_user_id)
        streamed = StreamedMessage(self._slack, self._session, recipient, self._shown_at)
        if await streamed.begin(text):
            return streamed
        return EditedMessage(self._slack, self._session, self._shown_at)

    async def _shown_at(self, ts: str) -> None:
        await self._request.services.pilot_answers.shown_at(self._answer, ts)

    async def _end_reading(self) -> None:
        """Have the turn end where it is; it keeps what was said."""
        self._reading.cancel()
        await asyncio.wait([self._reading])

    async def _show_whole(self, form: Form, text: str, below: Sequence[Block] | None) -> None:
        if below is not None:
            await form.finish(text, below)
            return
        is_refused = self._slack.streams.is_refused(self._request.account.slack_team_id, self._session.channel_id or "")
        effort = await self._effort()
        try:
            await form.finish(text, [*effort, feedback_buttons(self._answer.id, is_native=not is_refused)])
        except SlackRefusedError as error:
            if is_refused or not error.code.startswith("invalid_blocks"):
                raise
            await form.finish(text, [*effort, feedback_buttons(self._answer.id, is_native=False)])

    async def _effort(self) -> list[Block]:
        """Say what an answer took that was long in coming."""
        elapsed_s = monotonic() - self._began
        if elapsed_s < LONG_S:
            return []
        costs = await self._request.services.ai.costs([self._session.id], self._began_at)
        return [effort_note(elapsed_s, costs.get(self._session.id, 0))]

    async def _finish(self, below: Sequence[Block] | None) -> None:
        """Show the whole answer with `below` under it, or with the feedback buttons; nothing stays of nothing."""
        form, text = self._form, self._text
        if not text.strip() and not below:
            if isinstance(form, EditedMessage):
                await form.drop()
        else:
            form = form or EditedMessage(self._slack, self._session, self._shown_at)
            await self._show_whole(form, text, below)
        message_id = self._kept[-1] if self._kept else None
        await self._request.services.pilot_answers.end(
            self._answer.id, form.ts if form else None, message_id=message_id
        )
        if self._status_at is not None and form is None:
            await self._clear_status()

    async def _clear_status(self) -> None:
        """Take the status away that no message ended, unless another answer to the session is on its way."""
        if self._request.services.pilot_answers.is_another_made(self._answer):
            return
        try:
            await self._slack.set_status(self._session.channel_id or "", self._session.thread_ts or "", "")
        except VendorError as error:
            log.info("status stays until Slack ends it", why=error.message)
