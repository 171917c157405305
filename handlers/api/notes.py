"""Resolution notes and escalation packages: preview, then post what was confirmed."""

from __future__ import annotations

from typing import Any

from handlers.api import models
from handlers.api.routing import Answer, Call, Precondition, Routes
from handlers.api.showing import session_model
from handlers.session_ends import tell_ended
from services.accounts.types import Role, require_role
from services.pilot import notes
from services.pilot.notes import NoteKind
from services.pilot.types import SessionStatus, StaleSessionError

ROUTES = Routes("Notes")
RESOLUTION = "/ai-sessions/{id}/resolution-note"
ESCALATION = "/ai-sessions/{id}/escalation-package"
POSTING: dict[str, Any] = {
    "takes": models.NotePost,
    "precondition": Precondition.REQUIRED,
    "repeats_once": True,
}


@ROUTES.route("GET", f"{RESOLUTION}/preview", "Preview the resolution note", models.NotePreview)
async def preview_resolution_note(call: Call) -> Answer:
    """Return the note as it would be posted now."""
    return await _preview(call, NoteKind.RESOLUTION)


@ROUTES.route(
    "POST", f"{RESOLUTION}/post", "Post the confirmed note and resolve the session", models.NotePosted, **POSTING
)
async def post_resolution_note(call: Call) -> Answer:
    """Post it to the ticket, verify it there, and resolve."""
    return await _post(call, NoteKind.RESOLUTION)


@ROUTES.route("GET", f"{ESCALATION}/preview", "Preview the escalation package", models.NotePreview)
async def preview_escalation_package(call: Call) -> Answer:
    """Return the package as it would be posted now."""
    return await _preview(call, NoteKind.ESCALATION)


@ROUTES.route(
    "POST", f"{ESCALATION}/post", "Post the confirmed package and escalate the session", models.NotePosted, **POSTING
)
async def post_escalation_package(call: Call) -> Answer:
    """Post it to the ticket, verify it there, and escalate."""
    return await _post(call, NoteKind.ESCALATION)


async def _preview(call: Call, kind: NoteKind) -> Answer:
    note = await call.services.note_previews.preview(call.session_id, kind)
    content = models.NotePreview(
        kind=note.kind.value,
        state_version=note.state_version,
        markdown=notes.editable(note),
        sections=[models.NoteSection.model_validate(section) for section in note.sections],
    )
    return Answer(content, note.state_version)


async def _post(call: Call, kind: NoteKind) -> Answer:
    require_role(call.member, Role.ENGINEER, "post notes")
    asked, services = call.asked(models.NotePost), call.services
    note = await services.note_previews.preview(call.session_id, kind)
    session = await services.pilot.get(call.session_id)
    # a session that ended so already is answered as ended, whatever version was seen
    if session.status is SessionStatus.OPEN and call.seen is not None and note.state_version != call.seen:
        raise StaleSessionError(
            "The session changed since you saw the note; nothing was posted.",
            session,
            hint="Look at the new preview and confirm that.",
        )
    ending = await services.session_endings.confirm(
        notes.edited(note, asked.markdown, session, call.member.id),
        call.member,
        status=asked.status,
        expected_status=asked.expected_status,
    )
    if session.status is SessionStatus.OPEN or call.is_again:
        await tell_ended(services, ending, kind, call.member, how=" through a program")
    written = models.Written.model_validate(ending.written) if ending.written else None
    drafts = await services.template_drafts.to_ask_about(ending.session)
    content = models.NotePosted(
        session=session_model(ending.session),
        written=written,
        ask_about=[models.DraftTemplate.model_validate(each) for each in drafts],
    )
    return Answer(content, ending.session.state_version)
