"""Worklog drafts: the form in which a person keeps, edits or drops entries."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from blocks.elements import context_block, plain_text, section_block
from blocks.pm.words import day_text, hours_text, week_text
from blocks.pm.worklog_messages import traces_line
from blocks.text import date_token, escape, link, truncate, truncate_markup
from services.pm.worklog_drafts.hours_input import typed_from
from services.pm.worklog_drafts.types import (
    DraftDay,
    DraftRow,
    DraftWeek,
    Evidence,
    IssueFacts,
)

PAGE = "pm.worklog_drafts.page"
KEEP = "pm.worklog_drafts.keep"
ADD = "pm.worklog_drafts.add"
VIEW = "pm.worklog_drafts.view"
KEPT, HOURS, WORDS = "keep", "hours", "words"
"""What the block ids of a row start with: `keep:12`, `hours:12:2026-11-17`, `words:12`."""

PAGE_BLOCKS = 88
EVIDENCE_SHOWN = 5
OPTION_CHARACTERS = 75
TERMS = (
    "What is ticked is logged in Tempo in your name, read back, and can be taken back for 10 minutes. "
    "Where only hints speak for a row, it starts unticked."
)

Block = dict[str, Any]


def loading_view() -> Block:
    """Return the form that opens at once, while traces are looked for."""
    return _modal([section_block("Looking for traces of your work, and at what is in Tempo…")])


def error_view(text: str) -> Block:
    """Return the form in place of one that could not be made."""
    return _modal([section_block(f":warning: {text}")])


def pages_of(days: Iterable[DraftDay]) -> list[list[DraftDay]]:
    """Return days that fit one view each, in order; a day is never torn apart."""
    pages: list[list[DraftDay]] = [[]]
    size = 0
    for day in days:
        needed = len(_day_blocks(day, ""))
        if pages[-1] and size + needed > PAGE_BLOCKS:
            pages.append([])
            size = 0
        pages[-1].append(day)
        size += needed
    return pages


def form(found: DraftWeek, page: int, *, site_url: str, replies: bool, note: str = "") -> Block:
    """Return the form of a week; `replies` when what becomes of it is to be said in a message of its own."""
    if found.locked:
        return _modal([section_block(f":lock: {found.locked} Have it reopened in Tempo first.")])
    pages = pages_of(day for day in found.days if not day.is_ahead and _is_shown(day))
    page = min(max(page, 1), len(pages))
    here = pages[page - 1]
    blocks = [section_block(note)] if note else []
    blocks.append(section_block(_summary(found)))
    for day in here:
        blocks += _day_blocks(day, site_url)
    if len(pages) > 1:
        blocks.append(_paging(page, len(pages)))
    blocks.append(context_block(TERMS))
    if found.silent_sources:
        blocks.append(
            context_block(f"{' and '.join(found.silent_sources)} could not be asked for all traces just now.")
        )
    has_rows = any(day.open_rows for day in found.days)
    return _modal(blocks, submit=_submit_label(found) if has_rows else "") | {
        "private_metadata": _metadata(found, here, page, replies)
    }


def _is_shown(day: DraftDay) -> bool:
    return bool(day.required_seconds or day.logged_seconds or day.rows)


def _summary(found: DraftWeek) -> str:
    logged, required = hours_text(found.logged_seconds), hours_text(found.required_seconds)
    return f"*{week_text(found.week)}*: *{logged}* of *{required}* are logged. {traces_line(found)}"


def _submit_label(found: DraftWeek) -> str:
    ticked = sum(day.ticked_seconds for day in found.days)
    return f"Log {hours_text(ticked)}" if ticked else "Log hours"


def _metadata(found: DraftWeek, here: Sequence[DraftDay], page: int, replies: bool) -> str:
    elsewhere = {row.id: row.seconds for day in found.days if day not in here for row in day.open_rows if row.is_ticked}
    offered = {str(row.id): row.seconds for day in here for row in day.open_rows if not row.is_ticked}
    held = {
        "week": found.week.start.isoformat(),
        "page": page,
        "replies": replies,
        "seen": {day.day.isoformat(): day.logged_seconds for day in found.days},
        "offered": offered,
        "elsewhere": {str(draft_id): seconds for draft_id, seconds in elsewhere.items()},
    }
    return json.dumps(held, separators=(",", ":"))


def _day_blocks(day: DraftDay, site_url: str) -> list[Block]:
    blocks = [_day_heading(day)]
    if day.logged_by_issue:
        logged = ", ".join(f"{escape(key)} {hours_text(seconds)}" for key, seconds in day.logged_by_issue)
        blocks.append(context_block(f"In Tempo already: {logged}"))
    for row in day.open_rows:
        blocks += _row_blocks(row, site_url)
    if day.missing_seconds and not day.open_rows:
        blocks.append(context_block("No traces of your work that day: nothing is drafted."))
    return blocks


def _day_heading(day: DraftDay) -> Block:
    logged, required = hours_text(day.logged_seconds), hours_text(day.required_seconds)
    parts = [f"*{day_text(day.day)}*", f"{logged} of {required}"]
    if day.missing_seconds:
        parts.append(f"*{hours_text(day.missing_seconds)}* missing")
    if day.open_rows:
        parts.append(f"{hours_text(day.ticked_seconds)} ticked")
    select = {
        "type": "external_select",
        "action_id": f"{ADD}:{day.day.isoformat()}",
        "placeholder": plain_text("Add…"),
        "min_query_length": 0,
    }
    # the number of rows in the id empties the select once its issue is a row
    block_id = f"add:{day.day.isoformat()}:{len(day.rows)}"
    return {**section_block(" · ".join(parts)), "block_id": block_id, "accessory": select}


def _row_blocks(row: DraftRow, site_url: str) -> list[Block]:
    """Return a row: what speaks for it, and its inputs once it is ticked."""
    kept = {"text": plain_text("Log this"), "value": "keep"}
    checkbox: Block = {"type": "checkboxes", "action_id": f"{KEEP}:{row.id}", "options": [kept]}
    if row.is_ticked:
        checkbox["initial_options"] = [kept]
    issue = link(f"{site_url}/browse/{row.issue_key}", row.issue_key)
    length = "" if row.is_ticked else f"{hours_text(row.seconds)} · "
    heading = truncate_markup(f"{length}{issue} {escape(row.summary)}".strip(), 300)
    hours = {"type": "plain_text_input", "action_id": "text", "initial_value": typed_from(row.seconds)}
    words = {"type": "plain_text_input", "action_id": "text", "max_length": 500}
    if row.description:
        words["initial_value"] = row.description
    shown = [
        {**section_block(heading), "block_id": f"{KEPT}:{row.id}", "accessory": checkbox},
        context_block(evidence_text(row.evidence)),
    ]
    if row.is_ticked:
        shown.append(_input(f"{HOURS}:{row.id}:{row.day.isoformat()}", "Hours", hours))
        shown.append(_input(f"{WORDS}:{row.id}", "What for", words, is_optional=True))
    return shown


def evidence_text(traces: Sequence[Evidence]) -> str:
    """Return what speaks for a row, with when and where; the same trace several times is counted."""
    if not traces:
        return "Added by you."
    times = Counter((trace.what, trace.url) for trace in traces)
    shown = {(trace.what, trace.url): trace for trace in traces}
    said = []
    for (what, url), trace in list(shown.items())[:EVIDENCE_SHOWN]:
        count = f" ({times[what, url]} times)" if times[what, url] > 1 else ""
        when = f", {date_token(trace.at, 'time')}" if trace.at else ""
        # the row's heading links the issue itself already
        is_elsewhere = not url.endswith(f"/browse/{trace.issue_key}")
        named = link(url, truncate(what, 100)) if is_elsewhere else escape(truncate(what, 100))
        said.append(f"{named}{count}{when}")
    if len(shown) > EVIDENCE_SHOWN:
        said.append(f"and {len(shown) - EVIDENCE_SHOWN} more")
    return " · ".join(said)


def _paging(page: int, pages: int) -> Block:
    buttons = []
    for target, label in ((page - 1, "‹ Earlier days"), (page + 1, "Later days ›")):
        if 1 <= target <= pages:
            buttons.append({"type": "button", "action_id": f"{PAGE}:{target}", "text": plain_text(label)})
    return {"type": "actions", "elements": buttons}


def issue_options(found: Iterable[IssueFacts]) -> Block:
    """Return the answer to what was typed into [Add…]."""
    return {
        "options": [
            {
                "text": plain_text(truncate(f"{issue.key} {issue.summary}".strip(), OPTION_CHARACTERS)),
                "value": issue.key,
            }
            for issue in found
        ]
    }


def _modal(blocks: list[Block], *, submit: str = "") -> Block:
    view: Block = {
        "type": "modal",
        "callback_id": VIEW,
        "title": plain_text("Your hours"),
        "close": plain_text("Close"),
        "blocks": blocks,
    }
    return view | {"submit": plain_text(submit)} if submit else view


def _input(block_id: str, label: str, element: Block, *, is_optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label),
        "element": element,
        "optional": is_optional,
    }
