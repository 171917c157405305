"""What a snooze covers: pure rules over subjects, keys and what an alert claims."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from db.base import canonical_json
from services.alerts.types import Finding, Snooze
from services.errors import InvalidInputError

UNTIL_CHANGED_AT_MOST = timedelta(days=90)
LONGEST = timedelta(days=365)
STATE_FACTS = ("threshold", "step", "status", "activity", "blocker", "week", "month")
"""Facts that name a state; the others (hours, scores) drift from run to run without anything having changed."""

_TICKET = re.compile(r"([A-Za-z][A-Za-z0-9_]{1,29})-[1-9][0-9]{0,9}")
_KEY_FACTS = ("project", "project_key", "ticket_key", "item_key", "epic")
_DURATION = re.compile(r"([1-9][0-9]{0,3})\s*(h|hours?|d|days?|w|weeks?)", re.IGNORECASE)
_HOURS = {"h": 1, "d": 24, "w": 24 * 7}


class SnoozeChoice(StrEnum):
    """What [Snooze] on an alert offers."""

    DAY = "day"
    THREE_DAYS = "three_days"
    WEEK = "week"
    UNTIL_CHANGED = "until_changed"

    @property
    def length(self) -> timedelta:
        """How long it holds at most."""
        return {
            SnoozeChoice.DAY: timedelta(days=1),
            SnoozeChoice.THREE_DAYS: timedelta(days=3),
            SnoozeChoice.WEEK: timedelta(days=7),
            SnoozeChoice.UNTIL_CHANGED: UNTIL_CHANGED_AT_MOST,
        }[self]


def read_duration(text: str) -> timedelta:
    """Read "3d", "12h" or "1 week"; raises `InvalidInputError`."""
    found = _DURATION.fullmatch(text.strip())
    length = timedelta(hours=int(found[1]) * _HOURS[found[2][0].lower()]) if found else timedelta()
    if not timedelta() < length <= LONGEST:
        raise InvalidInputError(
            "That is no time that an alert can be snoozed for.", hint="Use 12h, 3d or 1w, up to a year."
        )
    return length


def topics(subject: str, agent: str, facts: Mapping[str, Any]) -> frozenset[str]:
    """Return all that an alert can be snoozed by: its agent, its subject, and the keys of its project and ticket."""
    parts = {part for part in subject.split(":") if part}
    parts |= {str(facts[name]) for name in _KEY_FACTS if facts.get(name)}
    projects = {found[1] for part in parts if (found := _TICKET.fullmatch(part))}
    return frozenset(name.casefold() for name in {agent, subject, *parts, *projects} if name)


def fingerprint(severity: str, facts: Mapping[str, Any]) -> str:
    """Return what stands for an alert's state: it differs when the severity or a fact that names a state does."""
    state = {name: facts[name] for name in STATE_FACTS if name in facts}
    return hashlib.sha256(canonical_json([str(severity), state]).encode()).hexdigest()[:32]


def covering(finding: Finding, snoozes: Iterable[Snooze], now: datetime) -> Snooze | None:
    """Return the snooze that covers a finding the longest; None when it may be told."""
    names = topics(finding.subject, finding.agent, finding.facts)
    state = fingerprint(finding.severity, finding.facts)
    fitting = [
        snooze
        for snooze in snoozes
        if snooze.until > now and snooze.subject.casefold() in names and snooze.fingerprint in ("", state)
    ]
    return max(fitting, key=lambda snooze: snooze.until, default=None)
