"""Resolve and escalate: preview, edit, confirm, post, and say what the ticket shows."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from blocks.pilot import note as form
from blocks.pilot.difference import difference_words
from blocks.pilot.parts import AGAIN, ESCALATE, RESOLVE
from blocks.text import bold, escape
from handlers.pilot.firing import fire, kept_note
from handlers.pilot.lane import in_thread
from handlers.pilot.opening import may_work
from handlers.request import Request, element_value
from handlers.router import Router
from handlers.session_ends import label_of
from services.commands.types import Reply
from services.errors import ConflictError, FlowPilotError, InvalidInputError, VendorError
from services.pilot import notes
from services.pilot.notes import Note, NoteKind
from services.pilot.types import Session, SessionStatus
from services.vendors.reading_once import reading_once

WANTED = {NoteKind.RESOLUTION: ("resolved", "completed", "done", "restored"), NoteKind.ESCALATION: ("escalated",)}
"""Statuses that are chosen beforehand where the ticket can get them."""
LOOK_S = 1.5
"""For a look at session and ticket while the form is held open: Slack waits 3 s for it."""


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
        view = await _form(request, request.value, kind, shows_kept=request.suffix == form.KEPT)
    except FlowPilotError as error:
        view = form.failed_form(kind, f"{error.message} {error.hint}".strip())
    await slack.update_view(view_id, view)


async def _form(request: Request, session_id: str, kind: NoteKind, *, shows_kept: bool) -> dict[str, Any]:
    base, bound, session = await _bound(request, session_id, kind)
    kept = kept_note(session, kind)
    if kept is not None and kept.state_version == base.state_version:
        # what somebody wrote before a failure is shown again as long as it rests on the same facts
        return form.confirm_form(notes.editable(kept), bound)
    if kept is None or not shows_kept:
        return form.confirm_form(notes.editable(base), bound)
    had = notes.editable(kept)
    what = difference_words(session, kept.state_version, had, notes.editable(base))
    problem = f"The session changed before this text could be posted. It is shown as it was confirmed.\n{what}"
    return form.confirm_form(had, bound, problem=problem)


async def _bound(request: Request, session_id: str, kind: NoteKind) -> tuple[Note, form.Confirmation, Session]:
    """Return the note as it is now, what its form is bound to, and the session."""
    services = request.services
    session = await services.pilot.get(session_id)
    if session.status is not SessionStatus.OPEN:
        raise ConflictError(f"The session is {session.status.value} already.", hint="Open it again to change that.")
    base = await services.note_previews.written(session_id, kind)
    bound = form.Confirmation(
        session_id, kind.value, base.state_version, notes.digest(base), "", (), "", label_of(session)
    )
    if session.ticket is not None:
        provider = services.psa.provider(session.ticket.provider)
        with reading_once():
            ticket = await provider.ticket(session.ticket.ticket_id)
            names = tuple(status.name for status in await provider.statuses(ticket.id))
        wanted = next((name for word in WANTED[kind] for name in names if name.casefold() == word), "")
        bound = replace(bound, status=ticket.status, statuses=names, wanted=wanted)
    return base, bound, session


async def check_confirmation(request: Request) -> dict[str, Any] | None:
    """Show the note anew, in the form, with what is different, when session or ticket changed since it was read."""
    seen = form.bound_of(request.private_metadata)
    session = await request.services.pilot.get(seen.session_id)
    if session.status is not SessionStatus.OPEN:
        return None
    had = _text(request)
    if session.state_version == seen.version:
        notes.edited(await _base(request, seen), had, session, request.member.id)
    return await _outdated(request, seen, had)


async def _outdated(request: Request, seen: form.Confirmation, had: str) -> dict[str, Any] | None:
    """Return the form as it is now with what is different, None where nothing is."""
    try:
        async with asyncio.timeout(LOOK_S):
            base, bound, session = await _bound(request, seen.session_id, NoteKind(seen.kind))
    except (VendorError, TimeoutError):
        # confirming looks again and says what is wrong, with [Try again]
        return None
    text, now = had, notes.editable(base)
    if bound.version != seen.version:
        text = now
        what = difference_words(session, seen.version, had, now)
        problem = (
            f"The session changed while you read this; nothing was posted. Below is the note as it is now.\n{what}"
        )
    elif bound.status != seen.status:
        problem = (
            f"The ticket is {bold(bound.status)} by now (it was {escape(seen.status)}); nothing was posted. "
            "Your words are below: look at the status and confirm again."
        )
    else:
        return None
    round_ = int(request.private_metadata.get("round") or 0) + 1
    return {"response_action": "update", "view": form.confirm_form(text, bound, problem=problem, round_=round_)}


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
    try:
        return await fire(request, session, note, status, bound.status or None, is_new=True)
    except ConflictError as error:
        said, blocks = form.look_again_said(error.message, session.id, note.kind.value)
        return await in_thread(request, session, said, blocks)


async def try_again(request: Request) -> Reply | None:
    """Do what is missing of a note that was confirmed: the very same, by its fingerprint."""
    await may_work(request, "resolve or escalate a session")
    value = request.value_object()
    session = await request.services.pilot.get(str(value.get("session")))
    kind = NoteKind(str(value.get("kind")))
    note = kept_note(session, kind)
    if session.status is not SessionStatus.OPEN:
        return Reply(f"The session is {session.status.value} already; nothing was done now.", replace=True)
    if note is None or notes.digest(note) != value.get("digest"):
        raise InvalidInputError(
            "Another text was confirmed since; nothing was posted.", hint="Use the newest [Try again], or [Resolve…]."
        )
    reply = await fire(request, session, note, value.get("status"), value.get("seen"), is_new=False)
    said = f"Tried again by <@{request.member.slack_user_id}>; what came of it is below."
    return reply or Reply(said, replace=True)
