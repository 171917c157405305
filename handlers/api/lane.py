"""The task lane and the ticket: put items aside, take them up again, link and unlink."""

from __future__ import annotations

from typing import Any

from handlers.api import models
from handlers.api.routing import Answer, Call, Precondition, Routes
from handlers.api.showing import SESSION, session_answer
from services.accounts.types import Role, require_role

ROUTES = Routes("Task lane and ticket")
ITEM = f"{SESSION}/task-lane/{{item_id}}"
TICKET = f"{SESSION}/ticket"
CHANGING: dict[str, Any] = {"takes": models.Nothing, "precondition": Precondition.OPTIONAL}


@ROUTES.route("POST", f"{ITEM}/dismiss", "Put an open item aside", models.Session, **CHANGING)
async def dismiss_item(call: Call) -> Answer:
    """Dismiss a question, check or action that nobody answered."""
    pilot, item_id = call.services.pilot, call.ids["item_id"]
    return session_answer(await pilot.dismiss_item(call.session_id, item_id, call.member, seen=call.seen))


@ROUTES.route("POST", f"{ITEM}/reopen", "Take an item up again", models.Session, **CHANGING)
async def reopen_item(call: Call) -> Answer:
    """Open an item again; the fact that came of its answer is taken back."""
    pilot, item_id = call.services.pilot, call.ids["item_id"]
    return session_answer(await pilot.reopen_item(call.session_id, item_id, call.member, seen=call.seen))


@ROUTES.route(
    "PUT",
    TICKET,
    "Link the session to a ticket",
    models.Session,
    takes=models.TicketLink,
    precondition=Precondition.OPTIONAL,
)
async def link_ticket(call: Call) -> Answer:
    """Link a ticket, which is read where it lives; the same one again is read anew."""
    require_role(call.member, Role.ENGINEER, "work on sessions")
    services = call.services
    # an unknown session is said before an unknown ticket
    await services.pilot.version(call.session_id)
    ticket = (await services.psa.linked(call.asked(models.TicketLink).ticket)).ref
    return session_answer(await services.pilot.link_ticket(call.session_id, ticket, call.member, seen=call.seen))


@ROUTES.route("DELETE", TICKET, "Take the ticket off the session", models.Session, precondition=Precondition.OPTIONAL)
async def unlink_ticket(call: Call) -> Answer:
    """Unlink the ticket; nothing changes in it."""
    return session_answer(await call.services.pilot.unlink_ticket(call.session_id, call.member, seen=call.seen))
