"""The forms of sessions: start, answer, note, edit, all facts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from blocks.pilot.lane import whole_fact
from blocks.pilot.note import pieces_of
from blocks.pilot.parts import FACTS_PAGE, Block, actions, button, context, option, plain, section, text_input
from blocks.text import bold, escape, truncate
from services.pilot.types import Fact, LaneItem, LaneKind, Session, SessionStatus

START_VIEW, ANSWER_VIEW, NOTE_VIEW, EDIT_VIEW, FACTS_VIEW = (
    "pilot.start_form",
    "pilot.answer_form",
    "pilot.note_form",
    "pilot.edit_form",
    "pilot.facts_view",
)
PROBLEM, TICKET, CHANNEL, WHICH, CHOSEN, TEXT = "problem", "ticket", "channel", "which", "chosen", "text"
"""Block ids of inputs."""
FACTS_A_PAGE, BLOCKS_A_PAGE = 25, 90
"""Slack takes 100 blocks in a view, and some are headings and buttons."""
MOST_CHOICES = 100


def _form(callback_id: str, title: str, submit: str, metadata: dict[str, Any], blocks: Sequence[Block]) -> Block:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, 24),
        "submit": plain(submit, 24),
        "close": plain("Cancel", 24),
        "private_metadata": json.dumps(metadata),
        "blocks": list(blocks),
    }


def start_form(problem: str = "", channel: str = "") -> Block:
    """Return the form for a new session, with the words of a message where it starts from one."""
    where: Block = {
        "type": "conversations_select",
        "action_id": "channel",
        "filter": {"include": ["public", "private", "im"], "exclude_bot_users": False},
        "response_url_enabled": False,
    }
    if channel:
        where["initial_conversation"] = channel
    else:
        where["default_to_current_conversation"] = True
    return _form(
        START_VIEW,
        "New session",
        "Start",
        {"channel": channel},
        [
            text_input(PROBLEM, "What is the problem?", value=problem, hint="Who, where, since when, what was tried."),
            text_input(TICKET, "Ticket", hint="48213, or ABC-123 in Jira", is_optional=True, multiline=False),
            {
                "type": "input",
                "block_id": CHANNEL,
                "label": plain("Where"),
                "hint": plain("A channel that FlowPilot is in, or your conversation with it."),
                "element": where,
            },
        ],
    )


def answer_form(session: Session, items: Sequence[LaneItem], first: LaneItem) -> Block:
    """Return the form for an answer, or for what came of a check; with several items one is chosen."""
    asks = first.kind is LaneKind.QUESTION
    blocks: list[Block] = []
    if len(items) > 1:
        options = [option(item.text, item.id) for item in items[:MOST_CHOICES]]
        chosen = next(each for each in options if each["value"] == first.id)
        select = {"type": "static_select", "action_id": "which", "options": options, "initial_option": chosen}
        label = plain("Question" if asks else "Check")
        blocks.append({"type": "input", "block_id": WHICH, "label": label, "element": select})
    else:
        blocks.append(section(bold(truncate(first.text, 1000))))
        if first.detail:
            blocks.append(section(escape(truncate(first.detail, 1500))))
    if len(items) == 1 and first.options:
        radio = {
            "type": "radio_buttons",
            "action_id": "chosen",
            "options": [option(each, str(number)) for number, each in enumerate(first.options[:10])],
        }
        label = plain("Answer" if asks else "Result")
        blocks.append({"type": "input", "block_id": CHOSEN, "label": label, "element": radio, "optional": True})
    own = "In your words" if len(items) == 1 and first.options else ("Answer" if asks else "What came of it?")
    hint = "Only what is certain becomes a fact; passwords are taken out before anything is stored."
    blocks.append(text_input(TEXT, own, hint=hint, is_optional=len(items) == 1 and bool(first.options)))
    metadata = {"session": session.id, "item": first.id}
    return _form(ANSWER_VIEW, "Answer" if asks else "Done", "Save", metadata, blocks)


def note_form(session: Session) -> Block:
    """Return the form for a note."""
    hint = "It becomes a fact in your words; passwords are taken out before anything is stored."
    return _form(NOTE_VIEW, "Add a note", "Save", {"session": session.id}, [text_input(TEXT, "Note", hint=hint)])


def edit_form(session: Session, fact: Fact) -> Block:
    """Return the form for a fact's words; it carries the version that was seen. A long fact takes several inputs."""
    pieces = pieces_of(fact.text)
    inputs = [
        text_input(
            f"{TEXT}{place}{'c' if continues else ''}" if place else TEXT,
            fact.label if len(pieces) == 1 else f"{fact.label} ({place + 1}/{len(pieces)})",
            value=piece,
            is_optional=place > 0,
        )
        for place, (piece, continues) in enumerate(pieces)
    ]
    metadata = {
        "session": session.id,
        "fact": fact.id,
        "seen": session.state_version,
        "inputs": [each["block_id"] for each in inputs],
    }
    return _form(EDIT_VIEW, f"Edit {fact.label}", "Save", metadata, inputs)


def edited_text(blocks: Sequence[str], held: Callable[[str], str | None]) -> str:
    """Put together what the inputs of an edit form hold; `blocks` are their ids in order."""
    text = ""
    for block_id in blocks:
        joint = "\n" if text and not block_id.endswith("c") else ""
        text += joint + (held(block_id) or "")
    return text


def _fact_pages(session: Session) -> list[list[Block]]:
    """Return all facts to their last word, in pages that a view takes."""
    is_open = session.status is SessionStatus.OPEN
    pages: list[list[Block]] = [[]]
    count = 0
    for fact in session.known:
        blocks = whole_fact(session, fact, is_open=is_open)
        if count == FACTS_A_PAGE or len(pages[-1]) + len(blocks) > BLOCKS_A_PAGE:
            pages.append([])
            count = 0
        pages[-1] += blocks
        count += 1
    return pages


def facts_view(session: Session, page: int = 0) -> Block:
    """Return all facts, a page at a time."""
    pages = _fact_pages(session)
    page = min(max(page, 0), len(pages) - 1)
    blocks = [section(f"*What we know* · {escape(truncate(session.title, 100))}"), *pages[page]]
    if not session.known:
        blocks.append(section("_Nothing yet._"))
    if len(pages) > 1:
        blocks.append(context(f"Page {page + 1} of {len(pages)} · {len(session.known)} facts"))
        turns = [("Previous", page - 1)] if page else []
        turns += [("Next", page + 1)] if page + 1 < len(pages) else []
        blocks.append(
            actions(
                "pilot.pages",
                [button(f"{FACTS_PAGE}:{to}", label, f"{session.id}:{to}") for label, to in turns],
            )
        )
    return {
        "type": "modal",
        "callback_id": FACTS_VIEW,
        "title": plain("Facts", 24),
        "close": plain("Close", 24),
        "private_metadata": json.dumps({"session": session.id, "page": page}),
        "blocks": blocks,
    }
