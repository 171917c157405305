"""The form for a new ticket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blocks import ticket_form as form
from blocks.text import escape
from handlers.permissions import require
from handlers.receipts import receipt_reply
from handlers.request import Request
from handlers.router import Router, errors
from handlers.tickets.replies import answer_where_it_was_opened, origin, wish
from services.accounts.types import Role
from services.commands.types import Reply
from services.errors import FlowPilotError, InvalidInputError, VendorError
from services.tickets import NewTicket, NewTicketError


def register(router: Router) -> None:
    """Handle the form, and what is typed into its selects."""
    router.options(form.PROJECT_SEARCH)(projects)
    router.options(form.TYPE_SEARCH)(types)
    router.options(form.EPIC_SEARCH)(epics)
    router.view(form.NEW_VIEW, validate=check_form)(create)


async def open_form(request: Request, project: str) -> Reply:
    """Open the form; a message carries nothing that opens one, and says what to type instead."""
    if not request.trigger_id:
        raise InvalidInputError(
            "What is to be done? A form opens only from the slash command; nothing was created.",
            hint="Say it here in one line, such as `create ABC The login page is slow`, or type `/ticket create`.",
        )
    await request.services.slack.open_view(request.trigger_id, form.new_ticket_modal(project, origin(request)))
    return Reply("The form for a new ticket is open.")


async def projects(request: Request) -> Mapping[str, Any]:
    """Offer the projects."""
    known = await request.services.jira.projects()
    return form.options(((project.key, f"{project.key} {project.name}") for project in known), request.value)


async def types(request: Request) -> Mapping[str, Any]:
    """Offer the types of the project that is chosen."""
    known = await request.services.tickets.creation.types(_project(request))
    return form.options(((kind.name, kind.name) for kind in known), request.value)


async def epics(request: Request) -> Mapping[str, Any]:
    """Offer the open epics of the project that is chosen, the newest first."""
    project = _project(request)
    known = await request.services.mirror.epics([project] if project else None)
    choices = ((epic.key, f"{epic.key} {epic.summary}") for epic in reversed(known) if not epic.is_done)
    return form.options(choices, request.value)


async def check_form(request: Request) -> Mapping[str, Any] | None:
    """Say in the form what Jira would refuse, so that nothing that was written is lost."""
    try:
        await request.services.tickets.creation.check(request.member, _wanted(request))
    except NewTicketError as error:
        return errors(**{error.field: str(error).replace("*", "")})
    return None


async def create(request: Request) -> Reply | None:
    """Create what the form holds; the receipt goes where it was opened, and a failure shows what was written."""
    wanted = _wanted(request)
    await require(request, Role.ENGINEER, "create a ticket", action="ticket_create", target=wanted.project)
    try:
        receipt = await request.services.tickets.creation.create(request.member, wanted, wish(request))
    except FlowPilotError as error:
        if isinstance(error, VendorError) and error.outcome_unknown:
            raise
        return await answer_where_it_was_opened(request, _kept(wanted, error))
    return await answer_where_it_was_opened(request, receipt_reply(receipt))


def _kept(wanted: NewTicket, error: FlowPilotError) -> Reply:
    """Show what was written: the form is closed, and a failure must not cost the words."""
    said = f":warning: {error.message} {error.hint}".strip()
    written = "\n".join(part for part in (wanted.summary, wanted.description) if part)
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": f"{said}\nThis is what you wrote:"}},
        {"type": "section", "text": {"type": "plain_text", "text": written[:3000]}},
    ]
    return Reply(f"{said}\n{escape(written)}", tuple(blocks))


def _project(request: Request) -> str:
    return str(request.input(form.PROJECT) or request.private_metadata.get("project") or "")


def _wanted(request: Request) -> NewTicket:
    return NewTicket(
        project=str(request.input(form.PROJECT) or ""),
        summary=str(request.input(form.SUMMARY) or ""),
        issue_type=str(request.input(form.TYPE) or ""),
        description=str(request.input(form.DESCRIPTION) or ""),
        epic=str(request.input(form.EPIC) or ""),
    )
