"""The blocks that most messages are made of, cut to Slack's limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from blocks.text import truncate, truncate_markup

SECTION_CHARACTERS, CONTEXT_CHARACTERS, LABEL_CHARACTERS = 3000, 2000, 75

Block = dict[str, Any]


def header_block(text: str) -> Block:
    """Return a heading; plain text, so nothing in it is markup."""
    return {"type": "header", "text": plain_text(text)}


def section_block(text: str) -> Block:
    """Return a paragraph of mrkdwn, escaped already."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": truncate_markup(text, SECTION_CHARACTERS)}}


def context_block(text: str) -> Block:
    """Return a line of small mrkdwn, escaped already."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": truncate_markup(text, CONTEXT_CHARACTERS)}]}


def plain_text(text: str) -> Block:
    """Return text for labels and titles, which Slack shows as it is."""
    return {"type": "plain_text", "text": text}


def label_text(text: str) -> Block:
    """Return text for a button or an option, cut to what these may hold."""
    return plain_text(truncate(text, LABEL_CHARACTERS))


def button(action_id: str, label: str, value: str | None = None, *, style: str = "", description: str = "") -> Block:
    """Return a button; `description` is what a screen reader says where the label alone does not tell."""
    found: Block = {"type": "button", "action_id": action_id, "text": label_text(label)}
    found |= {} if value is None else {"value": value}
    found |= {"style": style} if style else {}
    return found | ({"accessibility_label": truncate(description, LABEL_CHARACTERS)} if description else {})


def actions_block(*elements: Block) -> Block:
    """Return a row of buttons."""
    return {"type": "actions", "elements": list(elements)}


def reading_view(callback_id: str, title: str, blocks: Sequence[Block]) -> Block:
    """Return a modal that is only read, such as the numbers behind a message."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain_text(title),
        "close": plain_text("Close"),
        "blocks": list(blocks),
    }
