"""One turn of a session's conversation: what a person said goes in, text comes out, and the lane changes meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from weakref import WeakValueDictionary

from services.accounts.types import MemberRef
from services.ai import RULE_BASED, AiTasks
from services.pilot.playbooks.talk import RuleTalk
from services.pilot.scripts.library import ScriptTemplates
from services.pilot.sessions import PilotSessions
from services.pilot.similar import Similar, SimilarCases
from services.pilot.types import Author, Session, SessionStatus


class PilotTalks:
    """Converse in sessions, by a model where there is one, else by playbooks; what rules say is marked as such."""

    def __init__(self, sessions: PilotSessions, ai: AiTasks, similar: SimilarCases, library: ScriptTemplates) -> None:
        self._sessions = sessions
        self._ai = ai
        self._similar = similar
        self._rules = RuleTalk(sessions, library)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def turn(
        self, session_id: str, member: MemberRef, text: str, *, slack_ts: str | None = None
    ) -> AsyncIterator[str]:
        """Take in what `member` said and yield the answer in pieces of Markdown, while the session changes.

        Ends the current turn of the session first. Secrets are taken out before anything is stored or answered.
        """
        message = await self._sessions.add_message(session_id, Author.PERSON, text, by=member, slack_ts=slack_ts)
        async with aclosing(self._answer(session_id, member, message.text)) as pieces:
            async for piece in pieces:
                yield piece

    async def go_on(self, session_id: str, member: MemberRef) -> AsyncIterator[str]:
        """Yield what comes next after something was answered, checked or decided by a click."""
        async with aclosing(self._answer(session_id, member, "")) as pieces:
            async for piece in pieces:
                yield piece

    async def similar(self, session_id: str, *, limit: int = 3) -> Similar:
        """Return resolved sessions and script templates that are like a session's problem."""
        return await self._similar_to(await self._sessions.get(session_id), limit)

    async def _answer(self, session_id: str, member: MemberRef, said: str) -> AsyncGenerator[str, None]:
        lock = self._turns.setdefault(session_id, asyncio.Lock())
        async with lock:
            session = await self._sessions.get(session_id)
            if session.status is not SessionStatus.OPEN:
                yield f"This session is {session.status}. Reopen it to go on."
                return
            parts: list[str] = []
            try:
                async with aclosing(self._spoken(session, member, said)) as pieces:
                    async for piece in pieces:
                        parts.append(piece)
                        yield piece
            finally:
                if whole := "".join(parts).strip():
                    await self._sessions.add_message(session_id, Author.PILOT, whole, answered_by=RULE_BASED)

    async def _spoken(self, session: Session, member: MemberRef, said: str) -> AsyncGenerator[str, None]:
        is_first = not session.items and not session.fixes
        similar = await self._similar_to(session, 2) if is_first else Similar()
        if is_first and (hints := hints_of(similar)):
            yield hints
        async with aclosing(self._rules.answer(session, member, said)) as pieces:
            async for piece in pieces:
                yield piece

    async def _similar_to(self, session: Session, limit: int) -> Similar:
        facts = " ".join(fact.text for fact in session.known)
        return await self._similar.find(f"{session.title}. {session.problem}. {facts}", limit=limit, without=session.id)


def hints_of(similar: Similar) -> str:
    """Say what was found that is like the problem, and why; "" where nothing is."""
    lines = []
    for each in similar.cases:
        cause = each.case.root_cause or each.case.fix_title or "no cause was noted"
        lines.append(f"- Resolved before: **{each.case.title}** – {cause} ({each.reason})\n")
    lines += [f"- Script template: **{each.template.name}** ({each.reason})\n" for each in similar.templates[:1]]
    return "".join([*lines, "\n"]) if lines else ""
