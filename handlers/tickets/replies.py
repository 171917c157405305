"""What the ticket commands and their buttons answer."""

from __future__ import annotations

from blocks.tickets import MOVE_TO_ACTION, PRIORITY_ACTION, card_blocks, card_text, choice_blocks, draft_blocks
from handlers.receipts import receipt_reply
from handlers.request import Request
from services.commands.types import Reply
from services.tickets import ChoiceError, Draft, TicketCard


def wish(request: Request) -> str:
    """Return the idempotency key of what was asked for: a delivery that Slack repeats is the same wish."""
    return f"slack:{request.delivery.delivery_id or request.correlation_id}"


async def move_reply(request: Request, key: str | None, status: tuple[str, ...], *, replace: bool = False) -> Reply:
    """Move, and answer with the receipt, or with the moves that are possible."""
    try:
        receipt = await request.services.tickets.move(request.member, key, status, wish(request))
    except ChoiceError as error:
        return _choices(error, MOVE_TO_ACTION, replace=replace)
    return receipt_reply(receipt, replace=replace)


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
