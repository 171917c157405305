"""What each agent claims in `Finding.facts`, so that one can see afterwards how right it was.

A finding about several things (a PM's summary, a list of suggestions) carries them as a list under any key, each with
these keys. What lacks one of them claims nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict


class TimeTrackingFacts(TypedDict):
    """`time-tracking`: hours are missing in a person's week (`week` is its Monday, `member` the member's id)."""

    member: int
    week: str
    status: str
    logged_seconds: int
    required_seconds: int


class RetainerFacts(TypedDict):
    """`retainer-budget`: a project has passed `threshold` per cent, and where its month will end."""

    project: str
    month: str
    threshold: int
    consumed_seconds: int
    retainer_seconds: int
    projected_seconds: int
    projected_low_seconds: int
    projected_high_seconds: int


class VarianceFacts(TypedDict):
    """`forecast-variance`: an epic is over its forecast, since inception or in the month to date (`window`)."""

    epic: str
    window: str
    variance_percent: float
    actual_seconds: int
    forecast_seconds: int


class BottleneckFacts(TypedDict):
    """`bottlenecks`: an item is stuck in a status since `entered_at` (ISO); nine of ten leave by `p90_seconds`."""

    item_key: str
    item_type: str
    project_key: str
    status: str
    entered_at: str
    seconds_in_status: int
    p90_seconds: float
    activity: str


class EpicFacts(TypedDict):
    """`epic-assignment`: a ticket belongs to an epic; without a suggestion nothing is claimed."""

    ticket_key: str
    epic_key: str
    confidence: float


KEYS: Mapping[str, frozenset[str]] = {
    "time-tracking": frozenset(TimeTrackingFacts.__required_keys__),
    "retainer-budget": frozenset(RetainerFacts.__required_keys__),
    "forecast-variance": frozenset(VarianceFacts.__required_keys__),
    "bottlenecks": frozenset(BottleneckFacts.__required_keys__),
    "epic-assignment": frozenset(EpicFacts.__required_keys__),
}
"""What a claim of an agent has to hold to be judged."""


def claims_of(agent: str, facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the claims in an alert's facts."""
    wanted = KEYS.get(agent)
    if wanted is None:
        return []
    lists = [value for value in facts.values() if isinstance(value, list)]
    found = [facts, *(each for value in lists for each in value if isinstance(each, Mapping))]
    return [each for each in found if wanted <= each.keys()]
