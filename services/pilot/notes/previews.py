"""Previews of notes, kept by the session's version, which each look reads in one query: no replica shows an old one."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Protocol

from db.tenancy import current_account_id
from services.pilot.notes.rules import write_note
from services.pilot.notes.types import Note, NoteKind
from services.pilot.notes.writer import NoteWriter
from services.pilot.types import Session

KEPT = 512
_Key = tuple[str, str, NoteKind, bool]


class ReadsSessions(Protocol):
    """Where sessions are read: `PilotSessions`."""

    async def version(self, session_id: str) -> int:
        """Return the `state_version`, or raise `NotFoundError`."""

    async def get(self, session_id: str) -> Session:
        """Return the session with everything in it."""


class NotePreviews:
    """Notes as they would be written now. Each look asks the database for the version before it uses what it keeps."""

    def __init__(self, sessions: ReadsSessions, writer: NoteWriter, *, kept: int = KEPT) -> None:
        self._sessions = sessions
        self._writer = writer
        self._kept = kept
        self._notes: OrderedDict[_Key, Note] = OrderedDict()
        self._writing: dict[_Key, asyncio.Lock] = {}

    async def preview(self, session_id: str, kind: NoteKind) -> Note:
        """Return the note by rules: at once, and with every change."""
        return await self._note(session_id, kind, False, self._by_rules)

    async def written(self, session_id: str, kind: NoteKind) -> Note:
        """Return the note in a model's order and joining where there is one; asked once for each version."""
        return await self._note(session_id, kind, True, self._writer.write)

    async def _note(
        self, session_id: str, kind: NoteKind, by_model: bool, write: Callable[[Session, NoteKind], Awaitable[Note]]
    ) -> Note:
        version = await self._sessions.version(session_id)
        key = (current_account_id(), session_id, kind, by_model)
        if kept := self._fresh(key, version):
            return kept
        lock = self._writing.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                # somebody else may have written it meanwhile, as of this version or a later one
                if kept := self._fresh(key, version):
                    return kept
                note = await write(await self._sessions.get(session_id), kind)
                self._keep(key, note)
                return note
        finally:
            if not lock.locked():
                self._writing.pop(key, None)

    @staticmethod
    async def _by_rules(session: Session, kind: NoteKind) -> Note:
        # hundreds of long facts take seconds, for which nothing else would run
        return await asyncio.to_thread(write_note, session, kind)

    def _fresh(self, key: _Key, version: int) -> Note | None:
        kept = self._notes.get(key)
        if kept is None or kept.state_version < version:
            return None
        self._notes.move_to_end(key)
        return kept

    def _keep(self, key: _Key, note: Note) -> None:
        self._notes[key] = note
        self._notes.move_to_end(key)
        while len(self._notes) > self._kept:
            self._notes.popitem(last=False)
