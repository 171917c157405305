"""What a person is told of their worklog drafts: what there is, what was logged, what was taken back."""

from __future__ import annotations

import json
from typing import Any

from blocks.elements import button, context_block, plain_text, section_block
from blocks.pm.words import counted, day_text, hours_text, week_text
from blocks.text import bullets, date_token, escape, link
from services.effects.types import UNDO_WINDOW
from services.pm.types import Week
from services.pm.worklog_drafts.types import DraftRow, DraftWeek, LogOutcome, UndoOutcome

LOOK = "pm.worklog_drafts.look"
UNDO_ALL = "pm.worklog_drafts.undo_all"
LINES_SHOWN = 40

Block = dict[str, Any]
Shown = tuple[str, tuple[Block, ...]]


def look_button(week: Week, member_id: int, *, has_traces: bool) -> Block:
    """Return the button that opens the form."""
    return {
        "type": "button",
        "action_id": LOOK,
        "text": plain_text("Look and log…" if has_traces else "Log hours…"),
        "value": json.dumps({"week": week.start.isoformat(), "member": member_id}),
        "style": "primary",
        "accessibility_label": "Look at the drafted entries of that week and log them in Tempo",
    }


def traces_line(found: DraftWeek) -> str:
    """Return how much of the missing time there are traces of; the number first."""
    missing, traced = hours_text(found.missing_seconds), hours_text(found.traced_seconds)
    if not found.missing_seconds:
        return "Nothing is missing any more."
    if not found.traced_seconds:
        return f"I found no traces of your work for the *{missing}* that are missing, so nothing is drafted."
    if found.traced_seconds == found.missing_seconds:
        return f"I found traces for all of the *{missing}* that are missing, and drafted the entries."
    return f"I found traces for *{traced}* of the *{missing}* that are missing, and drafted the entries."


def hours_message(found: DraftWeek) -> Shown:
    """Return a person's week in short, with the button that opens the form."""
    logged, required = hours_text(found.logged_seconds), hours_text(found.required_seconds)
    first = f"You logged *{logged}* of *{required}* in the week of {week_text(found.week)}."
    if not found.required_seconds:
        first = f"Nothing is required of you in the week of {week_text(found.week)}; *{logged}* are logged."
    text = f"{first} {found.locked or (traces_line(found) if found.required_seconds else '')}".rstrip()
    blocks = [section_block(text)]
    if not found.locked:
        look = look_button(found.week, found.member.id, has_traces=found.traced_seconds > 0)
        blocks.append({"type": "actions", "elements": [look]})
    return text, tuple(blocks)


def logged_message(outcome: LogOutcome) -> Shown:
    """Return what became of a submitted form, with the way back and the way on."""
    found = outcome.week
    lines = [_standing(outcome), *_logged_lines(outcome)]
    if outcome.failed:
        lines += ["*Not logged*", bullets([_failed_line(each.row, each.why) for each in outcome.failed])]
    text = "\n".join(lines)
    buttons = []
    if outcome.logged:
        buttons.append(_undo_button(found.week))
    if outcome.failed or found.missing_seconds:
        buttons.append(look_button(found.week, found.member.id, has_traces=True))
    blocks = [section_block(text)]
    if buttons:
        blocks.append({"type": "actions", "elements": buttons})
    if outcome.logged:
        until = max(receipt.at for _, receipt in outcome.logged) + UNDO_WINDOW
        blocks.append(context_block(f"Read back from Tempo · Undo until {date_token(until, 'time')}"))
    return text, tuple(blocks)


def _standing(outcome: LogOutcome) -> str:
    found = outcome.week
    now = f"you are at *{hours_text(found.logged_seconds)}* of *{hours_text(found.required_seconds)}*"
    now += f" for the week of {week_text(found.week)}."
    total = len(outcome.logged) + len(outcome.failed)
    if not total:
        return f"Everything you ticked was logged before, so nothing was logged now: {now}"
    if not outcome.logged:
        return f":warning: Nothing was logged: {now}"
    logged = f"Logged *{hours_text(outcome.logged_seconds)}*"
    if outcome.failed:
        return f":warning: {logged}, {len(outcome.logged)} of {counted(total, 'entry', 'entries')}: {now}"
    return f":white_check_mark: {logged}: {now}"


def _logged_lines(outcome: LogOutcome) -> list[str]:
    lines = [
        f"{day_text(row.day)} {link(receipt.url, receipt.target)} {hours_text(row.seconds)}"
        for row, receipt in outcome.logged
    ]
    more = [f"and {len(lines) - LINES_SHOWN} more"] if len(lines) > LINES_SHOWN else []
    return [bullets([*lines[:LINES_SHOWN], *more])] if lines else []


def _failed_line(row: DraftRow, why: str) -> str:
    return f"{day_text(row.day)} {escape(row.issue_key)} {hours_text(row.seconds)}: {escape(why)}"


def undone_message(outcome: UndoOutcome) -> Shown:
    """Return what was taken back."""
    found = outcome.week
    now = f"you are at *{hours_text(found.logged_seconds)}* of *{hours_text(found.required_seconds)}*"
    first = (
        f":leftwards_arrow_with_hook: Took *{hours_text(outcome.seconds)}* out of Tempo again: {now}."
        if outcome.seconds
        else f"There is nothing left to take back: {now}."
    )
    lines = [first]
    if outcome.failed:
        lines += ["*Not taken back*", bullets([escape(line) for line in outcome.failed])]
    text = "\n".join(lines)
    look = look_button(found.week, found.member.id, has_traces=True)
    return text, (section_block(text), {"type": "actions", "elements": [look]})


def _undo_button(week: Week) -> Block:
    return button(
        UNDO_ALL,
        "Undo all",
        json.dumps({"week": week.start.isoformat()}),
        description="Take out of Tempo what was just logged",
    )
