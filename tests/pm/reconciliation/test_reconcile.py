"""Hours joined with forecasts: whatever one adds up by, the total is Tempo's."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pm.reconciliation.content import changes_since, content_hash, totals_of
from services.pm.reconciliation.reconcile import reconcile, split
from services.pm.reconciliation.types import Basis, ForecastRow, HoursRow, ReconciliationData, Rollup
from tests.pm.reconciliation.months import ANY_MONTH, HOUR, OCTOBER, data


@given(ANY_MONTH)
@pytest.mark.requirement("PM-4.1", "PM-4.2")
def test_projects_epics_and_teams_add_up_to_tempo_to_the_second_and_to_the_forecasts_to_the_minute(
    given_month: ReconciliationData,
) -> None:
    month = reconcile(given_month)
    total = sum(row.seconds for row in given_month.hours)
    epics = [epic for project in month.projects for epic in project.epics]
    assert month.portfolio.actual_seconds == month.tempo_seconds == total
    assert sum(epic.month.actual_seconds for epic in epics) == total
    assert sum(line.figures.actual_seconds for epic in epics for line in epic.teams) == total
    by_team = sum((team.month for team in month.teams), Rollup(0, 0, 0))
    assert by_team == month.portfolio
    for epic in epics:
        planned = [line.figures.forecast_minutes or 0 for line in epic.teams]
        assert sum(planned) == (epic.month.forecast_minutes or 0)
        assert all(minutes >= 0 for minutes in planned)
    for row in given_month.hours:
        found = [e for e in epics if (e.project_key, e.epic_key) == (row.project_key, row.epic_key)]
        assert len(found) == 1


def test_a_forecast_is_shared_by_hours_among_the_teams_that_have_none_of_their_own() -> None:
    hours = [
        HoursRow("SHOP", "SHOP-1", "Atlas", 10 * HOUR),
        HoursRow("SHOP", "SHOP-1", "Borealis", 20 * HOUR),
        HoursRow("SHOP", "SHOP-1", "", 10 * HOUR),
    ]
    forecasts = [
        ForecastRow("SHOP", "SHOP-1", OCTOBER, "", 40 * 60),
        ForecastRow("SHOP", "SHOP-1", OCTOBER, "Atlas", 10 * 60),
    ]
    (epic,) = reconcile(data(hours, forecasts)).projects[0].epics
    assert epic.month.variance_percent == 0
    shares = {line.team: line.figures.forecast_minutes for line in epic.teams}
    assert shares == {"Atlas": 600, "Borealis": 1200, "": 600}


def test_what_nobody_worked_on_keeps_its_forecast_and_teams_that_plan_more_than_the_whole_count() -> None:
    forecasts = [
        ForecastRow("SHOP", "SHOP-1", OCTOBER, "", 600),
        ForecastRow("PORT", "PORT-1", OCTOBER, "", 100),
        ForecastRow("PORT", "PORT-1", OCTOBER, "Atlas", 400),
    ]
    month = reconcile(data([], forecasts))
    assert {line.team: line.figures for p in month.projects for e in p.epics for line in e.teams if line.team is None}
    assert month.portfolio == Rollup(0, 0, 1000)
    assert month.compared.variance_percent == -100


def test_no_forecast_and_a_forecast_of_zero_are_findings_and_no_division_error() -> None:
    hours = [HoursRow("SHOP", "SHOP-1", "Atlas", HOUR), HoursRow("SHOP", "SHOP-2", "Atlas", HOUR)]
    month = reconcile(data(hours, [ForecastRow("SHOP", "SHOP-2", OCTOBER, "", 0)]))
    assert [epic.epic_key for epic in month.without_forecast] == ["SHOP-1", "SHOP-2"]
    assert month.compared.variance_percent is None
    assert month.deviations == ()


@pytest.mark.requirement("PM-4.2")
def test_more_than_ten_per_cent_is_listed_and_an_open_epic_that_is_not_used_up_is_not() -> None:
    hours = [HoursRow("SHOP", f"SHOP-{n}", "Atlas", seconds) for n, seconds in ((1, 110), (2, 111), (3, 89), (4, 50))]
    month_forecasts = [ForecastRow("SHOP", f"SHOP-{n}", OCTOBER, "", 100) for n in (1, 2, 3)]
    whole = [ForecastRow("SHOP", f"SHOP-{n}", None, "", 100) for n in (1, 4, 5)]
    to_date = [HoursRow("SHOP", f"SHOP-{n}", "Atlas", 60 * 60) for n in (1, 4, 5)]
    scaled = [replace(row, seconds=row.seconds * 60) for row in hours]
    month = reconcile(data(scaled, [*month_forecasts, *whole], to_date=to_date, done=["SHOP-4", "SHOP-5"]))
    found = {(d.epic.epic_key, d.basis, d.figures.variance_percent) for d in month.deviations}
    assert found == {
        ("SHOP-2", Basis.MONTH, Fraction(11)),
        ("SHOP-3", Basis.MONTH, Fraction(-11)),
        ("SHOP-4", Basis.TO_DATE, Fraction(-40)),
    }
    keys = [epic.epic_key for project in month.projects for epic in project.epics]
    assert "SHOP-5" not in keys, "a done epic that nobody worked on is no part of the month"


def test_an_empty_month_is_still_a_report() -> None:
    month = reconcile(data())
    assert (month.projects, month.teams, month.compared.variance_percent) == ((), (), None)
    assert content_hash(month)


@given(ANY_MONTH)
def test_equal_figures_hash_equally_in_any_order_and_a_second_more_does_not(given_month: ReconciliationData) -> None:
    turned = replace(given_month, hours=given_month.hours[::-1], forecasts=given_month.forecasts[::-1])
    assert content_hash(reconcile(given_month)) == content_hash(reconcile(turned))
    more = replace(given_month, hours=(*given_month.hours, HoursRow("SHOP", "", "", 1)))
    assert content_hash(reconcile(given_month)) != content_hash(reconcile(more))


@pytest.mark.requirement("PM-4.4")
def test_a_worklog_that_was_moved_shows_as_a_change_of_both_projects() -> None:
    before = reconcile(data([HoursRow("SHOP", "", "", 9 * HOUR), HoursRow("PORT", "", "", 5 * HOUR)]))
    after = reconcile(data([HoursRow("SHOP", "", "", 7 * HOUR), HoursRow("PORT", "", "", 7 * HOUR)]))
    changes = changes_since(3, totals_of(before), after)
    assert changes.since_revision == 3
    assert {change.key: change.delta_seconds for change in changes.projects} == {"SHOP": -2 * HOUR, "PORT": 2 * HOUR}
    assert changes_since(3, totals_of(before), before).projects == ()


@given(st.integers(0, 10_000), st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 10**6)))
def test_shares_are_whole_and_add_up(minutes: int, weights: dict[str, int]) -> None:
    shares = split(minutes, weights)
    assert sum(shares.values()) == (minutes if weights else 0)
    for name, share in shares.items():
        assert abs(share - Fraction(minutes * weights[name], sum(weights.values()))) < 1
