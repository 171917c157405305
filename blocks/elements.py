"""The blocks that most messages are made of."""

from __future__ import annotations

from typing import Any

Block = dict[str, Any]


def header_block(text: str) -> Block:
    """Return a heading; plain text, so nothing in it is markup."""
    return {"type": "header", "text": plain_text(text)}


def section_block(text: str) -> Block:
    """Return a paragraph of mrkdwn, escaped already."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def context_block(text: str) -> Block:
    """Return a line of small mrkdwn, escaped already."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def plain_text(text: str) -> Block:
    """Return text for labels and titles, which Slack shows as it is."""
    return {"type": "plain_text", "text": text}
