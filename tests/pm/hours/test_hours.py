"""Hours add up to the second, whichever way they are grouped; months are those of the calendar."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InvalidInputError
from services.mirror.types import WorklogRow
from services.pm.hours import LoggedTime, logged_time, seconds_by, total_seconds
from services.pm.months import Month

DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))


def worklog(number: int, project: str | None, epic: str | None, account: str, day: date, seconds: int) -> WorklogRow:
    key = f"{project}-{number}" if project else None
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return WorklogRow(number, str(number), key, project, epic, account, day, seconds, seconds, "", at)


WORKLOGS = st.lists(
    st.builds(
        worklog,
        st.integers(1, 50),
        st.sampled_from(["SHOP", "CARE", None]),
        st.sampled_from(["SHOP-1", "CARE-2", None]),
        st.sampled_from(["ann", "ben", "cho"]),
        DAYS,
        st.integers(1, 36_000),
    ),
    max_size=40,
)
GROUPINGS: tuple[Callable[[LoggedTime], Hashable], ...] = (
    lambda entry: entry.project_key,
    lambda entry: (entry.project_key, entry.epic_key),
    lambda entry: entry.team,
    lambda entry: entry.jira_account_id,
    lambda entry: entry.month,
    lambda entry: entry.day,
)


@given(WORKLOGS)
def test_totals_by_project_epic_team_person_and_month_always_agree(worklogs: list[WorklogRow]) -> None:
    entries = logged_time(worklogs, {"ann": "Red", "ben": "Blue"})
    whole = sum(worklog.time_spent_seconds for worklog in worklogs)
    assert total_seconds(entries) == whole
    for grouping in GROUPINGS:
        assert sum(seconds_by(entries, grouping).values()) == whole


@given(WORKLOGS)
def test_a_finer_grouping_adds_up_to_the_coarser_one(worklogs: list[WorklogRow]) -> None:
    entries = logged_time(worklogs, {"ann": "Red"})
    coarse = seconds_by(entries, lambda entry: entry.project_key)
    fine = seconds_by(entries, lambda entry: (entry.project_key, entry.epic_key, entry.team, entry.month))
    for project, seconds in coarse.items():
        assert seconds == sum(part for key, part in fine.items() if key[0] == project)


@given(DAYS)
def test_every_day_is_in_its_month_and_in_no_other(day: date) -> None:
    month = Month.of(day)
    assert day in month
    assert day in list(month)
    assert day not in month.next
    assert month.end + timedelta(days=1) == month.next.start
    assert Month.parse(str(month)) == month
    assert month.back(13).back(-13) == month


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-00", "26-11", "0000-01", "2026-11-01"])
def test_what_is_no_month_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        Month.parse(text)
    assert "2026-11" in (refused.value.hint or "")
