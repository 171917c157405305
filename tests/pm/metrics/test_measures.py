"""The success metrics, each on figures that were added up by hand."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.pm import metrics as blocks
from sandbox.client import blocks_text
from services.effort import ACTIONS, minutes_of, read_minutes, show_minutes
from services.pm.hindsight.types import TrackRecord
from services.pm.metrics import judged, people, projects
from services.pm.metrics.definitions import DEFINITIONS, metrics_table, target_text
from services.pm.metrics.service import measure_all
from services.pm.metrics.types import (
    DecidedSuggestion,
    EpicWeek,
    FoundVariance,
    MeasureName,
    Metrics,
    MetricsData,
    ReportedMonth,
    SentMessage,
    ToldThreshold,
)
from services.pm.types import ComplianceStatus, Week, WeekRecord

RUNNING = Week(date(2026, 11, 16))
WEEKS = tuple(RUNNING.back(number) for number in range(3, -1, -1))
HOUR = 3600
GOOD, BAD, OFF = ComplianceStatus.COMPLIANT, ComplianceStatus.NON_COMPLIANT, ComplianceStatus.NOT_REQUIRED
pytestmark = pytest.mark.requirement("PM-7.2")


def data(**rest: object) -> MetricsData:
    return MetricsData(today=date(2026, 11, 18), weeks=WEEKS, **rest)  # type: ignore[arg-type]


def record(week: Week, status: ComplianceStatus, member: int = 1) -> WeekRecord:
    return WeekRecord(member, week, "Web", 0, 0, status)


def test_compliance_counts_person_weeks_that_required_something() -> None:
    first, second = WEEKS[1], WEEKS[2]
    found = people.compliance(
        data(
            compliance=(
                record(first, GOOD),
                record(first, BAD, 2),
                record(second, GOOD),
                record(second, OFF, 2),
                record(RUNNING.back(9), BAD),
            )
        )
    )
    assert (found.value, found.said) == (Fraction(200, 3), "2 of 3 person-weeks")
    assert found.is_met is False
    assert [point.value for point in found.trend] == [None, Fraction(50), Fraction(100), None]
    assert [(row.figure, row.misses) for row in found.rows] == [("1 of 1", False), ("1 of 2", True)]


def test_exactly_the_target_is_not_above_it() -> None:
    rows = tuple(record(WEEKS[2], BAD if number == 0 else GOOD, number) for number in range(20))
    found = people.compliance(data(compliance=rows))
    assert (found.value, found.is_met) == (Fraction(95), False)


def spent(*days: tuple[int, int], project: str = "CARE") -> dict[tuple[str, date], int]:
    return {(project, date(2026, 11, day)): hours * HOUR for day, hours in days}


@pytest.mark.parametrize(
    ("told", "missed"),
    [((), 1), (((75, 9),), 0), (((90, 10),), 0), (((90, 11),), 1), (((75, None), (90, None), (100, 10)), 1)],
)
def test_an_overrun_is_a_surprise_unless_somebody_was_warned_by_the_day_of_it(
    told: tuple[tuple[int, int | None], ...], missed: int
) -> None:
    # 60 + 45 h pass the 100 h on the 10th
    thresholds = tuple(
        ToldThreshold("CARE", "2026-11", threshold, 100 * HOUR, None if day is None else date(2026, 11, day))
        for threshold, day in told
    )
    found = projects.surprises(
        data(
            started={"retainer-budget": date(2026, 10, 1)},
            retainers={"CARE": 999 * HOUR if told else 100 * HOUR},
            seconds=spent((4, 60), (10, 45), (11, 5)) | spent((4, 900), project="SHOP"),
            thresholds=thresholds,
        )
    )
    assert (found.value, len(found.rows)) == (Fraction(missed), 1)
    assert found.rows[0].what == "CARE, November 2026: over on Nov 10"
    assert found.is_met is (missed == 0)


def test_what_ran_over_before_anybody_watched_is_no_surprise_and_without_a_run_nothing_is_said() -> None:
    over = {"retainers": {"CARE": 100 * HOUR}, "seconds": spent((4, 60), (10, 45))}
    watched = projects.surprises(data(started={"retainer-budget": date(2026, 11, 11)}, **over))
    assert (watched.value, watched.rows, watched.said) == (Fraction(0), (), "no month over its budget")
    assert projects.surprises(data(**over)).value is None


def test_exactly_the_retainer_is_not_over_it() -> None:
    assert projects.passed_on({date(2026, 11, 4): 100 * HOUR}, 100 * HOUR) is None
    assert projects.passed_on({date(2026, 11, 4): 100 * HOUR, date(2026, 11, 5): 1}, 100 * HOUR) == date(2026, 11, 5)


def variance(epic: str, found_on: int, **rest: object) -> FoundVariance:
    base = {"is_monthly": False, "forecast_seconds": 100 * HOUR, "forecast_since": None}
    return FoundVariance(epic, date(2026, 11, found_on), **(base | rest))  # type: ignore[arg-type]


def test_latency_counts_from_the_day_that_passed_twenty_per_cent() -> None:
    hours = spent((2, 110), (5, 10), (6, 1), project="A-1") | spent((9, 121), project="A-2")
    late = spent((2, 200), project="A-3") | spent((3, 60), project="A-4") | spent((1, 130), project="A-5")
    found = projects.latency(
        data(
            started={"forecast-variance": date(2026, 11, 2)},
            epic_seconds=hours | late,
            variances=(
                variance("A-1", 16),  # 120 h are not over 120, 121 h on the 6th are: 10 days
                variance("A-2", 16),  # the 9th: 7 days
                variance("A-3", 16, forecast_since=date(2026, 11, 13)),  # no forecast before: 3 days
                variance("A-4", 4, kept_seconds=61 * HOUR),  # with what was kept of earlier months: 1 day
                variance("A-5", 16),  # over before anybody watched
            ),
        )
    )
    assert found.value == 5
    assert found.said == "3 of 4 within a week, 10 days at most"
    assert found.is_met is True
    said = {row.what.partition(":")[0]: (row.figure, row.misses) for row in found.rows}
    assert said["A-1"] == ("found after 10 days", True)
    assert said["A-2"] == ("found after 7 days", False)
    assert said["A-4"] == ("found after 1 day", False)
    assert "not counted" in said["A-5"][0]


def test_a_monthly_variance_counts_only_its_month() -> None:
    hours = {("A-1", date(2026, 10, 30)): 500 * HOUR} | spent((3, 100), (12, 30), project="A-1")
    found = projects.latency(
        data(
            started={"forecast-variance": date(2026, 10, 1)},
            epic_seconds=hours,
            variances=(variance("A-1", 16, is_monthly=True, kept_seconds=999 * HOUR),),
        )
    )
    assert found.value == 4


def test_a_report_is_right_only_to_the_second() -> None:
    same, off = {"CARE": 36_000, "": 60}, {"CARE": 36_001, "": 60}
    found = projects.reconciliation(
        data(reports=(ReportedMonth("2026-09", 1, same, dict(same)), ReportedMonth("2026-10", 2, same, off)))
    )
    assert (found.value, found.said, found.is_met) == (Fraction(50), "1 of 2 months exact", False)
    assert found.rows[0].figure == "Tempo now differs: CARE +1 s"


def test_the_share_with_an_epic_is_of_each_projects_newest_week() -> None:
    found = judged.linked(
        data(
            epic_weeks=(
                EpicWeek("SHOP", WEEKS[1], 10, 5),
                EpicWeek("SHOP", WEEKS[2], 20, 1),
                EpicWeek("APP", WEEKS[1], 30, 4),
                EpicWeek("OPS", WEEKS[2], 0, 0),
            )
        )
    )
    assert (found.value, found.said) == (Fraction(90), "45 of 50 open tickets")
    assert found.is_met is False
    assert [point.value for point in found.trend] == [None, Fraction(100 * 31, 40), 95, None]


def test_first_suggestions_and_precision_carry_their_interval() -> None:
    decided = tuple(
        DecidedSuggestion(f"S-{number}", "E-1", "E-1" if number < 8 else "E-2", date(2026, 11, 17))
        for number in range(10)
    )
    first = judged.first_choice(data(decided=decided))
    assert (first.value, first.said) == (Fraction(80), "8 of 10")
    assert first.low is not None
    assert first.high is not None
    assert (int(first.low), int(first.high)) == (49, 94), "Wilson's interval of 8 of 10"
    records = (TrackRecord("bottlenecks", useful=3, not_useful=1, right=6, wrong=0, open=2), TrackRecord("quiet"))
    stuck = judged.bottlenecks(data(records=records))
    assert (stuck.value, stuck.said, stuck.is_met) == (Fraction(90), "9 of 10", True)
    together = judged.precision(data(records=records), {"bottlenecks": "Bottlenecks"})
    assert [row.what for row in together.rows] == ["Bottlenecks"]
    assert together.rows[0].figure.startswith("90 % (9 of 10, 59 to 99 %); 3 useful, 1 not, 6 right, 0 wrong, 2 open")


def test_quietness_is_messages_by_person_and_week_since_the_first() -> None:
    days = [(1, "U1"), (2, "U1"), (8, "U2")]
    messages = tuple(SentMessage(person, WEEKS[2].start + timedelta(days=day)) for day, person in days)
    found = people.quietness(data(messages=messages))
    assert (found.value, found.said) == (Fraction(3, 4), "3 messages to 2 people")
    assert found.rows[-1].figure == "2 messages, 2 at most to one"


def test_hours_saved_are_the_things_done_by_the_minutes_that_are_set() -> None:
    found = people.hours_saved(data(actions={"worklog": 10, "report": 1, "epic": 0}, minutes={"worklog": 3}))
    assert found.value == Fraction(10 * 3 + 120, 60)
    assert [row.figure for row in found.rows] == ["10 x 3 min = 30 min", "1 x 120 min = 120 min"]


@given(st.dictionaries(st.sampled_from(sorted(ACTIONS)), st.integers(0, 480)))
def test_minutes_are_read_back_as_they_are_shown(given_minutes: dict[str, int]) -> None:
    assert minutes_of(read_minutes(show_minutes(given_minutes))) == minutes_of(given_minutes)


@pytest.mark.parametrize("text", ["worklog", "sleep=3", "worklog=9999", "worklog=2.5"])
def test_minutes_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ACTION=minutes"):
        read_minutes(text)


def test_with_nothing_to_go_by_each_measure_says_so_and_none_claims_a_number() -> None:
    found = Metrics(WEEKS, measure_all(data(), {}))
    assert [measured.definition.name for measured in found.measured] == list(MeasureName)
    assert all(measured.value is None for measured in found.measured)
    text, shown = blocks.metrics(found)
    assert "Not enough weeks yet" in text
    assert len(shown) < 50
    assert not blocks.charted(found)


@pytest.mark.requirement("TRUST-7")
def test_what_is_behind_a_number_names_formula_source_and_rows() -> None:
    measured = people.compliance(data(compliance=(record(WEEKS[2], GOOD), record(WEEKS[2], BAD, 2))))
    view = blocks.how(measured, Metrics(WEEKS, (measured,)))
    text = blocks_text(view["blocks"])
    assert "compliant person-weeks / person-weeks" in text
    assert "Week of Nov 9: 1 of 2" in text
    assert "Target: &gt; 95 %" in text


def test_definitions_name_each_measure_once_and_targets_are_the_agreed_ones() -> None:
    assert sorted(each.name for each in DEFINITIONS) == sorted(MeasureName)
    targets = {each.name.value: target_text(each) for each in DEFINITIONS if each.target}
    assert targets == {
        "compliance": "> 95 %",
        "surprises": "= 0",
        "latency": "≤ 7 days",
        "reconciliation": "= 100 %",
        "bottlenecks": "> 80 %",
        "linked": "> 90 %",
    }


def test_the_page_of_the_metrics_is_the_table_of_definitions() -> None:
    page = (Path(__file__).parents[3] / "docs" / "pm-metrics.md").read_text()
    assert metrics_table() in page
    assert all(f"| {what} (`{action}`) | {minutes} |" in page for action, (what, minutes) in ACTIONS.items())
