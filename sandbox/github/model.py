"""What GitHub holds: accounts, repositories, pull requests and what happens on them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

AccountType = Literal["User", "Bot", "Organization"]
PASSING = frozenset({"success", "neutral", "skipped"})


@dataclass(eq=False)
class Account:
    """A user, an app's bot or an organization; `login` as REST shows it ("dependabot[bot]")."""

    id: int
    login: str
    name: str = ""
    email: str = ""
    type: AccountType = "User"
    created: datetime | None = None

    @property
    def is_bot(self) -> bool:
        """Tell whether this is an app's bot."""
        return self.type == "Bot"


@dataclass(eq=False)
class Team:
    """A team that can be asked for a review."""

    id: int
    name: str
    slug: str


@dataclass(eq=False)
class Commit:
    """One commit."""

    sha: str
    author: Account
    message: str
    at: datetime


@dataclass(eq=False)
class CheckRun:
    """A check of an app (Actions) on a commit; `conclusion` is None until it is completed."""

    id: int
    sha: str
    name: str
    status: str
    conclusion: str | None
    started: datetime
    completed: datetime | None


@dataclass(eq=False)
class CommitStatus:
    """A status of the older kind: error, failure, pending or success."""

    id: int
    sha: str
    context: str
    state: str
    description: str
    creator: Account
    at: datetime


@dataclass(eq=False)
class Review:
    """A review; `state` is PENDING, COMMENTED, APPROVED, CHANGES_REQUESTED or DISMISSED."""

    id: int
    author: Account
    state: str
    body: str
    sha: str
    submitted: datetime | None


@dataclass(eq=False)
class ReviewComment:
    """A remark at a line; the first of a thread has no `reply_to`."""

    id: int
    author: Account
    body: str
    path: str
    line: int
    sha: str
    created: datetime
    updated: datetime
    review_id: int | None = None
    reply_to: int | None = None
    resolved: bool = False


@dataclass(eq=False)
class Comment:
    """A comment in the conversation."""

    id: int
    author: Account
    body: str
    created: datetime
    updated: datetime


@dataclass(eq=False)
class TimelineItem:
    """One entry of the timeline; `kind` is GraphQL's type name, `of` what it is about."""

    kind: str
    at: datetime
    actor: Account
    of: Any = None


@dataclass(eq=False)
class Repository:
    """A repository; checks and statuses by commit."""

    id: int
    owner: Account
    name: str
    description: str
    created: datetime
    collaborators: dict[str, Account] = field(default_factory=dict)
    pulls: dict[int, PullRequest] = field(default_factory=dict)
    checks: dict[str, list[CheckRun]] = field(default_factory=dict)
    statuses: dict[str, list[CommitStatus]] = field(default_factory=dict)
    default_branch: str = "main"
    main_sha: str = ""
    pushed: datetime | None = None
    required_checks: tuple[str, ...] = ("build", "tests")
    needs_approval: bool = True

    @property
    def full_name(self) -> str:
        """Return owner/name."""
        return f"{self.owner.login}/{self.name}"

    def rollup(self, sha: str) -> str | None:
        """Return the state of all checks and statuses of a commit together as GraphQL says it; None without any."""
        runs, statuses = self.checks.get(sha, []), list(self.latest_statuses(sha).values())
        if not runs and not statuses:
            return None
        states = [status.state for status in statuses]
        if "error" in states:
            return "ERROR"
        if "failure" in states or any(r.conclusion is not None and r.conclusion not in PASSING for r in runs):
            return "FAILURE"
        is_waiting = "pending" in states or any(run.status != "completed" for run in runs)
        return "PENDING" if is_waiting else "SUCCESS"

    def latest_statuses(self, sha: str) -> dict[str, CommitStatus]:
        """Return the newest status of each context."""
        return {status.context: status for status in self.statuses.get(sha, [])}


@dataclass(eq=False)
class PullRequest:
    """A pull request; `requested` and `requested_teams` are those still asked for a review."""

    id: int
    repository: Repository
    number: int
    title: str
    body: str
    author: Account
    head_ref: str
    base_ref: str
    base_sha: str
    created: datetime
    updated: datetime
    draft: bool = False
    state: str = "open"
    closed: datetime | None = None
    merged: datetime | None = None
    merged_by: Account | None = None
    merge_sha: str | None = None
    additions: int = 0
    deletions: int = 0
    changed_files: int = 1
    requested: list[Account] = field(default_factory=list)
    requested_teams: list[Team] = field(default_factory=list)
    commits: list[Commit] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    review_comments: list[ReviewComment] = field(default_factory=list)
    timeline: list[TimelineItem] = field(default_factory=list)

    @property
    def head_sha(self) -> str:
        """Return the newest commit's id."""
        return self.commits[-1].sha

    @property
    def is_open(self) -> bool:
        """Tell whether it is neither merged nor closed."""
        return self.state == "open"

    def latest_reviews(self) -> list[Review]:
        """Return the newest submitted review of each reviewer who is not asked again, oldest first."""
        latest: dict[int, Review] = {}
        for review in self.reviews:
            if review.state != "PENDING" and review.author not in self.requested:
                latest.pop(review.author.id, None)
                latest[review.author.id] = review
        return list(latest.values())

    def opinions(self) -> dict[int, str]:
        """Return the state that decides by reviewer: a mere comment takes no approval back."""
        found: dict[int, str] = {}
        for review in self.reviews:
            if review.state in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED"):
                found[review.author.id] = review.state
        return found

    def decision(self) -> str | None:
        """Return GraphQL's reviewDecision; None where the repository asks for no approval."""
        opinions = self.opinions().values()
        if "CHANGES_REQUESTED" in opinions:
            return "CHANGES_REQUESTED"
        if "APPROVED" in opinions:
            return "APPROVED"
        return "REVIEW_REQUIRED" if self.repository.needs_approval else None


def sha_of(*parts: object) -> str:
    """Return a commit id made of what the commit is, the same in every run."""
    return hashlib.sha1("|".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()
