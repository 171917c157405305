"""Fill in the template that a fix comes with: what is known stands there, each value with its source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blocks.pilot import template_forms as forms
from blocks.pilot.parts import FILL
from blocks.text import escape
from handlers.pilot.fixes import say_taken
from handlers.pilot.opening import ids_of, may_work
from handlers.request import Request
from handlers.router import Router, errors
from services.commands.types import Reply
from services.errors import FlowPilotError, InvalidInputError
from services.pilot.scripts.library import risk_of
from services.pilot.scripts.prefill import SCRIPT_VALUES_SETTING, Prefilled, prefill, sources_of
from services.pilot.scripts.types import Template
from services.pilot.scripts.value_proposals import proposed_values
from services.pilot.scripts.values import InvalidValuesError
from services.pilot.types import Session, SuggestedFix

TITLE = "Fill in the script"


def register(router: Router) -> None:
    """Handle the button and its form."""
    router.action(FILL)(open_fill)
    router.view(forms.FILL_VIEW, validate=check_fill)(fill)


async def open_fill(request: Request) -> None:
    """Show the form of the fix's template, filled in with what is known and where it was found."""
    await may_work(request, "make a script")
    slack = request.services.slack
    said = "Looking for the values in what is known…"
    view_id = await slack.open_view(request.trigger_id, forms.loading_form(TITLE, said))
    try:
        view = await _form(request, *ids_of(request.value))
    except FlowPilotError as error:
        view = forms.failed_form(TITLE, f"{error.message} {error.hint}".strip())
    await slack.update_view(view_id, view)


async def _form(request: Request, session_id: str, fix_id: str) -> dict[str, Any]:
    session, fix = await request.services.fix_paths.fix(session_id, fix_id)
    template = await _template(request, fix)
    fields = await _fields(request, session, template, {})
    proposed = await proposed_values(request.services.ai, template, session, fields)
    if proposed:
        fields = await _fields(request, session, template, proposed)
    return forms.fill_form(session_id, fix_id, session.state_version, template, fields, risk_of(template))


async def _template(request: Request, fix: SuggestedFix) -> Template:
    if fix.template_id is None:
        raise InvalidInputError("This fix comes without a template.", hint="Use it as a one-off.")
    library = request.services.script_templates
    return await library.named(fix.template_id) or await library.get(fix.template_id)


async def _fields(
    request: Request, session: Session, template: Template, proposed: Mapping[str, str]
) -> tuple[Prefilled, ...]:
    account = await request.services.accounts.get_setting(SCRIPT_VALUES_SETTING) or {}
    return prefill(template.parameters, session, account, proposed)


def _values(request: Request, template: Template) -> dict[str, str]:
    held = {each.name: request.input(f"{forms.VALUE}{each.name}") for each in template.parameters}
    return {name: str(value) for name, value in held.items() if value not in (None, "")}


async def _open_fix(request: Request) -> tuple[Session, SuggestedFix, Template, int]:
    metadata = request.private_metadata
    session, fix = await request.services.fix_paths.fix(str(metadata.get("session")), str(metadata.get("fix")))
    return session, fix, await _template(request, fix), int(metadata.get("seen") or 0)


async def check_fill(request: Request) -> dict[str, Any] | None:
    """Say at each field why its value does not do; a literal secret is one of the reasons."""
    session, fix, template, seen = await _open_fix(request)
    try:
        await request.services.fix_paths.to_fill_in(session.id, fix.id, seen)
        await request.services.script_templates.generate(template.id, _values(request, template))
    except InvalidValuesError as wrong:
        return errors(**{f"{forms.VALUE}{name}": _words(error) for name, error in wrong.problems.items()})
    except FlowPilotError as error:
        if not template.parameters:
            raise
        return errors(**{f"{forms.VALUE}{template.parameters[0].name}": _words(error)})
    return None


def _words(error: FlowPilotError) -> str:
    return f"{error.message} {error.hint}".strip()


async def fill(request: Request) -> Reply | None:
    """Write the script from the template and take the fix with it."""
    await may_work(request, "make a script")
    session, fix, template, seen = await _open_fix(request)
    values = _values(request, template)
    typed = f"typed by {request.member.display_name}"
    proposed = {str(name): str(value) for name, value in (request.private_metadata.get("proposed") or {}).items()}
    sources = sources_of(await _fields(request, session, template, proposed), values, typed=typed)
    taken = await request.services.fix_paths.fill(
        session.id, fix.id, request.member, template.id, values, sources, seen
    )
    return await say_taken(request, taken, f"Made from the template “{escape(template.name)}”")
