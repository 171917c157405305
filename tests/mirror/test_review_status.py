"""What a pull request waits for, told from its timeline: by example, and for any timeline."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mirror.github_rows import jira_keys
from services.mirror.review_status import waiting
from services.mirror.types import ReviewStatus
from services.vendors.github.types import GithubActivity, GithubPull, Happened

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
BLANK = GithubPull(
    repository="harborline/app",
    number=1,
    node_id="PR_1",
    title="APP-1 Keep the basket",
    url="https://example.test/1",
    author_login="bob",
    is_bot=False,
    state="open",
    is_draft=False,
    review_decision=None,
    checks_state="success",
    checks_since=None,
    head_ref="feature/1",
    base_ref="main",
    requested=(),
    activity=(),
    is_whole=True,
    created_at=START,
    updated_at=START,
    merged_at=None,
    closed_at=None,
)


def at(hours: float) -> datetime:
    """Return a moment after the opening."""
    return START + timedelta(hours=hours)


def did(hours: float, kind: Happened, login: str = "bob", **more: Any) -> GithubActivity:
    """Return something that happened."""
    return GithubActivity(at(hours), kind, login, **more)


def asked(hours: float, whom: str) -> GithubActivity:
    """Return a request for a review."""
    return did(hours, Happened.REQUESTED, subject=whom)


def review(hours: float, login: str, verdict: str) -> GithubActivity:
    """Return a review."""
    return did(hours, Happened.REVIEW, login, verdict=verdict)


def pull(*activity: GithubActivity, **more: Any) -> GithubPull:
    """Return a pull request with a history."""
    return replace(BLANK, activity=activity, **more)


CASES: list[tuple[str, GithubPull, ReviewStatus, float]] = [
    ("nobody is asked", pull(), ReviewStatus.NO_REVIEWER, 0),
    ("somebody is asked", pull(asked(2, "ann"), requested=("ann",)), ReviewStatus.REVIEW_REQUESTED, 2),
    (
        "commits and comments change nothing",
        pull(asked(2, "ann"), did(3, Happened.COMMIT), did(4, Happened.COMMENT, "ann"), requested=("ann",)),
        ReviewStatus.REVIEW_REQUESTED,
        2,
    ),
    (
        "changes are requested, and a push alone does not answer them",
        pull(asked(2, "ann"), review(5, "ann", "CHANGES_REQUESTED"), did(6, Happened.COMMIT)),
        ReviewStatus.CHANGES_REQUESTED,
        5,
    ),
    (
        "who is asked again has the ball",
        pull(review(5, "ann", "CHANGES_REQUESTED"), asked(7, "ann"), requested=("ann",)),
        ReviewStatus.REVIEW_REQUESTED,
        7,
    ),
    (
        "one approval does not outweigh another's request for changes",
        pull(review(5, "ann", "CHANGES_REQUESTED"), review(6, "cem", "APPROVED")),
        ReviewStatus.CHANGES_REQUESTED,
        5,
    ),
    (
        "the latest verdict of a reviewer counts, a comment is none",
        pull(review(5, "ann", "CHANGES_REQUESTED"), review(6, "ann", "APPROVED"), review(7, "ann", "COMMENTED")),
        ReviewStatus.APPROVED,
        6,
    ),
    (
        "a review without a verdict still owes one",
        pull(asked(2, "ann"), review(4, "ann", "COMMENTED")),
        ReviewStatus.REVIEW_REQUESTED,
        2,
    ),
    (
        "a dismissed verdict is none",
        pull(review(5, "ann", "APPROVED"), did(8, Happened.DISMISSED, subject="ann")),
        ReviewStatus.REVIEW_REQUESTED,
        8,
    ),
    (
        "neither the author's own remarks nor a bot's are reviews",
        pull(review(3, "bob", "COMMENTED"), did(4, Happened.REVIEW, "copilot[bot]", is_bot=True, verdict="COMMENTED")),
        ReviewStatus.NO_REVIEWER,
        0,
    ),
    (
        "a draft waits for nobody until it is ready",
        pull(asked(1, "ann"), did(6, Happened.READY), requested=("ann",)),
        ReviewStatus.REVIEW_REQUESTED,
        6,
    ),
    ("a draft", pull(did(4, Happened.DRAFT), is_draft=True), ReviewStatus.DRAFT, 4),
    (
        "failing checks come before the review",
        pull(asked(1, "ann"), requested=("ann",), checks_state="failure", checks_since=at(3)),
        ReviewStatus.CHECKS_FAILING,
        3,
    ),
    (
        "one approval where the repository asks for two",
        pull(asked(2, "ann"), review(5, "ann", "APPROVED"), review_decision="REVIEW_REQUIRED"),
        ReviewStatus.NO_REVIEWER,
        5,
    ),
    (
        "asked no longer",
        pull(asked(1, "ann"), did(3, Happened.UNREQUESTED, subject="ann")),
        ReviewStatus.NO_REVIEWER,
        3,
    ),
    (
        "merged",
        pull(
            review(3, "ann", "APPROVED"),
            did(4, Happened.MERGED),
            did(4, Happened.CLOSED),
            state="merged",
            merged_at=at(4),
            closed_at=at(4),
        ),
        ReviewStatus.MERGED,
        4,
    ),
    (
        "closed and opened again",
        pull(did(3, Happened.CLOSED), did(9, Happened.REOPENED)),
        ReviewStatus.NO_REVIEWER,
        9,
    ),
    (
        "GitHub's present fields win over a timeline that was cut",
        pull(did(3, Happened.COMMENT), requested=("ann",), is_whole=False),
        ReviewStatus.REVIEW_REQUESTED,
        3,
    ),
]


@pytest.mark.requirement("PM-5.1")
@pytest.mark.parametrize(("what", "given_pull", "status", "hours"), CASES, ids=[case[0] for case in CASES])
def test_the_state_and_when_it_began(what: str, given_pull: GithubPull, status: ReviewStatus, hours: float) -> None:
    found = waiting(given_pull)
    assert (found.status, found.since) == (status, at(hours)), what


def test_earlier_stays_are_kept_for_learning() -> None:
    told = waiting(
        pull(
            asked(2, "ann"),
            review(5, "ann", "CHANGES_REQUESTED"),
            asked(8, "ann"),
            review(9, "ann", "APPROVED"),
            did(12, Happened.MERGED),
            did(12, Happened.CLOSED),
            state="merged",
            merged_at=at(12),
        )
    )
    assert [(stay.status, stay.entered_at, stay.left_at) for stay in told.stays] == [
        (ReviewStatus.NO_REVIEWER, at(0), at(2)),
        (ReviewStatus.REVIEW_REQUESTED, at(2), at(5)),
        (ReviewStatus.CHANGES_REQUESTED, at(5), at(8)),
        (ReviewStatus.REVIEW_REQUESTED, at(8), at(9)),
        (ReviewStatus.APPROVED, at(9), at(12)),
    ]


PEOPLE = st.sampled_from(["ann", "cem", "bob", "copilot[bot]"])
ENTRIES = st.builds(
    lambda hours, kind, login, verdict, subject: GithubActivity(
        at(hours), kind, login, login.endswith("[bot]"), verdict if kind is Happened.REVIEW else "", subject
    ),
    st.integers(0, 400),
    st.sampled_from([kind for kind in Happened if kind is not Happened.MERGED]),
    PEOPLE,
    st.sampled_from(["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"]),
    st.sampled_from(["ann", "cem"]),
)
PULLS = st.builds(
    lambda activity, requested, is_draft, state, checks, is_whole: replace(
        BLANK,
        activity=tuple(sorted(activity, key=lambda one: one.at)),
        requested=tuple(sorted(requested)),
        is_draft=is_draft,
        state=state,
        checks_state=checks,
        checks_since=at(30) if checks == "failure" else None,
        is_whole=is_whole,
        merged_at=at(500) if state == "merged" else None,
        closed_at=at(500) if state != "open" else None,
    ),
    st.lists(ENTRIES, max_size=12),
    st.sets(st.sampled_from(["ann", "cem"])),
    st.booleans(),
    st.sampled_from(["open", "closed", "merged"]),
    st.sampled_from([None, "success", "failure", "pending"]),
    st.booleans(),
)


@given(PULLS)
def test_stays_follow_each_other_and_end_in_the_present_state(any_pull: GithubPull) -> None:
    found = waiting(any_pull)
    for one, following in pairwise(found.stays):
        assert one.left_at is not None
        assert one.left_at <= following.entered_at
        # two equal ones in a row only where it was closed in between
        assert one.status is not following.status or one.left_at < following.entered_at
    assert all(stay.left_at is None or stay.entered_at < stay.left_at for stay in found.stays)
    assert all(stay.entered_at >= any_pull.created_at for stay in found.stays)
    if any_pull.state == "open":
        assert found.stays[-1].left_at is None
        assert (found.stays[-1].status, found.stays[-1].entered_at) == (found.status, found.since)
        assert (found.status is ReviewStatus.DRAFT) == any_pull.is_draft
    else:
        assert found.status == ReviewStatus(any_pull.state.title())
        assert all(stay.left_at is not None for stay in found.stays)


def test_jira_keys_are_found_in_branch_and_title() -> None:
    ours = {"SHOP", "PORT"}
    assert jira_keys("feature/shop-12-basket", "PORT-3: UTF-8 and SHOP-12", ours) == ["PORT-3", "SHOP-12"]
    assert jira_keys("fix-2", "Use SHA-256", ours) == []
    assert jira_keys("feature/x1-2", "APP-7 (see XAPP-7a)", None) == ["APP-7"]
