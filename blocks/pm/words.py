"""Hours, days and shares as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from services.pm.types import Week

BARS = "▁▂▃▄▅▆▇█"
NOTHING_KNOWN = "·"


def hours_text(seconds: int) -> str:
    """Return "9 h 30 min" or "45 min"; begun minutes are left out, so that nothing reads as more than it is."""
    hours, minutes = divmod(max(seconds, 0) // 60, 60)
    if minutes and not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def exact_text(seconds: int) -> str:
    """Return "9 h 30 min", with seconds where there are any: what formulas are shown with."""
    left = max(seconds, 0) % 60
    if not left:
        return hours_text(seconds)
    return f"{hours_text(seconds)} {left} s" if seconds >= 60 else f"{left} s"


def day_text(day: date) -> str:
    """Return "Tue Nov 17"."""
    return f"{day:%a %b} {day.day}"


def week_text(week: Week) -> str:
    """Return "Nov 16 to 22", with both months where there are two."""
    end = f"{week.end.day}" if week.end.month == week.start.month else f"{week.end:%b} {week.end.day}"
    return f"{week.start:%b} {week.start.day} to {end}"


def listed(words: Sequence[str]) -> str:
    """Return "Tuesday, Wednesday and Friday"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return "1 person" or "3 people"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def sparkline(percents: Sequence[int | None]) -> str:
    """Return a bar for each per cent from 0 to 100; a dot where nothing is known."""
    return "".join(
        NOTHING_KNOWN if percent is None else BARS[min(max(percent, 0) * len(BARS) // 100, len(BARS) - 1)]
        for percent in percents
    )
