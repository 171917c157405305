"""How long work lies where: a ticket's way through its workflow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import log
from random import Random

from sandbox.world.clock import Calendar

WAITING = frozenset({"Code Review", "QA", "Blocked", "Plan Review", "In Testing"})
RECENT = timedelta(days=21)

# Median days in a status and the spread (sigma of the logarithm): most are short, a few are very long.
DWELL: dict[str, tuple[float, float]] = {
    "To Do": (3.0, 1.0),
    "Backlog": (4.0, 1.0),
    "In Progress": (2.0, 0.8),
    "Code Review": (0.8, 0.9),
    "QA": (1.0, 0.9),
    "Blocked": (1.5, 0.8),
    "Investigation": (2.0, 0.7),
    "Plan": (1.5, 0.6),
    "Build & Test": (3.0, 0.7),
    "Pilot": (4.0, 0.5),
    "Rollout": (5.0, 0.5),
    "Verify": (1.5, 0.6),
    "Plan Review": (0.7, 0.8),
    "In Testing": (0.8, 0.8),
}


def _software(random: Random) -> Iterator[str]:
    yield "To Do"
    yield "In Progress"
    if random.random() < 0.09:
        yield "Blocked"
        yield "In Progress"
    yield "Code Review"
    if random.random() < 0.22:
        yield "In Progress"
        yield "Code Review"
    yield "QA"
    if random.random() < 0.1:
        yield "In Progress"
        yield "Code Review"
        yield "QA"
    yield "Done"


def _remediation(random: Random) -> Iterator[str]:
    yield from ("To Do", "Investigation", "Plan", "Build & Test")
    if random.random() < 0.2:
        yield from ("Plan", "Build & Test")
    yield from ("Pilot", "Rollout", "Verify", "Done")


def _runner(random: Random) -> Iterator[str]:
    yield from ("Backlog", "Plan Review", "In Progress", "In Testing")
    if random.random() < 0.25:
        yield from ("In Progress", "In Testing")
    yield "Done"


FLOWS = {"CPE": _remediation, "TOOLS": _runner}


def walk(
    random: Random, calendar: Calendar, project: str, created: datetime, until: datetime, started: bool = True
) -> list[tuple[datetime, str]]:
    """Return the moves of a ticket up to `until`; one that is never started has none.

    Recent stays in waiting statuses are kept short, so that what is stuck in the world is what its stories say.
    """
    if not started:
        return []
    moves: list[tuple[datetime, str]] = []
    at, here = created, ""
    for status in FLOWS.get(project, _software)(random):
        if here:
            at = calendar.office_hours(at + _stay(random, here, at, calendar.now))
            if at >= until:
                break
            moves.append((at, status))
        here = status
    return moves


def _stay(random: Random, status: str, since: datetime, now: datetime) -> timedelta:
    median, sigma = DWELL[status]
    days = min(random.lognormvariate(log(median), sigma), 25.0)
    if status in WAITING and now - since < RECENT:
        days = min(days, 1.5)
    return timedelta(days=days, minutes=random.randrange(5, 55))


def epic_moves(calendar: Calendar, created: datetime, state: str) -> list[tuple[datetime, str]]:
    """Return the moves of an epic: new ones have none, done ones ended two months ago."""
    if state == "new":
        return []
    moves = [(calendar.office_hours(created + timedelta(days=4)), "In Progress")]
    if state == "done":
        moves.append((calendar.moment(63, 16), "Done"))
    return moves
