"""What GitHub's answers become."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Happened(StrEnum):
    """What can happen on a pull request."""

    COMMIT = "commit"
    REVIEW = "review"
    COMMENT = "comment"
    REQUESTED = "requested"
    UNREQUESTED = "unrequested"
    DISMISSED = "dismissed"
    READY = "ready"
    DRAFT = "draft"
    MERGED = "merged"
    CLOSED = "closed"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class GithubActivity:
    """One entry of a timeline; `verdict` is a review's state, `subject` who was asked, or whose review it is about."""

    at: datetime
    kind: Happened
    login: str
    is_bot: bool = False
    verdict: str = ""
    subject: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class GithubPull:
    """A pull request as GitHub has it now; logins of bots end in "[bot]", requested teams are "@slug".

    `checks_state` is success, failure, error, pending, expected or None; `checks_since` when the first of the failing
    checks failed. `activity` is the newest part of the timeline, oldest first; `is_whole` when that is all of it.
    """

    repository: str
    number: int
    node_id: str
    title: str
    url: str
    author_login: str
    is_bot: bool
    state: str
    is_draft: bool
    review_decision: str | None
    checks_state: str | None
    checks_since: datetime | None
    head_ref: str
    base_ref: str
    requested: tuple[str, ...]
    activity: tuple[GithubActivity, ...]
    is_whole: bool
    created_at: datetime
    updated_at: datetime
    merged_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class GithubPage:
    """A page of a search; `failed` are the hits that GitHub could not give, `total` how many there are in all."""

    pulls: tuple[GithubPull, ...]
    failed: int
    total: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class GithubListing:
    """The open pull requests of a repository in short: (updated, state of the checks) by number."""

    repository: str
    open: dict[int, tuple[datetime, str | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GithubComment:
    """A comment of a pull request's conversation."""

    id: int
    login: str
    body: str
    url: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class GithubRepository:
    """A repository, and whether FlowPilot's user may write to it."""

    full_name: str
    default_branch: str
    is_archived: bool
    may_write: bool
