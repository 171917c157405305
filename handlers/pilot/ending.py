"""Resolve and escalate: preview, edit, confirm, post, and say what the ticket shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog

from blocks.pilot import note as form
from blocks.pilot.lane import again_value
from blocks.pilot.library import prompt_said
from blocks.pilot.parts import AGAIN, ESCALATE, RESOLVE
from handlers.pilot.lane import in_thread
from handlers.pilot.opening import may_work
from handlers.request import Request, element_value
from handlers.router import Router
from services.commands.types import Reply
from services.errors import ConflictError, FlowPilotError, InvalidInputError, VendorError
from services.pilot import notes
from services.pilot.notes import Note, NoteKind
from services.pilot.psa import WriteBackIncompleteError, WriteBackResult
from services.pilot.types import Session, SessionStatus, StaleSessionError

log = structlog.get_logger(__name__)
DRAFT_ARTIFACT = "confirmed_{}"
"""The note as it was confirmed, kept until it is posted: what was written is not lost to a failure."""
WANTED = {NoteKind.RESOLUTION: ("resolved", "completed", "done", "restored"), NoteKind.ESCALATION: ("escalated",)}
"""Statuses that are chosen beforehand where the ticket can get them."""


def register(router: Router) -> None:
    """Handle the buttons, the form, and [Try again]."""
    router.action(RESOLVE)(open_resolve)
    router.action(ESCALATE)(open_escalate)
    router.view(form.CONFIRM_VIEW, validate=check_confirmation)(confirm)
    router.action(AGAIN)(try_again)


async def open_resolve(request: Request) -> None:
    """Show the resolution note to be edited and confirmed."""
    await _open(request, NoteKind.RESOLUTION)


async def open_escalate(request: Request) -> None:
    """Show the escalation package to be edited and confirmed."""
    await _open(request, NoteKind.ESCALATION)


async def _open(request: Request, kind: NoteKind) -> None:
    await may_work(request, "resolve or escalate a session")
    slack = request.services.slack
    view_id = await slack.open_view(request.trigger_id, form.loading_form(kind))
    try:
        view = await _form(request, request.value, kind)
    except FlowPilotError as error:
        view = form.failed_form(kind, f"{error.message} {error.hint}".strip())
    await slack.update_view(view_id, view)


async def _form(request: Request, session_id: str, kind: NoteKind, problem: str = "") -> dict[str, Any]:
    services = request.services
    session = await services.pilot.get(session_id)
    if session.status is not SessionStatus.OPEN:
        raise ConflictError(f"The session is {session.status.value} already.", hint="Open it again to change that.")
    base = await services.note_previews.written(session_id, kind)
    kept = _kept(session, kind)
    # what somebody wrote before a failure is shown again as long as it rests on the same facts
    shown = kept if kept is not None and kept.state_version == base.state_version else base
    bound = form.Confirmation(
        session_id, kind.value, base.state_version, notes.digest(base), "", (), "", _label(session)
    )
    if session.ticket is not None:
        provider = services.psa.provider(session.ticket.provider)
        ticket = await provider.ticket(session.ticket.ticket_id)
        names = tuple(status.name for status in await provider.statuses(ticket.id))
        wanted = next((name for word in WANTED[kind] for name in names if name.casefold() == word), "")
        bound = replace(bound, status=ticket.status, statuses=names, wanted=wanted)
    return form.confirm_form(notes.editable(shown), bound, problem=problem)


def _kept(session: Session, kind: NoteKind) -> Note | None:
    stored = session.artifacts.get(DRAFT_ARTIFACT.format(kind.value))
    return notes.note_from_json(stored) if isinstance(stored, Mapping) else None


async def check_confirmation(request: Request) -> dict[str, Any] | None:
    """Show the note anew, in the form, when the session changed since it was read."""
    bound = form.bound_of(request.private_metadata)
    session = await request.services.pilot.get(bound.session_id)
    if session.status is SessionStatus.OPEN and session.state_version != bound.version:
        problem = "The session changed while you read this; nothing was posted. This is the note as it is now."
        view = await _form(request, bound.session_id, NoteKind(bound.kind), problem)
        return {"response_action": "update", "view": view}
    notes.edited(await _base(request, bound), _text(request), session, request.member.id)
    return None


async def _base(request: Request, bound: form.Confirmation) -> Note:
    """Return the note that was shown; where it cannot be had again, that of the rules: words are then a person's."""
    kind, previews = NoteKind(bound.kind), request.services.note_previews
    shown = await previews.written(bound.session_id, kind)
    return shown if notes.digest(shown) == bound.digest else await previews.preview(bound.session_id, kind)


def _text(request: Request) -> str:
    values = (request.view.get("state") or {}).get("values") or {}
    held = {
        block_id: str(next((element_value(each) for each in elements.values()), None) or "")
        for block_id, elements in values.items()
    }
    return form.text_of(request.private_metadata.get("headings") or [], held)


async def confirm(request: Request) -> Reply | None:
    """Post what the form holds, and end the session; everybody in the thread sees what came of it."""
    await may_work(request, "resolve or escalate a session")
    bound = form.bound_of(request.private_metadata)
    session = await request.services.pilot.get(bound.session_id)
    note = replace(
        notes.edited(await _base(request, bound), _text(request), session, request.member.id),
        state_version=bound.version,
    )
    chosen = str(request.input(form.STATUS) or form.KEEP_STATUS)
    status = chosen.removeprefix("to:") if chosen != form.KEEP_STATUS else None
    return await _fire(request, session, note, status, bound.status or None)


async def try_again(request: Request) -> Reply | None:
    """Do what is missing of a note that was confirmed: the very same, by its fingerprint."""
    await may_work(request, "resolve or escalate a session")
    value = request.value_object()
    session = await request.services.pilot.get(str(value.get("session")))
    kind = NoteKind(str(value.get("kind")))
    note = _kept(session, kind)
    if session.status is not SessionStatus.OPEN:
        return Reply(f"The session is {session.status.value} already; nothing was done now.", replace=True)
    if note is None or notes.digest(note) != value.get("digest"):
        raise InvalidInputError(
            "Another text was confirmed since; nothing was posted.", hint="Use the newest [Try again], or [Resolve…]."
        )
    reply = await _fire(request, session, note, value.get("status"), value.get("seen"))
    said = f"Tried again by <@{request.member.slack_user_id}>; what came of it is below."
    return reply or Reply(said, replace=True)


async def _fire(
    request: Request, session: Session, note: Note, status: str | None, expected: str | None
) -> Reply | None:
    services, kept = request.services, DRAFT_ARTIFACT.format(note.kind.value)
    if session.status is SessionStatus.OPEN:
        await services.pilot.set_artifacts(session.id, {kept: notes.note_to_json(note)})
    try:
        ending = await services.session_endings.confirm(note, request.member, status=status, expected_status=expected)
    except StaleSessionError as error:
        return await in_thread(request, session, f":warning: {error.message} {error.hint}".strip())
    except (WriteBackIncompleteError, VendorError, ConflictError) as error:
        return await _say_incomplete(request, session, note, status, expected, error)
    if ending.written is None and session.status is not SessionStatus.OPEN:
        said = f"The session was {session.status.value} already; nothing was posted a second time."
        return await in_thread(request, session, said)
    await services.pilot.set_artifacts(session.id, {kept: None})
    await _say_ended(request, ending.session, ending.written)
    await _ask_about_drafts(request, ending.session)
    return None


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
    stored = _kept(await request.services.pilot.get(session.id), note.kind) or note
    value = again_value(session.id, note.kind.value, status, expected, notes.digest(stored))
    return await _post(request, session, form.incomplete_said(error.message, error.hint, value))


async def _say_ended(request: Request, session: Session, written: WriteBackResult | None) -> None:
    by = f"<@{request.member.slack_user_id}>"
    if written is None:
        verified, receipts = "No ticket is linked: the note is kept with the session.", []
    else:
        label = _label(session) or written.ticket_id
        url = written.note_url or written.ticket_url
        verified = form.verified_words(label, url, written.status_before, written.status_after)
        receipts = [each for each in (written.note_receipt, written.status_receipt) if each is not None]
    await _post(request, session, form.ended_said(session, by, receipts, verified=verified))


async def _ask_about_drafts(request: Request, session: Session) -> None:
    for draft in await request.services.template_drafts.to_ask_about(session):
        await _post(request, session, prompt_said(draft))


async def _post(request: Request, session: Session, said: tuple[str, list[dict[str, Any]]]) -> Reply | None:
    text, blocks = said
    if session.channel_id is None:
        return Reply(text, tuple(blocks))
    await request.services.slack.post(session.channel_id, text, blocks, thread_ts=session.thread_ts)
    return None


def _label(session: Session) -> str:
    if session.ticket is None:
        return ""
    return str(session.ticket.details.get("label") or session.ticket.ticket_id)
