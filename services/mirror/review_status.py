"""What a pull request waits for, now and before: its timeline told again from the beginning. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from services.mirror.types import ReviewStatus, ReviewStay
from services.vendors.github.types import GithubActivity, GithubPull, Happened

FAILING = frozenset({"failure", "error"})
VERDICTS = {"APPROVED": ReviewStatus.APPROVED, "CHANGES_REQUESTED": ReviewStatus.CHANGES_REQUESTED}
ENDED = frozenset({ReviewStatus.CLOSED, ReviewStatus.MERGED})


@dataclass(frozen=True, slots=True)
class Waiting:
    """The present state, since when, and all stays in waiting states, oldest first."""

    status: ReviewStatus
    since: datetime
    stays: tuple[ReviewStay, ...]


@dataclass(slots=True)
class _Scene:
    author: str
    is_draft: bool
    is_closed: bool = False
    is_merged: bool = False
    is_failing: bool = False
    requested: set[str] = field(default_factory=set)
    verdicts: dict[str, ReviewStatus] = field(default_factory=dict)
    reviewers: set[str] = field(default_factory=set)

    def take(self, one: GithubActivity) -> None:
        """Let one thing happen."""
        match one.kind:
            case Happened.REQUESTED:
                self.requested.add(one.subject)
            case Happened.UNREQUESTED:
                self.requested.discard(one.subject)
            case Happened.REVIEW if one.login != self.author and not one.is_bot:
                self.requested.discard(one.login)
                self.reviewers.add(one.login)
                if one.verdict in VERDICTS:
                    self.verdicts[one.login] = VERDICTS[one.verdict]
            case Happened.DISMISSED:
                self.verdicts.pop(one.subject, None)
            case Happened.READY | Happened.DRAFT:
                self.is_draft = one.kind is Happened.DRAFT
            case Happened.MERGED:
                self.is_merged = True
            case Happened.CLOSED | Happened.REOPENED:
                self.is_closed = one.kind is Happened.CLOSED

    def status(self) -> ReviewStatus:
        """Return what the pull request waits for."""
        if self.is_merged:
            return ReviewStatus.MERGED
        if self.is_closed:
            return ReviewStatus.CLOSED
        if self.is_draft:
            return ReviewStatus.DRAFT
        # who is asked again has the ball, whatever was said before
        verdicts = {verdict for login, verdict in self.verdicts.items() if login not in self.requested}
        if ReviewStatus.CHANGES_REQUESTED in verdicts:
            return ReviewStatus.CHANGES_REQUESTED
        if self.is_failing:
            return ReviewStatus.CHECKS_FAILING
        if ReviewStatus.APPROVED in verdicts:
            return ReviewStatus.APPROVED
        # who reviewed without a verdict still owes one
        return ReviewStatus.REVIEW_REQUESTED if self.requested or self.reviewers else ReviewStatus.NO_REVIEWER


def waiting(pull: GithubPull) -> Waiting:
    """Return what a pull request waits for, since when, and what it waited for before.

    Where the timeline was too long to be read whole, the stays begin with the first entry that was read. The present
    state is always that of GitHub's own present fields; a timeline that tells something else ends there.
    """
    changes = list(_changes(pull))
    present = _present(pull, changes[-1][1])
    if present is not changes[-1][1]:
        last = max([changes[-1][0], *(one.at for one in pull.activity)])
        status_began = _end_of(pull) or last
        if changes[-1][0] >= status_began:
            changes.pop()
        changes.append((status_began, present))
    merged: list[tuple[datetime, ReviewStatus]] = []
    for at, status in changes:
        if not merged or merged[-1][1] is not status:
            merged.append((at, status))
    ends: list[datetime | None] = [*(at for at, _ in merged[1:]), None]
    stays = tuple(
        ReviewStay(status, at, end) for (at, status), end in zip(merged, ends, strict=True) if status not in ENDED
    )
    return Waiting(merged[-1][1], merged[-1][0], stays)


def _changes(pull: GithubPull) -> Iterator[tuple[datetime, ReviewStatus]]:
    """Yield when each state began, equal ones in a row included; what happens at once counts as one change."""
    scene = _Scene(pull.author_login, _began_as_draft(pull))
    start = pull.created_at
    if not pull.is_whole and pull.activity:
        start = max(start, pull.activity[0].at)
    failing_from = _failing_from(pull)
    held: tuple[datetime, ReviewStatus] = (start, scene.status())
    for at, one in _in_time(pull.activity, failing_from):
        if one is None:
            scene.is_failing = True
        else:
            scene.take(one)
        moment = max(at, start)
        if moment > held[0]:
            yield held
        held = (moment, scene.status())
    yield held


def _in_time(
    activity: Iterable[GithubActivity], failing_from: datetime | None
) -> list[tuple[datetime, GithubActivity | None]]:
    entries: list[tuple[datetime, GithubActivity | None]] = [(one.at, one) for one in activity]
    if failing_from is not None:
        entries.append((failing_from, None))
    return sorted(entries, key=lambda entry: entry[0])


def _began_as_draft(pull: GithubPull) -> bool:
    for one in pull.activity:
        if one.kind in (Happened.READY, Happened.DRAFT):
            return one.kind is Happened.READY
    return pull.is_draft


def _failing_from(pull: GithubPull) -> datetime | None:
    if pull.checks_state not in FAILING or pull.state != "open":
        return None
    commits = [one.at for one in pull.activity if one.kind is Happened.COMMIT]
    return pull.checks_since or max(commits, default=pull.created_at)


def _end_of(pull: GithubPull) -> datetime | None:
    return pull.merged_at or pull.closed_at if pull.state != "open" else None


def _present(pull: GithubPull, told: ReviewStatus) -> ReviewStatus:
    """Return the present state by GitHub's own fields, which win over what the timeline told."""
    if pull.state == "merged" or pull.merged_at is not None:
        return ReviewStatus.MERGED
    if pull.state == "closed":
        return ReviewStatus.CLOSED
    if pull.is_draft:
        return ReviewStatus.DRAFT
    asked = ReviewStatus.REVIEW_REQUESTED if pull.requested else ReviewStatus.NO_REVIEWER
    if told is ReviewStatus.APPROVED and pull.review_decision == "REVIEW_REQUIRED":
        return asked  # the repository asks for one more approval
    if told in ENDED or told is ReviewStatus.DRAFT:
        return asked
    if told is ReviewStatus.NO_REVIEWER and pull.requested:
        return ReviewStatus.REVIEW_REQUESTED
    return told
