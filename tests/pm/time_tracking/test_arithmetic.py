"""The arithmetic: thresholds, weeks, rows of weeks, and totals that agree whichever way they are added."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.pm.time_tracking import SPEC, collect
from agents.schedule import next_slot
from agents.spec import Slot
from blocks.pm.time_numbers import person_view
from services.accounts.types import MemberRef, Role
from services.mirror.types import ScheduleDay, WorklogRow
from services.pm.time_numbers import numbers_of
from services.pm.time_tracking import (
    TimeTrackingData,
    assess_week,
    logged_by_day,
    status_of,
    weeks_in_a_row,
)
from services.pm.types import ComplianceStatus, PersonWeek, TeamMember, Week, WeekRecord

HOUR = 3600
MONDAY = date(2026, 11, 16)
WEEK = Week(MONDAY)
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
RANKS = {
    ComplianceStatus.NON_COMPLIANT: 0,
    ComplianceStatus.PARTIAL: 1,
    ComplianceStatus.COMPLIANT: 2,
}
JUDGED = (ComplianceStatus.COMPLIANT, ComplianceStatus.PARTIAL, ComplianceStatus.NON_COMPLIANT)


def person(number: int, *, team: str = "Blue", pm: int | None = 100, **fields: Any) -> TeamMember:
    """Return a member whose Jira account is `a<number>`."""
    values: dict[str, Any] = {"slack_user_id": f"U{number}", "role": Role.ENGINEER, "jira_account_id": f"a{number}"}
    member = MemberRef(id=number, time_zone="UTC", **{"display_name": f"Person {number}", **values, **fields})
    return TeamMember(member, team, pm)


PM = person(100, team="", pm=None, role=Role.PM, jira_account_id=None)
ADMIN = person(200, team="", pm=None, role=Role.ADMIN, jira_account_id="a200")


def worklog(author: str, day: date, seconds: int, number: int = 1) -> WorklogRow:
    """Return a worklog."""
    return WorklogRow(number, "1", None, None, None, author, day, seconds, 0, "", NOW)


def schedule(author: str, week: Week = WEEK, hours: float = 8) -> list[ScheduleDay]:
    """Return a week of working days."""
    return [ScheduleDay(author, day, int(hours * HOUR) * (day.weekday() < 5), "", 0, NOW) for day in week]


def data(people: list[TeamMember], logs: list[WorklogRow], days: list[ScheduleDay], **more: Any) -> TimeTrackingData:
    """Return what an assessment of `WEEK` reads."""
    return TimeTrackingData(WEEK, tuple(people), tuple(logs), tuple(days), **more)


@pytest.mark.requirement("PM-1.2")
@pytest.mark.parametrize(
    ("logged", "status"),
    [
        (32 * HOUR, ComplianceStatus.COMPLIANT),
        (32 * HOUR - 1, ComplianceStatus.PARTIAL),
        (16 * HOUR, ComplianceStatus.PARTIAL),
        (16 * HOUR - 1, ComplianceStatus.NON_COMPLIANT),
        (0, ComplianceStatus.NON_COMPLIANT),
    ],
)
def test_a_week_of_forty_hours_has_its_thresholds_at_32_and_16(logged: int, status: ComplianceStatus) -> None:
    assert status_of(logged, 40 * HOUR) is status


@pytest.mark.requirement("PM-1.2")
@given(st.integers(0, 10**6))
def test_nobody_is_judged_where_nothing_is_required(logged: int) -> None:
    assert status_of(logged, 0) is ComplianceStatus.NOT_REQUIRED


@pytest.mark.requirement("PM-1.2")
@given(st.integers(0, 400_000), st.integers(0, 400_000), st.integers(1, 400_000))
def test_more_hours_never_give_a_worse_verdict(one: int, other: int, required: int) -> None:
    less, more = sorted((one, other))
    assert RANKS[status_of(less, required)] <= RANKS[status_of(more, required)]


@pytest.mark.requirement("PM-1.2")
@given(st.integers(0, 400_000), st.integers(1, 400_000), st.integers(1, 400_000))
def test_a_week_that_requires_less_never_gives_a_worse_verdict(logged: int, one: int, other: int) -> None:
    less, more = sorted((one, other))
    assert RANKS[status_of(logged, less)] >= RANKS[status_of(logged, more)]


@pytest.mark.requirement("PM-1.2")
@given(st.integers(0, 400_000), st.integers(1, 200_000), st.integers(1, 50))
def test_the_thresholds_scale_with_what_is_required(logged: int, required: int, factor: int) -> None:
    assert status_of(logged * factor, required * factor) is status_of(logged, required)
    exact = Fraction(logged, required)
    expected = JUDGED[0] if exact >= Fraction(4, 5) else JUDGED[1] if exact >= Fraction(2, 5) else JUDGED[2]
    assert status_of(logged, required) is expected


entries = st.lists(
    st.tuples(
        st.sampled_from(["a1", "a2", "a3", "stranger"]),
        st.integers(-40, 10),
        st.integers(1, 16 * HOUR),
    ),
    max_size=60,
)


@pytest.mark.requirement("PM-1.1")
@given(entries, st.sets(st.sampled_from([1, 2, 3])))
def test_totals_by_person_team_and_day_agree_with_the_worklogs(
    given_entries: list[tuple[str, int, int]], second: set[int]
) -> None:
    people = [person(n, team="Red" if n in second else "Blue") for n in (1, 2, 3)]
    logs = [worklog(author, MONDAY + timedelta(days=day), s, n) for n, (author, day, s) in enumerate(given_entries)]
    found = assess_week(data([*people, PM], logs, [d for n in (1, 2, 3) for d in schedule(f"a{n}")]))
    in_week = [log for log in logs if log.start_date in WEEK]
    known = [log for log in in_week if log.author_account_id != "stranger"]
    expected = sum(log.time_spent_seconds for log in known)
    assert sum(week.logged_seconds for week in found.people) == expected
    (summary,) = found.summaries
    assert sum(week.logged_seconds for team in summary.teams for week in team.people) == expected
    by_day = {day: sum(w.days[n].logged_seconds for w in summary.people) for n, day in enumerate(WEEK)}
    for day, seconds in by_day.items():
        assert seconds == sum(log.time_spent_seconds for log in known if log.start_date == day)
    strangers = sum(log.time_spent_seconds for log in in_week if log.author_account_id == "stranger")
    assert sum(author.logged_seconds for author in summary.unknown_authors) == strangers
    assert sum(logged_by_day(logs).values()) == sum(log.time_spent_seconds for log in logs)
    assert sum(team.compliance.judged for team in summary.teams) == 3


@pytest.mark.requirement("PM-1.1")
@given(st.dates(date(2000, 1, 3), date(2100, 1, 1)))
def test_the_week_before_a_day_is_the_last_whole_one_from_monday_to_sunday(day: date) -> None:
    week = Week.before(day)
    assert week.start.weekday() == 0
    assert week.end == week.start + timedelta(days=6)
    assert timedelta(days=1) <= day - week.end <= timedelta(days=7)
    assert len(list(week)) == 7


@pytest.mark.requirement("PM-1.1")
@pytest.mark.parametrize(
    ("now", "zone", "slot", "week"),
    [
        # New York changes to winter time on Sunday Nov 1, 2026, and to summer time on Sunday Mar 8
        (datetime(2026, 10, 31, tzinfo=UTC), "America/New_York", datetime(2026, 11, 2, 15, tzinfo=UTC), "2026-10-26"),
        (datetime(2026, 3, 7, tzinfo=UTC), "America/New_York", datetime(2026, 3, 9, 14, tzinfo=UTC), "2026-03-02"),
        # ten o'clock on Monday in Auckland is Sunday in UTC
        (datetime(2026, 11, 20, tzinfo=UTC), "Pacific/Auckland", datetime(2026, 11, 22, 21, tzinfo=UTC), "2026-11-16"),
    ],
)
async def test_mondays_at_ten_are_the_accounts_and_so_is_the_week(
    now: datetime, zone: str, slot: datetime, week: str
) -> None:
    found = next_slot(SPEC.schedule, zone, now)
    assert found == slot
    asked: list[Week] = []

    class Pm:
        async def time_tracking_data(self, week: Week) -> None:
            asked.append(week)

    class Services:
        pm = Pm()

    await collect(Services(), Slot(slot, zone))  # type: ignore[arg-type]
    assert [each.start.isoformat() for each in asked] == [week]


def test_a_week_starts_on_a_monday() -> None:
    with pytest.raises(ValueError, match="not a Monday"):
        Week(date(2026, 11, 17))


@pytest.mark.requirement("PM-1.5")
@pytest.mark.parametrize(
    ("statuses", "count"),
    [
        ("N", 1),
        ("NN", 2),
        ("NNPNN", 2),
        ("NCN", 1),
        ("NN-N", 3),
        ("NN ", 0),
        ("NN?N", 1),
        ("NNNC", 0),
        ("NNP", 0),
        ("NN-", 0),
    ],
)
def test_weeks_in_a_row_are_counted_over_leave_but_not_over_gaps(statuses: str, count: int) -> None:
    kinds = {
        "N": ComplianceStatus.NON_COMPLIANT,
        "P": ComplianceStatus.PARTIAL,
        "C": ComplianceStatus.COMPLIANT,
        "-": ComplianceStatus.NOT_REQUIRED,
    }
    known = {WEEK.back(back): kinds[s] for back, s in enumerate(reversed(statuses)) if s in kinds}
    assert weeks_in_a_row(WEEK, known) == count


@pytest.mark.requirement("PM-1.6")
def test_what_was_recorded_of_earlier_weeks_stands_and_gaps_are_filled_from_the_first_worklog_on() -> None:
    bob = person(1)
    weeks = [WEEK.back(back) for back in range(6)]
    recorded = WeekRecord(1, weeks[1], "Blue", 5 * HOUR, 40 * HOUR, ComplianceStatus.NON_COMPLIANT)
    logs = [worklog("a1", weeks[3].start, HOUR), worklog("a1", weeks[1].start, 40 * HOUR)]
    found = assess_week(data([bob, PM], logs, [d for w in weeks for d in schedule("a1", w)], history=(recorded,)))
    assert [record.week for record in found.earlier] == [weeks[2], weeks[3]]
    assert found.people[0].weeks_in_a_row == 4


@pytest.mark.requirement("PM-1.5")
def test_somebody_who_never_logged_anything_is_not_accused_of_earlier_weeks() -> None:
    days = [d for back in range(6) for d in schedule("a1", WEEK.back(back))]
    found = assess_week(data([person(1), PM], [], days))
    assert found.earlier == ()
    assert found.people[0].weeks_in_a_row == 1


@pytest.mark.requirement("PM-1.5")
def test_the_trend_has_six_weeks_and_says_nothing_of_those_that_nobody_knows() -> None:
    past = [
        WeekRecord(1, WEEK.back(1), "Blue", 0, 0, ComplianceStatus.COMPLIANT),
        WeekRecord(2, WEEK.back(1), "Blue", 0, 0, ComplianceStatus.PARTIAL),
    ]
    logs = [worklog("a1", MONDAY, 40 * HOUR)]
    found = assess_week(data([person(1), person(2), PM], logs, schedule("a1") + schedule("a2"), history=tuple(past)))
    percents = [point.compliance.percent for point in found.summaries[0].trend]
    assert percents == [None, None, None, None, 50, 50]


def names(weeks: tuple[PersonWeek, ...]) -> list[int]:
    return [week.person.member.id for week in weeks]


@pytest.mark.requirement("PM-1.3", "PM-1.5")
def test_whom_no_pm_looks_after_the_admins_hear_of() -> None:
    people = [person(1), person(2, team="", pm=None), person(3, team="Red", pm=999), PM, ADMIN]
    days = [d for n in (1, 2, 3) for d in schedule(f"a{n}")]
    found = assess_week(data(people, [worklog("stranger", MONDAY, HOUR)], days))
    by_recipient = {summary.recipient.id: summary for summary in found.summaries}
    assert set(by_recipient) == {100, 200}
    assert names(by_recipient[100].people) == [1]
    assert by_recipient[100].unknown_authors == ()
    assert {2, 3} <= set(names(by_recipient[200].without_pm))
    assert [author.jira_account_id for author in by_recipient[200].unknown_authors] == ["stranger"]


@pytest.mark.requirement("PM-1.5")
def test_without_admins_what_is_nobodys_goes_to_the_pms() -> None:
    found = assess_week(data([person(1), person(2, team="", pm=None), PM], [], schedule("a1") + schedule("a2")))
    (summary,) = found.summaries
    assert (names(summary.teams[0].people), names(summary.without_pm)) == ([1], [2])


@pytest.mark.requirement("PM-1.5")
def test_people_who_are_not_linked_or_have_no_schedule_are_listed_and_not_judged() -> None:
    people = [person(1, jira_account_id=None), person(2), person(3), PM]
    found = assess_week(data(people, [], schedule("a3"), without_schedule=frozenset({"a2"})))
    (summary,) = found.summaries
    assert [p.member.id for p in summary.not_linked if p.team] == [1]
    assert [p.member.id for p in summary.no_schedule] == [2]
    assert names(found.people) == [3]


@pytest.mark.requirement("PM-1.5")
@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, 100, 101, 999]), st.booleans(), st.sampled_from(list(Role)), st.integers(0, 60)
        ),
        max_size=12,
    )
)
def test_nobody_of_whom_something_is_required_is_lost(people: list[tuple[int | None, bool, Role, int]]) -> None:
    members = [
        person(n, pm=pm, role=role, jira_account_id=f"a{n}" if linked else None)
        for n, (pm, linked, role, _) in enumerate(people)
    ]
    managers = [PM, person(101, team="", pm=None, role=Role.PM, jira_account_id=None)]
    logs = [worklog(f"a{n}", MONDAY, hours * HOUR) for n, (_, _, _, hours) in enumerate(people) if hours]
    days = [day for n in range(len(people)) for day in schedule(f"a{n}")]
    found = assess_week(data([*members, *managers, ADMIN], logs, days))
    told = {w.person.member.id for s in found.summaries for w in s.people}
    listed = {p.member.id for s in found.summaries for p in s.not_linked}
    assert told | listed >= {member.member.id for member in members}


@pytest.mark.requirement("PM-1.1", "PM-1.2")
@pytest.mark.parametrize("start", [date(2026, 10, 26), date(2026, 3, 2), date(2026, 11, 30), date(2026, 12, 28)])
def test_a_week_with_a_clock_change_or_over_a_months_or_years_end_is_a_week_like_any_other(start: date) -> None:
    week = Week(start)
    logs = [worklog("a1", day, 7 * HOUR, number) for number, day in enumerate(week) if day.weekday() < 5]
    days = tuple(schedule("a1", week))
    found = assess_week(TimeTrackingData(week, (person(1),), tuple(logs), days)).people[0]
    assert (found.logged_seconds, found.required_seconds) == (35 * HOUR, 40 * HOUR)
    assert (found.status, len(found.days)) == (ComplianceStatus.COMPLIANT, 7)
    assert Week.before(week.end + timedelta(days=1)) == week


@pytest.mark.requirement("PM-1.3")
def test_a_person_in_no_team_and_one_without_a_jira_account_reach_the_admin_and_stop_nobody() -> None:
    teamless, unlinked = person(1, team="", pm=None), person(2, jira_account_id=None)
    found = assess_week(data([teamless, unlinked, person(3), PM, ADMIN], [], [*schedule("a1"), *schedule("a3")]))
    assert {week.person.member.id for week in found.people} == {1, 3, 200}
    summaries = {summary.recipient.id: summary for summary in found.summaries}
    assert [week.person.member.id for week in summaries[200].without_pm if week.status.value == "non_compliant"] == [1]
    assert [member.member.id for member in summaries[100].not_linked] == [2]


@pytest.mark.requirement("TRUST-7")
def test_one_persons_numbers_add_up_to_what_was_judged_with_leave_and_thresholds_shown() -> None:
    logs = [worklog("a1", MONDAY, 5_400, 1), worklog("a1", MONDAY, 1_801, 2), worklog("a3", MONDAY, 60, 3)]
    days = [replace(schedule("a1")[0], required_seconds=4 * HOUR, leave_seconds=4 * HOUR), *schedule("a1")[1:]]
    week = data([person(1), PM], logs, days)
    numbers = numbers_of(week, assess_week(week), 1)
    assert numbers is not None
    assert sum(w.time_spent_seconds for w in numbers.worklogs) == numbers.week.logged_seconds == 7_201
    shown = str(person_view(numbers, "https://jira.test"))
    assert "*Mon Nov 16* 2 h 1 s / 4 h (leave, 4 h taken off)" in shown
    assert "1 h 30 min" in shown
    assert "compliant from 80 % of 36 h = 28 h 48 min" in shown
    assert numbers_of(week, assess_week(week), 999) is None
