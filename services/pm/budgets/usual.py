"""What is usual for a project: its level and its course over a month, as the months before tell."""

from __future__ import annotations

from collections.abc import Sequence

from services.pm.budgets.months import BudgetMonth

KEPT_MONTHS = 6
DECAY = 0.8
"""Each month back counts for so much of the one after it."""

EVEN_MONTHS = 1.5
"""The even course s = u counts for so many months."""


def started(earlier: Sequence[BudgetMonth]) -> list[BudgetMonth]:
    """Return the months from the first one in which anything was logged; a later empty month counts as empty."""
    first = next((number for number, month in enumerate(earlier) if month.total), len(earlier))
    return [month for month in earlier[first:] if month.whole_capacity > 0]


def usual_level(this: BudgetMonth, known: Sequence[BudgetMonth]) -> float | None:
    """Return the seconds that a month of this capacity has by the last months' rate; None without any."""
    weights = _weights(known)
    capacity = sum(w * month.whole_capacity for w, month in zip(weights, known, strict=True))
    total = sum(w * month.total for w, month in zip(weights, known, strict=True))
    return total / capacity * this.whole_capacity if capacity > 0 and total > 0 else None


def usually_logged(gone: float, known: Sequence[BudgetMonth]) -> float:
    """Return which share (0 to 1) of a month's hours is usually logged when `gone` of its capacity is."""
    told = [(w, month) for w, month in zip(_weights(known), known, strict=True) if month.total]
    shares = sum(w * month.share_logged(gone) for w, month in told)
    return min((EVEN_MONTHS * gone + shares) / (EVEN_MONTHS + sum(w for w, _ in told)), 1.0)


def _weights(known: Sequence[BudgetMonth]) -> list[float]:
    return [DECAY ** (len(known) - 1 - number) for number in range(len(known))]
