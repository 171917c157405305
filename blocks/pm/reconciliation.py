"""The month's reconciliation: its message, its buttons, what a run by hand answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from blocks.elements import button, context_block, header_block, section_block
from blocks.pm.words import counted, exact_text, hours_text
from blocks.text import bold, bullets, code, escape, link
from services.pm.reconciliation.types import Basis, Changes, Deviation, Figures, Kept, Reconciliation

SEND_COPY = "pm.report.copy"
MAKE_AGAIN = "pm.report.again"
TOP_DEVIATIONS = 3
TOP_CHANGES = 4
NO_PROJECT = "issues outside of the mirror"

Block = dict[str, Any]
Shown = tuple[str, tuple[Block, ...]]
"""A message's text, whole, and its blocks."""


def message(month: Reconciliation, kept: Kept, url: str, notes: Sequence[str] = ()) -> Shown:
    """Return what PMs and the alerts channel hear of a revision; `notes` say what could not be done."""
    report = kept.report
    title = f"Reconciliation, {month.month.title}"
    if report.revision > 1:
        title += f" (revision {report.revision})"
    parts = [_headline(month), _deviations(month), _changes(kept.changes)]
    parts = [part for part in parts if part]
    context = [_check(month), *(escape(note) for note in notes)]
    if report.sheet_url:
        context.append(f"{link(report.sheet_url, 'Google Sheet')} brought up to date.")
    if month.without_forecast:
        context.append(f"{counted(len(month.without_forecast), 'epic')} had no forecast.")
    blocks = [
        header_block(title),
        *(section_block(part) for part in parts),
        _buttons(kept, url),
        context_block(" ".join(context)),
    ]
    return "\n".join([f"{title}.", *parts, *([f"{link(url, 'Download the workbook')}."] if url else [])]), tuple(blocks)


def _headline(month: Reconciliation) -> str:
    if not month.portfolio.actual_seconds and not month.portfolio.forecast_minutes:
        return f"*No hours were logged in {month.month.title}.* The workbook is there all the same."
    worked = f"*{hours_text(month.portfolio.actual_seconds)}* over {counted(_projects(month), 'project')}."
    compared = month.compared
    if compared.variance_percent is None:
        return f"{worked} There is no forecast to compare with yet."
    of_plan = f"{hours_text(compared.actual_seconds)} of {hours_text(60 * (compared.forecast_minutes or 0))}"
    if month.basis is Basis.MONTH:
        return f"{worked} Portfolio variance *{percent_text(compared.variance_percent)}*: {of_plan} planned."
    return (
        f"{worked} Forecast epics are at *{percent_text(compared.variance_percent)}* "
        f"to date: {of_plan}. No month has a forecast of its own."
    )


def _projects(month: Reconciliation) -> int:
    return sum(1 for project in month.projects if project.key and project.month.actual_seconds)


def percent_text(percent: Fraction) -> str:
    """Return "+12.5 %" or "−3.0 %"."""
    rounded = round(float(percent), 1)
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else ''}{abs(rounded):,.1f} %"


def _deviations(month: Reconciliation) -> str:
    found = month.deviations
    if not found:
        return ""
    lines = [_deviation(deviation) for deviation in found[:TOP_DEVIATIONS]]
    more = len(found) - len(lines)
    title = f"*{counted(len(found), 'epic')} off by more than 10 %*" + (", the largest:" if more else "")
    return f"{title}\n{bullets(lines)}"


def _deviation(deviation: Deviation) -> str:
    figures, epic = deviation.figures, deviation.epic
    percent = figures.variance_percent or Fraction(0)
    off = hours_text(abs(figures.variance_seconds or 0))
    direction = "over" if percent > 0 else "under"
    return (
        f"{code(epic.epic_key)} {escape(epic.name.summary)}: *{percent_text(percent)}*, "
        f"{off} {direction} {'the month' if deviation.basis is Basis.MONTH else 'its whole forecast'}"
    )


def _changes(changes: Changes | None) -> str:
    if changes is None:
        return ""
    title = f"*Changed since revision {changes.since_revision}*"
    if not changes.projects:
        return f"{title}\nThe projects' totals are the same; epics, teams or earlier months changed."
    lines = [
        f"{bold(change.key or NO_PROJECT)}: {_moved(change.delta_seconds, change.delta_minutes)}"
        for change in changes.projects[:TOP_CHANGES]
    ]
    more = len(changes.projects) - len(lines)
    return f"{title}\n{bullets([*lines, *([f'{more} more in the workbook'] if more > 0 else [])])}"


def _moved(seconds: int, minutes: int) -> str:
    parts = [(seconds, "worked"), (60 * minutes, "planned")]
    said = [f"{'+' if moved > 0 else '−'}{hours_text(abs(moved))} {what}" for moved, what in parts if moved]
    return ", ".join(said) or "forecast set or taken away"


def _check(month: Reconciliation) -> str:
    agrees = month.portfolio.actual_seconds == month.tempo_seconds
    counted_worklogs = counted(month.worklogs, "worklog")
    if agrees:
        return f"Equal to Tempo to the second ({exact_text(month.tempo_seconds)} in {counted_worklogs})."
    reported = exact_text(month.portfolio.actual_seconds)
    return f":warning: Tempo has {exact_text(month.tempo_seconds)}, the report {reported}."


def _buttons(kept: Kept, url: str) -> Block:
    value = json.dumps({"report": kept.report.id, "month": str(kept.report.month)})
    elements: list[Block] = []
    if url:
        elements.append({**_button("link:report", "Download", "Fetch the workbook in the browser"), "url": url})
    elements += [
        {**_button(SEND_COPY, "Send to me again", "Get the workbook as a file in a direct message"), "value": value},
        {
            **_button(MAKE_AGAIN, "Make it again", "Read Tempo anew; a new revision only if something changed"),
            "value": value,
        },
    ]
    return {"type": "actions", "elements": elements}


def _button(action_id: str, text: str, label: str) -> Block:
    return button(action_id, text, description=label)


def copy_sent(was_new: bool) -> str:
    """Return what is said once somebody's copy is on its way."""
    if was_new:
        return "The workbook is in your direct messages with me."
    return "You got it a moment ago: it is in your direct messages with me."


def run_answer(line: str, kept_url: str, problems: Sequence[str]) -> Shown:
    """Return the answer to `/pm report`."""
    lines = [escape(line), *(f":warning: {escape(problem)}" for problem in problems)]
    if kept_url:
        lines.append(f"{link(kept_url, 'Download the workbook')}")
    text = "\n".join(lines)
    return text, (section_block(text),)


def facts(month: Reconciliation) -> dict[str, Any]:
    """Return the figures that the message claims."""
    compared: Figures = month.compared
    percent = compared.variance_percent
    return {
        "month": str(month.month),
        "actual_seconds": month.portfolio.actual_seconds,
        "tempo_seconds": month.tempo_seconds,
        "forecast_minutes": month.portfolio.forecast_minutes,
        "variance_percent": None if percent is None else round(float(percent), 2),
        "basis": month.basis.value,
        "deviations": len(month.deviations),
    }
