"""Tickets: the card, choices, drafts, and the modal for a comment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from blocks.elements import LABEL_CHARACTERS, button, context_block, label_text, section_block
from blocks.text import escape, link, markdown, truncate
from services.ai.names import name_for_people
from services.tickets.types import Draft, PhaseEntry, TicketCard

MOVE_ACTION = "ticket.move"
MOVE_TO_ACTION = "ticket.move_to"
PRIORITY_ACTION = "ticket.set_priority"
ASSIGN_ME_ACTION = "ticket.assign_me"
COMMENT_ACTION = "ticket.comment"
EDIT_DRAFT_ACTION = "draft.edit"
DISCARD_DRAFT_ACTION = "draft.discard"
COMMENT_VIEW = "ticket.comment"
COMMENT_INPUT = "comment"

INPUT_CHARACTERS = 3000
MAX_CHOICES = 25
MAX_OPTIONS = 100

Block = dict[str, Any]


def card_text(card: TicketCard) -> str:
    """Return the card for notifications and screen readers."""
    return escape(f"{card.key}: {card.summary} ({card.status}, {card.assignee or 'unassigned'})")


def card_blocks(card: TicketCard) -> list[Block]:
    """Return a ticket with what can be done about it."""
    title = f"*{link(card.url, f'{card.key}: {truncate(card.summary, 200)}')}*"
    epic = escape(f"{card.epic_key} {truncate(card.epic_summary, 80)}".strip()) if card.epic_key else "none"
    facts = (
        ("Status", escape(card.status)),
        ("Assignee", escape(card.assignee) if card.assignee else "nobody"),
        ("Priority", escape(card.priority or "none")),
        ("Epic", epic),
    )
    fields = [{"type": "mrkdwn", "text": f"*{name}*\n{value}"} for name, value in facts]
    elements = [
        *([_move_select(card)] if card.possible else []),
        button(f"{ASSIGN_ME_ACTION}:{card.key}", "Assign to me", card.key),
        button(f"{COMMENT_ACTION}:{card.key}", "Comment…", card.key),
        button("link:jira", "Open in Jira", card.key) | {"url": card.url},
    ]
    return [
        section_block(title) | {"fields": fields},
        {"type": "actions", "block_id": f"ticket:{card.key}", "elements": elements},
    ]


def _move_select(card: TicketCard) -> Block:
    options = [
        {"text": label_text(status), "value": status[:LABEL_CHARACTERS]} for status in card.possible[:MAX_OPTIONS]
    ]
    return {
        "type": "static_select",
        "action_id": f"{MOVE_ACTION}:{card.key}",
        "placeholder": label_text("Move to…"),
        "options": options,
    }


def choice_blocks(text: str, key: str, choices: Sequence[str], action_id: str) -> list[Block]:
    """Return what was wrong, and a button for each thing that can be meant."""
    buttons = [
        button(f"{action_id}:{number}", choice, json.dumps({"key": key, "choice": choice}))
        for number, choice in enumerate(choices[:MAX_CHOICES])
    ]
    return [section_block(text), *([{"type": "actions", "elements": buttons}] if buttons else [])]


def phase_blocks(entry: PhaseEntry, phase: str) -> list[Block]:
    """Return what entering a phase led to; nothing where it asks for no sub-tasks."""
    blocks: list[Block] = []
    if made := entry.created:
        lines = [f"• {link(each.url, each.after['key'])} {escape(each.after.get('summary', ''))}" for each in made]
        head = f"*New sub-tasks of {escape(phase)}*; they stay when the move is taken back."
        blocks.append(section_block("\n".join([head, *lines])))
    elif entry.present:
        blocks.append(context_block(f"The {entry.present} sub-tasks of {escape(phase)} were created before."))
    if entry.problem:
        blocks.append(section_block(f":warning: {entry.problem}"))
    return blocks


def draft_blocks(draft: Draft, url: str) -> list[Block]:
    """Return a draft with who wrote it; it is posted only from the form behind [Edit and post…]."""
    said = (
        f"Rule-based, from the ticket's facts ({escape(draft.reason)})."
        if draft.reason
        else f"By {escape(name_for_people(draft.answered_by))}."
    )
    return [
        section_block(f"*Draft of a comment on {link(url, draft.key)}*; nothing is posted yet."),
        section_block(markdown(draft.text)),
        context_block(f"{said} Check it before you post it."),
        {
            "type": "actions",
            "block_id": f"draft:{draft.id}",
            "elements": [
                button(f"{EDIT_DRAFT_ACTION}:{draft.id}", "Edit and post…", draft.id) | {"style": "primary"},
                button(f"{DISCARD_DRAFT_ACTION}:{draft.id}", "Discard", draft.id),
            ],
        },
    ]


def comment_modal(key: str, *, text: str = "", metadata: dict[str, Any] | None = None) -> Block:
    """Return the form for a comment on a ticket; `metadata` comes back with what was written."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": "text",
        "multiline": True,
        "max_length": INPUT_CHARACTERS,
        "placeholder": label_text("Markdown is formatted in Jira"),
    }
    if text:
        element["initial_value"] = text[:INPUT_CHARACTERS]
    return {
        "type": "modal",
        "callback_id": COMMENT_VIEW,
        "title": label_text("Comment"),
        "submit": label_text("Post"),
        "close": label_text("Cancel"),
        "private_metadata": json.dumps({"key": key, **(metadata or {})}),
        "blocks": [
            {
                "type": "input",
                "block_id": COMMENT_INPUT,
                "label": label_text(f"Comment on {key}"),
                "element": element,
            }
        ],
    }
