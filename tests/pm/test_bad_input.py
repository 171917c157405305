"""What months, people and calendars bring that nobody planned for, in several agents: pure.

Elsewhere: a retainer of nothing (`budgets/test_thresholds.py`), a ticket moved back and forth
(`bottlenecks/test_visits.py`), files with mistakes (`forecasts/test_reading.py`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from blocks.pm import budgets as budget_blocks
from blocks.pm import reconciliation as reconciliation_blocks
from services.accounts.types import MemberRef, Role
from services.home.projects import budget_line
from services.pm.budgets.assess import assess_budgets
from services.pm.budgets.months import BudgetMonth
from services.pm.budgets.types import BudgetData, RetainerData
from services.pm.hours import LoggedTime, logged_time, team_names
from services.pm.months import Month
from services.pm.reconciliation.reconcile import reconcile
from services.pm.reconciliation.types import ForecastRow, HoursRow, Kept, Report
from services.pm.types import TeamMember
from services.pm.variance.arithmetic import month_of, period_of
from services.pm.working_days import WorkingCalendar
from services.reports.details_sheet import NO_TEAM, team_name
from tests.pm.budgets.test_thresholds import project
from tests.pm.hours.test_hours import worklog
from tests.pm.reconciliation.months import HOUR, OCTOBER, data

AT = datetime(2026, 11, 1, 14, tzinfo=UTC)
"""When a month's report is made."""


def retainer(month: Month, day: date, *entries: LoggedTime) -> BudgetData:
    """Return a retainer of 100 hours of which some are logged."""
    calendar = WorkingCalendar(country="US")
    worked = tuple(calendar.working_days(month.start, month.end))
    logged: dict[date, int] = {}
    for entry in entries:
        logged[entry.day] = logged.get(entry.day, 0) + entry.seconds
    this = BudgetMonth(month, logged, dict.fromkeys(worked, 1.0))
    return BudgetData(day, month, worked, (RetainerData(project(), this, (), entries),), {})


@pytest.mark.requirement("PM-4.2")
def test_the_message_of_a_month_without_hours_says_so_and_still_leads_to_the_workbook() -> None:
    kept = Kept(Report(1, OCTOBER, 1, "k", "f.xlsx", 1, "h", 0, 0, 0, {}, AT), is_new=True)
    text, shown = reconciliation_blocks.message(reconcile(data()), kept, "https://files.test/f.xlsx")
    assert "*No hours were logged in October 2026.* The workbook is there all the same." in text
    assert "https://files.test/f.xlsx" in str([block for block in shown if block["type"] == "actions"])
    assert "None" not in text
    planned = reconcile(data((), [ForecastRow("SHOP", "SHOP-1", OCTOBER, "", 600)]))
    text, _ = reconciliation_blocks.message(planned, kept, "")
    assert "*0 h* over 0 projects. Portfolio variance *−100.0 %*: 0 h of 10 h planned." in text


@pytest.mark.requirement("PM-2.2", "PM-4.1")
def test_hours_of_a_person_in_no_team_count_in_budget_and_reconciliation_as_anybodys() -> None:
    ana = MemberRef(1, "U1", "Ana", Role.ENGINEER, "UTC", "ana")
    teams = team_names([TeamMember(ana, "")])
    day = date(2026, 11, 3)
    logged = [worklog(number, "CARE", None, who, day, 40 * HOUR) for number, who in enumerate(("ana", "stranger"))]
    entries = logged_time(logged, teams)
    assert [entry.team for entry in entries] == ["", ""]
    (status,) = assess_budgets(retainer(Month(2026, 11), date(2026, 11, 18), *entries)).statuses
    assert (status.percent, status.consumed_seconds) == (80, 80 * HOUR)
    numbers = str(budget_blocks.numbers_view(status, {"ana": "Ana"}))
    assert " · Ana · 40 h" in numbers
    assert " · stranger · 40 h" in numbers
    month = reconcile(data([HoursRow("SHOP", "SHOP-1", "", HOUR), HoursRow("SHOP", "SHOP-1", "Atlas", HOUR)]))
    assert {team.team: team.month.actual_seconds for team in month.teams} == {"": HOUR, "Atlas": HOUR}
    assert month.portfolio.actual_seconds == 2 * HOUR
    assert team_name("") == NO_TEAM


@pytest.mark.requirement("PM-2.4", "PM-3.1", "PM-4.1")
@pytest.mark.parametrize("day", [date(2026, 1, 31), date(2026, 3, 31), date(2028, 2, 29), date(2026, 12, 31)])
def test_the_last_day_of_a_month_belongs_to_it_in_a_leap_year_too(day: date) -> None:
    month, after = Month.of(day), day + timedelta(days=1)
    assert (month.end, month_of(day), Month.of(after).back(1)) == (day, month, month)
    assert period_of(day) == f"{day.isocalendar()[0]}-W{day.isocalendar()[1]:02}"
    assert (after.day, month_of(after), period_of(after)) == (1, month, str(month))
    entry = LoggedTime("CARE", "", "CARE-1", "", "ana", day, 92 * HOUR)
    found = assess_budgets(retainer(month, day, entry))
    status = found.statuses[0]
    assert (status.percent, status.consumed_seconds) == (92, 92 * HOUR)
    assert f"of {day:%B}'s 100 h: 92 h, 8 h left" in budget_blocks.alert(found.alerts[0], None)[0]
    line = budget_line(project(), {("CARE", day): 92 * HOUR}, day, WorkingCalendar(country="US").is_working_day)
    assert line is not None
    assert (line.percent, line.ends_on) == (92, status.pace_ends_on)
