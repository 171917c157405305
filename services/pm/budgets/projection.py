"""Where a retainer's month is heading: a point, a range of 80 %, and the day on which the budget is used up.

The model has one unknown, the level L that the month is heading for (seconds in the whole month), and three things
that earlier months tell: the usual level, the usual course over the month, and how far months stray from both.

    u  = share of the month's capacity that is gone: people's required time, holidays and planned leave taken off,
         times the share of it that they usually spend on the project
    s  = share of a month's hours that is usually logged at u; an average over earlier months and of s = u
    L0 = hours per capacity of the last months (newer ones count more) x this month's capacity
    k  = spread within months / spread between months (variances)
    L  = (k x L0 + logged) / (k + s)
    point = logged + (1 - s) x L

L is the mean of the level given what was logged, for a level with mean L0 and variance T (between months) and a month
that strays from its usual course like a bridge with variance S x s x (1 - s) (within months): the linear Bayes estimate
(Bühlmann-Straub credibility; Cape Cod and Bornhuetter-Ferguson in reserving are its neighbours). The variance of what
is still to come is ((1 - s)² x T x k / (k + s) + (1 - s) x S) x L0², times how much larger the errors of the same
procedure were in earlier months; the range is between the tenths of a gamma distribution with that mean and variance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.pm.budgets.months import BudgetMonth

KEPT_MONTHS = 6
DECAY = 0.8
"""Each month back counts for so much of the one after it."""

EVEN_MONTHS = 1.5
"""The even course s = u counts for so many months."""

PRIOR_MONTHS = 2.0
PRIOR_WITHIN, PRIOR_BETWEEN = 0.18**2, 0.22**2
"""Spreads (variances relative to the level) before any month is known; they count for so many months."""

LEAST_BETWEEN = 0.05**2
CALIBRATION_MONTHS = 4.0
"""How many months the model's own spread counts for against the errors it made in earlier months."""

NO_HISTORY_BETWEEN = 0.5**2
Z_80 = 1.2815515655446004
"""The normal distribution's point with a tenth above it."""
_CHECKED_AT = (0.1, 0.25, 0.4, 0.55, 0.7, 0.85)


@dataclass(frozen=True)
class Projection:
    """A month's end in seconds: a point, and a range that it should be in for 8 months of 10; and what it is made of.

    `usual_level` is None without earlier months. `own_weight` (0 to 1) is how much this month's pace counts against
    the earlier months' level.
    """

    low: int
    point: int
    high: int
    through: date
    gone: float
    usually_logged: float
    logged: int
    usual_level: int | None
    level: float
    own_weight: float
    months_known: int
    pending: int
    exhausted_on: date | None = None
    exhausted_earliest: date | None = None


@dataclass(frozen=True)
class _Spread:
    within: float
    between: float

    @property
    def ratio(self) -> float:
        return self.within / self.between


@dataclass(frozen=True)
class _Outlook:
    """What is still to come of a month: mean and variance, and its parts."""

    usually_logged: float
    level: float
    own_weight: float
    mean: float
    variance: float


def project_month(
    this: BudgetMonth,
    through: date,
    earlier: Sequence[BudgetMonth],
    *,
    retainer_seconds: int = 0,
    others: Sequence[Sequence[BudgetMonth]] = (),
) -> Projection:
    """Project a month from what was logged for its days up to and including `through`, which count as gone.

    `earlier` are the project's months before, oldest first; `others` those of further projects, which lend their
    spread. What is logged for later days counts at least. Without earlier months the retainer is the level to begin
    with, and the range is wide.
    """
    known = started(earlier)[-KEPT_MONTHS:]
    spread = _spread_of(known, others)
    logged = this.logged_through(through)
    pending = this.total - logged
    gone = this.gone(through)
    outlook = _outlook(this, gone, logged, known, spread, retainer_seconds)
    variance = outlook.variance * _calibration(known, spread, others)
    low, high = gamma_tenths(outlook.mean, variance)
    usual = usual_level(this, known)
    projection = Projection(
        low=logged + max(pending, round(low)),
        point=logged + max(pending, round(outlook.mean)),
        high=logged + max(pending, round(high)),
        through=through,
        gone=gone,
        usually_logged=outlook.usually_logged,
        logged=logged,
        usual_level=round(usual) if usual is not None else None,
        level=outlook.level,
        own_weight=outlook.own_weight,
        months_known=len(known),
        pending=pending,
    )
    return _with_exhaustion(projection, this, known, retainer_seconds)


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


def _outlook(
    this: BudgetMonth, gone: float, logged: int, known: Sequence[BudgetMonth], spread: _Spread, retainer: int
) -> _Outlook:
    share = usually_logged(gone, known)
    usual = usual_level(this, known)
    if usual is None:
        spread = replace(spread, between=NO_HISTORY_BETWEEN)
        usual = float(retainer) or (logged / share if share > 0 else 0.0)
    ratio = spread.ratio
    level = (ratio * usual + logged) / (ratio + share)
    scale = max(usual, level)
    variance = (1 - share) ** 2 * spread.between * ratio / (ratio + share) + (1 - share) * spread.within
    return _Outlook(share, level, share / (ratio + share), (1 - share) * level, variance * scale**2)


def _spread_of(known: Sequence[BudgetMonth], others: Sequence[Sequence[BudgetMonth]]) -> _Spread:
    """Return the spreads within and between months: earlier months' mean squares, and the prior's."""
    within, between, weight_within, weight_between = 0.0, 0.0, PRIOR_MONTHS, PRIOR_MONTHS
    within += PRIOR_MONTHS * PRIOR_WITHIN
    between += PRIOR_MONTHS * (PRIOR_BETWEEN + PRIOR_WITHIN)
    for weight, months in ((1.0, list(known)), *((0.25, started(each)[-KEPT_MONTHS:]) for each in others)):
        for number, month in enumerate(months):
            if month.total and len(months) > 1:
                rest = months[:number] + months[number + 1 :]
                within += weight * _bridge(month, rest)
                weight_within += weight
            usual = usual_level(month, months[:number])
            if usual:
                between += weight * min((month.total / usual - 1) ** 2, 1.0)
                weight_between += weight
    found = within / weight_within
    return _Spread(found, max(between / weight_between - found, LEAST_BETWEEN))


def _bridge(month: BudgetMonth, rest: Sequence[BudgetMonth]) -> float:
    """Return how far a month strayed from the other months' course, as the variance of a whole month."""
    squares = [
        (month.share_logged(gone) - usually_logged(gone, rest)) ** 2 / (gone * (1 - gone)) for gone in _CHECKED_AT
    ]
    return sum(squares) / len(squares)


def _calibration(
    known: Sequence[BudgetMonth], spread: _Spread, others: Sequence[Sequence[BudgetMonth]]
) -> float:
    """Return by how much the variance has to be larger, from the errors that this procedure made in earlier months."""
    ratio, weight = CALIBRATION_MONTHS, CALIBRATION_MONTHS
    for own, months in ((1.0, list(known)), *((0.25, started(each)[-KEPT_MONTHS:]) for each in others)):
        for number in range(1, len(months)):
            month, before = months[number], months[:number]
            if usual_level(month, before) is None:
                continue
            squares = []
            for gone in _CHECKED_AT:
                logged = round(month.share_logged(gone) * month.total)
                outlook = _outlook(month, gone, logged, before, spread, 0)
                if outlook.variance > 0:
                    squares.append((month.total - logged - outlook.mean) ** 2 / outlook.variance)
            ratio += own * min(sum(squares) / len(squares), 9.0) if squares else 0.0
            weight += own if squares else 0.0
    return ratio / weight


def gamma_tenths(mean: float, variance: float) -> tuple[float, float]:
    """Return the points of a gamma distribution with a tenth below and a tenth above (Wilson and Hilferty, 1931)."""
    if mean <= 0 or variance <= 0:
        return max(mean, 0.0), max(mean, 0.0)
    shape = mean**2 / variance
    low, high = (
        mean * max(1 - 1 / (9 * shape) + z / (3 * math.sqrt(shape)), 0.0) ** 3 for z in (-Z_80, Z_80)
    )
    return low, high


def _with_exhaustion(
    projection: Projection, this: BudgetMonth, known: Sequence[BudgetMonth], retainer: int
) -> Projection:
    if retainer <= 0:
        return projection
    return replace(
        projection,
        exhausted_on=_reaches(retainer, projection.point, projection, this, known),
        exhausted_earliest=_reaches(retainer, projection.high, projection, this, known),
    )


def _reaches(
    retainer: int, end: int, projection: Projection, this: BudgetMonth, known: Sequence[BudgetMonth]
) -> date | None:
    """Return the first day on which a month that ends at `end` seconds has used the retainer; None if it does not.

    Where what is logged suffices, it is the day for which that was; else a day with capacity, on the usual course.
    """
    for day, _, logged in this.curve:
        if logged >= retainer:
            return day
    if end < retainer:
        return None
    rest = 1 - projection.usually_logged
    last = None
    for day, gone, _ in this.curve:
        if day <= projection.through or not this.capacity.get(day):
            continue
        course = (usually_logged(gone, known) - projection.usually_logged) / rest if rest > 0 else 1.0
        if projection.logged + course * (end - projection.logged) >= retainer - 0.5:
            return day
        last = day
    return last
