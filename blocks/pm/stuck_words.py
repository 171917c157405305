"""Ages and trends of stuck work as people read them."""

from __future__ import annotations

from blocks.pm.words import BARS, counted
from blocks.text import escape
from services.pm.bottlenecks.stuck import Trend, TrendLine

HOUR_S, DAY_S = 3600, 86_400


def length_text(seconds: float) -> str:
    """Return how long something usually takes: "25 min", "9 h", "2 d"; halves only below ten."""
    if seconds < 90 * 60:
        return f"{max(round(seconds / 60), 1)} min"
    if seconds < 2 * DAY_S:
        return f"{_short(seconds / HOUR_S)} h"
    return f"{_short(seconds / DAY_S)} d"


def _short(number: float) -> str:
    return f"{round(number * 2) / 2:g}" if number < 10 else f"{number:,.0f}"


def age_text(seconds: int, days: int) -> str:
    """Return how long something waits: by the calendar from a day on ("9 days"), else in hours."""
    if days < 1 or seconds < DAY_S // 2:
        return length_text(seconds)
    return counted(days, "day")


def trend_lines(trend: Trend) -> list[str]:
    """Return the weeks in a line, and where and with whom it is most."""
    weeks = trend.overall.by_week
    numbers = " → ".join(str(number) for number in weeks)
    lines = [f"Stuck a week, the last {len(weeks)}: {_bars(trend.overall)} {numbers}"]
    most = [
        f"{label} {escape(best[0].name)} ({best[0].now})"
        for label, best in (("in", trend.statuses), ("with", trend.people), ("team", trend.teams))
        if best
    ]
    if most:
        lines.append(f"Most {', '.join(most)}")
    return lines


def _bars(line: TrendLine) -> str:
    top = max(*line.by_week, 1)
    return "".join(BARS[number * (len(BARS) - 1) // top] for number in line.by_week)
