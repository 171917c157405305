"""What the burn-up of a retainer shows."""

from __future__ import annotations

from datetime import date

from services.charts.burn_up import BurnUp, BurnUpPoint
from services.pm.budgets.types import BudgetStatus

HOUR_S = 3600


def burn_up_of(status: BudgetStatus) -> BurnUp:
    """Return the chart's points: what was logged by day up to today, and the projection on its usual course."""
    projection, month = status.projection, status.month
    pending = projection.pending > 0
    shown_until = max([day for day in status.this.logged if day in month], default=month.start) if pending else None
    last = shown_until or min(max(projection.through, month.start), month.end)
    logged = [(day, hours / HOUR_S) for day, _, hours in status.this.curve if day <= last]
    return BurnUp(
        title=f"{status.project.key}, {month.title}",
        first=month.start,
        last=month.end,
        budget=status.retainer_seconds / HOUR_S,
        logged=logged,
        ahead=_ahead(status, logged[-1][1] if logged else 0.0),
        pace=_pace(status),
        ends_on=status.pace_ends_on,
    )


def _ahead(status: BudgetStatus, logged: float) -> tuple[BurnUpPoint, ...]:
    projection = status.projection
    start = projection.logged / HOUR_S
    ends = [seconds / HOUR_S for seconds in (projection.low, projection.point, projection.high)]
    first_day = max(projection.through, status.month.start)
    points = [BurnUpPoint(first_day, start, start, start)]
    for day, share in projection.course:
        low, middle, high = (start + share * (end - start) for end in ends)
        points.append(BurnUpPoint(day, low, middle, high))
    return tuple(points) if len(points) > 1 else ()


def _pace(status: BudgetStatus) -> tuple[tuple[date, float], ...]:
    """Return the straight way from what is logged to the budget at the pace so far; none that it does not meet."""
    ends, start = status.pace_ends_on, max(status.projection.through, status.month.start)
    if ends is None or ends <= start or status.left_seconds <= 0:
        return ()
    return ((start, status.projection.logged / HOUR_S), (ends, status.retainer_seconds / HOUR_S))
