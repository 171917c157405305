"""Alerts and digests, with what one can say about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from blocks.text import truncate_markup
from services.alerts.types import DigestEntry, Severity

FEEDBACK_BLOCK = "alert_feedback"
USEFUL = "alert_useful"
NOT_USEFUL = "alert_not_useful"

MAX_SECTION_CHARACTERS = 3000
MAX_DIGEST_TEXT_CHARACTERS = 3000

_ICONS = {
    Severity.CRITICAL: ":red_circle:",
    Severity.WARNING: ":large_orange_circle:",
    Severity.NOTICE: ":large_yellow_circle:",
    Severity.INFO: ":white_circle:",
}
_RANKS = {severity: rank for rank, severity in enumerate(_ICONS)}

Block = dict[str, Any]


def alert_blocks(delivery_id: int, text: str, blocks: Sequence[Block]) -> list[Block]:
    """Return the alert's own blocks (its text without any), with the feedback buttons below."""
    return [*(blocks or [_section(text)]), feedback_buttons(delivery_id)]


def feedback_buttons(delivery_id: int) -> Block:
    """Return the [Useful] and [Not useful] buttons of an alert."""
    return {
        "type": "actions",
        "block_id": f"{FEEDBACK_BLOCK}:{delivery_id}",
        "elements": [
            _button(USEFUL, "Useful", delivery_id, "Say that this alert was useful"),
            _button(NOT_USEFUL, "Not useful", delivery_id, "Say that this alert was not useful"),
        ],
    }


def feedback_given(blocks: Sequence[Block], useful: bool) -> list[Block]:
    """Return a message's blocks with the feedback buttons replaced by what was said."""
    line: Block = {"type": "context", "elements": [{"type": "mrkdwn", "text": feedback_said(useful)}]}
    return [line if str(block.get("block_id", "")).startswith(FEEDBACK_BLOCK) else block for block in blocks]


def feedback_said(useful: bool) -> str:
    """Return what was said, for who said it."""
    return "You found this useful. Thank you." if useful else "You did not find this useful. Thank you for saying so."


def digest_text(entries: Sequence[DigestEntry]) -> str:
    """Return all of a digest as text; the list is cut only where Slack's limit is, which the blocks do not share."""
    lines = "\n".join(f"• {entry.text}" for entry in _by_severity(entries))
    return truncate_markup(f"{_title(len(entries))}:\n{lines}", MAX_DIGEST_TEXT_CHARACTERS)


def digest_blocks(entries: Sequence[DigestEntry]) -> list[Block]:
    """Return a digest: the gravest first, a section each."""
    title: Block = {"type": "header", "text": {"type": "plain_text", "text": _title(len(entries))}}
    return [title, *(_section(f"{_ICONS[entry.severity]} {entry.text}") for entry in _by_severity(entries))]


def _by_severity(entries: Sequence[DigestEntry]) -> list[DigestEntry]:
    return sorted(entries, key=lambda entry: (_RANKS[entry.severity], entry.delivery_id))


def _title(count: int) -> str:
    return "1 thing that could wait" if count == 1 else f"{count} things that could wait"


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": truncate_markup(text, MAX_SECTION_CHARACTERS)}}


def _button(action_id: str, label: str, delivery_id: int, description: str) -> Block:
    return {
        "type": "button",
        "action_id": action_id,
        "text": {"type": "plain_text", "text": label},
        "value": str(delivery_id),
        "accessibility_label": description,
    }
