"""What the ticket commands and their buttons answer."""

from __future__ import annotations

from typing import Any

from blocks.tickets import (
    MOVE_TO_ACTION,
    PRIORITY_ACTION,
    card_blocks,
    card_text,
    choice_blocks,
    draft_blocks,
    phase_blocks,
)
from handlers.receipts import receipt_reply
from handlers.request import Request
from services.commands.types import Reply
from services.errors import VendorError
from services.tickets import ChoiceError, Draft, TicketCard


def wish(request: Request) -> str:
    """Return the idempotency key of what was asked for: a delivery that Slack repeats is the same wish."""
    return f"slack:{request.delivery.delivery_id or request.correlation_id}"


async def move_reply(request: Request, key: str | None, status: tuple[str, ...], *, replace: bool = False) -> Reply:
    """Move, create the sub-tasks of the phase, and answer with the receipts, or with the moves that are possible."""
    tickets = request.services.tickets
    try:
        receipt = await tickets.move(request.member, key, status, wish(request))
    except ChoiceError as error:
        return _choices(error, MOVE_TO_ACTION, replace=replace)
    entry, reply = await tickets.phases.enter(request.member, receipt), receipt_reply(receipt, replace=replace)
    more = phase_blocks(entry, str(receipt.after["status"]))
    return Reply(reply.text, (*reply.blocks, *more), replace=replace)


async def priority_reply(request: Request, key: str | None, level: tuple[str, ...], *, replace: bool = False) -> Reply:
    """Set the priority, and answer with the receipt, or with the priorities that there are."""
    try:
        receipt = await request.services.tickets.set_priority(request.member, key, level, wish(request))
    except ChoiceError as error:
        return _choices(error, PRIORITY_ACTION, replace=replace)
    return receipt_reply(receipt, replace=replace)


def _choices(error: ChoiceError, action_id: str, *, replace: bool) -> Reply:
    text = f":warning: {error.message}" + (f"\n{error.hint}" if error.hint else "")
    return Reply(text, tuple(choice_blocks(text, error.key, error.choices, action_id)), replace=replace)


def card_reply(card: TicketCard, *, replace: bool = False) -> Reply:
    """Return a ticket's card."""
    return Reply(card_text(card), tuple(card_blocks(card)), replace=replace)


def draft_reply(request: Request, draft: Draft) -> Reply:
    """Return a draft with its buttons."""
    blocks = draft_blocks(draft, request.services.tickets.url(draft.key))
    return Reply(f"Draft of a comment on {draft.key}; nothing is posted yet.", tuple(blocks))


def origin(request: Request) -> dict[str, Any]:
    """Return what a form carries so that its answer goes where it was opened."""
    return {"response_url": request.delivery.response_url}


async def answer_where_it_was_opened(request: Request, reply: Reply) -> Reply | None:
    """Answer the message that the form was opened from (a draft is replaced); when it is too old, by a message."""
    metadata = request.private_metadata
    try:
        await request.services.slack.respond(
            str(metadata.get("response_url") or ""),
            reply.text,
            reply.blocks,
            replace_original=bool(metadata.get("draft")),
        )
    except VendorError:
        return reply
    return None
