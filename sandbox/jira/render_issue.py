"""Jira's JSON for issues: which fields, and what is expanded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sandbox.jira.edits import EDITABLE
from sandbox.jira.field_catalog import FIELDS, FieldInfo
from sandbox.jira.model import Attachment, Issue, IssueLink, Transition, Worklog
from sandbox.jira.render import Json, Renderer

SEARCH_CHANGELOG_CAP = 40
INNER_COMMENT_CAP = 5_000
INNER_WORKLOG_CAP = 20
NOT_NAVIGABLE = frozenset({"comment", "worklog", "attachment"})


def wanted_fields(asked: Iterable[str], default: str) -> frozenset[str]:
    """Return the field ids that `*all`, `*navigable`, names and `-name` stand for; `id` and `key` are none."""
    names = [name.strip() for entry in asked for name in entry.split(",") if name.strip()] or [default]
    if all(name.startswith("-") for name in names):
        names.insert(0, default)
    wanted: set[str] = set()
    for name in names:
        if name == "*all":
            wanted |= _READERS.keys()
        elif name == "*navigable":
            wanted |= _READERS.keys() - NOT_NAVIGABLE
        elif name.startswith("-"):
            wanted.discard(name[1:])
        elif name in _READERS:
            wanted.add(name)
    return frozenset(wanted)


def render_issue(
    render: Renderer,
    issue: Issue,
    fields: frozenset[str],
    expand: Iterable[str] = (),
    changelog_cap: int | None = None,
) -> Json:
    """Return an issue bean; without fields there is no `fields` member, as in Jira."""
    expanded = set(expand)
    body: Json = {
        "expand": "operations,versionedRepresentations,editmeta,changelog,renderedFields",
        "id": str(issue.id),
        "self": render.link(f"issue/{issue.id}"),
        "key": issue.key,
    }
    if fields:
        shown = fields - {"parent"} if issue.parent_id is None else fields
        body["fields"] = {name: read(render, issue) for name, read in _READERS.items() if name in shown}
    if "changelog" in expanded:
        newest = list(reversed(issue.histories))[:changelog_cap]
        total = len(issue.histories)
        histories = [render.history(history) for history in newest]
        body["changelog"] = {"startAt": 0, "maxResults": len(newest), "total": total, "histories": histories}
    if "transitions" in expanded:
        body["transitions"] = render_transitions(render, issue, with_fields="transitions.fields" in expanded)
    if "names" in expanded:
        body["names"] = {info.id: info.name for info in FIELDS if info.id in fields}
    if "schema" in expanded:
        body["schema"] = {info.id: info.schema() for info in FIELDS if info.id in fields}
    if "editmeta" in expanded:
        body["editmeta"] = {"fields": {info.id: field_meta(info) for info in FIELDS if info.id in EDITABLE}}
    return body


def render_properties(issue: Issue, asked: Iterable[str]) -> Json:
    """Return the member `properties` with those asked for (`*all`, keys, `-key`), nothing when none were."""
    names = list(asked)
    if not names:
        return {}
    shown = set(issue.properties) if "*all" in names else set(names) & issue.properties.keys()
    shown -= {name[1:] for name in names if name.startswith("-")}
    return {"properties": {name: value for name, value in issue.properties.items() if name in shown}}


def field_meta(info: FieldInfo, required: bool = False) -> Json:
    """Return what may be done to a field on a screen."""
    return {
        "required": required,
        "schema": info.schema(),
        "name": info.name,
        "key": info.id,
        "hasDefaultValue": False,
        "operations": ["add", "set", "remove"] if info.type == "array" else ["set"],
    }


def render_transitions(
    render: Renderer, issue: Issue, with_fields: bool = False, only: str | None = None
) -> list[Json]:
    """Return the steps possible now."""
    steps = render.store.workflow(issue).available(issue.status.name)
    return [_transition(render, step, with_fields) for step in steps if only in (None, "", step.id)]


def _transition(render: Renderer, step: Transition, with_fields: bool) -> Json:
    target = render.store.statuses[step.target]
    body: Json = {
        "id": step.id,
        "name": step.name,
        "to": render.status(target),
        "hasScreen": False,
        "isGlobal": not step.sources,
        "isInitial": False,
        "isAvailable": True,
        "isConditional": False,
        "looped": False,
    }
    if with_fields:
        body["fields"] = {}
    return body


def render_worklog(render: Renderer, worklog: Worklog) -> Json:
    """Return a worklog."""
    local = worklog.started.replace(tzinfo=render.zone)
    body: Json = {
        "self": render.link(f"issue/{worklog.issue_id}/worklog/{worklog.id}"),
        "author": render.user(worklog.author),
        "updateAuthor": render.user(worklog.author),
        "created": render.when(worklog.created),
        "updated": render.when(worklog.updated),
        "started": render.when(local),
        "timeSpent": duration(worklog.seconds),
        "timeSpentSeconds": worklog.seconds,
        "id": str(worklog.id),
        "issueId": str(worklog.issue_id),
    }
    if worklog.description:
        paragraph = {"type": "paragraph", "content": [{"type": "text", "text": worklog.description}]}
        body["comment"] = render.document({"type": "doc", "version": 1, "content": [paragraph]})
    return body


def duration(seconds: int) -> str:
    """Return Jira's "1d 2h 30m" (a day is 8 hours)."""
    days, rest = divmod(seconds, 8 * 3600)
    hours, rest = divmod(rest, 3600)
    parts = ((days, "d"), (hours, "h"), (rest // 60, "m"))
    return " ".join(f"{count}{unit}" for count, unit in parts if count) or "0m"


def render_attachment(render: Renderer, attachment: Attachment) -> Json:
    """Return an attachment without its content."""
    return {
        "self": render.link(f"attachment/{attachment.id}"),
        "id": str(attachment.id),
        "filename": attachment.filename,
        "author": render.user(attachment.author),
        "created": render.when(attachment.created),
        "size": len(attachment.content),
        "mimeType": attachment.mime_type,
        "content": render.link(f"attachment/content/{attachment.id}"),
    }


def linked_issue(render: Renderer, issue: Issue) -> Json:
    """Return the short form in which parents, sub-tasks and linked issues appear."""
    return {
        "id": str(issue.id),
        "key": issue.key,
        "self": render.link(f"issue/{issue.id}"),
        "fields": {
            "summary": issue.summary,
            "status": render.status(issue.status),
            "priority": render.priority(issue.priority),
            "issuetype": render.issue_type(issue.type),
        },
    }


def render_link(render: Renderer, link: IssueLink, seen_from: Issue | None = None) -> Json:
    """Return an issue link; from one end only the other end is shown."""
    issues = render.store.issues
    body: Json = {
        "id": str(link.id),
        "self": render.link(f"issueLink/{link.id}"),
        "type": render.link_type(link.type),
    }
    if seen_from is None or seen_from.id == link.target:
        body["inwardIssue"] = linked_issue(render, issues[link.source])
    if seen_from is None or seen_from.id == link.source:
        body["outwardIssue"] = linked_issue(render, issues[link.target])
    return body


def _parent(render: Renderer, issue: Issue) -> Json | None:
    parent = render.store.parent(issue)
    return linked_issue(render, parent) if parent else None


def _subtasks(render: Renderer, issue: Issue) -> list[Json]:
    children = render.store.children.get(issue.id, {}).values()
    return [linked_issue(render, child) for child in children if child.type.subtask]


def _comments(render: Renderer, issue: Issue) -> Json:
    comments = [render.comment(comment, issue.id) for comment in issue.comments[:INNER_COMMENT_CAP]]
    total = len(issue.comments)
    here = render.link(f"issue/{issue.id}/comment")
    return {"comments": comments, "self": here, "maxResults": total, "total": total, "startAt": 0}


def _worklogs(render: Renderer, issue: Issue) -> Json:
    logs = [render_worklog(render, render.store.worklogs[i]) for i in issue.worklog_ids[:INNER_WORKLOG_CAP]]
    return {"startAt": 0, "maxResults": INNER_WORKLOG_CAP, "total": len(issue.worklog_ids), "worklogs": logs}


def _time_spent(render: Renderer, issue: Issue) -> int | None:
    return sum(render.store.worklogs[i].seconds for i in issue.worklog_ids) or None


def _named(names: tuple[str, ...]) -> list[Json]:
    return [{"name": name} for name in names]


def _when(render: Renderer, moment: datetime | None) -> str | None:
    return render.when(moment) if moment else None


_READERS: dict[str, Callable[[Renderer, Issue], Any]] = {
    "summary": lambda r, i: i.summary,
    "description": lambda r, i: r.document(i.description),
    "issuetype": lambda r, i: r.issue_type(i.type),
    "project": lambda r, i: r.project(i.project),
    "status": lambda r, i: r.status(i.status),
    "statuscategorychangedate": lambda r, i: _when(r, i.status_changed),
    "priority": lambda r, i: r.priority(i.priority),
    "resolution": lambda r, i: r.resolution(i.resolution),
    "resolutiondate": lambda r, i: _when(r, i.resolved),
    "assignee": lambda r, i: r.user(i.assignee),
    "reporter": lambda r, i: r.user(i.reporter),
    "creator": lambda r, i: r.user(i.reporter),
    "labels": lambda r, i: list(i.labels),
    "components": lambda r, i: _named(i.components),
    "fixVersions": lambda r, i: _named(i.fix_versions),
    "duedate": lambda r, i: i.due.isoformat() if i.due else None,
    "created": lambda r, i: r.when(i.created),
    "updated": lambda r, i: r.when(i.updated),
    "parent": _parent,
    "subtasks": _subtasks,
    "issuelinks": lambda r, i: [render_link(r, link, i) for link in i.links],
    "timespent": _time_spent,
    "comment": _comments,
    "worklog": _worklogs,
    "attachment": lambda r, i: [render_attachment(r, a) for a in i.attachments],
}
