"""Tickets before they have keys, and how they are written into Jira."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.jira import catalog
from sandbox.jira.adf import adf_from_text
from sandbox.jira.model import ChangeItem, Comment, History, Issue
from sandbox.jira.state import JiraState


@dataclass(eq=False)
class Draft:
    """A ticket to be: `steps` are its moves through the workflow, people are account ids."""

    project: str
    type: str
    summary: str
    created: datetime
    reporter: str
    description: str = ""
    parent: Draft | None = None
    assignee: str | None = None
    assigned: datetime | None = None
    priority: str = "Medium"
    labels: tuple[str, ...] = ()
    steps: list[tuple[datetime, str, str]] = field(default_factory=list)
    comments: list[tuple[datetime, str, str]] = field(default_factory=list)
    topic: str = ""
    issue: Issue | None = None

    @property
    def key(self) -> str:
        """Return the key; only once written."""
        assert self.issue is not None
        return self.issue.key

    @property
    def status(self) -> str:
        """Return the status the last step led to, empty before any."""
        return self.steps[-1][1] if self.steps else ""


def write_drafts(jira: JiraState, drafts: Iterable[Draft]) -> None:
    """Create the tickets in the order of their creation, with changelog and comments."""
    for draft in sorted(drafts, key=lambda d: d.created):
        _write(jira, draft)
    for draft in drafts:
        if draft.parent is not None and draft.issue is not None and draft.parent.issue is not None:
            jira.set_parent(draft.issue, draft.parent.issue.id)


def _write(jira: JiraState, draft: Draft) -> None:
    project, kind = jira.projects[draft.project], jira.types[draft.type]
    first = jira.statuses[jira.workflow_of(project, kind).statuses[0]]
    issue = Issue(
        id=jira.new_id("issue"),
        key=f"{project.key}-{project.next_number}",
        project=project,
        type=kind,
        summary=draft.summary,
        status=first,
        priority=jira.priorities[draft.priority],
        created=draft.created,
        updated=draft.created,
        reporter=draft.reporter,
        description=adf_from_text(draft.description) if draft.description else None,
        labels=tuple(sorted(draft.labels)),
        status_changed=draft.created,
    )
    draft.issue = jira.insert(issue)
    if draft.assigned is None:
        issue.assignee = draft.assignee
    else:
        _assign(jira, issue, draft)
    for at, status, actor in draft.steps:
        _move(jira, issue, at, status, actor)
    for at, author, text in sorted(draft.comments):
        issue.comments.append(Comment(jira.new_id("comment"), author, adf_from_text(text), at, at, author))
        issue.updated = max(issue.updated, at)
    issue.histories.sort(key=lambda history: history.created)


def _assign(jira: JiraState, issue: Issue, draft: Draft) -> None:
    assert draft.assigned is not None
    name = jira.user_name(draft.assignee)
    item = ChangeItem("assignee", "assignee", None, None, draft.assignee, name)
    issue.assignee = draft.assignee
    issue.updated = draft.assigned
    issue.histories.append(History(jira.new_id("history"), draft.assignee or draft.reporter, draft.assigned, (item,)))


def _move(jira: JiraState, issue: Issue, at: datetime, name: str, actor: str) -> None:
    status, before = jira.statuses[name], issue.status
    items = [ChangeItem("status", "status", before.id, before.name, status.id, status.name)]
    done, was_done = status.category is catalog.DONE, before.category is catalog.DONE
    if done != was_done:
        resolution = jira.resolutions["Done"]
        held, new = (None, resolution) if done else (resolution, None)
        items.append(
            ChangeItem(
                "resolution",
                "resolution",
                held.id if held else None,
                held.name if held else None,
                new.id if new else None,
                new.name if new else None,
            )
        )
        issue.resolution, issue.resolved = new, at if done else None
    if status.category is not before.category:
        issue.status_changed = at
    issue.status = status
    issue.updated = max(issue.updated, at + timedelta(seconds=1))
    issue.histories.append(History(jira.new_id("history"), actor, at, tuple(items)))
