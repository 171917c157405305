"""Post what was confirmed, end the session, and say what came of it: to all once, to who was second what holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from blocks.pilot import note as form
from blocks.pilot.lane import again_value
from blocks.text import escape
from handlers.pilot.lane import in_thread
from handlers.request import Request
from handlers.session_ends import DRAFT_ARTIFACT, author_of, label_of, tell_ended
from services.accounts.types import MemberRef
from services.commands.types import Reply
from services.errors import FlowPilotError, VendorError
from services.pilot import notes
from services.pilot.notes import Note, NoteKind
from services.pilot.psa import WriteBackIncompleteError
from services.pilot.psa.ending import Ending
from services.pilot.types import Session, SessionStatus

log = structlog.get_logger(__name__)


def kept_note(session: Session, kind: NoteKind) -> Note | None:
    """Return the note that was confirmed and is not posted yet."""
    stored = session.artifacts.get(DRAFT_ARTIFACT.format(kind.value))
    return notes.note_from_json(stored) if isinstance(stored, Mapping) else None


async def fire(
    request: Request, session: Session, note: Note, status: str | None, expected: str | None, *, is_new: bool
) -> Reply | None:
    """Post a note that was confirmed, end the session, and tell everybody in the thread what came of it.

    With `is_new` the words are the member's own, not those that somebody else confirmed before.
    Raises `ConflictError` when what was seen does not hold any more: trying the very same again would never help.
    """
    services, kept = request.services, DRAFT_ARTIFACT.format(note.kind.value)
    if session.status is SessionStatus.OPEN:
        await services.pilot.set_artifacts(session.id, {kept: notes.note_to_json(note)})
    try:
        ending = await services.session_endings.confirm(note, request.member, status=status, expected_status=expected)
    except (WriteBackIncompleteError, VendorError) as error:
        return await _say_incomplete(request, session, note, status, expected, error)
    if ending.written is None and session.status is not SessionStatus.OPEN:
        said = f"The session was {session.status.value} already; nothing was posted a second time."
        return await in_thread(request, session, said)
    author = await author_of(services, ending.written, request.member)
    is_told = await tell_ended(services, ending, note.kind, request.member)
    if is_new and (author != request.member or (ending.written is None and not is_told)):
        return await in_thread(request, session, _second_said(ending, author))
    if not is_new and not is_told:
        return Reply("Somebody was faster: what came of it stands in the thread, nothing was posted a second time.")
    return None


def _second_said(ending: Ending, author: MemberRef | None) -> str:
    """Tell who confirmed second what holds and by whom."""
    who = f"<@{author.slack_user_id}>" if author and ending.written else "Somebody else"
    note = f"that note is on {escape(label_of(ending.session))}" if ending.written else "that note is kept"
    return (
        f"{who} confirmed before you: {note}, yours was not posted. "
        "[Open again] in the task lane and [Resolve…] post another one."
    )


async def _say_incomplete(
    request: Request,
    session: Session,
    note: Note,
    status: str | None,
    expected: str | None,
    error: FlowPilotError,
) -> Reply | None:
    """Tell everybody in the thread what stands and what does not; never a silent success."""
    log.warning("write_back_incomplete", session=session.id, error=error.message)
    # what is stored has its secrets taken out once more: [Try again] is bound to that
    stored = kept_note(await request.services.pilot.get(session.id), note.kind) or note
    value = again_value(session.id, note.kind.value, status, expected, notes.digest(stored))
    return await _post(request, session, form.incomplete_said(error.message, error.hint, value))


async def _post(request: Request, session: Session, said: tuple[str, list[dict[str, Any]]]) -> Reply | None:
    text, blocks = said
    if session.channel_id is None:
        return Reply(text, tuple(blocks))
    await request.services.slack.post(session.channel_id, text, blocks, thread_ts=session.thread_ts)
    return None
