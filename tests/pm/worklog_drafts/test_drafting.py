"""How traces become hours: exact sums, whole steps, and nothing where nothing is known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.types import MemberRef, Role
from services.errors import InvalidInputError
from services.mirror.types import FieldChangeRow, PullRequestEvent, PullRequestRow, ReviewStatus, WorklogRow
from services.pm.types import Week
from services.pm.worklog_drafts.drafting import LEAST_ROW_S, MOST_ROWS, STEP_S, draft_week, missing_of, share_out
from services.pm.worklog_drafts.evidence import (
    Held,
    changes_by,
    day_of,
    in_progress,
    neighbours,
    pull_request_traces,
    span_of,
)
from services.pm.worklog_drafts.hours_input import seconds_typed, typed_from
from services.pm.worklog_drafts.types import Evidence, EvidenceKind, LoggedDay, Span

HOUR = 3600
NEW_YORK = "America/New_York"
MONDAY = date(2026, 11, 16)
SAM = MemberRef(1, "U0SAM", "Sam", Role.ENGINEER, NEW_YORK, "a1", None, "sam-gh")
KEYS = ("A-1", "A-2", "A-3", "A-4", "A-5", "A-6")


def span(start: date = MONDAY, zone: str = NEW_YORK) -> Span:
    """Return Sam's week."""
    return Span(SAM, Week(start), zone, *span_of(start, zone))


def trace(key: str = "A-1", kind: EvidenceKind = EvidenceKind.COMMIT, day: date = MONDAY, **rest: Any) -> Evidence:
    """Return something that Sam did."""
    return Evidence(kind, day, key, rest.pop("what", "did it"), **rest)


weights = st.dictionaries(st.sampled_from(KEYS), st.integers(1, 30), min_size=1)
logged = st.dictionaries(st.sampled_from(KEYS), st.integers(0, 40_000))


@pytest.mark.requirement("JOIN-1")
@given(st.integers(0, 60_000), weights, logged, st.sampled_from([300, 900, 1800]))
def test_a_days_shares_add_up_to_what_is_missing_to_the_second(
    missing: int, by_key: dict[str, int], there: dict[str, int], step: int
) -> None:
    shares = share_out(missing, by_key, there, step_s=step)
    assert sum(shares.values()) == (missing if missing >= step else 0)
    assert all(share > 0 for share in shares.values())
    assert sum(share % step != 0 for share in shares.values()) <= 1
    assert shares == share_out(missing, dict(reversed(by_key.items())), there, step_s=step)


@given(st.integers(900, 60_000), weights, logged)
def test_an_issue_that_has_its_share_already_gets_nothing(
    missing: int, by_key: dict[str, int], there: dict[str, int]
) -> None:
    shares = share_out(missing, by_key, there)
    whole = missing + sum(there.get(key, 0) for key in by_key)
    for key, weight in by_key.items():
        if there.get(key, 0) * sum(by_key.values()) >= whole * weight:
            assert key not in shares


@pytest.mark.requirement("JOIN-1")
@given(
    st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(EvidenceKind), st.integers(0, 6)), max_size=25),
    st.lists(st.tuples(st.integers(0, 8 * HOUR), st.integers(0, 9 * HOUR)), min_size=7, max_size=7),
)
def test_no_day_is_drafted_beyond_what_it_lacks_and_none_without_a_trace(
    done: list[tuple[str, EvidenceKind, int]], hours: list[tuple[int, int]]
) -> None:
    days = [
        LoggedDay(MONDAY + timedelta(days=n), required, {"A-1": there}) for n, (required, there) in enumerate(hours)
    ]
    found = [trace(key, kind, MONDAY + timedelta(days=n)) for key, kind, n in done]
    proposals = draft_week(days, found, dict.fromkeys(KEYS, "Summary"))
    traced = {(each.day, each.issue_key) for each in found}
    assert {(p.day, p.issue_key) for p in proposals} <= traced
    for day in days:
        own = [p for p in proposals if p.day == day.day]
        assert sum(p.seconds for p in own) <= day.missing_seconds
        assert len(own) <= max(1, min(MOST_ROWS, day.missing_seconds // LEAST_ROW_S))
        if (
            any(each.day == day.day for each in found)
            and day.missing_seconds >= STEP_S
            and not any(other.logged_seconds > other.required_seconds for other in days)
        ):
            assert sum(p.seconds for p in own) == day.missing_seconds
    assert sum(p.seconds for p in proposals) <= missing_of(days)
    assert proposals == draft_week(days, list(reversed(found)), dict.fromkeys(KEYS, "Summary"))


def test_overtime_on_one_day_leaves_less_to_draft_on_the_others() -> None:
    days = [
        LoggedDay(MONDAY, 0, {"A-1": 6 * HOUR}),
        *(LoggedDay(MONDAY + timedelta(days=n), 8 * HOUR) for n in (1, 2)),
    ]
    found = draft_week(days, [trace(day=MONDAY + timedelta(days=n)) for n in (1, 2)], {"A-1": "One"})
    assert [p.seconds for p in found] == [5 * HOUR, 5 * HOUR]


def test_a_holiday_and_an_issue_that_nobody_mirrors_get_no_row() -> None:
    holiday = LoggedDay(MONDAY, 0)
    assert draft_week([holiday], [trace()], {"A-1": "Summary"}) == []
    assert draft_week([LoggedDay(MONDAY, 8 * HOUR)], [trace("X-9")], {"A-1": "Summary"}) == []


def test_a_rebase_of_many_commits_does_not_eat_the_day() -> None:
    commits = [trace("A-1", at=datetime(2026, 11, 16, 15, n, tzinfo=UTC)) for n in range(40)]
    reviews = [trace("A-2", EvidenceKind.REVIEW, what=f"review {n}") for n in range(3)]
    found = draft_week([LoggedDay(MONDAY, 8 * HOUR)], [*commits, *reviews], {"A-1": "One", "A-2": "Two"})
    by_key = {proposal.issue_key: proposal for proposal in found}
    assert by_key["A-2"].seconds >= 2 * HOUR
    assert by_key["A-1"].description == "Implementation: One"
    assert by_key["A-2"].description == "Code review: Two"


def test_a_session_counts_by_its_length() -> None:
    long = trace("A-1", EvidenceKind.SESSION, seconds=4 * HOUR)
    found = draft_week([LoggedDay(MONDAY, 8 * HOUR)], [long, trace("A-2")], {"A-1": "One", "A-2": "Two"})
    assert [(p.issue_key, p.seconds) for p in found] == [("A-1", 6 * HOUR), ("A-2", 2 * HOUR)]


@pytest.mark.requirement("JOIN-1")
@pytest.mark.parametrize(
    ("text", "minutes"),
    [("1.5", 90), ("1,5", 90), ("1:30", 90), ("1h 30m", 90), ("90m", 90), ("1 h", 60), ("8", 480), ("0.33", 20)],
)
def test_hours_are_read_as_people_write_them(text: str, minutes: int) -> None:
    assert seconds_typed(text) == minutes * 60


@pytest.mark.parametrize("text", ["", "abc", "-1", "25", "0", "1:75", "1h30h", "<!channel>"])
def test_what_is_no_time_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(InvalidInputError):
        seconds_typed(text)


@given(st.integers(1, 24 * 60))
def test_what_the_form_shows_is_read_back_the_same(minutes: int) -> None:
    assert seconds_typed(typed_from(minutes * 60)) == minutes * 60


@pytest.mark.parametrize(
    ("start", "hours"), [(date(2026, 10, 26), 169), (date(2026, 3, 2), 167), (date(2026, 11, 30), 168)]
)
def test_a_week_with_a_clock_change_or_a_months_end_has_its_seven_days(start: date, hours: int) -> None:
    week = span(start)
    assert (week.end - week.start) == timedelta(hours=hours)
    last = week.end - timedelta(seconds=1)
    assert (day_of(week.start, week), day_of(last, week)) == (start, start + timedelta(days=6))
    assert [day_of(week.start + timedelta(hours=12 + 24 * n), week) for n in range(7)] == list(Week(start))


def change(field: str, at: datetime, to: str, author: str = "a1", before: str | None = None) -> FieldChangeRow:
    """Return a change of issue 10; ids and names are the same."""
    return FieldChangeRow("10", "1", field, before, before, to, to, author, at)


def test_only_the_persons_own_changes_within_the_week_are_traces() -> None:
    inside, late = datetime(2026, 11, 17, 4, 30, tzinfo=UTC), datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    rows = [
        change("status", inside, "Code Review"),
        change("status", inside, "Done", author="other"),
        change("status", late, "Done"),
        change("assignee", inside, "a2"),
    ]
    found = changes_by(rows, {"10": "A-1"}, span(), "https://jira.test")
    assert [(t.kind, t.day, t.what) for t in found] == [
        (EvidenceKind.MOVE, MONDAY, "Moved to Code Review"),
        (EvidenceKind.EDIT, MONDAY, "Changed the assignee"),
    ]


def test_work_in_progress_counts_on_the_days_on_which_it_was_both_the_persons_and_in_progress() -> None:
    changes = (
        change("assignee", datetime(2026, 11, 17, 15, tzinfo=UTC), "a1"),
        change("status", datetime(2026, 11, 18, 15, tzinfo=UTC), "In Progress", before="To Do"),
        change("status", datetime(2026, 11, 19, 15, tzinfo=UTC), "Done", before="In Progress"),
    )
    held = Held("A-1", datetime(2026, 11, 1, tzinfo=UTC), "Done", "a1", changes)
    found = in_progress([held], {"In Progress"}, list(Week(MONDAY)), span(), "https://jira.test")
    assert [t.day for t in found] == [date(2026, 11, 18), date(2026, 11, 19)]


def test_pull_requests_give_the_persons_commits_and_reviews_on_the_issues_they_name() -> None:
    at = datetime(2026, 11, 18, 15, tzinfo=UTC)
    events = (
        PullRequestEvent(at, "commit", "Sam-GH"),
        PullRequestEvent(at, "review", "sam-gh", "APPROVED"),
        PullRequestEvent(at, "comment", "renovate", is_bot=True),
        PullRequestEvent(at - timedelta(days=30), "commit", "sam-gh"),
    )
    request = PullRequestRow(
        "acme/shop", 7, "A-1 Faster", "https://github.test/7", "x", False, "open", False, ReviewStatus.APPROVED, at,
        None, "a", "main", (), ("A-1",), events, at, at, None, None, at,
    )  # fmt: skip
    found = pull_request_traces([request], span())
    assert [(t.kind, t.issue_key, t.what) for t in found] == [
        (EvidenceKind.COMMIT, "A-1", "Commit on acme/shop#7"),
        (EvidenceKind.REVIEW, "A-1", "Review of acme/shop#7"),
    ]


def test_a_missing_monday_looks_back_over_the_weekend() -> None:
    friday = WorklogRow(1, "10", "A-1", "A", None, "a1", date(2026, 11, 13), HOUR, HOUR, "", datetime.now(UTC))
    (found,) = neighbours([friday], [MONDAY], "https://jira.test")
    assert (found.day, found.what) == (MONDAY, "You logged on it on Friday")
