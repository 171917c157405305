"""Completion, level and risk of an epic: pure and exact; rounding is for display."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from math import floor

from services.mirror.types import IssueRow
from services.pm.months import Month
from services.pm.variance.types import Completion, Figure, Level, Thresholds

FULL_VARIANCE = Fraction(60)
FULL_MISALIGNMENT = Fraction(80)
VARIANCE_WEIGHT = Fraction(6, 10)
MISALIGNMENT_WEIGHT = Fraction(4, 10)
FIRST_STEP = 10
"""Per cent by which a variance has to grow to be news again."""


def completion_of(issues: Iterable[IssueRow]) -> Completion:
    """Count an epic's issues that are done; sub-tasks are parts of issues, so that they do not count."""
    counted = [issue for issue in issues if issue.hierarchy_level == 0]
    return Completion(sum(issue.is_done for issue in counted), len(counted))


def misalignment(inception: Figure, completion: Completion) -> Fraction:
    """Return by how many points the share of hours used is ahead of the share of issues done; never below 0.

    Where nothing is known of completion or there is no forecast in all, hours above the forecast are all that is
    known to be ahead.
    """
    used = inception.hours_percent
    if used is None:
        return Fraction(0)
    done = completion.percent
    return max(used - (Fraction(100) if done is None else done), Fraction(0))


def risk_score(variance_percent: Fraction, misaligned_points: Fraction) -> int:
    """Return 1 to 10: 1 + 9 x (0.6 x v + 0.4 x m), rounded down, never above 10.

    v is the variance over 60 %, m the misalignment over 80 points, each between 0 and 1; monotone in both. The
    formula and where its figures come from is in docs/forecast-variance.md.
    """
    over = min(max(variance_percent, Fraction(0)) / FULL_VARIANCE, Fraction(1))
    apart = min(max(misaligned_points, Fraction(0)) / FULL_MISALIGNMENT, Fraction(1))
    return 1 + floor(9 * (VARIANCE_WEIGHT * over + MISALIGNMENT_WEIGHT * apart))


def level_of(variance_percent: Fraction | None, thresholds: Thresholds) -> Level:
    """Return who hears of it; a threshold is passed when it is exceeded."""
    if variance_percent is None or variance_percent <= thresholds.weekly:
        return Level.QUIET
    if variance_percent > thresholds.stakeholders:
        return Level.STAKEHOLDERS
    return Level.ALERT if variance_percent > thresholds.alert else Level.WEEKLY


def step_of(variance_percent: Fraction) -> int:
    """Return the ten of per cent that was passed: 47.5 is 40."""
    return floor(variance_percent / FIRST_STEP) * FIRST_STEP


def month_of(day: date) -> Month:
    """Return the month that a run reports on: on the 1st the one that has just ended."""
    return Month.of(day - timedelta(days=1))


def period_of(day: date) -> str:
    """Name what a run is for, once: the month on the 1st, else the ISO week ("2026-W47").

    In a week whose Monday is the 1st, the month's report is the week's as well.
    """
    monday = day - timedelta(days=day.weekday())
    first = next((each for each in (day, monday) if each.day == 1), None)
    if first is not None:
        return str(month_of(first))
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
