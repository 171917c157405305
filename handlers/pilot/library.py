"""The library of script templates: find, look at, edit, retire and restore them."""

from __future__ import annotations

from typing import Any

from blocks.pilot import library as shown
from blocks.pilot import template_forms as forms
from blocks.pilot.parts import EDIT_TEMPLATE, RESTORE, RETIRE, TEMPLATE, section
from blocks.text import escape, link, mention, truncate, unescape
from handlers.pilot.opening import may_work, thread_url
from handlers.pilot.template_input import problems_with, typed_draft
from handlers.request import Request
from handlers.router import Router
from services.commands.types import Reply
from services.errors import InvalidInputError, NotFoundError
from services.pilot.scripts.library import risk_of
from services.pilot.scripts.types import Template, TemplateDraft

MOST_FOUND = 50


def register(router: Router) -> None:
    """Handle the library's buttons and the form of a template."""
    router.action(TEMPLATE)(open_template)
    router.action(EDIT_TEMPLATE)(open_edit)
    router.action(RETIRE)(retire)
    router.action(RESTORE)(restore)
    router.view(forms.EDIT_VIEW, validate=check_edit)(save_edit)


async def listing(request: Request, words: str = "", *, first: str = "") -> Reply:
    """Return the library, or what of it fits some words; retired templates are found by their name.

    With `first` (mrkdwn), what was just done with a draft, it takes the place of the list that was clicked in.
    """
    await may_work(request, "see script templates")
    services, text = request.services, unescape(words).strip()
    found = await (_search(request, text) if text else services.script_templates.templates())
    said, blocks = shown.templates_said(found, await services.template_drafts.pending(), text)
    if first:
        return Reply(f"{first} {said}", (section(first), *blocks), replace=True)
    return Reply(said, tuple(blocks))


async def _search(request: Request, text: str) -> list[Template]:
    library = request.services.script_templates
    named = [
        each
        for each in await library.templates(include_retired=True)
        if text.casefold() in f"{each.name}\n{each.description}".casefold()
    ]
    known = {each.id for each in named}
    fitting = [match.template for match in await library.search(text, limit=MOST_FOUND)]
    return [*named, *(each for each in fitting if each.id not in known)]


async def open_template(request: Request) -> None:
    """Show one template."""
    await may_work(request, "see script templates")
    view = await _view(request, await request.services.script_templates.get(request.value))
    await request.services.slack.open_view(request.trigger_id, view)


async def _view(request: Request, template: Template) -> dict[str, Any]:
    usage = await request.services.script_templates.usage(template.id)
    return shown.template_view(template, usage, await _origin(request, template), risk_of(template))


async def _origin(request: Request, template: Template) -> shown.Origin:
    source, services = template.source, request.services
    member = await services.accounts.member_by_id(source.member_id) if source.member_id else None
    by = mention(member.slack_user_id, member.display_name) if member else ""
    if source.session_id is None:
        return shown.Origin(by)
    try:
        session = await services.pilot.get(source.session_id)
    except NotFoundError:
        return shown.Origin(by)
    url = await thread_url(request, session.channel_id, session.thread_ts)
    ticket = str((session.ticket.details.get("label") if session.ticket else "") or source.ticket_ref or "")
    return shown.Origin(by, link(url, truncate(session.title, 100)), ticket)


async def retire(request: Request) -> None:
    """Take a template out of what people are offered; the same view puts it back."""
    await may_work(request, "retire a script template")
    template = await request.services.script_templates.retire(request.value, request.member)
    await _show_again(request, template)


async def restore(request: Request) -> None:
    """Put a retired template back."""
    await may_work(request, "restore a script template")
    template = await request.services.script_templates.restore(request.value, request.member)
    await _show_again(request, template)


async def _show_again(request: Request, template: Template) -> None:
    await request.services.slack.update_view(str(request.view["id"]), await _view(request, template))


async def open_edit(request: Request) -> None:
    """Show a template to be edited, above the view of it."""
    await may_work(request, "change a script template")
    template = await _own(request, request.value)
    draft = TemplateDraft(
        template.name, template.language, template.body, template.parameters, template.description, template.symptoms
    )
    view = forms.template_form(forms.EDIT_VIEW, "Edit template", {"template": template.id}, draft, risk_of(template))
    await request.services.slack.push_view(request.trigger_id, view)


async def _own(request: Request, template_id: str) -> Template:
    template = await request.services.script_templates.get(template_id)
    if template.is_builtin:
        raise InvalidInputError(f"“{escape(template.name)}” comes with FlowPilot and stays as it is.")
    return template


async def _typed(request: Request) -> TemplateDraft:
    template = await _own(request, str(request.private_metadata.get("template")))
    return typed_draft(request, template.language, template.body)


async def check_edit(request: Request) -> dict[str, Any] | None:
    """Say at the field what is wrong."""
    return await problems_with(request, lambda: _typed(request), str(request.private_metadata.get("template")))


async def save_edit(request: Request) -> None:
    """Save the template and show it as it is now."""
    await may_work(request, "change a script template")
    template_id = str(request.private_metadata.get("template"))
    template = await request.services.script_templates.update(template_id, await _typed(request), request.member)
    below = request.view.get("previous_view_id") or request.view.get("root_view_id")
    if below:
        await request.services.slack.update_view(str(below), await _view(request, template))
