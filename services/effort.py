"""What people do with the agents' help, and how many minutes each is taken to spare them: an admin's setting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

ACTIONS: Mapping[str, tuple[str, int]] = {
    "worklog": ("worklogs logged from drafts", 2),
    "reminder": ("reminders of missing hours", 5),
    "epic": ("tickets that got an epic by a click", 3),
    "change": ("other changes made from Slack", 1),
    "report": ("months reconciled", 120),
}
"""What counts as an action, and the minutes that it is taken to spare somebody unless set otherwise."""

MINUTES = "metrics.minutes"
MOST_MINUTES = 8 * 60
_PAIR = re.compile(r"([a-z]+)\s*=\s*(\d{1,4})")


def read_minutes(given: Any) -> dict[str, int] | None:
    """Read "worklog=2, report=120", or what is stored; `ValueError` says what is wrong, None is as usual."""
    text = show_minutes(given) if isinstance(given, Mapping) else str(given or "")
    found: dict[str, int] = {}
    for part in (part.strip() for part in re.split(r"[,\n]", text) if part.strip()):
        match = _PAIR.fullmatch(part)
        if match is None or match[1] not in ACTIONS or int(match[2]) > MOST_MINUTES:
            raise ValueError(f"“{part[:40]}” is not ACTION=minutes. Actions: {', '.join(ACTIONS)}.")
        found[match[1]] = int(match[2])
    usual = {action: minutes for action, (_, minutes) in ACTIONS.items()}
    return None if not found or usual | found == usual else usual | found


def show_minutes(stored: Mapping[str, int] | None) -> str:
    """Return the minutes of all actions as text."""
    return ", ".join(f"{action}={minutes}" for action, minutes in minutes_of(stored).items())


def minutes_of(stored: Mapping[str, int] | None) -> dict[str, int]:
    """Return the minutes of each action, the usual ones where nothing is set."""
    return {action: int((stored or {}).get(action, minutes)) for action, (_, minutes) in ACTIONS.items()}
