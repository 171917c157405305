"""One turn of a session's conversation: what a person said goes in, text comes out, and the lane changes meanwhile."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from itertools import takewhile

import structlog

from services.accounts.types import MemberRef
from services.ai import RULE_BASED, AiTasks
from services.ai.streaming import NoAnswerError
from services.errors import FlowPilotError, NotFoundError
from services.pilot.bursts import Bursts, Wish
from services.pilot.markers import Event, Marker, MarkerStream
from services.pilot.playbooks.answers import reading_of
from services.pilot.playbooks.outcome import note_outcome
from services.pilot.playbooks.talk import RuleTalk, TakenIn
from services.pilot.prompting import PILOT_TURN, Sanity, TurnInput, turn_input
from services.pilot.scripts.library import ScriptTemplates
from services.pilot.sessions import PilotSessions
from services.pilot.similar import Similar, SimilarCases
from services.pilot.types import Author, ItemStatus, LaneKind, Session, SessionStatus

log = structlog.get_logger(__name__)
QUIET_S = 2.0
"""After a click that leaves other things to answer, the next click is waited for so long: one answer serves both.

So is the next message after one that came as soon after another one; the first of them is answered at once.
"""


class StoppedError(Exception):
    """The model was not heard out; the message says why in plain words."""


@dataclass
class _Turn:
    """A turn while it goes on; `written_down` are the items that the words answered, `wish` has what came before it.

    `outcome` is the item that says what came of a fix; rules take that in by themselves.
    `unsaid` is what the model had said when it was stopped and nobody saw yet, such as a marker without its end;
    `heard` is what tools told the model.
    """

    session: Session
    member: MemberRef
    said: str
    wish: Wish = field(default_factory=Wish)
    answered_by: str = RULE_BASED
    written_down: list[str] = field(default_factory=list)
    outcome: str = ""
    unsaid: str = ""
    heard: list[str] = field(default_factory=list)


class PilotTalks:
    """Converse in sessions, by a model where there is one, else by playbooks; what rules say is marked as such."""

    def __init__(
        self,
        sessions: PilotSessions,
        ai: AiTasks,
        similar: SimilarCases,
        library: ScriptTemplates,
        *,
        quiet_s: float = QUIET_S,
    ) -> None:
        self._sessions = sessions
        self._bursts = Bursts(quiet_s)
        self._quiet_s = quiet_s
        self._ai = ai
        self._similar = similar
        self._rules = RuleTalk(sessions, library)

    async def turn(
        self,
        session_id: str,
        member: MemberRef,
        text: str,
        *,
        slack_ts: str | None = None,
        kept: list[int] | None = None,
        is_again: bool = False,
        on_taken: Callable[[], None] | None = None,
    ) -> AsyncGenerator[str, None]:
        """Take in what `member` said and yield the answer in pieces of Markdown, while the session changes.

        `kept` gets the id under which the answer is kept. `is_again`: who took it in first died before they answered.
        With `on_taken`, called as soon as the words are kept, what
        is said or clicked next may take over the answer while this one waits: then nothing is yielded here.

        Turns of one session wait for each other, and a Slack message that comes again is not answered again. Secrets
        are taken out before anything is stored or answered.
        """
        if slack_ts is not None and not await self._sessions.turns.is_new(session_id, slack_ts) and not is_again:
            return
        message = await self._sessions.add_message(session_id, Author.PERSON, text, by=member, slack_ts=slack_ts)
        with self._bursts.wish(session_id, joins=on_taken is not None) as wish:
            if on_taken is not None:
                on_taken()
                if wish.after_s < self._quiet_s:
                    await self._pause(wish)
            async with aclosing(self._answer(session_id, member, message.text, kept, wish)) as pieces:
                async for piece in pieces:
                    yield piece

    async def go_on(
        self, session_id: str, member: MemberRef, *, kept: list[int] | None = None
    ) -> AsyncGenerator[str, None]:
        """Yield what comes next after something was answered, checked or decided by a click.

        Nothing where something else is said or clicked while this waits: that answer serves both.
        """
        with self._bursts.wish(session_id, joins=True) as wish:
            await self._settle(session_id, wish)
            async with aclosing(self._answer(session_id, member, "", kept, wish)) as pieces:
                async for piece in pieces:
                    yield piece

    async def _settle(self, session_id: str, wish: Wish) -> None:
        """Wait for the next click where more is to be answered: people go through a list."""
        session = await self._sessions.get(session_id)
        if any(item.status is ItemStatus.OPEN for item in session.items):
            await self._pause(wish)

    async def _pause(self, wish: Wish) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(wish.overtaken.wait(), self._quiet_s)

    async def similar(self, session_id: str, *, limit: int = 3) -> Similar:
        """Return resolved sessions and script templates that are like a session's problem."""
        return await self._similar_to(await self._sessions.get(session_id), limit)

    async def _answer(
        self, session_id: str, member: MemberRef, said: str, kept: list[int] | None, wish: Wish
    ) -> AsyncGenerator[str, None]:
        async with self._sessions.turns.held(session_id):
            session = await self._sessions.get(session_id)
            if wish.newer is not None:
                await self._leave_to(wish.newer, _Turn(session, member, said, wish))
                return
            if session.status is not SessionStatus.OPEN:
                yield f"This session is {session.status}. Reopen it to go on."
                return
            turn, parts = _Turn(session, member, said, wish), list[str]()
            try:
                async with aclosing(self._spoken(turn)) as pieces:
                    async for piece in pieces:
                        parts.append(piece)
                        yield piece
            except asyncio.CancelledError:
                # who stops a turn sees what was held back of it, too
                if turn.unsaid:
                    yield turn.unsaid
                raise
            finally:
                if whole := "".join([*parts, turn.unsaid]).strip():
                    message = await self._sessions.add_message(
                        session_id, Author.PILOT, whole, answered_by=turn.answered_by
                    )
                    if kept is not None:
                        kept.append(message.id)

    async def _leave_to(self, newer: Wish, turn: _Turn) -> None:
        """Take in what was said, and leave the answer to the newer wish."""
        wish = turn.wish
        if turn.said and turn.session.status is SessionStatus.OPEN:
            wish.said.append(turn.said)
            if self._ai.model_for(PILOT_TURN) is not None:
                await self._write_down(turn)
                wish.written_down += [*turn.written_down, *([turn.outcome] if turn.outcome else [])]
            else:
                taken = await self._rules.take_in(turn.session, turn.member, turn.said)
                wish.noted += taken.noted
                wish.is_over = wish.is_over or taken.is_over
        wish.leave_to(newer)

    async def _spoken(self, turn: _Turn) -> AsyncGenerator[str, None]:
        is_first = not turn.session.items and not turn.session.fixes
        label = self._ai.model_for(PILOT_TURN)
        similar = await self._similar_to(turn.session, 2) if is_first or label else Similar()
        if is_first and (hints := hints_of(similar)):
            yield hints
        if label is not None:
            try:
                async with aclosing(self._by_model(turn, similar, label)) as pieces:
                    async for piece in pieces:
                        yield piece
            except (NoAnswerError, StoppedError) as error:
                log.warning("pilot_turn_by_rules", session=turn.session.id, why=str(error))
                turn.answered_by = RULE_BASED
                unsaid, turn.unsaid = turn.unsaid, ""
                why = f"{str(error)[:1].upper()}{str(error)[1:]}; going on by rules."
                is_known = isinstance(error, NoAnswerError) and await self._is_said(turn.session.id, why)
                yield f"{unsaid}\n\n" + ("" if is_known else f"{why}\n\n")
                await self._promote_what_was_said(turn)
            else:
                return
        before = TakenIn(turn.session, tuple(turn.wish.noted), turn.wish.is_over)
        async with aclosing(self._rules.answer(turn.session, turn.member, turn.said, before)) as pieces:
            async for piece in pieces:
                yield piece

    async def _is_said(self, session_id: str, why: str) -> bool:
        """Tell whether one of the answers since a model's last one gives this reason already."""
        messages = await self._sessions.messages(session_id, limit=40)
        answers = reversed([each for each in messages if each.author is Author.PILOT])
        return any(why in each.text for each in takewhile(lambda each: each.answered_by == RULE_BASED, answers))

    async def _by_model(self, turn: _Turn, similar: Similar, label: str) -> AsyncGenerator[str, None]:
        await self._write_down(turn)
        turn.answered_by = label
        messages = await self._sessions.messages(turn.session.id, limit=40)
        told = turn_input(
            turn.session, similar, messages, "\n".join(each for each in (*turn.wish.said, turn.said) if each)
        )
        markers, sanity, waiting, held_back = MarkerStream(), Sanity(), deque[Event](), list[str]()
        try:
            async with aclosing(
                self._ai.stream(PILOT_TURN, told, turn.heard, subject=turn.session.id, held_back=held_back)
            ) as pieces:
                async for piece in pieces:
                    piece = storable(piece)
                    sanity.feed(piece)
                    waiting.extend(markers.feed(piece))
                    while waiting:
                        yield await self._first_done(turn, waiting, told)
                    if problem := sanity.problem:
                        raise StoppedError(f"the model was stopped: {problem}")
            waiting.extend(markers.finish())
            while waiting:
                yield await self._first_done(turn, waiting, told)
        finally:
            # what was stopped asks for nothing any more, not even a marker that is whole
            waiting.extend(markers.feed("".join(held_back)))
            fence_end = markers.fence_end
            rest = "".join(event.source for event in (*waiting, *markers.finish()))
            turn.unsaid = f"{rest}\n{fence_end}" if fence_end else rest
        if problem := sanity.final_problem:
            raise StoppedError(f"the model was stopped: {problem}")

    async def _first_done(self, turn: _Turn, waiting: deque[Event], told: TurnInput) -> str:
        """Do what waits first; it waits until it is done, so that nothing is lost when that fails."""
        text = await self._done(turn, waiting[0], told)
        waiting.popleft()
        return text

    async def _done(self, turn: _Turn, event: Event, told: TurnInput) -> str:
        """Do what a marker asks for; return what is to be shown of an event."""
        if not isinstance(event, Marker) or told.quotes(event.source, turn.heard):
            return event.source
        try:
            turn.session = await self._sessions.apply_marker(turn.session.id, event, turn.answered_by)
        except NotFoundError as error:
            raise StoppedError("the model was stopped: it wrote to something that is not of this session") from error
        except FlowPilotError as error:
            log.info("marker_refused", session=turn.session.id, kind=event.kind, why=error.message)
            return event.source
        return ""

    async def _write_down(self, turn: _Turn) -> None:
        """Keep what plainly answers an open item as its answer; the model makes a fact of it, or a click."""
        turn.session, outcome = await note_outcome(self._sessions, turn.session, turn.member, turn.said, promote=False)
        if outcome is not None:
            turn.outcome = outcome.id
            return
        reading = reading_of(turn.session, turn.said)
        if reading is None or reading.cannot_say:
            return
        is_question = reading.item.kind is LaneKind.QUESTION
        write = self._sessions.answer_item if is_question else self._sessions.complete_check
        turn.session = await write(turn.session.id, reading.item.id, reading.answer, turn.member)
        turn.written_down.append(reading.item.id)

    async def _promote_what_was_said(self, turn: _Turn) -> None:
        """Do by rules what the model did not come to; what it did stays."""
        turn.session = await self._sessions.get(turn.session.id)
        if turn.written_down:
            turn.said = ""
        for item_id in (*turn.wish.written_down, *turn.written_down):
            item = turn.session.item(item_id)
            if item is None or item.fact_id is not None:
                continue
            try:
                turn.session = await self._sessions.promote(turn.session.id, item.id, None)
            except FlowPilotError as error:
                log.info("answer_is_no_fact", session=turn.session.id, why=error.message)

    async def _similar_to(self, session: Session, limit: int) -> Similar:
        facts = " ".join(fact.text for fact in session.known)
        return await self._similar.find(f"{session.title}. {session.problem}. {facts}", limit=limit, without=session.id)


def storable(text: str) -> str:
    """Return a model's words without what no database takes: NUL, and halves of characters."""
    return text.replace("\x00", "").encode(errors="replace").decode()


def hints_of(similar: Similar) -> str:
    """Say what was found that is like the problem, and why; "" where nothing is."""
    lines = []
    for each in similar.cases:
        cause = each.case.root_cause or each.case.fix_title or "no cause was noted"
        lines.append(f"- Resolved before: **{each.case.title}** – {cause} (because {each.reason})\n")
    lines += [
        f"- Script template: **{each.template.name}** (because {each.reason})\n" for each in similar.templates[:1]
    ]
    return "".join([*lines, "\n"]) if lines else ""
