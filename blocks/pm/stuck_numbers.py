"""The modals of stuck work: the numbers behind an item (TRUST-7), and giving it to somebody else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from blocks.elements import context_block, plain_text, reading_view, section_block
from blocks.pm.bottlenecks import said, usual_text, where
from blocks.pm.stuck_words import length_text
from blocks.pm.words import counted, day_text
from blocks.text import bold, bullets, date_token, escape, link, truncate
from services.pm.bottlenecks.stuck import STUCK_DAYS, Remark, StuckItem, StuckNumbers
from services.pm.bottlenecks.types import ItemType

NUMBERS_VIEW = "pm.bottlenecks.numbers_view"
REASSIGN_VIEW = "pm.bottlenecks.reassign_view"
PERSON_BLOCK = "person"
SEVERAL = 40
SHARES = (0.5, 0.75, 0.9, 0.95, 0.99)
HISTORY_LINES, REMARKS_SHOWN, REMARK_CHARACTERS = 25, 6, 300

Block = dict[str, Any]


def loading() -> Block:
    """Return the modal that opens at once, while the numbers are read."""
    return _view([section_block("Reading the numbers…")])


def failed(text: str) -> Block:
    """Return the modal in place of numbers that could not be read."""
    return _view([section_block(f":warning: {text}")])


def numbers_view(found: StuckNumbers) -> Block:
    """Return the modal: how unusual it is and against what, its history, and what people wrote."""
    item = found.item
    blocks = [
        section_block(f"{link(item.url, item.key)} {bold(truncate(item.title, 200))}\n{where(item)}"),
        section_block(f"*What is going on*\n{said(item)}\n{_sure(item)}"),
        section_block(_unusual(found)),
        section_block(f"*History*\n{_history(found)}"),
    ]
    if found.remarks:
        blocks.append(section_block("*Comments, the newest last*\n" + bullets(_remarks(found.remarks))))
    rule = (
        f"Stuck: more than two robust deviations from what is usual, and for 3 working days nobody did anything. "
        f"People hear of it after {STUCK_DAYS} working days in the status, the PM after twice that; "
        "what is blocked is told at once. Days are working days of the account; lengths are elapsed time."
    )
    return _view([*blocks, context_block(rule)])


def several_view(items: Sequence[StuckItem], day: date, zone: ZoneInfo) -> Block:
    """Return the modal of a message that counts items and their days: from when to when each, and what is usual."""
    shown = [_since(item, day, zone) for item in items[:SEVERAL]]
    if len(items) > SEVERAL:
        shown.append(section_block(f"and {len(items) - SEVERAL} more: `/pm stuck` lists them all"))
    rule = (
        "Days are counted from date to date, on the account's calendar. A pull request that is stuck with its ticket "
        f"counts with it. What has moved since {day_text(day)} says so."
    )
    return _view([*(shown or [section_block("None of this is known any more.")]), context_block(rule)])


def _since(item: StuckItem, day: date, zone: ZoneInfo) -> Block:
    first = item.entered_at.astimezone(zone).date()
    days = counted(max((day - first).days, 0), "day")
    lines = [
        f"{link(item.url, item.key)} {bold(truncate(item.title, 200))}" if item.title else escape(item.key),
        f"{escape(item.status)}, {day_text(first)} to {day_text(day)}: *{days}*{usual_text(item)}",
    ]
    if item.resolved_at:
        lines.append(f"Moved on {date_token(item.resolved_at)}")
    return section_block("\n".join(lines))


def _sure(item: StuckItem) -> str:
    by = "by rules" if item.is_rule_based else "a model read the comments"
    return f"_{item.activity.replace('_', ' ')}, {_percent(item.confidence)} sure; {by}_"


def _unusual(found: StuckNumbers) -> str:
    item = found.item
    if not found.curve:
        return (
            "*What is usual*\nNothing is known of this status yet. That it is blocked is a fact and needs no baseline."
        )
    lines = [f"{_percent(share)} leave within {length_text(_within(found, share))}" for share in SHARES]
    lines += [escape(reason) for reason in found.reasons]
    if not found.reasons:
        lines.append(f"Deviation {item.score:.1f}, risk of the slowest tenth {_percent(item.risk)}")
    return f"*What is usual* ({escape(found.baseline)})\n" + bullets(lines)


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _within(found: StuckNumbers, share: float) -> float:
    """Return by when so many have left: the first point of the curve at which no more than the rest is there."""
    rest = 1 - share + 1e-9
    return next((seconds for seconds, still in found.curve if still <= rest), found.curve[-1][0])


def _history(found: StuckNumbers) -> str:
    lines = []
    for number, entry in enumerate(found.history):
        later = found.history[number + 1] if number + 1 < len(found.history) else None
        end = later.at if later else found.item.resolved_at
        length = f"{length_text((end - entry.at).total_seconds())}" if end else "still there"
        who = f" · {escape(entry.who)}" if entry.who else ""
        lines.append(f"{date_token(entry.at)} {bold(entry.what)}{who} · {length}")
    cut = len(lines) - HISTORY_LINES
    return bullets([*([f"{cut} earlier"] if cut > 0 else []), *lines[-HISTORY_LINES:]]) if lines else "Not mirrored."


def _remarks(remarks: Sequence[Remark]) -> list[str]:
    return [
        f"{date_token(each.at)} {bold(each.author)}: {escape(truncate(' '.join(each.text.split()), REMARK_CHARACTERS))}"
        for each in remarks[-REMARKS_SHOWN:]
    ]


def reassign_view(item: StuckItem, place: dict[str, str]) -> Block:
    """Return the modal that asks who gets a ticket, or who is to review a pull request."""
    is_ticket = item.item_type is ItemType.TICKET
    label = "Who gets it?" if is_ticket else "Who is to review it?"
    holder = item.people.assignee.display_name if item.people.assignee else "nobody"
    reviewers = ", ".join(each.display_name for each in item.people.reviewers) or "nobody"
    now = f"It is with {escape(holder)} now." if is_ticket else f"Asked so far: {escape(reviewers)}."
    return {
        "type": "modal",
        "callback_id": REASSIGN_VIEW,
        "private_metadata": json.dumps({"stay": item.id, **place}),
        "title": plain_text("Reassign"),
        "submit": plain_text("Assign" if is_ticket else "Ask"),
        "close": plain_text("Cancel"),
        "blocks": [
            section_block(f"{link(item.url, item.key)} {bold(truncate(item.title, 200))}\n{where(item)}\n{now}"),
            {
                "type": "input",
                "block_id": PERSON_BLOCK,
                "label": plain_text(label),
                "element": {"type": "users_select", "action_id": "value", "placeholder": plain_text("Choose a person")},
            },
        ],
    }


def _view(blocks: Sequence[Block]) -> Block:
    return reading_view(NUMBERS_VIEW, "Stuck work", blocks)
