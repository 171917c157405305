"""Visits from changelogs and pull requests: what counts as one stay, where it ends, and who ended it."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mirror.types import FieldChangeRow, IssueRow, PullRequestRow, ReviewStatus, ReviewStay
from services.pm.bottlenecks.types import ItemType, Visit
from services.pm.bottlenecks.visits import People, in_order, pull_request_visits, robots_among, ticket_visits

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SEEN = START + timedelta(days=10)


def hour(number: float) -> datetime:
    return START + timedelta(hours=number)


def issue(status: str, key: str = "SHOP-1", *, done: bool = False, assignee: str = "ann") -> IssueRow:
    return IssueRow(
        jira_id=key, key=key, project_key="SHOP", issue_type="Task", hierarchy_level=0, summary="", description="",
        status=status, status_category="done" if done else "indeterminate", priority="High",
        assignee_account_id=assignee, reporter_account_id="rep", parent_key=None, epic_key=None, labels=(),
        components=(), links=(), created_at=START, updated_at=START, resolved_at=None, synced_at=SEEN,
    )  # fmt: skip


def moved(
    before: str, after: str, at: datetime, number: int = 1, *, by: str | None = "ann", key: str = "SHOP-1",
    field: str = "status",
) -> FieldChangeRow:  # fmt: skip
    return FieldChangeRow(key, str(number), field, before, before, after, after, by, at)


def told(visits: list[Visit]) -> list[tuple[str, float, float | None]]:
    def hours(at: datetime) -> float:
        return (at - START).total_seconds() / 3600

    return [(one.status, hours(one.entered_at), hours(one.left_at) if one.left_at else None) for one in visits]


@pytest.mark.requirement("PM-5.1")
def test_a_ticket_moved_back_and_forth_has_a_visit_for_each_stay_and_counts_its_returns() -> None:
    changes = [
        moved("To Do", "QA", hour(1), 1),
        moved("QA", "QA", hour(2), 2),
        moved("QA", "In Progress", hour(3), 3),
        moved("In Progress", "QA", hour(5), 4),
    ]
    visits = list(ticket_visits([issue("QA")], changes, SEEN))
    assert told(visits) == [("To Do", 0, 1), ("QA", 1, 3), ("In Progress", 3, 5), ("QA", 5, None)]
    assert [(one.earlier_visits, one.returns) for one in visits] == [(0, 0), (1, 0), (2, 0), (3, 1)]
    assert visits[-1].is_censored
    assert visits[-1].seconds == (SEEN - hour(5)).total_seconds()


def test_a_ticket_that_never_moved_waits_since_it_was_created_and_what_is_done_waits_for_nothing() -> None:
    assert told(list(ticket_visits([issue("Blocked")], [], SEEN))) == [("Blocked", 0, None)]
    changes = [moved("QA", "Done", hour(2)), moved("Done", "QA", hour(4), 2), moved("QA", "Done", hour(7), 3)]
    assert told(list(ticket_visits([issue("Done", done=True)], changes, SEEN))) == [("QA", 0, 2), ("QA", 4, 7)]


def test_changes_of_one_instant_are_put_so_that_each_goes_on_from_the_one_before() -> None:
    changes = [moved("Code Review", "QA", hour(2), 1), moved("To Do", "Code Review", hour(2), 2)]
    assert [one.to_value for one in in_order(changes)] == ["Code Review", "QA"]
    assert told(list(ticket_visits([issue("QA")], changes, SEEN))) == [
        ("To Do", 0, 2), ("Code Review", 2, 2), ("QA", 2, None),
    ]  # fmt: skip


def test_a_change_before_the_ticket_was_created_makes_no_stay_of_less_than_nothing() -> None:
    visits = list(ticket_visits([issue("QA")], [moved("To Do", "QA", START - timedelta(hours=5))], SEEN))
    assert told(visits) == [("To Do", 0, 0), ("QA", 0, None)]


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(-3, 9)), max_size=8))
def test_whatever_the_changelog_says_stays_follow_each_other_without_gap_or_overlap(
    raw: list[tuple[str, int]],
) -> None:
    before = "A"
    changes = []
    for number, (after, at) in enumerate(raw):
        changes.append(moved(before, after, hour(at), number))
        before = after
    visits = list(ticket_visits([issue("C")], changes, SEEN))
    assert visits[0].entered_at == START
    assert visits[-1].left_at is None
    assert all(first.left_at == then.entered_at for first, then in itertools.pairwise(visits))
    assert all(one.seconds >= 0 for one in visits)
    assert all(first.status != then.status for first, then in itertools.pairwise(visits))


def test_the_assignee_and_priority_are_those_of_the_time_at_which_the_stay_began() -> None:
    changes = [
        moved("To Do", "QA", hour(2), 1),
        moved("bob", "ann", hour(3), 2, field="assignee"),
        moved("Low", "High", hour(3), 3, field="priority"),
        moved("QA", "UAT", hour(4), 4),
    ]
    visits = list(ticket_visits([issue("UAT")], changes, SEEN, People({"ann": "Storefront", "bob": "Payments"})))
    assert [(one.assignee, one.team, one.priority) for one in visits] == [
        ("bob", "Payments", "Low"), ("bob", "Payments", "Low"), ("ann", "Storefront", "High"),
    ]  # fmt: skip


@pytest.mark.requirement("PM-5.2")
def test_closings_by_robots_by_apps_and_in_bulk_are_automatic_and_moves_by_robots_are_not() -> None:
    def ended_by(by: str | None, after: str = "Done") -> bool:
        tickets = [issue(after, done=after == "Done"), issue("Done", "SHOP-99", done=True)]
        changes = [moved("QA", after, hour(1), by=by)]
        return next(ticket_visits(tickets, changes, SEEN, People(robots=frozenset({"bot"})))).is_automatic

    assert [ended_by("ann"), ended_by("bot"), ended_by(None)] == [False, True, True]
    assert not ended_by("bot", "UAT")
    many = [issue("Done", f"SHOP-{number}", done=True) for number in range(10)]
    at_once = [moved("QA", "Done", hour(1) + timedelta(seconds=n), key=f"SHOP-{n}") for n in range(10)]
    spread = [moved("QA", "Done", hour(n), key=f"SHOP-{n}") for n in range(10)]
    assert all(one.is_automatic for one in ticket_visits(many, at_once, SEEN))
    assert not any(one.is_automatic for one in ticket_visits(many, spread, SEEN))
    assert robots_among(many, [moved("QA", "Done", hour(1), by="app")] * 10) == {"app"}
    assert robots_among(many, [moved("QA", "Done", hour(1), by="ann")] * 10) == frozenset()
    assert robots_among(many, [moved("QA", "Done", hour(1), by="lead")] * 10, ["lead"]) == frozenset()


def test_a_pull_request_has_a_visit_for_each_waiting_state_but_none_as_a_draft() -> None:
    stays = (
        ReviewStay(ReviewStatus.DRAFT, hour(0), hour(1)),
        ReviewStay(ReviewStatus.REVIEW_REQUESTED, hour(1), hour(4)),
        ReviewStay(ReviewStatus.CHANGES_REQUESTED, hour(4), None),
    )
    pull = PullRequestRow(
        "acme/shop", 7, "", "", "dev", False, "open", False, ReviewStatus.CHANGES_REQUESTED, hour(4), None, "", "",
        ("kim",), (), (), hour(0), hour(4), None, None, SEEN, stays,
    )  # fmt: skip
    visits = pull_request_visits(pull, "SHOP", SEEN, People({"kim": "Storefront"}))
    assert told(visits) == [("Review requested", 1, 4), ("Changes requested", 4, None)]
    assert [(one.assignee, one.team) for one in visits] == [("kim", "Storefront"), ("dev", "")]
    assert {(one.item_key, one.item_type) for one in visits} == {("acme/shop#7", ItemType.PULL_REQUEST)}
