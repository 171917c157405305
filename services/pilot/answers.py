"""Answers as they are shown in sessions: which is being made, who stopped it, what people thought of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter

from db.engine import Database
from db.models.pilot import SessionAnswer, SessionAnswerFeedback
from db.repositories import events
from db.repositories import pilot_answers as repository
from services.accounts.types import MemberRef
from services.alerts.types import Precision
from services.clock import Now
from services.errors import NotFoundError
from services.pilot.leases import EXPIRES, Leases, taken
from services.pilot.types import Session

log = structlog.get_logger(__name__)
FEEDBACK = Counter("flowpilot_pilot_feedback", "What people said of answers in sessions", ["useful"])
LONGEST_ANSWER = timedelta(minutes=15)
"""No answer of this process takes so long: what was begun earlier and has no end is made no more."""
ANSWER = "pilot.answer"
"""Source of claims: answers that a process makes, or closes for another that died."""


@dataclass
class LiveAnswer:
    """An answer that this process makes; `stopped` is set when somebody wants no more of it.

    `held` shows other replicas that it is being made; None on SQLite, which has none.
    """

    id: int
    session_id: str
    held: datetime | None
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    stopped_by: str = ""

    def stop(self, slack_user_id: str) -> None:
        """Want no more of it; who said so first is named."""
        if not self.stopped.is_set():
            self.stopped_by = slack_user_id
            self.stopped.set()


@dataclass(frozen=True)
class LeftOver:
    """An answer that nobody makes any more, and where it still looks as if somebody did."""

    id: int
    session_id: str
    channel: str
    ts: str | None
    thread_ts: str | None


class PilotAnswers:
    """Answers of the current account's sessions."""

    def __init__(self, database: Database, now: Now) -> None:
        self._database = database
        self._now = now
        self._since = now()
        self._leases = Leases(database, ANSWER)
        self._live: dict[int, LiveAnswer] = {}
        self._closing: set[int] = set()

    @asynccontextmanager
    async def alive(self, answer: LiveAnswer) -> AsyncIterator[None]:
        """Have [Stop] reach an answer as long as it is made here, and others know that it is."""
        self._live[answer.id] = answer
        try:
            if answer.held is None:
                yield
            else:
                async with self._leases.kept(str(answer.id), answer.held):
                    yield
        finally:
            del self._live[answer.id]

    def is_another_made(self, answer: LiveAnswer) -> bool:
        """Tell whether this process makes another answer to the same session."""
        return any(each.session_id == answer.session_id for each in self._live.values() if each is not answer)

    async def begin(self, session: Session) -> LiveAnswer:
        """Note that an answer is being made."""
        async with self._database.transaction() as transaction:
            row = SessionAnswer(session_id=session.id, channel_id=session.channel_id or "", started_at=self._now())
            transaction.add(row)
            await transaction.flush()
            held = None if self._database.is_sqlite else await taken(transaction, ANSWER, str(row.id))
            return LiveAnswer(row.id, session.id, held)

    async def shown_at(self, answer: LiveAnswer, ts: str) -> None:
        """Note which message it grows in: a restart closes that one."""
        async with self._database.transaction() as transaction:
            if (row := await repository.by_id(transaction, answer.id)) is not None:
                row.slack_ts = ts

    async def end(self, answer_id: int, ts: str | None = None, *, message_id: int | None = None) -> None:
        """Note that an answer is shown whole, where, and which of the things said it is; ended already: unchanged."""
        async with self._database.transaction() as transaction:
            row = await repository.by_id(transaction, answer_id, to_change=True)
            if row is None or row.ended_at is not None:
                return
            row.ended_at, row.slack_ts, row.message_id = self._now(), ts or row.slack_ts, message_id

    async def stop(self, session_id: str, slack_user_id: str) -> bool:
        """Stop what is being said in a session, in whichever process; False when nothing is."""
        here = [answer for answer in self._live.values() if answer.session_id == session_id]
        for answer in here:
            answer.stop(slack_user_id)
        async with self._database.transaction() as transaction:
            rows = await repository.unfinished(transaction, session_id, None)
            for row, _ in rows:
                row.stop_asked_by = row.stop_asked_by or slack_user_id
        return bool(here or rows)

    async def look_for_stop(self, answer: LiveAnswer) -> None:
        """Stop an answer of ours if somebody asked another process to."""
        if self._database.is_sqlite:
            return  # there is no other process
        async with self._database.transaction(write=False) as transaction:
            row = await repository.by_id(transaction, answer.id)
        if row is not None and row.stop_asked_by:
            answer.stop(row.stop_asked_by)

    async def left_over(self, session_id: str | None = None) -> list[LeftOver]:
        """Return answers that were never finished and that nobody makes any more."""
        async with self._database.transaction(write=False) as transaction:
            if self._database.is_sqlite:
                # there was no other process since this one began
                before = max(self._now() - LONGEST_ANSWER, self._since)
                rows = await repository.unfinished(transaction, session_id, before)
            else:
                alive = await events.database_now(transaction) - EXPIRES
                rows = await repository.unfinished(transaction, session_id, unclaimed=(ANSWER, alive))
        return [
            LeftOver(row.id, row.session_id, row.channel_id, row.slack_ts, thread_ts)
            for row, thread_ts in rows
            if row.id not in self._live
        ]

    @asynccontextmanager
    async def closing(self, left: LeftOver) -> AsyncIterator[bool]:
        """Have one close what was left over: True for who does, False when somebody else does or did."""
        held = None if self._database.is_sqlite else await self._leases.take(str(left.id))
        if left.id in self._closing or (held is None and not self._database.is_sqlite):
            yield False
            return
        self._closing.add(left.id)
        try:
            async with nullcontext() if held is None else self._leases.kept(str(left.id), held):
                async with self._database.transaction(write=False) as transaction:
                    row = await repository.by_id(transaction, left.id)
                yield row is not None and row.ended_at is None
        finally:
            self._closing.discard(left.id)

    async def judge(self, answer_id: int, member: MemberRef, useful: bool) -> bool:
        """Keep a person's word on an answer, which they may change; False when they said so already.

        Raises `NotFoundError` for an answer that is not of this account.
        """
        async with self._database.transaction() as transaction:
            if await repository.by_id(transaction, answer_id, to_change=True) is None:
                raise NotFoundError("This answer is no longer known.")
            row = await repository.feedback(transaction, answer_id, member.id)
            if row is not None and row.useful == useful:
                return False
            if row is None:
                row = SessionAnswerFeedback(answer_id=answer_id, member_id=member.id)
                transaction.add(row)
            row.useful, row.given_at = useful, self._now()
        FEEDBACK.labels(str(useful).lower()).inc()
        return True

    async def feedback(self, since: datetime | None = None) -> list[Precision]:
        """Return what people said of answers, by who answered (a model's label, "rule-based")."""
        async with self._database.transaction(write=False) as transaction:
            counts = await repository.feedback_counts(transaction, since)
        tally = {(name, useful): count for name, useful, count in counts}
        return [
            Precision(name, tally.get((name, True), 0), tally.get((name, False), 0))
            for name in sorted({name for name, _, _ in counts})
        ]
