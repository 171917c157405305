"""Where a retainer's month is heading: a point, a range of 80 %, and the day on which the budget is used up.

The unknown is the month's total. Earlier months tell three things: the usual level, the usual course over the month,
and how far months stray from both.

    u = share of the month's capacity that is gone: people's required time, holidays and planned leave taken off,
        times the share of it that they usually spend on the project
    s = share of a month's hours that is usually logged at u; an average over earlier months and of s = u
    L = hours per capacity of the last months (newer ones count more) x this month's capacity: the usual level
    V = spread of months around that level, W = spread of a month around its usual course (variances, of L = 1)
    k = W x (1 - s) / V
    total = (k x L + logged) / (k + s)

That is the mean of the total given what was logged, where the total has mean L and variance V, and what is logged at s
strays from s x total like a Brownian bridge, with variance W x s x (1 - s): the linear Bayes estimate, known from
insurance as Bühlmann and Straub's credibility (1970) applied to run-off (Benktander, 1976). Early in the month, or
where months come out alike however they run, the usual level decides; late, or where levels differ, this month's own
pace does. The variance of what is left is V x k / (k + s) x L², times how much larger the errors of this very procedure
were in earlier months. What is left is normal with that mean and variance and never below nothing; the point is its
median, the range goes from its first to its ninth tenth. Where days without any hours are usual, nothing more at all
has a chance of its own: the share of such days, to the power of the days to come.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import NormalDist

from services.pm.budgets.months import BudgetMonth
from services.pm.budgets.usual import KEPT_MONTHS, started, usual_level, usually_logged

PRIOR_MONTHS = 1.0
PRIOR_COURSE, PRIOR_LEVEL = 0.18**2, 0.28**2
"""Spreads around course and level before any month is known; they count for so many months."""

CALIBRATION_MONTHS = 4.0
"""How many months the model's own spread counts for against the errors it made in earlier months."""

OTHERS_WEIGHT = 0.25
"""What a month of another project tells of these spreads, against one of the project's own."""

NO_HISTORY_LEVEL = 0.5**2
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
    course: tuple[tuple[date, float], ...] = ()
    """Each day to come with capacity, and which share (0 to 1) of what is left is logged by its end."""
    exhausted_on: date | None = None
    exhausted_earliest: date | None = None


@dataclass(frozen=True)
class _Spread:
    """V and W of the formula."""

    level: float
    course: float


@dataclass(frozen=True)
class _Outlook:
    """What is still to come of a month: mean and variance, and the parts of the formula."""

    usually_logged: float
    usual_level: float
    total: float
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
    groups = _groups(known, others)
    spread = _spread_of(groups)
    logged = this.logged_through(through)
    pending = this.total - logged
    gone = this.gone(through)
    outlook = _outlook(this, gone, logged, known, spread, retainer_seconds)
    variance = outlook.variance * _calibration(groups, spread)
    low, middle, high = at_least_nothing(outlook.mean, variance, _chance_of_nothing(this, through, known))
    usual = usual_level(this, known)
    projection = Projection(
        low=logged + max(pending, round(low)),
        point=logged + max(pending, round(middle)),
        high=logged + max(pending, round(high)),
        through=through,
        gone=gone,
        usually_logged=outlook.usually_logged,
        logged=logged,
        usual_level=round(usual) if usual is not None else None,
        level=outlook.total,
        own_weight=outlook.own_weight,
        months_known=len(known),
        pending=pending,
    )
    return _with_exhaustion(projection, this, known, retainer_seconds)


def _outlook(
    this: BudgetMonth, gone: float, logged: int, known: Sequence[BudgetMonth], spread: _Spread, retainer: int
) -> _Outlook:
    share = usually_logged(gone, known)
    usual = usual_level(this, known)
    if usual is None:
        spread = replace(spread, level=NO_HISTORY_LEVEL)
        usual = float(retainer) or (logged / share if share > 0 else 0.0)
    ratio = spread.course * (1 - share) / spread.level
    if ratio + share <= 0:
        return _Outlook(share, usual, usual, 0.0, max(usual - logged, 0.0), 0.0)
    total = (ratio * usual + logged) / (ratio + share)
    variance = spread.level * ratio / (ratio + share) * max(usual, total) ** 2
    return _Outlook(share, usual, total, share / (ratio + share), total - logged, variance)


Groups = Sequence[tuple[float, Sequence[BudgetMonth]]]
"""Months of a project, and what one of them counts for."""


def _groups(known: Sequence[BudgetMonth], others: Sequence[Sequence[BudgetMonth]]) -> Groups:
    return [(1.0, known), *((OTHERS_WEIGHT, started(each)[-KEPT_MONTHS:]) for each in others)]


def _spread_of(groups: Groups) -> _Spread:
    """Return the mean squares of earlier months around level and course, the prior's among them."""
    level, course, levels, courses = PRIOR_MONTHS * PRIOR_LEVEL, PRIOR_MONTHS * PRIOR_COURSE, PRIOR_MONTHS, PRIOR_MONTHS
    for weight, months in groups:
        for number, month in enumerate(months):
            if month.total and len(months) > 1:
                rest = [*months[:number], *months[number + 1 :]]
                course += weight * _bridge(month, rest)
                courses += weight
            if usual := usual_level(month, months[:number]):
                level += weight * min((month.total / usual - 1) ** 2, 1.0)
                levels += weight
    return _Spread(level / levels, course / courses)


def _bridge(month: BudgetMonth, rest: Sequence[BudgetMonth]) -> float:
    """Return how far a month strayed from the other months' course, as the variance W."""
    squares = [
        (month.share_logged(gone) - usually_logged(gone, rest)) ** 2 / (gone * (1 - gone)) for gone in _CHECKED_AT
    ]
    return sum(squares) / len(squares)


def _calibration(groups: Groups, spread: _Spread) -> float:
    """Return by how much the variance has to be larger, from the errors that this procedure made in earlier months."""
    ratio, weight = CALIBRATION_MONTHS, CALIBRATION_MONTHS
    for own, months in groups:
        for number in range(1, len(months)):
            if usual_level(months[number], months[:number]) is not None:
                ratio += own * min(_surprise(months[number], months[:number], spread), 9.0)
                weight += own
    return ratio / weight


def _surprise(month: BudgetMonth, before: Sequence[BudgetMonth], spread: _Spread) -> float:
    """Return the mean square of the procedure's errors in a month, each in units of the variance it gave."""
    squares = []
    for gone in _CHECKED_AT:
        logged = round(month.share_logged(gone) * month.total)
        outlook = _outlook(month, gone, logged, before, spread, 0)
        if outlook.variance > 0:
            squares.append((month.total - logged - outlook.mean) ** 2 / outlook.variance)
    return sum(squares) / len(squares) if squares else 1.0


def _chance_of_nothing(this: BudgetMonth, through: date, known: Sequence[BudgetMonth]) -> float:
    """Return how likely nothing more is logged: the share of empty days so far, for each day to come."""
    days = [(month, day) for month in (*known, this) for day in month.month if month.capacity.get(day)]
    over = [(month, day) for month, day in days if month is not this or day <= through]
    empty = sum(not month.logged.get(day) for month, day in over)
    return math.pow(empty / (len(over) + 1), len(days) - len(over))


def at_least_nothing(mean: float, variance: float, nothing: float = 0.0) -> tuple[float, float, float]:
    """Return first tenth, middle and ninth tenth of what is left.

    That is 0 with the chance `nothing`, else normal with this mean and variance, of which only what is above 0 counts.
    """
    if variance <= 0:
        return max(mean, 0.0), max(mean, 0.0), max(mean, 0.0)
    deviation = variance**0.5
    centre = max(mean, -6 * deviation)
    usual = NormalDist()
    below = usual.cdf(-centre / deviation)

    def quantile(share: float) -> float:
        if share <= nothing:
            return 0.0
        above = (share - nothing) / (1 - nothing)
        value: float = centre + deviation * usual.inv_cdf(below + above * (1 - below))
        return max(value, 0.0)

    return quantile(0.1), quantile(0.5), quantile(0.9)


def _with_exhaustion(
    projection: Projection, this: BudgetMonth, known: Sequence[BudgetMonth], retainer: int
) -> Projection:
    projection = replace(projection, course=_course(projection, this, known))
    if retainer <= 0:
        return projection
    return replace(
        projection,
        exhausted_on=_reaches(retainer, projection.point, projection, this),
        exhausted_earliest=_reaches(retainer, projection.high, projection, this),
    )


def _course(projection: Projection, this: BudgetMonth, known: Sequence[BudgetMonth]) -> tuple[tuple[date, float], ...]:
    rest = 1 - projection.usually_logged
    days = [(day, gone) for day, gone, _ in this.curve if day > projection.through and this.capacity.get(day)]
    if rest <= 0:
        return tuple((day, (number + 1) / len(days)) for number, (day, _) in enumerate(days))
    shares = [(usually_logged(gone, known) - projection.usually_logged) / rest for _, gone in days]
    return tuple((day, 1.0 if day == days[-1][0] else share) for (day, _), share in zip(days, shares, strict=True))


def _reaches(retainer: int, end: int, projection: Projection, this: BudgetMonth) -> date | None:
    """Return the first day on which a month that ends at `end` seconds has used the retainer; None if it does not.

    Where what is logged suffices, it is the day for which that was; else a day with capacity, on the usual course.
    """
    for day, _, logged in this.curve:
        if logged >= retainer:
            return day
    if end < retainer:
        return None
    left = end - projection.logged
    return next((day for day, share in projection.course if projection.logged + share * left >= retainer - 0.5), None)
