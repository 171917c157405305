"""Receipts: what was changed, where, by whom, when, and how to take it back (TRUST-1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from blocks.elements import actions_block, button, context_block, section_block
from blocks.text import date_token, escape, link
from services.effects.audit import AuditLine
from services.effects.types import UNDO_WINDOW, EffectStatus, Receipt

UNDO_ACTION = "receipt.undo"
SYSTEMS = {
    "jira": "Jira",
    "connectwise": "ConnectWise",
    "tempo": "Tempo",
    "forecasts": "FlowPilot",
    "google_sheets": "Google Sheets",
    "mail": "e-mail",
}

Block = dict[str, Any]


def receipt_text(receipt: Receipt) -> str:
    """Return the receipt for notifications and screen readers; what comes from outside stays escaped."""
    return f"{receipt.summary.replace('*', '')} ({escape(receipt.url)})"


def receipt_blocks(receipt: Receipt) -> list[Block]:
    """Return a receipt; with [Undo] while there is a way back."""
    icon = ":white_check_mark:" if receipt.status is EffectStatus.DONE else ":information_source:"
    told = [f"by {escape(receipt.actor.name)}", date_token(receipt.at)]
    if receipt.repeated:
        told.append("this was done before; it was not done again")
    if receipt.undo_until is not None:
        told.append(f"Undo until {date_token(receipt.undo_until, 'time')}")
    blocks = [section_block(f"{icon} {receipt.summary}  {_where(receipt)}"), context_block(" · ".join(told))]
    if receipt.undo_until is not None:
        blocks.append(_undo_button(receipt))
    return blocks


def undone_blocks(receipt: Receipt, undone: Receipt) -> list[Block]:
    """Return a receipt that was taken back by `undone`: its button is gone."""
    again = " · it was taken back before; nothing was done now" if undone.repeated else ""
    return [
        section_block(f":leftwards_arrow_with_hook: Taken back: {receipt.summary}  {_where(receipt)}"),
        section_block(f"{undone.summary}"),
        context_block(f"by {escape(undone.actor.name)} · {date_token(undone.at)}{again}"),
    ]


def kept_blocks(receipt: Receipt, why: str) -> list[Block]:
    """Return a receipt that cannot be taken back (any more), with the reason in the button's place."""
    return [
        section_block(f":white_check_mark: {receipt.summary}  {_where(receipt)}"),
        context_block(f"by {escape(receipt.actor.name)} · {date_token(receipt.at)}"),
        section_block(f":warning: {why}"),
    ]


def change_undo_blocks(action_id: str, lines: Sequence[AuditLine]) -> list[Block]:
    """Return [Undo] of a change in FlowPilot itself, and until when; nothing where no line was written."""
    if not lines:
        return []
    until = min(line.at for line in lines) + UNDO_WINDOW
    what = f"Undo this change of {lines[0].target}"
    opens = button(action_id, "Undo", ",".join(str(line.sequence) for line in lines), description=what)
    return [context_block(f"Undo until {date_token(until, 'time')}"), actions_block(opens)]


def _where(receipt: Receipt) -> str:
    system = SYSTEMS.get(receipt.operation.partition(".")[0], "its system")
    created = receipt.after.get("key") if isinstance(receipt.after, dict) else None
    return link(receipt.url, f"{created or receipt.target} in {system}")


def _undo_button(receipt: Receipt) -> Block:
    opens = button(
        f"{UNDO_ACTION}:{receipt.effect_id}",
        "Undo",
        str(receipt.effect_id),
        description=f"Undo this change of {receipt.target}",
    )
    return {"type": "actions", "block_id": f"receipt:{receipt.effect_id}", "elements": [opens]}
