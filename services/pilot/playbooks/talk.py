"""Answer in a session by playbooks alone: write answers down, ask what tells most, propose what the facts speak for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from services.accounts.types import MemberRef
from services.ai import RULE_BASED
from services.pilot.playbooks import GENERAL, playbooks
from services.pilot.playbooks.answers import Reading, reading_of, says_it_worked
from services.pilot.playbooks.matching import matches
from services.pilot.playbooks.outcome import note_outcome
from services.pilot.playbooks.turns import (
    ORIGIN,
    Standing,
    facts_for,
    is_general,
    item_for,
    meaning,
    playbook_in,
    standing,
)
from services.pilot.playbooks.types import Cause, Playbook
from services.pilot.scripts.library import ScriptTemplates
from services.pilot.sessions import PilotSessions
from services.pilot.types import FixDecision, ItemStatus, LaneItem, LaneKind, NewFix, Session

SURE_ENOUGH_TO_CHANGE = 0.4
"""Score of a playbook from which it takes over from the general one."""


@dataclass(frozen=True)
class TakenIn:
    """What came of something that was said: the session after it, what is to be said of it, and if that is all."""

    session: Session
    noted: tuple[str, ...] = ()
    is_over: bool = False


class RuleTalk:
    """Turns without a model."""

    def __init__(self, sessions: PilotSessions, library: ScriptTemplates) -> None:
        self._sessions = sessions
        self._library = library

    async def answer(
        self, session: Session, member: MemberRef, said: str, before: TakenIn | None = None
    ) -> AsyncGenerator[str, None]:
        """Yield the answer; what it says was done is done before it is said.

        `before` is what was taken in just before and is answered now, too.
        """
        yield "Rule-based: "
        taken = await self.take_in(session, member, said)
        noted = [*(before.noted if before else ()), *taken.noted]
        yield " ".join(each if not at else each[:1].upper() + each[1:] for at, each in enumerate(noted))
        if taken.is_over or (before is not None and before.is_over and not taken.noted):
            return
        async for piece in self._next(taken.session, said):
            yield piece

    async def take_in(self, session: Session, member: MemberRef, said: str) -> TakenIn:
        """Do what was plainly said: write an answer down, put a fix aside that did not help."""
        fix = session.active_fix
        worked = says_it_worked(said) if fix else None
        session, outcome = await note_outcome(self._sessions, session, member, said, promote=True)
        fact = session.fact(outcome.fact_id) if outcome and outcome.fact_id else None
        if fix and worked:
            noted = f" That is {fact.label} now." if fact else ""
            done = f"good that “{fix.title}” helped.{noted} **Resolve** writes the note from what is recorded."
            return TakenIn(session, (done,), is_over=True)
        if fix and worked is False:
            session = await self._sessions.decide_fix(
                session.id, fix.id, FixDecision.DISMISSED, member, seen=session.state_version
            )
            noted = f" {fact.label} says why." if fact else ""
            return TakenIn(session, (f"“{fix.title}” is off the table.{noted} ",))
        if reading := reading_of(session, said):
            return await self._write_down(session, member, reading)
        return TakenIn(session)

    async def _write_down(self, session: Session, member: MemberRef, reading: Reading) -> TakenIn:
        item = reading.item
        if reading.cannot_say:
            return TakenIn(await self._sessions.dismiss_item(session.id, item.id, member), ("left open. ",))
        is_question = item.kind is LaneKind.QUESTION
        write = self._sessions.answer_item if is_question else self._sessions.complete_check
        session = await write(session.id, item.id, reading.answer, member, promote=True)
        done = session.item(item.id)
        fact = session.fact(done.fact_id) if done and done.fact_id else None
        noted = f"noted as {fact.label}: {fact.text} " if fact else "noted. "
        means = meaning(done) if done else ""
        return TakenIn(session, (f"{noted}{means} " if means else noted,))

    async def _next(self, session: Session, said: str) -> AsyncGenerator[str, None]:
        playbook = await self._playbook(session, said)
        if playbook_in(session) is None and not is_general(playbook):
            yield f"this looks like “{playbook.title}”. "
        found = standing(session, playbook)
        cause = found.cause
        if cause is not None:
            if session.active_fix is None or session.active_fix.title != cause.fix.title:
                await self._propose(session, found, cause)
                yield f"\n\n**Likely cause:** {cause.text}.\n**Suggested fix:** {cause.fix.title}. {cause.fix.do}"
            else:
                yield f"“{cause.fix.title}” is still the best guess. Tell me whether it helped."
            return
        if waiting := _waiting(session):
            yield f"\n\nStill open: **{waiting.text}**{_choices(waiting.options)}"
            return
        step = found.step
        if step is None:
            yield "the playbook has nothing more to ask. Add a note with what you found, or **Escalate** what is known."
            return
        await self._sessions.add_items(session.id, [item_for(playbook, step)])
        lead = "Please check" if step.kind == "check" else "Question"
        # how it is done stands under it in the lane
        yield f"\n\n{lead}: **{step.text}**{_choices(step.options)}"

    async def _propose(self, session: Session, found: Standing, cause: Cause) -> None:
        template = await self._library.named(cause.fix.template) if cause.fix.template else None
        fix = NewFix(
            title=cause.fix.title,
            description=cause.fix.do,
            root_cause=cause.text,
            fact_numbers=facts_for(session, found, cause),
            template_id=template.id if template else None,
            script_language=template.language.value if template else "",
            proposed_by=RULE_BASED,
        )
        await self._sessions.suggest_fix(session.id, fix)

    async def _playbook(self, session: Session, said: str) -> Playbook:
        current = playbook_in(session)
        if current is not None and not is_general(current):
            return current
        found = await asyncio.to_thread(matches, f"{session.title}. {session.problem}. {said}")
        if found and (current is None or found[0].score >= SURE_ENOUGH_TO_CHANGE):
            return found[0].playbook
        return current or playbooks()[GENERAL]


def _waiting(session: Session) -> LaneItem | None:
    """Return the playbook's item that waits for an answer: one at a time is asked."""
    waiting = [item for item in session.items if item.status is ItemStatus.OPEN and item.origin.startswith(ORIGIN)]
    return waiting[-1] if waiting else None


def _choices(options: tuple[str, ...]) -> str:
    return f" ({' / '.join(options)})" if options else ""
