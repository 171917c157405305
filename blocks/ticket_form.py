"""The form for a new ticket."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from blocks.elements import label_text

NEW_VIEW = "ticket.new"
PROJECT, TYPE, SUMMARY, DESCRIPTION, EPIC = "project", "type", "summary", "description", "epic"
"""Block ids of the inputs, and the names of a new ticket's fields."""
PROJECT_SEARCH, TYPE_SEARCH, EPIC_SEARCH = "ticket.new_project", "ticket.new_type", "ticket.new_epic"

INPUT_CHARACTERS = 3000
SUMMARY_CHARACTERS = 255
MAX_OPTIONS = 100

Block = dict[str, Any]


def new_ticket_modal(project: str, metadata: dict[str, Any]) -> Block:
    """Return the form; `project` is chosen already where it is known, `metadata` comes back."""
    summary = {"type": "plain_text_input", "action_id": "text", "max_length": SUMMARY_CHARACTERS}
    description = {
        "type": "plain_text_input",
        "action_id": "text",
        "multiline": True,
        "max_length": INPUT_CHARACTERS,
        "placeholder": label_text("Markdown is formatted in Jira"),
    }
    chosen = {"initial_option": _option(project, project)} if project else {}
    return {
        "type": "modal",
        "callback_id": NEW_VIEW,
        "title": label_text("New ticket"),
        "submit": label_text("Create"),
        "close": label_text("Cancel"),
        "private_metadata": json.dumps({"project": project, **metadata}),
        "blocks": [
            _input(PROJECT, "Project", _search(PROJECT_SEARCH, "Type to search") | chosen),
            _input(TYPE, "Type", _search(TYPE_SEARCH, "Task, where the project has it"), is_optional=True),
            _input(SUMMARY, "Summary", summary),
            _input(DESCRIPTION, "Description", description, is_optional=True),
            _input(EPIC, "Epic", _search(EPIC_SEARCH, "None"), is_optional=True),
            {
                "type": "context",
                "elements": [{"type": "mrkdwn", "text": "What is created has no Undo: close or delete it in Jira."}],
            },
        ],
    }


def options(choices: Iterable[tuple[str, str]], typed: str) -> Block:
    """Return the answer to what was typed into a search: (value, label) whose label holds all its words."""
    words = typed.casefold().split()
    found = [_option(label, value) for value, label in choices if all(word in label.casefold() for word in words)]
    return {"options": found[:MAX_OPTIONS]}


def _option(label: str, value: str) -> Block:
    return {"text": label_text(label), "value": value}


def _search(action_id: str, placeholder: str) -> Block:
    return {
        "type": "external_select",
        "action_id": action_id,
        "placeholder": label_text(placeholder),
        "min_query_length": 0,
    }


def _input(block_id: str, label: str, element: Block, *, is_optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": label_text(label),
        "element": element,
        "optional": is_optional,
    }
