"""What Jira holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sandbox.jira.adf import Adf


@dataclass(frozen=True, slots=True)
class StatusCategory:
    """One of Jira's three categories of statuses."""

    id: int
    key: str
    name: str
    color: str


@dataclass(frozen=True, slots=True)
class Status:
    """A status of a workflow."""

    id: str
    name: str
    category: StatusCategory


@dataclass(frozen=True, slots=True)
class Priority:
    """A priority; `rank` 0 is the most urgent."""

    id: str
    name: str
    rank: int
    color: str = "#707070"


@dataclass(frozen=True, slots=True)
class IssueType:
    """An issue type; level 1 is an epic, 0 a standard issue, -1 a sub-task."""

    id: str
    name: str
    level: int

    @property
    def subtask(self) -> bool:
        """Tell whether issues of this type live under a standard issue."""
        return self.level < 0


@dataclass(frozen=True, slots=True)
class Resolution:
    """How an issue ended."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class LinkType:
    """A kind of issue link; `outward` is what the source says of the target."""

    id: str
    name: str
    inward: str
    outward: str


@dataclass(frozen=True, slots=True)
class Transition:
    """A step of a workflow; `sources` empty means from any status."""

    id: str
    name: str
    sources: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True)
class Workflow:
    """Statuses (the first is where issues start) and the steps between them, by status name.

    With `own_epics`, epics of a project follow the epic workflow and not this one.
    """

    name: str
    statuses: tuple[str, ...]
    transitions: tuple[Transition, ...]
    own_epics: bool = True

    def available(self, status: str) -> list[Transition]:
        """Return the steps possible from a status."""
        return [t for t in self.transitions if t.target != status and (not t.sources or status in t.sources)]


@dataclass(slots=True)
class User:
    """A Jira account."""

    account_id: str
    name: str
    email: str = ""
    time_zone: str = "America/New_York"
    active: bool = True
    account_type: str = "atlassian"


@dataclass(slots=True)
class Project:
    """A project and which workflow its issues follow (epics have their own)."""

    id: str
    key: str
    name: str
    lead: str
    workflow: Workflow
    type_names: tuple[str, ...]
    next_number: int = 1


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """One field of a change; names of the sides as strings, ids beside them."""

    field: str
    field_id: str
    before: str | None
    before_text: str | None
    after: str | None
    after_text: str | None
    custom: bool = False


@dataclass(slots=True)
class History:
    """One entry of the changelog."""

    id: int
    author: str
    created: datetime
    items: tuple[ChangeItem, ...]


@dataclass(slots=True)
class Comment:
    """A comment; properties are the entity properties that callers attach."""

    id: int
    author: str
    body: Adf
    created: datetime
    updated: datetime
    update_author: str
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Worklog:
    """Time on an issue, one record for Jira and Tempo; `started` is the wall clock of the author."""

    id: int
    issue_id: int
    author: str
    started: datetime
    seconds: int
    created: datetime
    updated: datetime
    description: str = ""
    billable_seconds: int | None = None

    @property
    def day(self) -> date:
        """Return the author's day."""
        return self.started.date()


@dataclass(slots=True)
class IssueLink:
    """A link from `source` to `target` (issue ids); the source "outwards" the target."""

    id: int
    type: LinkType
    source: int
    target: int


@dataclass(slots=True)
class RemoteLink:
    """A link to a page elsewhere."""

    id: int
    global_id: str
    object: dict[str, Any]
    relationship: str = ""
    application: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Attachment:
    """A file of an issue."""

    id: int
    filename: str
    mime_type: str
    content: bytes
    author: str
    created: datetime


@dataclass(slots=True)
class Issue:
    """An issue with all that hangs on it."""

    id: int
    key: str
    project: Project
    type: IssueType
    summary: str
    status: Status
    priority: Priority
    created: datetime
    updated: datetime
    reporter: str | None
    assignee: str | None = None
    description: Adf | None = None
    parent_id: int | None = None
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    fix_versions: tuple[str, ...] = ()
    due: date | None = None
    resolution: Resolution | None = None
    resolved: datetime | None = None
    status_changed: datetime | None = None
    histories: list[History] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    links: list[IssueLink] = field(default_factory=list)
    remote_links: list[RemoteLink] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    worklog_ids: list[int] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """Return the number after the project key."""
        return int(self.key.rpartition("-")[2])
