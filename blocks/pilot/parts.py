"""Ids of what people click in sessions, and the pieces that its messages are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from blocks.text import truncate, truncate_markup

ITEM, FACT = "pilot.item", "pilot.fact"
"""Menus of a lane item and of a fact, and an item's buttons: ids follow the colon, the value says what to do."""
ANSWER, DONE, NOTE, FACTS = "pilot.answer", "pilot.done", "pilot.note", "pilot.facts"
RESOLVE, ESCALATE, REOPEN, AGAIN = "pilot.resolve", "pilot.escalate", "pilot.reopen", "pilot.try_again"
ONE_OFF, DRAFT, BUILD, DISMISS = "pilot.fix_one_off", "pilot.fix_draft", "pilot.fix_build", "pilot.fix_dismiss"
SCRIPT, FILL = "pilot.fix_script", "pilot.fix_fill"
ACCEPT, SKIP, STOP_ASKING = "pilot.draft_accept", "pilot.draft_skip", "pilot.draft_stop"
REVIEW, ASK_AGAIN = "pilot.draft_review", "pilot.draft_ask_again"
TEMPLATE, EDIT_TEMPLATE = "pilot.template", "pilot.template_edit"
RETIRE, RESTORE = "pilot.template_retire", "pilot.template_restore"
RESUME, OPEN_DM, FACTS_PAGE = "pilot.resume", "pilot.open_in_dm", "pilot.facts_page"

SECTION_CHARACTERS = 3000
LABEL_CHARACTERS = 75
CENT = 10_000
"""In microdollars."""

Block = dict[str, Any]


def plain(text: str, limit: int = LABEL_CHARACTERS) -> Block:
    """Return a plain-text object."""
    return {"type": "plain_text", "text": truncate(text, limit)}


def section(text: str, accessory: Block | None = None) -> Block:
    """Return a section of mrkdwn."""
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": truncate_markup(text, SECTION_CHARACTERS)}}
    return block | {"accessory": accessory} if accessory else block


def context(text: str) -> Block:
    """Return a line of small print."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def cost_words(microdollars: int) -> str:
    """Return what models have cost in dollars, "" where they cost nothing."""
    if microdollars <= 0:
        return ""
    return f"${microdollars / 1_000_000:.2f}" if microdollars >= CENT else "under $0.01"


def cost_part(microdollars: int) -> str:
    """Return that as the last part of a line of small print."""
    return f" · {words}" if (words := cost_words(microdollars)) else ""


def button(action_id: str, label: str, value: str, style: str = "") -> Block:
    """Return a button; its value carries ids."""
    made: Block = {"type": "button", "action_id": action_id, "text": plain(label), "value": value}
    return made | {"style": style} if style else made


def actions(block_id: str, elements: Sequence[Block]) -> Block:
    """Return a row of buttons."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def overflow(action_id: str, choices: Sequence[tuple[str, str]]) -> Block:
    """Return a menu of (label, value), five at most."""
    return {
        "type": "overflow",
        "action_id": action_id,
        "options": [{"text": plain(label), "value": value} for label, value in choices[:5]],
    }


def option(label: str, value: str) -> Block:
    """Return an option of a select or of radio buttons."""
    return {"text": plain(label), "value": value}


def text_input(
    block_id: str, label: str, *, value: str = "", hint: str = "", is_optional: bool = False, multiline: bool = True
) -> Block:
    """Return an input for text of up to 3,000 characters."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": "text",
        "multiline": multiline,
        "max_length": SECTION_CHARACTERS,
    }
    if value:
        element["initial_value"] = value[:SECTION_CHARACTERS]
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, 2000),
        "element": element,
        "optional": is_optional,
    }
    return made | {"hint": plain(hint, 2000)} if hint else made
