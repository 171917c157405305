"""Receipts: what was changed, where, by whom, when, and how to take it back (TRUST-1)."""

from __future__ import annotations

from typing import Any

from blocks.text import date_token, escape, link, truncate_markup
from services.effects.types import EffectStatus, Receipt

UNDO_ACTION = "receipt.undo"
MAX_SECTION_CHARACTERS = 3000
SYSTEMS = {
    "jira": "Jira",
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
    blocks = [_section(f"{icon} {receipt.summary}  {_where(receipt)}"), _context(" · ".join(told))]
    if receipt.undo_until is not None:
        blocks.append(_undo_button(receipt))
    return blocks


def undone_blocks(receipt: Receipt, undone: Receipt) -> list[Block]:
    """Return a receipt that was taken back by `undone`: its button is gone."""
    again = " · it was taken back before; nothing was done now" if undone.repeated else ""
    return [
        _section(f":leftwards_arrow_with_hook: Taken back: {receipt.summary}  {_where(receipt)}"),
        _section(f"{undone.summary}"),
        _context(f"by {escape(undone.actor.name)} · {date_token(undone.at)}{again}"),
    ]


def kept_blocks(receipt: Receipt, why: str) -> list[Block]:
    """Return a receipt that cannot be taken back (any more), with the reason in the button's place."""
    return [
        _section(f":white_check_mark: {receipt.summary}  {_where(receipt)}"),
        _context(f"by {escape(receipt.actor.name)} · {date_token(receipt.at)}"),
        _section(f":warning: {why}"),
    ]


def _where(receipt: Receipt) -> str:
    system = SYSTEMS.get(receipt.operation.partition(".")[0], "its system")
    created = receipt.after.get("key") if isinstance(receipt.after, dict) else None
    return link(receipt.url, f"{created or receipt.target} in {system}")


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": truncate_markup(text, MAX_SECTION_CHARACTERS)}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def _undo_button(receipt: Receipt) -> Block:
    button = {
        "type": "button",
        "action_id": f"{UNDO_ACTION}:{receipt.effect_id}",
        "text": {"type": "plain_text", "text": "Undo"},
        "value": str(receipt.effect_id),
        "accessibility_label": f"Undo this change of {receipt.target}"[:75],
    }
    return {"type": "actions", "block_id": f"receipt:{receipt.effect_id}", "elements": [button]}
