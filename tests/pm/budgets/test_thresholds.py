"""What passing 75, 90 and 100 per cent means, and what an hour costs: pure."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.pm.retainer_budget import run_line
from blocks.pm import budgets as blocks
from blocks.pm.monday import budget_line
from services.pm.budgets.assess import assess_budgets, due_threshold, thresholds_passed
from services.pm.budgets.burn_up import burn_up_of
from services.pm.budgets.money import Price, price_of
from services.pm.budgets.months import BudgetMonth
from services.pm.budgets.types import BudgetData, BudgetFindings, RetainerData
from services.pm.hours import LoggedTime
from services.pm.months import Month
from services.pm.types import ProjectRef, ProjectType
from services.pm.working_days import WorkingCalendar

HOUR = 3600
NOVEMBER = Month(2026, 11)
WORKED = tuple(WorkingCalendar(country="US").working_days(NOVEMBER.start, NOVEMBER.end))


def project(minutes: int | None = 6000, rate: int | None = None) -> ProjectRef:
    return ProjectRef("CARE", "Care", ProjectType.RETAINER, None, None, minutes, (), rate)


def assessed(
    hours: float, *, retainer: ProjectRef | None = None, passed: frozenset[int] = frozenset(), day: int = 18
) -> BudgetFindings:
    entry = LoggedTime("CARE", "", "CARE-1", "", "ana", date(2026, 11, 3), int(hours * HOUR))
    month = BudgetMonth(NOVEMBER, {entry.day: entry.seconds}, dict.fromkeys(WORKED, 1.0))
    data = RetainerData(retainer or project(), month, (), (entry,), passed)
    return assess_budgets(BudgetData(date(2026, 11, day), NOVEMBER, WORKED, (data,), {"ana": 10_000}))


@pytest.mark.requirement("PM-2.3")
def test_thresholds_are_reached_to_the_second() -> None:
    assert thresholds_passed(75 * 36 - 1, 3600) == ()
    assert thresholds_passed(75 * 36, 3600) == (75,)
    assert thresholds_passed(3599, 3600) == (75, 90)
    assert thresholds_passed(3600, 3600) == (75, 90, 100)
    assert thresholds_passed(5, 0) == ()


@pytest.mark.requirement("PM-2.3")
def test_a_jump_tells_the_highest_and_records_the_lower_ones() -> None:
    assert due_threshold((75, 90), ()) == (90, (75, 90))
    assert due_threshold((75, 90), (75,)) == (90, (90,))
    assert due_threshold((75, 90), (75, 90)) is None
    assert due_threshold((75,), (90,)) is None  # moved away and back below what was told


@given(st.lists(st.integers(0, 200), max_size=30))
def test_whatever_way_hours_take_each_threshold_is_told_at_most_once_and_never_after_a_higher_one(
    percents: list[int],
) -> None:
    passed: set[int] = set()
    told: list[int] = []
    for percent in percents:
        if due := due_threshold(thresholds_passed(percent, 100), passed):
            told.append(due[0])
            passed |= set(due[1])
    assert told == sorted(set(told))
    assert max(told, default=0) == max(thresholds_passed(max(percents, default=0), 100), default=0)


@pytest.mark.requirement("PM-2.3")
def test_a_worklog_moved_away_after_the_alert_changes_the_figures_and_tells_nothing_again() -> None:
    (before,) = assessed(92).alerts
    assert (before.threshold, before.passed_now, before.status.percent) == (90, (75, 90), 92)
    after = assessed(80, passed=frozenset({75, 90}))
    assert (after.alerts, after.statuses[0].percent) == ((), 80)
    assert assessed(93, passed=frozenset({75, 90})).alerts == ()


@pytest.mark.requirement("PM-2.2")
@pytest.mark.parametrize("minutes", [0, None])
def test_a_retainer_of_nothing_is_a_finding_of_its_own(minutes: int | None) -> None:
    found = assessed(10, retainer=project(minutes))
    assert (found.statuses, found.alerts) == ((), ())
    assert [each.key for each in found.without_retainer] == ["CARE"]
    assert "no retainer set" in blocks.no_retainer(found.without_retainer[0])[0]


@pytest.mark.requirement("PM-2.4")
def test_the_alert_says_pace_and_date_in_hours_only_without_a_rate() -> None:
    found = assessed(92)
    status = found.alerts[0].status
    assert (status.working_days_gone, status.burn_seconds_per_day) == (11, round(92 * HOUR / 11))
    text, shown = blocks.alert(found.alerts[0], None)
    assert "*92 %* of November's 100 h: 92 h, 8 h left" in text
    assert "At this pace (8 h 21 min a working day, $836.36 a day) the budget ends on *Wed Nov 18*" in text
    assert not [block for block in shown if block["type"] == "image"]


@pytest.mark.requirement("PM-2.2")
def test_on_the_first_day_there_is_no_pace_yet() -> None:
    status = assessed(3, day=1).statuses[0]
    assert status.burn_seconds_per_day is None
    assert blocks.pace(status).startswith("No working day of the month is over yet")


@pytest.mark.requirement("PM-2.6")
def test_the_projects_rate_goes_before_the_peoples_and_a_person_without_one_leaves_hours_only() -> None:
    logged = [
        LoggedTime("CARE", "", "", "", who, date(2026, 11, 3), seconds)
        for who, seconds in (("ana", 3 * HOUR), ("ben", HOUR))
    ]
    assert price_of(15_000, logged, {"ana": 1}) == Price(Fraction(15_000), is_blended=False)
    blended = price_of(None, logged, {"ana": 10_000, "ben": 20_000})
    assert blended == Price(Fraction(12_500), is_blended=True)
    assert blended.cents(4 * HOUR) == 50_000
    assert price_of(None, logged, {"ana": 10_000}) is None
    assert price_of(None, [], {"ana": 10_000}) is None


@pytest.mark.requirement("PM-2.5")
def test_an_early_end_below_75_per_cent_is_in_the_summary_and_no_alert() -> None:
    found = assessed(70)
    assert found.alerts == ()
    text, shown = blocks.summary(found)
    assert ":white_circle:" in text
    assert "at this pace until *Tue Nov 24*" in text
    assert [block["accessory"]["text"]["text"] for block in shown if "accessory" in block] == ["Show the numbers"]


@pytest.mark.requirement("PM-2.4", "TRUST-7")
def test_one_date_is_told_everywhere_and_the_projections_own_is_in_the_numbers() -> None:
    found = assessed(75)
    status = found.statuses[0]
    pace, projected = "Mon Nov 23", "Tue Nov 24"
    assert (status.pace_ends_on, status.projection.exhausted_on) == (date(2026, 11, 23), date(2026, 11, 24))
    told = [blocks.alert(found.alerts[0], None)[0], blocks.alt_text(status), blocks.summary_line(status)]
    told += [run_line(found, has_channel=True), budget_line(status), str(burn_up_of(status).ends_on)]
    for text in told[:-1]:
        assert pace in text
        assert projected not in text
    assert told[-1] == "2026-11-23"
    numbers = str(blocks.numbers_view(status, {}))
    assert f"at the pace so far on {pace}, the date that is told" in numbers
    assert f"by the projection, which knows earlier months, on {projected}" in numbers
