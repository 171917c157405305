"""Variance, completion, risk and level: exact, monotone, and never a division by nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.types import MemberRef, Role
from services.pm.months import Month
from services.pm.variance.arithmetic import (
    level_of,
    misalignment,
    month_of,
    period_of,
    risk_score,
    step_of,
)
from services.pm.variance.assess import is_news
from services.pm.variance.types import Completion, Figure, Level, Thresholds, Told, Window

PERCENT = st.fractions(-100, 400, max_denominator=1000)
POINTS = st.fractions(0, 300, max_denominator=1000)
NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
PRIYA = MemberRef(1, "U1", "Priya", Role.PM, "UTC")


def figure(actual_s: int, minutes: int | None) -> Figure:
    return Figure(Window.INCEPTION, actual_s, minutes)


@pytest.mark.requirement("PM-3.2")
@pytest.mark.parametrize(
    ("actual_s", "minutes", "percent"),
    [
        (846_720, 9_600, Fraction(47)),
        (3_600, 180, Fraction(-200, 3)),
        (0, 60, Fraction(-100)),
        (3_601, 60, Fraction(1, 36)),
        (3_600, 0, None),
        (3_600, None, None),
        (0, None, None),
    ],
)
def test_variance_is_exact_and_without_a_forecast_there_is_none(
    actual_s: int, minutes: int | None, percent: Fraction | None
) -> None:
    assert figure(actual_s, minutes).variance_percent == percent


@pytest.mark.requirement("PM-3.4")
@given(PERCENT, PERCENT, POINTS, POINTS)
def test_risk_is_from_1_to_10_and_never_falls_when_either_of_its_parts_grows(
    variance: Fraction, more_variance: Fraction, apart: Fraction, further_apart: Fraction
) -> None:
    variance, more_variance = sorted((variance, more_variance))
    apart, further_apart = sorted((apart, further_apart))
    low = risk_score(variance, apart)
    assert 1 <= low <= 10
    assert low <= risk_score(more_variance, apart) <= risk_score(more_variance, further_apart) <= 10
    assert low <= risk_score(variance, further_apart)


@pytest.mark.requirement("PM-3.4")
@pytest.mark.parametrize(
    ("variance", "apart", "risk"),
    [(0, 0, 1), (-50, 0, 1), (60, 80, 10), (47, 79, 8), (24, 20, 4), (20, 0, 2), (0, 80, 4), (400, 300, 10)],
)
def test_risk_is_what_its_formula_says(variance: int, apart: int, risk: int) -> None:
    assert risk_score(Fraction(variance), Fraction(apart)) == risk


def test_hours_ahead_of_completion_are_misaligned_and_an_epic_without_issues_counts_as_far_as_is_known() -> None:
    over = figure(147 * 3600, 100 * 60)
    assert misalignment(over, Completion(21, 31)) == 147 - Fraction(2100, 31)
    assert misalignment(over, Completion(0, 0)) == 47
    assert misalignment(figure(10 * 3600, 100 * 60), Completion(9, 10)) == 0
    assert misalignment(figure(10 * 3600, None), Completion(0, 5)) == 0
    assert Completion(0, 0).percent is None


@pytest.mark.requirement("PM-3.5")
@pytest.mark.parametrize(
    ("percent", "level"),
    [
        (Fraction(20), Level.QUIET),
        (Fraction(2001, 100), Level.WEEKLY),
        (Fraction(30), Level.WEEKLY),
        (Fraction(3001, 100), Level.ALERT),
        (Fraction(50), Level.ALERT),
        (Fraction(5001, 100), Level.STAKEHOLDERS),
        (None, Level.QUIET),
    ],
)
def test_a_threshold_is_passed_when_it_is_exceeded(percent: Fraction | None, level: Level) -> None:
    assert level_of(percent, Thresholds()) is level


@pytest.mark.requirement("PM-3.5")
def test_an_alert_is_news_once_at_the_next_ten_per_cent_and_after_a_month() -> None:
    told = [Told("SHOP-1", "U1", 40, datetime(2026, 11, 2, 16, 0, tzinfo=UTC))]
    assert step_of(Fraction(475, 10)) == 40
    assert not is_news("SHOP-1", PRIYA, 40, told, NOW)
    assert not is_news("SHOP-1", PRIYA, 30, told, NOW), "better is no news"
    assert is_news("SHOP-1", PRIYA, 50, told, NOW)
    assert is_news("SHOP-2", PRIYA, 30, told, NOW)
    assert is_news("SHOP-1", PRIYA, 40, told, datetime(2026, 12, 2, 16, 0, tzinfo=UTC))
    stakeholder = MemberRef(2, "U2", "Dana", Role.VIEWER, "UTC")
    assert is_news("SHOP-1", stakeholder, 40, told, NOW), "somebody else has not heard"


@pytest.mark.requirement("PM-3.1")
@pytest.mark.parametrize(
    ("day", "period", "month"),
    [
        (date(2026, 11, 23), "2026-W48", Month(2026, 11)),
        (date(2026, 11, 25), "2026-W48", Month(2026, 11)),
        (date(2026, 12, 1), "2026-11", Month(2026, 11)),
        (date(2026, 12, 2), "2026-W49", Month(2026, 12)),
        (date(2027, 2, 1), "2027-01", Month(2027, 1)),
        (date(2027, 2, 3), "2027-01", Month(2027, 2)),
        (date(2027, 1, 4), "2027-W01", Month(2027, 1)),
        (date(2027, 1, 1), "2026-12", Month(2026, 12)),
    ],
)
def test_a_first_that_is_a_monday_has_one_report_and_it_is_of_the_month_that_ended(
    day: date, period: str, month: Month
) -> None:
    assert period_of(day) == period
    assert month_of(day) == month
