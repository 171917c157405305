"""Thresholds of agents: where they stand, and what feedback has moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from blocks.accounts import settings_button
from blocks.elements import button, section_block
from blocks.text import bold, code, date_token, escape
from services.alerts.thresholds import ThresholdMove, ThresholdState
from services.alerts.tuning import SHARE, show_limits, show_number

UNDO = "threshold_undo"

Block = dict[str, Any]


def moved(move: ThresholdMove) -> tuple[str, list[Block]]:
    """Return what feedback has moved, with [Undo]."""
    text = (
        f"{bold(move.threshold.title)} is now {_value(move.value, move.threshold.unit)} "
        f"(was {_value(move.previous, move.threshold.unit)}): {escape(move.why)}."
    )
    opens = button(UNDO, "Undo", str(move.id), description="Take this change of the threshold back")
    return text, [section_block(text) | {"accessory": opens}]


def undone(move: ThresholdMove) -> tuple[str, tuple[Block, ...]]:
    """Return that a threshold is what it was."""
    unit = move.threshold.unit
    text = f":leftwards_arrow_with_hook: {bold(move.threshold.title)} is {_value(move.value, unit)} again."
    return text, (section_block(text),)


def overview(states: Sequence[ThresholdState]) -> tuple[str, tuple[Block, ...]]:
    """Return every threshold: those that learn with limits and votes, then the fixed ones."""
    tuned = [_tuned(state) for state in states if state.limits is not None]
    fixed = [
        f"• {escape(each.title)} ({code(each.agent)}): {_value(state.value, each.unit)}"
        for state in states
        if state.limits is None and (each := state.threshold)
    ]
    sections = ["*Thresholds that learn from [Useful] and [Not useful]*", *tuned, "\n".join(["*Fixed*", *fixed])]
    actions: Block = {"type": "actions", "elements": [settings_button("Change the limits")]}
    return "\n".join(sections), (*(section_block(text) for text in sections), actions)


def _tuned(state: ThresholdState) -> str:
    assert state.limits is not None
    unit = state.threshold.unit
    limits = show_limits(state.limits, unit)
    may = "feedback may not move it" if not state.limits.is_on else f"may move from {limits}"
    line = f"{bold(state.threshold.title)} ({code(state.threshold.agent)}): {_value(state.value, unit)}, {may}"
    votes = f"{state.useful} useful, {state.not_useful} not useful"
    if state.changed_at is None:
        return f"{line}\n{votes} in 90 days; never moved"
    return f"{line}\n{votes} since {date_token(state.changed_at, 'date')} ({escape(state.why)})"


def _value(value: float, unit: str) -> str:
    return show_number(value, unit) if unit == SHARE else f"{value:g} {unit}"
