"""Confirm and fire (FLP-4.2): a confirmed note goes to the ticket, is verified there, and ends the session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.accounts.types import MemberRef, Role, require_role
from services.effects import Actor
from services.pilot import notes
from services.pilot.psa.types import NoteKind, WriteBack, WriteBackIncompleteError, WriteBackResult
from services.pilot.psa.write_back import TicketWriteBack, note_marker
from services.pilot.sessions import PilotSessions
from services.pilot.types import Session, SessionStatus, StaleSessionError, TicketRef

ROUNDS = "write_back"
"""The artifact that says, by kind of note, the round and whether it is `posted` or `complete`."""
TO_TELL = "end_to_tell"
"""The artifact that says whose end of which kind nobody has told yet: it comes with the end, and goes when told."""
OUTCOMES = {
    notes.NoteKind.RESOLUTION: (SessionStatus.RESOLVED, NoteKind.RESOLUTION),
    notes.NoteKind.ESCALATION: (SessionStatus.ESCALATED, NoteKind.INTERNAL),
}


@dataclass(frozen=True)
class Ending:
    """How a session ended; `written` is None without a ticket, and where it had ended so already."""

    session: Session
    written: WriteBackResult | None


class SessionEndings:
    """Ends sessions with a note. A session ends when its ticket shows what was confirmed, and not before."""

    def __init__(self, sessions: PilotSessions, write_back: TicketWriteBack) -> None:
        self._sessions = sessions
        self._write_back = write_back

    async def confirm(
        self, note: notes.Note, by: MemberRef, *, status: str | None = None, expected_status: str | None = None
    ) -> Ending:
        """Post the note, set the ticket's `status`, and resolve or escalate the session.

        What is posted is what is kept, so that confirming it again confirms the same.

        Raises `StaleSessionError` when the session is not as it was previewed, and what `TicketWriteBack.write` raises:
        the session stays open then, and confirming again does only what is missing.
        """
        require_role(by, Role.ENGINEER, "post notes")
        note = notes.as_stored(note)
        session = await self._sessions.get(note.session_id)
        outcome, _ = OUTCOMES[note.kind]
        to_tell = {TO_TELL: {"kind": note.kind.value, "member_id": by.id}}
        if session.status is not SessionStatus.OPEN:
            return Ending(await self._sessions.end(session.id, outcome, by), None)
        if session.ticket is None:
            kept = {notes.ARTIFACTS[note.kind]: notes.note_to_json(note), **to_tell}
            seen = note.state_version
            return Ending(await self._sessions.end(session.id, outcome, by, artifacts=kept, seen=seen), None)
        if session.state_version != note.state_version:
            raise StaleSessionError(
                "The session changed since you saw the note; nothing was posted.",
                session,
                hint="Look at the new preview and confirm that.",
            )
        written = await self._written(session, session.ticket, note, by, status, expected_status)
        return Ending(await self._sessions.end(session.id, outcome, by, artifacts=to_tell), written)

    async def _written(
        self,
        session: Session,
        ticket: TicketRef,
        note: notes.Note,
        by: MemberRef,
        status: str | None,
        expected_status: str | None,
    ) -> WriteBackResult:
        number = _round(session.artifacts, note.kind)
        wanted = WriteBack(
            ticket=ticket,
            markdown=notes.markdown(note),
            kind=OUTCOMES[note.kind][1],
            marker=note_marker(session.id, note.kind, ticket, number),
            status=status,
            expected_status=expected_status,
            actor=Actor(by.id, by.display_name),
            reason=f"{OUTCOMES[note.kind][0]} in a FlowPilot session",
        )
        try:
            result = await self._write_back.write(wanted)
        except WriteBackIncompleteError as error:
            await self._keep(session, note, error.result, number, "posted")
            raise
        await self._keep(session, note, result, number, "complete")
        return result

    async def _keep(self, session: Session, note: notes.Note, result: WriteBackResult, number: int, state: str) -> None:
        """Keep what stands on the ticket: of two who confirmed, or after a death in between, the words of the first."""
        name = notes.ARTIFACTS[note.kind]
        rounds = {**session.artifacts.get(ROUNDS, {}), note.kind.value: {"round": number, "state": state}}
        kept: dict[str, Any] = {ROUNDS: rounds}
        if result.posted == notes.markdown(note):
            kept[name] = notes.note_to_json(note)
        elif not _is_kept(session.artifacts.get(name), result.posted):
            first = result.note_receipt.actor.member_id if result.note_receipt else None
            kept[name] = notes.note_to_json(notes.edited(note, result.posted, session, first))
        await self._sessions.set_artifacts(session.id, kept)
        external = "resolution_note" if note.kind is notes.NoteKind.RESOLUTION else "escalation_package"
        await self._sessions.set_external_ids(session.id, **{external: result.note_id})


def _round(artifacts: Mapping[str, Any], kind: notes.NoteKind) -> int:
    """Return the round's number; a session that was opened again begins the next."""
    last = artifacts.get(ROUNDS, {}).get(kind.value)
    if last is None:
        return 1
    return int(last["round"]) + int(last["state"] == "complete")


def _is_kept(stored: Any, posted: str) -> bool:
    """Tell whether a stored note is the one that was posted."""
    return isinstance(stored, Mapping) and notes.markdown(notes.note_from_json(stored)) == posted
