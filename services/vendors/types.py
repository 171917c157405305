"""What vendors answer, as far as FlowPilot reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

StatusCategory = Literal["new", "indeterminate", "done"]


@dataclass(frozen=True, slots=True)
class JiraUser:
    """A Jira account; Jira may hide the e-mail and the time zone."""

    account_id: str
    display_name: str
    email: str | None = None
    is_active: bool = True
    time_zone: str | None = None


@dataclass(frozen=True, slots=True)
class JiraStatus:
    """A status and the key of its category: new, indeterminate or done."""

    id: str
    name: str
    category: str


@dataclass(frozen=True, slots=True)
class JiraParent:
    """An issue's parent; `hierarchy_level` 1 is an epic, 0 a standard issue, None when Jira did not say."""

    id: str
    key: str
    summary: str
    hierarchy_level: int | None


@dataclass(frozen=True, slots=True)
class JiraLink:
    """A link to issue `key`: the issue `phrase`s it ("blocks", "is blocked by")."""

    id: str
    type: str
    direction: Literal["inward", "outward"]
    phrase: str
    key: str


@dataclass(frozen=True, slots=True)
class JiraIssueRef:
    """An issue as the cheapest search tells it; `updated_at` only where it was asked for."""

    id: str
    key: str
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class JiraIssueDetail:
    """An issue; `description` is plain text, `epic_link` the key in the site's Epic Link field if it has one."""

    id: str
    key: str
    project_key: str
    issue_type: str
    hierarchy_level: int
    summary: str
    description: str
    status: JiraStatus
    priority: str | None
    assignee: JiraUser | None
    reporter: JiraUser | None
    parent: JiraParent | None
    epic_link: str | None
    labels: tuple[str, ...]
    components: tuple[str, ...]
    links: tuple[JiraLink, ...]
    created_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class JiraSearchPage:
    """One page of a search; `next_page_token` is None on the last."""

    issues: tuple[JiraIssueDetail, ...]
    next_page_token: str | None


@dataclass(frozen=True, slots=True)
class JiraBulkResult:
    """Issues fetched at once; `errors` by id may be tried again, `missing` ids do not exist or are not visible."""

    issues: tuple[JiraIssueDetail, ...]
    errors: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JiraChange:
    """One field of one changelog entry; ids and the names that people see beside them."""

    history_id: str
    issue_id: str
    field: str
    from_id: str | None
    from_value: str | None
    to_id: str | None
    to_value: str | None
    author_account_id: str | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class JiraTransitionField:
    """A field on a transition's screen; `allowed` are the names one may choose from, empty for free input."""

    id: str
    name: str
    is_required: bool
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JiraTransition:
    """A transition that Jira offers now."""

    id: str
    name: str
    to_status: JiraStatus
    fields: tuple[JiraTransitionField, ...] = ()

    @property
    def required_fields(self) -> tuple[JiraTransitionField, ...]:
        """Return the fields that have to be given."""
        return tuple(wanted for wanted in self.fields if wanted.is_required)


@dataclass(frozen=True, slots=True)
class JiraComment:
    """A comment as plain text; `properties` only where they were asked for."""

    id: str
    author: JiraUser | None
    body: str
    created_at: datetime
    updated_at: datetime
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JiraProject:
    """A project that FlowPilot's user can see."""

    id: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class JiraIssueTypeStatuses:
    """The statuses that issues of one type can have in a project."""

    issue_type: str
    is_subtask: bool
    statuses: tuple[JiraStatus, ...]


@dataclass(frozen=True, slots=True)
class JiraIssueType:
    """A type of issue; `hierarchy_level` 1 is an epic, 0 a standard issue, -1 a sub-task."""

    id: str
    name: str
    hierarchy_level: int


@dataclass(frozen=True, slots=True)
class JiraPriority:
    """A priority; Jira lists them from the most urgent on."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class JiraLinkType:
    """A kind of link; `outward` is what the outward issue does ("blocks")."""

    id: str
    name: str
    inward: str
    outward: str


@dataclass(frozen=True, slots=True)
class JiraField:
    """A field; `custom_type` is the type key of a custom one."""

    id: str
    name: str
    custom_type: str | None = None


@dataclass(frozen=True, slots=True)
class JiraServerInfo:
    """A Jira site and its own clock."""

    title: str
    base_url: str
    version: str
    server_time: datetime | None


@dataclass(frozen=True, slots=True)
class ParsedJql:
    """A query as Jira understands it; unusable when there are `errors`."""

    query: str
    errors: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CreatedIssue:
    """A new issue."""

    id: str
    key: str


@dataclass(frozen=True, slots=True)
class TempoWorklogDetail:
    """Time logged on an issue (by Jira's numeric id) on the author's day."""

    id: int
    issue_id: str
    author_account_id: str
    start_date: date
    time_spent_seconds: int
    billable_seconds: int
    description: str
    created_at: datetime
    updated_at: datetime
    start_time: str | None = None


@dataclass(frozen=True, slots=True)
class WorklogDraft:
    """What a worklog is to hold; `issue_id` is Jira's numeric id, `start_time` the author's HH:MM:SS."""

    issue_id: str
    author_account_id: str
    start_date: date
    time_spent_seconds: int
    description: str = ""
    start_time: str | None = None
    billable_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class TempoDay:
    """What Tempo requires on a day by workload and holiday scheme; leave is not in it."""

    day: date
    required_seconds: int
    day_type: str


@dataclass(frozen=True, slots=True)
class TempoPlan:
    """Planned time of a person, by day; `item_type` is ISSUE or PROJECT, `item_id` its Jira id."""

    id: int
    account_id: str
    item_type: str
    item_id: str
    description: str
    is_approved: bool
    seconds_by_day: Mapping[date, int]


@dataclass(frozen=True, slots=True)
class TempoTeam:
    """A team and the Jira account ids in it."""

    id: int
    name: str
    lead_account_id: str | None
    member_account_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TempoDeletion:
    """A worklog that somebody deleted."""

    worklog_id: int
    deleted_at: datetime
