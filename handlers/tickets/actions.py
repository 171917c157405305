"""Buttons and forms of tickets. The clicker's role is checked again: a message outlives a role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from blocks.tickets import (
    ASSIGN_ME_ACTION,
    COMMENT_ACTION,
    COMMENT_INPUT,
    COMMENT_VIEW,
    DISCARD_DRAFT_ACTION,
    EDIT_DRAFT_ACTION,
    MOVE_ACTION,
    MOVE_TO_ACTION,
    PRIORITY_ACTION,
    comment_modal,
)
from handlers.permissions import require
from handlers.receipts import receipt_reply
from handlers.request import Request
from handlers.router import Router, errors
from handlers.tickets.replies import (
    answer_where_it_was_opened,
    card_reply,
    draft_reply,
    move_reply,
    origin,
    priority_reply,
    wish,
)
from services.accounts.types import Role
from services.commands.types import Reply, TicketKey
from services.errors import FlowPilotError, InvalidInputError, VendorError
from services.tickets.words import check_comment

log = structlog.get_logger(__name__)


def register(router: Router) -> None:
    """Handle the buttons of cards, choices and drafts, and the comment form."""
    router.action(MOVE_ACTION)(move_from_card)
    router.action(ASSIGN_ME_ACTION)(assign_me)
    router.action(COMMENT_ACTION)(open_comment_form)
    router.action(MOVE_TO_ACTION)(move_to_choice)
    router.action(PRIORITY_ACTION)(set_priority_to_choice)
    router.action(EDIT_DRAFT_ACTION)(open_draft)
    router.action(DISCARD_DRAFT_ACTION)(discard_draft)
    router.view(COMMENT_VIEW, validate=check_form)(post_comment)


async def move_from_card(request: Request) -> Reply | None:
    """Move the card's ticket to the status that was chosen."""
    key = _key(request.suffix)
    await _require(request, "move a ticket", "ticket_move", key)
    return await _with_fresh_card(request, key, await move_reply(request, key, (request.value,)))


async def assign_me(request: Request) -> Reply | None:
    """Assign the card's ticket to who clicked."""
    key = _key(request.suffix)
    await _require(request, "assign a ticket", "ticket_assign", key)
    receipt = await request.services.tickets.assign(request.member, key, request.member, wish(request))
    return await _with_fresh_card(request, key, receipt_reply(receipt))


async def _with_fresh_card(request: Request, key: str, reply: Reply) -> Reply | None:
    """Show the reply beside the card, and the card as it is now."""
    await request.reply(reply)
    try:
        return card_reply(await request.services.tickets.card(request.member, key), replace=True)
    except VendorError as error:
        # the receipt says what happened; a card that is a little old is no reason to report a failure
        log.warning("card_not_refreshed", ticket=key, error=error.message)
        return None


async def open_comment_form(request: Request) -> None:
    """Open the form for a comment."""
    key = _key(request.suffix)
    await _require(request, "comment on a ticket", "ticket_comment", key)
    await request.services.slack.open_view(request.trigger_id, comment_modal(key, metadata=origin(request)))


async def move_to_choice(request: Request) -> Reply:
    """Move to one of the statuses that were offered; the offer becomes the receipt."""
    key, choice = _chosen(request)
    await _require(request, "move a ticket", "ticket_move", key)
    return await move_reply(request, key, (choice,), replace=True)


async def set_priority_to_choice(request: Request) -> Reply:
    """Set one of the priorities that were offered; the offer becomes the receipt."""
    key, choice = _chosen(request)
    await _require(request, "set a priority", "ticket_priority", key)
    return await priority_reply(request, key, (choice,), replace=True)


async def open_draft(request: Request) -> None:
    """Open a draft in the form that posts it."""
    draft = await request.services.tickets.drafts.get(request.member, request.suffix)
    await _require(request, "comment on a ticket", "ticket_comment", draft.key)
    modal = comment_modal(draft.key, text=draft.text, metadata={"draft": draft.id, **origin(request)})
    await request.services.slack.open_view(request.trigger_id, modal)


async def discard_draft(request: Request) -> Reply:
    """Forget a draft; the message says so in the buttons' place."""
    await request.services.tickets.drafts.discard(request.member, request.suffix)
    return Reply("The draft is discarded; nothing was posted.", replace=True)


async def check_form(request: Request) -> Mapping[str, Any] | None:
    """Say in the form what Jira would refuse, so that nothing that was written is lost."""
    try:
        check_comment(_key_of_form(request), request.input(COMMENT_INPUT) or "", request.member.display_name)
    except InvalidInputError as error:
        return errors(**{COMMENT_INPUT: str(error).replace("*", "")})
    return None


async def post_comment(request: Request) -> Reply | None:
    """Post what the form holds; the receipt takes the draft's place, or goes where the form was opened."""
    key, tickets = _key_of_form(request), request.services.tickets
    draft_id, text = str(request.private_metadata.get("draft") or ""), request.input(COMMENT_INPUT) or ""
    await _require(request, "comment on a ticket", "ticket_comment", key)
    # a draft is posted once, in however many windows its form is open
    idempotency_key = f"draft:{draft_id}" if draft_id else wish(request)
    try:
        receipt = await tickets.post_comment(request.member, key, text, idempotency_key)
    except FlowPilotError as error:
        if isinstance(error, VendorError) and error.outcome_unknown:
            raise
        return await answer_where_it_was_opened(request, await _kept(request, key, text, error))
    if draft_id:
        await tickets.drafts.discard(request.member, draft_id)
    return await answer_where_it_was_opened(request, receipt_reply(receipt))


async def _kept(request: Request, key: str, text: str, error: FlowPilotError) -> Reply:
    """Keep what was written as a draft: the form is closed, and a failure must not cost the words."""
    member = request.member
    draft = await request.services.tickets.drafts.keep(member, key, text, answered_by=member.display_name)
    said = f":warning: {error.message} {error.hint}".strip() + "\nWhat you wrote is kept as a draft."
    reply = draft_reply(request, draft)
    return Reply(said, ({"type": "section", "text": {"type": "mrkdwn", "text": said}}, *reply.blocks))


async def _require(request: Request, what: str, action: str, key: str) -> None:
    await require(request, Role.ENGINEER, what, action=action, target=key)


def _key(text: str) -> str:
    key = TicketKey.read(text)
    if key is None:
        raise InvalidInputError("That button is from an older version.", hint="Run the command again.")
    return key


def _key_of_form(request: Request) -> str:
    return _key(str(request.private_metadata.get("key") or ""))


def _chosen(request: Request) -> tuple[str, str]:
    value = request.value_object()
    return _key(str(value.get("key") or "")), str(value.get("choice") or "")
