"""What became different while somebody read a note: what happened in the session, and which lines that changes."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from blocks.text import escape, truncate
from services.pilot.types import Session

SHOWN_CHANGES, SHOWN_LINES, LINE_CHARACTERS = 6, 5, 160


def difference_words(session: Session, version: int, had: str, now: str) -> str:
    """Say what happened since `version`, and the lines that only one of both texts has."""
    parts = [_listed(_changes(session, version), SHOWN_CHANGES, "•")]
    old, new = _lines(had), _lines(now)
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    gone = [line for tag, a, b, _, _ in codes if tag != "equal" for line in old[a:b]]
    come = [line for tag, _, _, a, b in codes if tag != "equal" for line in new[a:b]]
    if gone:
        parts.append("*Only in what you had:*\n" + _listed([_shown(line) for line in gone], SHOWN_LINES, "&gt;"))
    if come:
        parts.append("*Only in the note now:*\n" + _listed([_shown(line) for line in come], SHOWN_LINES, "&gt;"))
    return "\n".join(part for part in parts if part)


def _changes(session: Session, version: int) -> list[str]:
    changes = []
    for fact in session.facts:
        if fact.changed_in > version:
            is_new = fact.created_at == fact.updated_at
            what = "was taken back" if fact.deleted_at else "is new" if is_new else "was changed"
            changes.append(f"{fact.label} {what}")
    for fix in session.fixes:
        if fix.changed_in > version:
            what = (
                f"was {fix.user_decision.done}" if fix.user_decision else "is proposed" if fix.is_active else "is out"
            )
            changes.append(f"the fix “{escape(truncate(fix.title, 80))}” {what}")
    return changes or ["what is asked or to be checked changed"]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _shown(line: str) -> str:
    return escape(truncate(line, LINE_CHARACTERS))


def _listed(lines: Sequence[str], most: int, sign: str) -> str:
    shown = [f"{sign} {line}" for line in lines[:most]]
    return "\n".join([*shown, f"{sign} … {len(lines) - most} more"] if len(lines) > most else shown)
