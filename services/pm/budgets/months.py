"""A project's month as the projection sees it: what was logged by day, and how much could be worked by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from services.pm.months import Month

PEOPLE_MONTHS = 3
"""Who works on a project, and with how much of their time, is taken from this many months before."""


@dataclass(frozen=True)
class BudgetMonth:
    """Seconds logged by day, and how strong the project's people are on each day (`capacity`), of one month.

    A day on which all of them work in full is 1, one on which nobody works is 0.
    """

    month: Month
    logged: Mapping[date, int]
    capacity: Mapping[date, float]

    @cached_property
    def total(self) -> int:
        """All seconds logged in the month."""
        return sum(self.logged.values())

    @cached_property
    def whole_capacity(self) -> float:
        """The capacity of all days."""
        return sum(self.capacity.values())

    @cached_property
    def curve(self) -> Sequence[tuple[date, float, int]]:
        """Each day with the share of the month's capacity gone by its end (0 to 1), and the seconds logged by then."""
        points, gone, logged = [], 0.0, 0
        for day in self.month:
            gone += self.capacity.get(day, 0.0)
            logged += self.logged.get(day, 0)
            points.append((day, gone / self.whole_capacity if self.whole_capacity else 0.0, logged))
        return tuple(points)

    def gone(self, through: date) -> float:
        """Return the share of the capacity (0 to 1) of the days up to and including `through`."""
        return next((gone for day, gone, _ in reversed(self.curve) if day <= through), 0.0)

    def logged_through(self, through: date) -> int:
        """Return the seconds logged for the days up to and including `through`."""
        return sum(seconds for day, seconds in self.logged.items() if day <= through)

    def share_logged(self, gone: float) -> float:
        """Return which share of the month's hours was logged when `gone` (0 to 1) of its capacity was."""
        if not self.total:
            return gone
        before_gone, before_logged = 0.0, 0
        for _, at, logged in self.curve:
            if at >= gone:
                part = (gone - before_gone) / (at - before_gone) if at > before_gone else 1.0
                return (before_logged + part * (logged - before_logged)) / self.total
            before_gone, before_logged = at, logged
        return 1.0


def people_shares(logged: Mapping[str, int], required: Mapping[str, int]) -> dict[str, float]:
    """Return which share of their required time each person spent on a project, by Jira account.

    People of whom nothing was required (no schedule) are left out: their time shows in the pace only.
    """
    return {person: min(logged[person] / required[person], 1.0) for person in logged if required.get(person)}


def capacity_of(
    month: Month, shares: Mapping[str, float], required: Mapping[tuple[str, date], int], working_days: Iterable[date]
) -> dict[date, float]:
    """Return how strong a project's people are on each day (0 to 1): by required time, weighted with their shares.

    Required seconds, by Jira account and day, have holidays and planned leave taken off; somebody's longest day is
    their full one. Where nobody's share is known, each working day is 1.
    """
    longest: dict[str, int] = defaultdict(int)
    for (person, _), seconds in required.items():
        longest[person] = max(longest[person], seconds)
    full = sum(share * longest[person] for person, share in shares.items())
    if full <= 0:
        return {day: 1.0 for day in working_days if day in month}
    return {day: sum(share * required.get((who, day), 0) for who, share in shares.items()) / full for day in month}
