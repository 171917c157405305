"""`/pm metrics`: each measure in a line, and what stands behind it (PM-7.2, TRUST-7)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from blocks.elements import button, context_block, header_block, reading_view, section_block
from blocks.pm.words import counted, sparkline
from blocks.text import bullets, code, date_token, escape
from services.pm.metrics.definitions import target_text
from services.pm.metrics.types import Measured, Metrics, Point, Row, Unit
from services.pm.types import Week

SHOW = "pm.metrics.how"
VIEW = "pm.metrics.how_view"
SECTION_ROWS, MOST_ROWS = 20, 100
MET, MISSED, NOTHING = ":large_green_circle:", ":large_orange_circle:", ":white_circle:"

Block = dict[str, Any]
Shown = tuple[str, tuple[Block, ...]]


def metrics(found: Metrics, file_id: str | None = None, alt: str = "") -> Shown:
    """Return all measures, the number first, each with a button to what it is made of; `file_id` is the chart's."""
    title = f"How the agents do, last {counted(len(found.weeks), 'week')}"
    lines = [_line(measured) for measured in found.measured]
    sections = [
        section_block(line) | {"accessory": _how_button(measured, len(found.weeks))}
        for line, measured in zip(lines, found.measured, strict=True)
    ]
    image = [_image(file_id, alt)] if file_id else []
    fresh = f"Tempo as of {date_token(found.mirrored_at)}. " if found.mirrored_at else ""
    note = f"{fresh}Green is within the target, orange is not. Nobody is named in any of these."
    return "\n".join([f"{title}.", *lines]), (header_block(title), *sections, *image, context_block(note))


def _line(measured: Measured) -> str:
    definition = measured.definition
    if measured.value is None:
        return f"{NOTHING} *{definition.title}*: {definition.nothing}"
    target = f" (target {escape(target_text(definition))})" if definition.target else ""
    said = f"\n{measured.said}{_interval(measured)}" if measured.said else ""
    is_named = definition.unit is Unit.MESSAGES  # the title says what is counted
    value = value_text(measured.value, Unit.COUNT if is_named else definition.unit)
    return f"{_icon(measured)} *{value}*  {definition.title}{target}{said}{_bars(measured)}"


def _icon(measured: Measured) -> str:
    return {True: MET, False: MISSED, None: ":small_blue_diamond:"}[measured.is_met]


def value_text(value: Fraction, unit: Unit) -> str:
    """Return "94 %", "3", "2.5 days" or "6.5 h"; per cent are rounded down, so that 100 means all."""
    if unit is Unit.PERCENT:
        return f"{int(value)} %"
    number = f"{float(value):.1f}".removesuffix(".0")
    if unit is Unit.COUNT:
        return number
    word = unit.value.rstrip("s") if number == "1" else unit.value
    return f"{number} {word}"


def _interval(measured: Measured) -> str:
    if measured.low is None or measured.high is None:
        return ""
    return f", between {int(measured.low)} and {-int(-measured.high // 1)} % with 95 % certainty"


def _bars(measured: Measured) -> str:
    known = [point.value for point in measured.trend if point.value is not None]
    if len(known) < 2 or measured.definition.unit is not Unit.PERCENT:
        return ""
    return f"  {sparkline([None if point.value is None else int(point.value) for point in measured.trend])}"


def chart_alt(found: Metrics) -> str:
    """Return the chart's figures in words."""
    said = []
    for measured in charted(found):
        known = [point for point in measured.trend if point.value is not None]
        said.append(f"{measured.definition.title}: {_point(known[0])}, {_point(known[-1])}")
    return "; ".join(said)


def _point(point: Point) -> str:
    return f"{int(point.value or 0)} % in the week of {_week(point.week)}"


def _week(week: Week) -> str:
    return f"{week.start:%b} {week.start.day}"


def charted(found: Metrics) -> list[Measured]:
    """Return the measures that a chart can show: shares of two weeks or more."""
    return [
        measured
        for measured in found.measured
        if measured.definition.unit is Unit.PERCENT and sum(p.value is not None for p in measured.trend) > 1
    ]


def loading() -> Block:
    """Return the modal that opens at once."""
    return _view([section_block("Counting…")])


def failed(why: str) -> Block:
    """Return the modal when it could not be counted."""
    return _view([section_block(f":warning: {escape(why)}")])


def how(measured: Measured, found: Metrics) -> Block:
    """Return what a measure is made of: the formula, where it is read from, and its rows."""
    definition = measured.definition
    value = definition.nothing if measured.value is None else f"*{value_text(measured.value, definition.unit)}*"
    first, last = found.weeks[0].start, found.weeks[-1].end
    lines = [f"{definition.title}: {value}" + (f" ({measured.said}{_interval(measured)})" if measured.said else "")]
    if definition.target:
        lines.append(f"Target: {escape(target_text(definition))}")
    lines.append(f"From {first:%b} {first.day} to {last:%b} {last.day}.")
    blocks = [
        section_block("\n".join(lines)),
        section_block(f"*Formula*\n{code(definition.formula)}"),
        section_block(f"*From*\n{definition.source}"),
        *_rows(measured.rows),
    ]
    if found.mirrored_at:
        blocks.append(context_block(f"Tempo was last read {date_token(found.mirrored_at)}."))
    return _view(blocks)


def _rows(rows: Sequence[Row]) -> list[Block]:
    shown = [_row(row) for row in rows[:MOST_ROWS]]
    if len(rows) > MOST_ROWS:
        shown.append(f"and {len(rows) - MOST_ROWS} more")
    return [section_block(bullets(shown[n : n + SECTION_ROWS])) for n in range(0, len(shown), SECTION_ROWS)]


def _row(row: Row) -> str:
    mark = f" {MISSED}" if row.misses else ""
    return f"{escape(row.what)}: {escape(row.figure)}{mark}"


def _how_button(measured: Measured, weeks: int) -> Block:
    name = measured.definition.name.value
    return button(
        f"{SHOW}:{name}",
        "How is this counted?",
        json.dumps({"measure": name, "weeks": weeks}),
        description=f"How is {measured.definition.title} counted?",
    )


def _image(file_id: str, alt: str) -> Block:
    return {"type": "image", "slack_file": {"id": file_id}, "alt_text": alt[:2000]}


def _view(blocks: Sequence[Block]) -> Block:
    return reading_view(VIEW, "How it is counted", blocks)
