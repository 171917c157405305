"""Change a session: lock it, check who asks, work out the change, write what differs, say so on the record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cached_property

from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.repositories import pilot as repository
from services.accounts.types import MemberRef, Role, require_role
from services.clock import Now
from services.effects.audit import AuditTrail
from services.effects.types import Actor
from services.pilot import storage
from services.pilot.listing import SessionReading, no_such_session
from services.pilot.state.moment import Moment, next_version
from services.pilot.state.record import difference
from services.pilot.turns import THREAD, SessionTurns
from services.pilot.types import Session

Change = Callable[[Session, Moment], Session]
Listener = Callable[[Session], None]
Also = Callable[[AsyncSession, Session], Awaitable[None]]
"""Stores what comes of a change in its transaction; not called when nothing changed."""


class SessionChanging(SessionReading):
    """Make changes one at a time for each session, however many people and processes ask at once."""

    def __init__(self, database: Database, audit: AuditTrail, now: Now) -> None:
        super().__init__(database)
        self._audit = audit
        self._now = now
        self._listeners: list[Listener] = []

    def on_change(self, listener: Listener) -> None:
        """Have `listener` told of each session that changed, after it was stored; it must not wait."""
        self._listeners.append(listener)

    @cached_property
    def turns(self) -> SessionTurns:
        """Whose turn it is in which session."""
        return SessionTurns(self._database, self._now)

    @cached_property
    def threads(self) -> SessionTurns:
        """Who gives which session its messages in Slack: one at a time, so that none is there twice."""
        return SessionTurns(self._database, self._now, source=THREAD)

    async def _change(
        self,
        session_id: str,
        by: MemberRef | None,
        action: str,
        change: Change,
        seen: int | None = None,
        *,
        raises_version: bool = True,
        also: Also | None = None,
    ) -> Session:
        if by is not None:
            require_role(by, Role.ENGINEER, "work on sessions")
        async with self._database.transaction() as transaction:
            rows = await repository.load(transaction, session_id, to_change=True)
            if rows is None:
                raise no_such_session()
            before = storage.session_of(rows)
            moment = Moment(self._now(), by.id if by else None, seen)
            after = change(before, moment)
            if after is before:
                return before
            if raises_version:
                after = replace(after, state_version=next_version(before), updated_at=moment.at)
            await storage.write(transaction, rows, before, after)
            if by is not None:
                await self._record(transaction, by, action, before, after)
            if also is not None:
                await also(transaction, after)
        self._tell(after)
        return after

    async def _record(
        self, transaction: AsyncSession, by: MemberRef, action: str, before: Session | None, after: Session
    ) -> None:
        if before is None:
            was, became = None, {"title": after.title, "company": after.company}
        else:
            was, became = difference(before, after)
        await self._audit.append(
            transaction,
            actor=Actor(by.id, by.display_name),
            action=action,
            target=f"session {after.id}",
            result="done",
            before=was,
            after=became,
        )

    def _tell(self, session: Session) -> None:
        for listener in self._listeners:
            listener(session)
