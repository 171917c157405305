"""Judge blocks and views as strictly as Slack does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sandbox.slack.block_elements import ID, plain
from sandbox.slack.block_kinds import BLOCK, MESSAGE_ONLY
from sandbox.slack.block_rules import Problems, Rule, boolean, list_of, note, record, string, typed

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
ALL_TEXT = 13_200
MARKDOWN_TEXT = 12_000

_MESSAGE = list_of(BLOCK, MESSAGE_BLOCKS)
_IN_VIEW: dict[str, Rule] = {
    "blocks": list_of(BLOCK, VIEW_BLOCKS),
    "callback_id": ID,
    "external_id": ID,
    "private_metadata": string(3000),
}
_MODAL_ONLY: dict[str, Rule] = {
    "submit": plain(24),
    "close": plain(24),
    "clear_on_close": boolean,
    "notify_on_close": boolean,
    "submit_disabled": boolean,
}
_VIEW = typed(
    {
        "modal": record({"blocks": _IN_VIEW["blocks"], "title": plain(24)}, _IN_VIEW | _MODAL_ONLY, type_="modal"),
        "home": record({"blocks": _IN_VIEW["blocks"]}, _IN_VIEW | _MODAL_ONLY, type_="home"),
    }
)


def parse_blocks(value: Any) -> list[dict[str, Any]] | None:
    """Return blocks given as JSON text or as a list, or None when they are neither."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    return value if isinstance(value, list) else None


def check_message_blocks(blocks: Any) -> Problems:
    """Return what is wrong with a message's blocks, in Slack's words; nothing when they are fine."""
    problems: Problems = []
    _MESSAGE(blocks, "/blocks", problems)
    if not problems:
        _no_repeated_ids(blocks, "/blocks", problems)
        _sums(blocks, problems)
    return problems


def total_text(blocks: Any) -> int:
    """Count the characters that all blocks together show."""
    return sum(len(text) for text in _texts(blocks))


def check_view(view: Any) -> Problems:
    """Return what is wrong with a view."""
    problems: Problems = []
    _VIEW(view, "/view", problems)
    if problems:
        return problems
    for position, block in enumerate(view["blocks"]):
        if block["type"] in MESSAGE_ONLY:
            note(problems, f"unsupported block type: {block['type']}", f"/view/blocks/{position}/type")
    if view["type"] == "modal" and "submit" not in view and any(b["type"] == "input" for b in view["blocks"]):
        note(problems, "missing required field: submit", "/view")
    _no_repeated_ids(view["blocks"], "/view/blocks", problems)
    return problems


def _no_repeated_ids(blocks: list[dict[str, Any]], pointer: str, problems: Problems) -> None:
    seen: set[str] = set()
    for position, block in enumerate(blocks):
        block_id = block.get("block_id")
        if block_id and block_id in seen:
            note(problems, f"`block_id` {block_id} already exists", f"{pointer}/{position}/block_id")
        seen.add(block_id or "")
        actions: set[str] = set()
        for element in elements_of(block):
            action_id = element.get("action_id")
            if action_id and action_id in actions:
                note(problems, f"`action_id` {action_id} already exists", f"{pointer}/{position}")
            actions.add(action_id or "")


def _sums(blocks: list[dict[str, Any]], problems: Problems) -> None:
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if markdown > MARKDOWN_TEXT:
        note(problems, f"must be less than {MARKDOWN_TEXT + 1} characters", "/blocks")
    if sum(block["type"] == "table" for block in blocks) > 1:
        note(problems, "only one table allowed", "/blocks")


def elements_of(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a block's interactive elements, those of inner blocks too."""
    if block["type"] in ("actions", "context_actions"):
        yield from block["elements"]
    if isinstance(accessory := block.get("accessory"), dict) and accessory["type"] != "image":
        yield accessory
    if block["type"] == "input":
        yield block["element"]
    yield from block.get("actions", ()) if block["type"] == "card" else ()
    for inner in block.get("child_blocks", ()):
        yield from elements_of(inner)
    if block["type"] == "carousel":
        for card in block["elements"]:
            yield from elements_of(card)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, content in value.items():
            if name == "text" and isinstance(content, str):
                yield content
            else:
                yield from _texts(content)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
