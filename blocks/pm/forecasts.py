"""Forecasts: the form for a file, what became of it, and the list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from blocks.elements import context_block, plain_text, section_block
from blocks.pm.words import counted, hours_text
from blocks.receipts import receipt_blocks
from blocks.text import bold, bullets, code, escape, truncate
from services.pm.forecasts.types import Forecast, ForecastImport
from services.pm.tables import Problem

IMPORT_VIEW = "pm.forecasts.import"
FILE_INPUT = "file"
FILE_TYPES = ("csv", "xlsx")
SHOWN_PROBLEMS = 15
"""More go into a file: a message is to be read at a glance."""

LISTED = 60

Block = dict[str, Any]
Shown = tuple[str, tuple[Block, ...]]


def import_view() -> Block:
    """Return the form that takes a file."""
    columns = f"{code('epic_key')} and {code('hours')}, and where you have them {code('month')} (2026-11), "
    help_text = (
        f"The first sheet or the CSV has the columns {columns}{code('team')} and {code('project_key')}. "
        "An empty month is the epic in all. What the file does not name stays; with any mistake nothing is changed."
    )
    element = {
        "type": "file_input",
        "action_id": "file",
        "filetypes": list(FILE_TYPES),
        "max_files": 1,
    }
    return {
        "type": "modal",
        "callback_id": IMPORT_VIEW,
        "title": plain_text("Import forecasts"),
        "submit": plain_text("Import"),
        "close": plain_text("Cancel"),
        "blocks": [
            section_block(help_text),
            {"type": "input", "block_id": FILE_INPUT, "label": plain_text("CSV or XLSX file"), "element": element},
        ],
    }


def imported(name: str, done: ForecastImport) -> Shown:
    """Return the counts of an import, with [Undo] when it changed anything."""
    text = f"{bold(name)}: {escape(str(done.report))}."
    if done.receipt is None:
        text = f"{text} Everything in it was so already."
        return text, (section_block(text),)
    return text, (section_block(text), *receipt_blocks(done.receipt))


def refused(name: str, problems: Sequence[Problem], *, has_file: bool) -> Shown:
    """Return what is wrong in a file: the first lines of it, the rest in a file below where there is one."""
    text = f":warning: Nothing was imported from {bold(name)}: {counted(len(problems), 'problem')}."
    lines = [escape(str(problem)) for problem in problems[:SHOWN_PROBLEMS]]
    blocks = [section_block(text), section_block(bullets(lines))]
    if len(problems) > SHOWN_PROBLEMS:
        where = "the file below has them all" if has_file else "correct these and import it again to see the rest"
        blocks.append(context_block(f"{len(problems) - SHOWN_PROBLEMS} more; {where}."))
    blocks.append(context_block("Correct the file and import it again: what is right in it is not lost."))
    return f"{text}\n{bullets(lines)}", tuple(blocks)


def problems_file(problems: Sequence[Problem]) -> str:
    """Return all problems as CSV, to be opened beside the file."""
    rows = [("line", "column", "value", "what")]
    rows += [(str(each.line), each.column, each.value, each.what) for each in problems]
    return "".join(",".join(_cell(value) for value in row) + "\n" for row in rows)


def _cell(value: str) -> str:
    # a spreadsheet would run what begins like a formula
    safe = f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
    return '"' + safe.replace('"', '""').replace("\n", " ") + '"'


def forecast_list(rows: Sequence[tuple[Forecast, int]], project: str) -> Shown:
    """Return forecasts with the seconds worked in their time."""
    of = f" of {bold(project)}" if project else ""
    if not rows:
        text = f"No forecasts{of} yet. Import a file with `/pm forecast import`, or type `/pm forecast set KEY 120h`."
        return text, (section_block(text),)
    title = f"*{counted(len(rows), 'forecast')}*{of}, with what was worked of them"
    lines = [_line(forecast, seconds) for forecast, seconds in rows[:LISTED]]
    if len(rows) > LISTED:
        lines.append(f"{len(rows) - LISTED} more: name a project to see fewer, `/pm forecast list SHOP`.")
    sections = [section_block(bullets(lines[start : start + 20])) for start in range(0, len(lines), 20)]
    return "\n".join([title, *lines]), (section_block(title), *sections)


def _line(forecast: Forecast, seconds: int) -> str:
    when = f", {forecast.month.title}" if forecast.month else ""
    team = f", {escape(truncate(forecast.team, 60))}" if forecast.team else ""
    planned = forecast.minutes * 60
    share = f" ({seconds * 100 // planned} %)" if planned else ""
    return f"{bold(forecast.epic_key)}{when}{team}: {hours_text(seconds)} of {hours_text(planned)}{share}"
