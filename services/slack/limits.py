"""Fit what we want to say into Slack's limits without losing a button.

Source of the figures: docs.slack.dev, Block Kit reference and chat.postMessage.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.slack.markup import safe_cut, truncate, truncate_markup

Block = dict[str, Any]

MESSAGE_BLOCKS = 50
MESSAGE_BLOCK_CHARACTERS = 13_000
VIEW_BLOCKS = 100
TEXT_CHARACTERS = 40_000
UPDATE_TEXT_CHARACTERS = 4_000
NOTIFICATION_CHARACTERS = 3_000
SECTION_CHARACTERS = 3_000
FIELD_CHARACTERS = 2_000
FIELDS = 10
HEADER_CHARACTERS = 150
CONTEXT_ELEMENTS = 10
ACTION_ELEMENTS = 25
MARKDOWN_CHARACTERS = 12_000
VIEW_TITLE_CHARACTERS = 24
FENCE = "```"


@dataclass(frozen=True)
class Page:
    """What goes into one message."""

    text: str
    blocks: tuple[Block, ...]


def split_text(text: str, limit: int = SECTION_CHARACTERS) -> list[str]:
    """Cut mrkdwn into pieces of at most `limit` characters, at line or word ends; code fences stay closed."""
    pieces: list[str] = []
    in_code = False
    rest = text
    while rest:
        opening = FENCE + "\n" if in_code else ""
        room = limit - len(opening) - len(FENCE) - 1
        if len(opening) + len(rest) <= limit:
            piece, rest = rest, ""
        else:
            cut = _best_cut(rest, room)
            piece, rest = rest[:cut], rest[cut:]
        in_code = in_code ^ (piece.count(FENCE) % 2 == 1)
        pieces.append(opening + piece + ("\n" + FENCE if in_code and rest else ""))
    return pieces


def _best_cut(text: str, limit: int) -> int:
    for separator in ("\n", " "):
        cut = text.rfind(separator, 0, limit) + 1
        if cut > limit // 2 and safe_cut(text, cut) == cut:
            return cut
    cut = safe_cut(text, limit)
    # a fence must not be cut through, or its two halves would be counted as none
    for back in (1, 2):
        if text[max(cut - back, 0) : cut - back + len(FENCE)] == FENCE and cut > back:
            return cut - back
    return cut


def fit_blocks(blocks: Iterable[Block]) -> list[Block]:
    """Return blocks that keep each block's own limits: long ones are split, headers shortened."""
    return [part for block in blocks for part in _fit_block(block)]


def _fit_block(block: Block) -> Iterator[Block]:
    kind = block.get("type")
    if kind == "section":
        yield from _fit_section(block)
    elif kind == "header":
        yield block | {"text": block["text"] | {"text": truncate(block["text"]["text"], HEADER_CHARACTERS)}}
    elif kind == "markdown":
        for number, piece in enumerate(split_text(block["text"], MARKDOWN_CHARACTERS)):
            yield _numbered(block | {"text": piece}, number)
    elif kind in ("context", "actions"):
        size = CONTEXT_ELEMENTS if kind == "context" else ACTION_ELEMENTS
        elements = block["elements"]
        for number, start in enumerate(range(0, len(elements), size)):
            yield _numbered(block | {"elements": [_fit_text(e) for e in elements[start : start + size]]}, number)
    else:
        yield block


def _fit_text(element: Block) -> Block:
    if element.get("type") == "mrkdwn" and len(element["text"]) > FIELD_CHARACTERS:
        return element | {"text": truncate_markup(element["text"], FIELD_CHARACTERS)}
    return element


def _fit_section(block: Block) -> Iterator[Block]:
    fields = [_fit_text(field) for field in block.get("fields", [])]
    pieces = split_text(block["text"]["text"]) if "text" in block else []
    first: Block = {key: value for key, value in block.items() if key not in ("text", "fields")}
    if pieces:
        first["text"] = block["text"] | {"text": pieces[0]}
    if fields:
        first["fields"] = fields[:FIELDS]
    yield first
    for piece in pieces[1:]:
        yield {"type": "section", "text": block["text"] | {"text": piece}}
    for start in range(FIELDS, len(fields), FIELDS):
        yield {"type": "section", "fields": fields[start : start + FIELDS]}


def _numbered(block: Block, number: int) -> Block:
    # block_ids are unique in a message: only the first part keeps the one that was given
    return block if number == 0 else {key: value for key, value in block.items() if key != "block_id"}


def pages(text: str, blocks: Sequence[Block]) -> list[Page]:
    """Return the messages that carry all of `blocks`; an actions block stays with the block before it if it can."""
    if not blocks:
        return [Page(text, ())]
    groups: list[list[Block]] = [[]]
    for cluster in _clusters(fit_blocks(blocks)):
        page = groups[-1]
        too_many = len(page) + len(cluster) > MESSAGE_BLOCKS
        if page and (too_many or characters(page) + characters(cluster) > MESSAGE_BLOCK_CHARACTERS):
            groups.append([])
        groups[-1].extend(cluster)
    total = len(groups)
    shown = truncate_markup(text, NOTIFICATION_CHARACTERS)
    return [
        Page(shown if number == 1 else f"({number}/{total}) {truncate_markup(text, 200)}", tuple(group))
        for number, group in enumerate(groups, 1)
    ]


def _clusters(blocks: list[Block]) -> list[list[Block]]:
    """Group each block with the actions that follow it, as long as the pair fits a page."""
    clusters: list[list[Block]] = []
    for block in blocks:
        joins = block.get("type") == "actions" and clusters and clusters[-1][-1].get("type") != "actions"
        if joins and characters([*clusters[-1], block]) <= MESSAGE_BLOCK_CHARACTERS:
            clusters[-1].append(block)
        else:
            clusters.append([block])
    return clusters


def characters(blocks: Sequence[Block]) -> int:
    """Return how many characters of text blocks hold, as Slack counts them towards a message's limit."""
    return sum(_text_length(block) for block in blocks)


def _text_length(value: Any) -> int:
    if isinstance(value, dict):
        return sum(len(v) if k == "text" and isinstance(v, str) else _text_length(v) for k, v in value.items())
    if isinstance(value, list):
        return sum(_text_length(item) for item in value)
    return 0


def fit_update(text: str, blocks: Sequence[Block]) -> Page:
    """Return one message for an update, which cannot be paged: text blocks give way, blocks with actions stay."""
    shown = truncate_markup(text, UPDATE_TEXT_CHARACTERS)
    fitted = fit_blocks(blocks)
    if len(fitted) <= MESSAGE_BLOCKS and characters(fitted) <= MESSAGE_BLOCK_CHARACTERS:
        return Page(shown, tuple(fitted))
    kept: set[int] = set()
    room, size = MESSAGE_BLOCKS - 1, 0
    order = sorted(range(len(fitted)), key=lambda index: (not _is_interactive(fitted[index]), index))
    for index in order:
        length = characters([fitted[index]])
        if len(kept) < room and size + length <= MESSAGE_BLOCK_CHARACTERS - 100:
            kept.add(index)
            size += length
    left_out = len(fitted) - len(kept)
    note = {"type": "context", "elements": [{"type": "mrkdwn", "text": f"_{left_out} parts are not shown here._"}]}
    return Page(shown, (*(fitted[index] for index in sorted(kept)), note))


def _is_interactive(block: Block) -> bool:
    return block.get("type") in ("actions", "input", "context_actions") or "accessory" in block


def fit_view(view: Block) -> Block:
    """Return a modal or Home within its limits; blocks over the hundredth are left out, and the last line says so."""
    fitted = fit_blocks(view.get("blocks", []))
    if len(fitted) > VIEW_BLOCKS:
        note = {"type": "mrkdwn", "text": f"_{len(fitted) - VIEW_BLOCKS + 1} parts are not shown here._"}
        fitted = [*fitted[: VIEW_BLOCKS - 1], {"type": "context", "elements": [note]}]
    fitted_view = view | {"blocks": fitted}
    for name in ("title", "submit", "close"):
        if name in view:
            fitted_view[name] = view[name] | {"text": truncate(view[name]["text"], VIEW_TITLE_CHARACTERS)}
    return fitted_view
