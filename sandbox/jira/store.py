"""Where Jira's things are kept, and how they are found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import count

from sandbox.core import Bus, SandboxClock
from sandbox.jira import catalog
from sandbox.jira.errors import JiraError, not_found
from sandbox.jira.events import JiraEvent
from sandbox.jira.model import (
    Issue,
    IssueLink,
    IssueType,
    LinkType,
    Priority,
    Project,
    Resolution,
    Status,
    User,
    Workflow,
    Worklog,
)

SERVICE_ACCOUNT = "712020:flowpilot-service"


class JiraStore:
    """Registries and indexes, and who listens; what is put here directly leaves no history."""

    def __init__(self, clock: SandboxClock, bus: Bus) -> None:
        self.clock = clock
        self.bus = bus
        self.base_url = ""
        self.listeners: list[Callable[[JiraEvent], None]] = []
        self.users: dict[str, User] = {}
        self.projects: dict[str, Project] = {}
        self.issues: dict[int, Issue] = {}
        self.by_key: dict[str, Issue] = {}
        self.by_project: dict[str, dict[int, Issue]] = {}
        self.children: dict[int, dict[int, Issue]] = {}
        self.worklogs: dict[int, Worklog] = {}
        self.deleted_worklogs: list[tuple[int, int]] = []
        self.statuses: dict[str, Status] = {s.name: s for s in catalog.STATUSES}
        self.priorities: dict[str, Priority] = {p.name: p for p in catalog.PRIORITIES}
        self.types: dict[str, IssueType] = {t.name: t for t in catalog.ISSUE_TYPES}
        self.resolutions: dict[str, Resolution] = {r.name: r for r in catalog.RESOLUTIONS}
        self.link_types: dict[str, LinkType] = {t.name: t for t in catalog.LINK_TYPES}
        self._ids: dict[str, count[int]] = {}
        self.add_user(SERVICE_ACCOUNT, "FlowPilot (service)", "flowpilot@sandbox.test")

    def tell(self, event: JiraEvent, op: str) -> None:
        """Let the page and the listeners know."""
        self.bus.publish("jira", key=event.issue.key, op=op)
        for listener in self.listeners:
            listener(event)

    def new_id(self, kind: str) -> int:
        """Return the next id of a kind of thing, from 10000."""
        return next(self._ids.setdefault(kind, count(10_000)))

    def add_user(
        self,
        account_id: str,
        name: str,
        email: str = "",
        time_zone: str = "America/New_York",
        account_type: str = "atlassian",
    ) -> User:
        """Add an account."""
        user = User(account_id, name, email, time_zone, account_type=account_type)
        self.users[account_id] = user
        return user

    def add_project(
        self,
        key: str,
        name: str,
        lead: str,
        workflow: Workflow,
        type_names: Iterable[str] = ("Epic", "Story", "Task", "Bug", "Sub-task"),
    ) -> Project:
        """Add a project."""
        project = Project(str(self.new_id("project")), key, name, lead, workflow, tuple(type_names))
        self.projects[key] = project
        self.by_project[key] = {}
        return project

    def status(self, name: str, category: str = "indeterminate") -> Status:
        """Return the status with this name, made if need be."""
        if name not in self.statuses:
            self.statuses[name] = Status(str(10_000 + len(self.statuses)), name, catalog.CATEGORIES[category])
        return self.statuses[name]

    def priority(self, name: str) -> Priority:
        """Return the priority with this name, made if need be."""
        if name not in self.priorities:
            size = len(self.priorities)
            self.priorities[name] = Priority(str(size + 1) if size < 9_999 else "0", name, size)
        return self.priorities[name]

    def issue_type(self, name: str, level: int = 0) -> IssueType:
        """Return the issue type with this name, made if need be."""
        if name not in self.types:
            self.types[name] = replace(catalog.TASK, id=str(10_000 + len(self.types)), name=name, level=level)
        return self.types[name]

    def resolution(self, name: str) -> Resolution:
        """Return the resolution with this name, made if need be."""
        if name not in self.resolutions:
            self.resolutions[name] = Resolution(str(10_000 + len(self.resolutions)), name)
        return self.resolutions[name]

    def link_type(self, name: str, inward: str = "", outward: str = "") -> LinkType:
        """Return the link type with this name, made if need be."""
        if name not in self.link_types:
            number = str(10_000 + len(self.link_types))
            self.link_types[name] = LinkType(number, name, inward or name, outward or name)
        return self.link_types[name]

    def insert(self, issue: Issue) -> Issue:
        """Put an issue under its key and indexes."""
        self.issues[issue.id] = issue
        self.by_key[issue.key] = issue
        self.by_project[issue.project.key][issue.id] = issue
        issue.project.next_number = max(issue.project.next_number, issue.number + 1)
        if issue.parent_id is not None:
            self.children.setdefault(issue.parent_id, {})[issue.id] = issue
        return issue

    def remove(self, issue: Issue) -> None:
        """Take an issue, its links and worklogs out."""
        del self.issues[issue.id], self.by_key[issue.key], self.by_project[issue.project.key][issue.id]
        if issue.parent_id is not None:
            self.children.get(issue.parent_id, {}).pop(issue.id, None)
        for child in list(self.children.pop(issue.id, {}).values()):
            child.parent_id = None
        for link in list(issue.links):
            self.unlink(link)
        now_ms = int(self.clock.now().timestamp() * 1000)
        for worklog_id in issue.worklog_ids:
            del self.worklogs[worklog_id]
            self.deleted_worklogs.append((worklog_id, now_ms))

    def set_parent(self, issue: Issue, parent_id: int | None) -> None:
        """Move an issue under another, or out."""
        if issue.parent_id is not None:
            self.children.get(issue.parent_id, {}).pop(issue.id, None)
        issue.parent_id = parent_id
        if parent_id is not None:
            self.children.setdefault(parent_id, {})[issue.id] = issue

    def link(self, kind: LinkType, source: Issue, target: Issue) -> IssueLink:
        """Link two issues."""
        made = IssueLink(self.new_id("link"), kind, source.id, target.id)
        source.links.append(made)
        target.links.append(made)
        return made

    def unlink(self, link: IssueLink) -> None:
        """Take a link from both its ends."""
        for issue_id in (link.source, link.target):
            if end := self.issues.get(issue_id):
                end.links = [kept for kept in end.links if kept.id != link.id]

    def find(self, id_or_key: str | int) -> Issue | None:
        """Return an issue by id or key (keys in any case), None if there is none."""
        text = str(id_or_key)
        return self.issues.get(int(text)) if text.isdigit() else self.by_key.get(text.upper())

    def issue(self, id_or_key: str | int) -> Issue:
        """Return an issue; JiraError 404 in Jira's words."""
        found = self.find(id_or_key)
        if found is None:
            raise not_found()
        return found

    def project(self, id_or_key: str) -> Project:
        """Return a project by id or key; JiraError 404 in Jira's words."""
        for project in self.projects.values():
            if id_or_key.upper() == project.key or id_or_key == project.id:
                return project
        raise JiraError(404, f"No project could be found with key '{id_or_key}'.")

    def parent(self, issue: Issue) -> Issue | None:
        """Return the parent."""
        return None if issue.parent_id is None else self.issues.get(issue.parent_id)

    def workflow(self, issue: Issue) -> Workflow:
        """Return the workflow an issue follows."""
        return self.workflow_of(issue.project, issue.type)

    def workflow_of(self, project: Project, kind: IssueType) -> Workflow:
        """Return the workflow of a type in a project: epics have their own."""
        if kind.level > 0 and project.workflow.own_epics:
            return catalog.EPIC_WORKFLOW
        return project.workflow

    def user_name(self, account_id: str | None) -> str | None:
        """Return the display name of an account."""
        if account_id is None:
            return None
        user = self.users.get(account_id)
        return user.name if user else account_id
