"""What the mirror answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum


class Source(StrEnum):
    """What is mirrored."""

    JIRA = "jira"
    TEMPO = "tempo"
    GITHUB = "github"

    @property
    def label(self) -> str:
        """Return the name as people write it."""
        return "GitHub" if self is Source.GITHUB else self.value.title()


@dataclass(frozen=True, slots=True)
class IssueLinkRow:
    """A link: the issue `phrase`s ("blocks", "is blocked by") the issue `key`."""

    type: str
    direction: str
    phrase: str
    key: str


@dataclass(frozen=True, slots=True)
class IssueRow:
    """An issue as last seen at `synced_at`; `status_category` is new, indeterminate or done."""

    jira_id: str
    key: str
    project_key: str
    issue_type: str
    hierarchy_level: int
    summary: str
    description: str
    status: str
    status_category: str
    priority: str | None
    assignee_account_id: str | None
    reporter_account_id: str | None
    parent_key: str | None
    epic_key: str | None
    labels: tuple[str, ...]
    components: tuple[str, ...]
    links: tuple[IssueLinkRow, ...]
    created_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    synced_at: datetime

    @property
    def is_done(self) -> bool:
        """Tell whether the status is one of Jira's done ones."""
        return self.status_category == "done"

    @property
    def is_epic(self) -> bool:
        """Tell whether this is an epic (by level, not by the type's name)."""
        return self.hierarchy_level == 1

    @property
    def is_subtask(self) -> bool:
        """Tell whether this lives under a standard issue."""
        return self.hierarchy_level < 0


@dataclass(frozen=True, slots=True)
class WorklogRow:
    """Time logged; the keys are None when its issue is not mirrored."""

    tempo_worklog_id: int
    issue_jira_id: str
    issue_key: str | None
    project_key: str | None
    epic_key: str | None
    author_account_id: str
    start_date: date
    time_spent_seconds: int
    billable_seconds: int
    description: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class FieldChangeRow:
    """One field that changed: ids, and names (of statuses, people…) beside them."""

    jira_id: str
    history_id: str
    field: str
    from_id: str | None
    from_value: str | None
    to_id: str | None
    to_value: str | None
    author_account_id: str | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ScheduleDay:
    """What is required of a person on a day; leave is already taken off `required_seconds`."""

    jira_account_id: str
    day: date
    required_seconds: int
    day_type: str
    leave_seconds: int
    synced_at: datetime


class ReviewStatus(StrEnum):
    """What an open pull request waits for; the names under which bottlenecks list it."""

    DRAFT = "Draft"
    NO_REVIEWER = "No reviewer"
    REVIEW_REQUESTED = "Review requested"
    CHANGES_REQUESTED = "Changes requested"
    CHECKS_FAILING = "Checks failing"
    APPROVED = "Approved, not merged"
    CLOSED = "Closed"
    MERGED = "Merged"


@dataclass(frozen=True, slots=True)
class ReviewStay:
    """A stay of a pull request in a waiting state; `left_at` is None while it lasts. Closed is no waiting state."""

    status: ReviewStatus
    entered_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class PullRequestEvent:
    """Something that somebody did on a pull request; `kind` is commit, review (with its state in `text`) or comment."""

    at: datetime
    kind: str
    login: str
    text: str = ""
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class PullRequestRow:
    """A pull request as last seen at `synced_at`; `status_since` is when `review_status` began.

    `jira_keys` are the keys in its branch and title, `events` the newest commits, reviews and comments, oldest first
    (FlowPilot's own count as a bot's). `stays` are its waiting states so far, as far back as its timeline was read.
    """

    repository: str
    number: int
    title: str
    url: str
    author_login: str
    is_bot: bool
    state: str
    is_draft: bool
    review_status: ReviewStatus
    status_since: datetime
    checks_state: str | None
    head_ref: str
    base_ref: str
    requested_reviewers: tuple[str, ...]
    jira_keys: tuple[str, ...]
    events: tuple[PullRequestEvent, ...]
    created_at: datetime
    updated_at: datetime
    merged_at: datetime | None
    closed_at: datetime | None
    synced_at: datetime
    stays: tuple[ReviewStay, ...] = ()

    @property
    def reference(self) -> str:
        """Name it as GitHub does: owner/name#12."""
        return f"{self.repository}#{self.number}"

    @property
    def is_open(self) -> bool:
        """Tell whether it is neither merged nor closed."""
        return self.state == "open"


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old a source's mirror is; `summary` is what the last pass counted, `error` why the last one failed."""

    source: Source
    last_success_at: datetime | None
    age: timedelta | None
    is_stale: bool
    error: str | None
    summary: str


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What one pass did: `found` changed candidates, `unchanged` of them needed no fetch."""

    source: Source
    found: int
    stored: int
    unchanged: int
    deleted: int
    failed: tuple[str, ...] = ()
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Census:
    """Counts that can be checked: what Jira lists against what the mirror holds after putting it right."""

    source: Source
    there: int
    mirrored: int
    age: timedelta
    added: tuple[str, ...] = field(default=())
    moved: tuple[str, ...] = field(default=())
    deleted: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        return f"{self.source.label} {self.there}, mirror {self.mirrored}, oldest {age_in_words(self.age)}"


def age_in_words(age: timedelta) -> str:
    """Return "<1 min", "2 min", "3 h" or "4 d"."""
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "<1 min"
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"
