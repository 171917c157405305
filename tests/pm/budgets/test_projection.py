"""Where a month is heading: pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pm.budgets.months import BudgetMonth, capacity_of, people_shares
from services.pm.budgets.projection import at_least_nothing, project_month
from services.pm.months import Month
from services.pm.working_days import WorkingCalendar

HOUR = 3600
US = WorkingCalendar(country="US")


def month_of(text: str, logged: Mapping[date, int]) -> BudgetMonth:
    month = Month.parse(text)
    return BudgetMonth(month, logged, dict.fromkeys(US.working_days(month.start, month.end), 1.0))


def even(text: str, hours_a_day: float, until: date | None = None) -> BudgetMonth:
    month = Month.parse(text)
    days = US.working_days(month.start, until or month.end)
    return month_of(text, {day: round(hours_a_day * HOUR) for day in days})


EARLIER = [even(f"2026-{number:02}", 4) for number in range(5, 11)]


@pytest.mark.requirement("PM-2.2")
def test_an_even_month_after_even_months_ends_where_its_pace_leads() -> None:
    found = project_month(even("2026-11", 4, date(2026, 11, 13)), date(2026, 11, 13), EARLIER)
    assert found.point == pytest.approx(19 * 4 * HOUR, rel=0.01)
    assert found.low < found.point < found.high
    assert found.gone == pytest.approx(9 / 19)


@pytest.mark.requirement("PM-2.2")
def test_early_in_the_month_the_earlier_months_count_and_late_this_ones_own_pace() -> None:
    early = project_month(even("2026-11", 12, date(2026, 11, 2)), date(2026, 11, 2), EARLIER)
    late = project_month(even("2026-11", 12, date(2026, 11, 20)), date(2026, 11, 20), EARLIER)
    assert early.own_weight < 0.6 < late.own_weight
    assert early.point < late.point
    assert late.point == pytest.approx(19 * 12 * HOUR, rel=0.2)
    assert late.high - late.low < early.high - early.low


@pytest.mark.requirement("PM-2.2")
def test_a_project_that_is_busy_early_is_not_taken_to_go_on_like_that() -> None:
    def front(text: str, until: date | None = None) -> BudgetMonth:
        month = Month.parse(text)
        logged = {day: 8 * HOUR for day in US.working_days(month.start, until or month.end) if day.day <= 15}
        return month_of(text, logged)

    earlier = [front(f"2026-{number:02}") for number in range(5, 11)]
    found = project_month(front("2026-11", date(2026, 11, 13)), date(2026, 11, 13), earlier)
    assert found.point < 1.25 * found.logged
    assert project_month(front("2026-11", date(2026, 11, 13)), date(2026, 11, 13), []).point > 1.5 * found.logged


@pytest.mark.requirement("PM-2.2")
def test_leave_of_who_does_the_work_moves_the_end() -> None:
    month = Month(2026, 11)
    days = list(US.working_days(month.start, month.end))
    required = {(who, day): 8 * HOUR for who in ("ana", "ben") for day in days}
    away = required | {("ana", day): 0 for day in days if day.day > 13}
    shares = people_shares({"ana": 60, "ben": 20}, {"ana": 100, "ben": 100})
    logged = {day: 4 * HOUR for day in days if day.day <= 13}
    points = [
        project_month(BudgetMonth(month, logged, capacity_of(month, shares, each, days)), date(2026, 11, 13), []).point
        for each in (required, away)
    ]
    assert points[1] < points[0]


def test_the_day_on_which_a_budget_ends_is_a_working_day_or_the_day_that_used_it_up() -> None:
    this = even("2026-11", 4, date(2026, 11, 24))
    end = project_month(this, date(2026, 11, 24), EARLIER, retainer_seconds=this.total + 5 * HOUR).exhausted_on
    assert end == date(2026, 11, 27)  # the 25th is not enough, the 26th is Thanksgiving
    used = project_month(this, date(2026, 11, 24), EARLIER, retainer_seconds=8 * HOUR).exhausted_on
    assert used == date(2026, 11, 3)
    assert project_month(this, date(2026, 11, 24), EARLIER, retainer_seconds=900 * HOUR).exhausted_on is None


@pytest.mark.parametrize("earlier", [[], [even("2026-10", 0)], EARLIER])
def test_nothing_divides_by_nothing_on_the_first_day_in_an_empty_month_or_without_earlier_ones(
    earlier: list[BudgetMonth],
) -> None:
    first = project_month(month_of("2026-11", {}), date(2026, 10, 31), earlier, retainer_seconds=80 * HOUR)
    assert (first.logged, first.gone) == (0, 0.0)
    assert first.low <= first.point <= first.high
    over = project_month(month_of("2026-11", {}), date(2026, 11, 30), earlier, retainer_seconds=80 * HOUR)
    assert (over.low, over.point, over.high, over.exhausted_on) == (0, 0, 0, None)
    no_days = BudgetMonth(Month(2026, 11), {}, {})
    assert project_month(no_days, date(2026, 11, 10), earlier).low == 0


def test_a_month_that_is_over_ends_with_what_it_has() -> None:
    this = even("2026-10", 4)
    found = project_month(this, date(2026, 10, 31), EARLIER[:-1])
    assert (found.low, found.point, found.high) == (this.total,) * 3


@given(
    hours=st.lists(st.integers(0, 24 * HOUR), min_size=30, max_size=30),
    through=st.integers(0, 30),
    retainer=st.integers(0, 10**7),
)
def test_the_range_holds_the_point_and_never_falls_below_what_is_logged(
    hours: list[int], through: int, retainer: int
) -> None:
    month = Month(2026, 11)
    this = month_of("2026-11", dict(zip(month, hours, strict=True)))
    until = month.start + timedelta(days=through - 1)
    found = project_month(this, until, EARLIER, retainer_seconds=retainer)
    assert this.total <= found.low <= found.point <= found.high
    assert (found.exhausted_on is None) or (retainer <= found.point and found.exhausted_on in month)


@given(mean=st.floats(-1e7, 1e7), variance=st.floats(0, 1e14))
def test_what_is_left_is_never_less_than_nothing(mean: float, variance: float) -> None:
    low, middle, high = at_least_nothing(mean, variance)
    assert 0 <= low <= middle <= high
