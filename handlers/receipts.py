"""Receipts of changes, and their Undo button."""

from __future__ import annotations

from blocks.receipts import UNDO_ACTION, kept_blocks, receipt_blocks, receipt_text, undone_blocks
from blocks.text import escape
from handlers.permissions import actor_of, record_refusal
from handlers.request import Request
from handlers.router import Router
from services.accounts.types import Role
from services.commands.types import Reply
from services.effects import Receipt
from services.errors import ConflictError, InvalidInputError, NotAllowedError


def register(router: Router) -> None:
    """Handle [Undo]."""
    router.action(UNDO_ACTION)(undo)


def receipt_reply(receipt: Receipt, *, replace: bool = False) -> Reply:
    """Return a receipt for the person who asked; `replace` puts it in the place of the message that was clicked."""
    return Reply(receipt_text(receipt), tuple(receipt_blocks(receipt)), replace=replace)


async def undo(request: Request) -> Reply:
    """Take a change back; only who made it may, or a lead. What became of it takes the button's place."""
    if not request.suffix.isdigit():
        raise InvalidInputError("That button is from an older version.", hint="Use a command instead.")
    receipt = await request.services.effects.receipt(int(request.suffix))
    await _check_right(request, receipt)
    try:
        undone = await request.services.effects.undo(receipt.effect_id, actor_of(request))
    except ConflictError as error:
        why = f"{error.message} {error.hint}".strip()
        return Reply(why, tuple(kept_blocks(receipt, why)), replace=True)
    return Reply(f"Taken back: {receipt_text(receipt)}", tuple(undone_blocks(receipt, undone)), replace=True)


async def _check_right(request: Request, receipt: Receipt) -> None:
    member = request.member
    if receipt.actor.member_id == member.id and member.role.includes(Role.ENGINEER):
        return
    if member.role.includes(Role.LEAD):
        return
    error = NotAllowedError(
        f"Only {escape(receipt.actor.name)} or somebody with the role *{Role.LEAD}* can take that back; "
        f"yours is *{member.role}*. Nothing was changed.",
        hint="Ask one of them, or an admin to change your role: `/flowpilot settings`.",
    )
    await record_refusal(request, error, action=f"undo {receipt.operation}", target=receipt.target)
    raise error
