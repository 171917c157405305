"""Sessions as values, for tests of notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from services.pilot.types import (
    Fact,
    FactSource,
    FixDecision,
    ItemStatus,
    LaneItem,
    LaneKind,
    ScriptRun,
    Session,
    SessionStatus,
    SuggestedFix,
)

AT = datetime(2026, 11, 18, 9, tzinfo=UTC)


def fact(number: int, text: str, *, gone: bool = False, source: str = "manual", ref: str | None = None) -> Fact:
    """Return a fact; `gone` ones were taken back."""
    return Fact(f"f{number}", number, text, FactSource(source), ref, 1, AT, AT, AT if gone else None)


def fix(number: int, *facts: int, decided: FixDecision | None = FixDecision.ONE_OFF, **changes: Any) -> SuggestedFix:
    """Return a fix that rests on facts."""
    made = SuggestedFix(
        f"x{number}", "Clear the cache", "Delete the entries.", "The cache is old.", facts, "", "", None, "model",
        decided, None, None, None, AT, number,
    )  # fmt: skip
    return replace(made, **changes)


def item(number: int, kind: LaneKind, text: str, answer: str | None = None, **changes: Any) -> LaneItem:
    """Return a lane item, done if it has an answer."""
    status = ItemStatus.OPEN if answer is None else ItemStatus.DONE
    return replace(LaneItem(f"i{number}", kind, text, status, answer or ""), **changes)


def script(number: int, **parameters: Any) -> ScriptRun:
    """Return a script; a parameter given as a pair (value, True) is marked sensitive."""
    listed = [
        {"name": name, "value": value[0], "sensitive": value[1]}
        if isinstance(value, tuple)
        else {"name": name, "value": value}
        for name, value in parameters.items()
    ]
    return ScriptRun(f"s{number}", None, None, "powershell", "", tuple(listed), "one_off", AT, number)


def session(
    *facts: Fact,
    problem: str = "Outlook asks for the password",
    fixes: Sequence[SuggestedFix] = (),
    items: Sequence[LaneItem] = (),
    scripts: Sequence[ScriptRun] = (),
    version: int = 1,
) -> Session:
    """Return an open session."""
    return Session(
        id="s1", title="Outlook", problem=problem, status=SessionStatus.OPEN, team="", company="",
        opened_by_member_id=1, channel_id=None, thread_ts=None, lane_ts=None, state_version=version,
        items=tuple(items), facts=facts, fixes=tuple(fixes), scripts=tuple(scripts), ticket=None, artifacts={},
        resolution_note_external_id=None, escalation_package_external_id=None, created_at=AT, updated_at=AT,
        closed_at=None,
    )  # fmt: skip
