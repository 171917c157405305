"""Build a template of a fix's script at once: nothing is stored before it is confirmed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from blocks.pilot import template_forms as forms
from blocks.pilot.parts import BUILD
from blocks.text import escape
from handlers.pilot.fixes import is_template_now, say_taken
from handlers.pilot.opening import ids_of, may_work
from handlers.pilot.template_input import problems_with, typed_draft
from handlers.request import Request
from handlers.router import Router
from services.ai.names import name_for_people
from services.commands.types import Reply
from services.errors import FlowPilotError
from services.pilot.scripts.risk import assess
from services.pilot.scripts.types import Language, TemplateDraft

TITLE = "Build template"


def register(router: Router) -> None:
    """Handle the button and its form."""
    router.action(BUILD)(open_build)
    router.view(forms.BUILD_VIEW, validate=check_build)(build)


async def open_build(request: Request) -> None:
    """Show the template that the script would be, to be named and saved."""
    await may_work(request, "save a script template")
    slack = request.services.slack
    said = "Looking for what differs from case to case…"
    view_id = await slack.open_view(request.trigger_id, forms.loading_form(TITLE, said))
    try:
        view = await _form(request, *ids_of(request.value))
    except FlowPilotError as error:
        view = forms.failed_form(TITLE, f"{error.message} {error.hint}".strip())
    await slack.update_view(view_id, view)


async def _form(request: Request, session_id: str, fix_id: str) -> dict[str, Any]:
    services = request.services
    session, fix = await services.fix_paths.undecided(session_id, fix_id)
    proposal = await services.template_drafts.propose(fix, session_id)
    draft = proposal.draft
    free = await services.script_templates.free_name(draft.name)
    by = name_for_people(proposal.answered_by)
    said = f"{forms.found_words(draft)} ({by}). Nothing is saved before you say so."
    if free != draft.name:
        said += f"\nThere is a template of that name already, so this one is called “{escape(free)}”."
    named = replace(draft, name=free, symptoms=draft.symptoms or (session.title,))
    report = assess(draft.language, draft.body, [each.name for each in draft.parameters])
    metadata = {"session": session_id, "fix": fix_id}
    return forms.template_form(forms.BUILD_VIEW, TITLE, metadata, named, report, said)


async def _typed(request: Request) -> TemplateDraft:
    metadata = request.private_metadata
    session, fix = await request.services.fix_paths.undecided(str(metadata.get("session")), str(metadata.get("fix")))
    body = ""
    if not request.input(forms.BODY):
        # a script that is too long for the form is taken apart once more, the same way
        body = (await request.services.template_drafts.propose(fix, session.id)).draft.body
    return typed_draft(request, Language(fix.script_language.lower()), body)


async def check_build(request: Request) -> dict[str, Any] | None:
    """Say at the field what is wrong, so that nothing that was written is lost."""
    return await problems_with(request, lambda: _typed(request))


async def build(request: Request) -> Reply | None:
    """Save the template and take the fix with it, in one operation."""
    await may_work(request, "save a script template")
    metadata, draft = request.private_metadata, await _typed(request)
    taken = await request.services.fix_paths.build(
        str(metadata.get("session")), str(metadata.get("fix")), request.member, draft
    )
    saved = is_template_now(taken.template.name, request.member) if taken.template else ""
    return await say_taken(request, taken, "Built as a template", saved)
