"""Hours as people type them: "1.5", "1,5", "1:30", "1h 30m", "90m"."""

from __future__ import annotations

import re
from fractions import Fraction

from services.errors import InvalidInputError

DAY_S = 24 * 3600
HINT = "Write 1.5, 1:30, 1h 30m or 90m."
_DECIMAL = re.compile(r"(\d{1,3})(?:[.,](\d{1,4}))?\s*(?:h|hrs?|hours?)?")
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)(?:\s*h)?")
_PARTS = re.compile(r"(?:(\d{1,3})\s*(?:h|hrs?|hours?))?\s*(?:(\d{1,4})\s*(?:m|mins?|minutes?))?")


def seconds_typed(text: str) -> int:
    """Return whole seconds; raises `InvalidInputError` for what is no time, less than a minute, or over 24 hours."""
    typed = " ".join(text.lower().split())
    seconds = _read(typed)
    if seconds is None:
        raise InvalidInputError(f"“{text.strip()[:20]}” is no number of hours.", hint=HINT)
    if seconds < 60:
        raise InvalidInputError("That is less than a minute.", hint="Untick the row to leave it out.")
    if seconds > DAY_S:
        raise InvalidInputError("A day has 24 hours.", hint=HINT)
    return seconds


def _read(typed: str) -> int | None:
    if match := _DECIMAL.fullmatch(typed):
        part = Fraction(int(match[2]), 10 ** len(match[2])) if match[2] else Fraction(0)
        # whole minutes: nobody logs the seconds of a third of an hour
        return round((int(match[1]) + part) * 60) * 60
    if match := _CLOCK.fullmatch(typed):
        return int(match[1]) * 3600 + int(match[2]) * 60
    match = _PARTS.fullmatch(typed)
    if match and typed:
        return int(match[1] or 0) * 3600 + int(match[2] or 0) * 60
    return None


def typed_from(seconds: int) -> str:
    """Return seconds as the form shows them: "1h 30m", begun minutes left out."""
    hours, minutes = divmod(max(0, seconds) // 60, 60)
    return " ".join(part for part in (f"{hours}h" if hours else "", f"{minutes}m" if minutes else "") if part) or "0m"
