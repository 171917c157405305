"""Real issues instead of invented ones.

The folder holds issues.csv and, all of them optional, text.jsonl (descriptions by key), epics.csv, epic_links.csv,
parent_links.csv and links.csv, each plain or with .gz. Empty cells are empty: nothing is read as "not available".
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TextIO

from sandbox.jira import catalog
from sandbox.jira.adf import adf_from_text
from sandbox.jira.model import ChangeItem, History, Issue, Priority, Status, Transition, Workflow
from sandbox.jira.state import JiraState
from sandbox.world.people import ProjectPlan

Row = dict[str, str]
SUBTASK_NAMES = frozenset({"sub-task", "subtask", "technical task"})
RANKS = {"Blocker": 0, "Critical": 0, "Major": 1, "Minor": 3, "Trivial": 5, "None": 6}
MANAGERS = ("priya", "marcus")
LINK_WORDS = {"Depends": ("is depended on by", "depends on"), "Includes": ("is part of", "includes")}


@dataclass
class Dataset:
    """The folder, read."""

    issues: list[Row]
    texts: dict[str, str] = field(default_factory=dict)
    epics: list[Row] = field(default_factory=list)
    epic_links: list[Row] = field(default_factory=list)
    parent_links: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)

    def plans(self) -> list[ProjectPlan]:
        """Return the projects of the issues and epics, all of fixed scope, managed in turn."""
        known = [row["project"] for row in self.issues] + [_project(row["epic_key"]) for row in self.epics]
        return [
            ProjectPlan(key, key, "scope", MANAGERS[n % len(MANAGERS)], f"C0PROJ{key.upper()}")
            for n, key in enumerate(dict.fromkeys(known))
        ]


def read_dataset(folder: Path) -> Dataset:
    """Read a folder; FileNotFoundError without issues.csv, ValueError naming a column that is missing."""
    issues = list(_rows(folder, "issues.csv"))
    if not issues:
        raise FileNotFoundError(f"{folder} holds no issues.csv or issues.csv.gz")
    for column in ("key", "project", "issue_type", "status", "status_category", "created", "updated", "summary"):
        if column not in issues[0]:
            raise ValueError(f"issues.csv in {folder} has no column {column!r}")
    texts: dict[str, str] = {}
    with_text = _open(folder, "text.jsonl")
    if with_text is not None:
        with with_text as lines:
            for line in lines:
                entry = json.loads(line)
                texts[entry["key"]] = entry.get("description") or ""
    return Dataset(
        issues,
        texts,
        *(list(_rows(folder, name)) for name in ("epics.csv", "epic_links.csv", "parent_links.csv", "links.csv")),
    )


def _open(folder: Path, name: str) -> TextIO | None:
    if (plain := folder / name).exists():
        return plain.open(encoding="utf-8", newline="")
    if (packed := folder / f"{name}.gz").exists():
        return gzip.open(packed, "rt", encoding="utf-8", newline="")
    return None


def _rows(folder: Path, name: str) -> Iterator[Row]:
    opened = _open(folder, name)
    if opened is not None:
        with opened as lines:
            yield from csv.DictReader(lines)


def _project(key: str) -> str:
    return key.rpartition("-")[0]


def import_issues(jira: JiraState, data: Dataset) -> None:
    """Put all issues, epics, parents and links into projects that exist."""
    for key, project in jira.projects.items():
        project.workflow = _workflow(jira, data, key)
        project.type_names = _type_names(jira, data, key)
    for account in sorted({row[c] for row in data.issues for c in ("reporter", "assignee") if row.get(c)}):
        jira.add_user(_account(account), account)
    known = {row["key"] for row in data.issues}
    latest_first = sorted(data.epic_links, key=lambda row: row["created"], reverse=True)
    first_link = {row["epic_key"]: row["created"] for row in latest_first}
    missing_epics = [
        _epic_row(row, row.get("created") or first_link[row["epic_key"]])
        for row in data.epics
        if row["epic_key"] not in known and (row.get("created") or row["epic_key"] in first_link)
    ]
    epic_texts = {row["epic_key"]: row.get("description", "") for row in data.epics}
    for row in sorted([*data.issues, *missing_epics], key=lambda r: r["created"]):
        _insert(jira, row, data.texts.get(row["key"]) or epic_texts.get(row["key"], ""))
    for name, column in ((data.epic_links, "epic_key"), (data.parent_links, "parent_key")):
        for row in name:
            child, parent = jira.by_key.get(row["key"]), jira.by_key.get(row[column])
            if child is not None and parent is not None:
                jira.set_parent(child, parent.id)
    _link(jira, data.links)


def _account(name: str) -> str:
    return f"imported:{name}"


def _epic_row(epic: Row, created: str) -> Row:
    """Return an epic that is not among the issues; one without a date is as old as its first child."""
    done = bool(epic.get("resolutiondate"))
    return {
        "key": epic["epic_key"],
        "project": _project(epic["epic_key"]),
        "issue_type": "Epic",
        "status": "Closed" if done else "Open",
        "status_category": "done" if done else "new",
        "resolution": "Done" if done else "",
        "created": created,
        "updated": epic.get("resolutiondate") or created,
        "resolutiondate": epic.get("resolutiondate", ""),
        "summary": epic.get("summary") or epic.get("name", ""),
    }


def _workflow(jira: JiraState, data: Dataset, key: str) -> Workflow:
    """Return a workflow of the statuses that occur, from anywhere to anywhere, the first of category new first."""
    seen = {r["status"]: r["status_category"] for r in data.issues if r["project"] == key}
    seen = seen or {"Open": "new", "Closed": "done"}
    order = sorted(seen, key=lambda name: (("new", "indeterminate", "done").index(seen[name]), name != "Open", name))
    for name in order:
        category = catalog.CATEGORIES[seen[name]]
        if jira.status(name, seen[name]).category is not category:
            jira.statuses[name] = Status(jira.statuses[name].id, name, category)
    steps = tuple(Transition(str(11 + 10 * n), name, (), name) for n, name in enumerate(order))
    return Workflow(f"Imported workflow of {key}", tuple(order), steps, own_epics=False)


def _type_names(jira: JiraState, data: Dataset, key: str) -> tuple[str, ...]:
    names = {r["issue_type"] for r in data.issues if r["project"] == key} | {"Epic"}
    for name in sorted(names):
        jira.issue_type(name, -1 if name.casefold() in SUBTASK_NAMES else 1 if name == "Epic" else 0)
    return tuple(sorted(names))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(part for part in (text or "").split("|") if part)


def _insert(jira: JiraState, row: Row, text: str) -> None:
    created, resolved = _moment(row["created"]), row.get("resolutiondate")
    status = jira.status(row["status"], row["status_category"])
    issue = Issue(
        id=jira.new_id("issue"),
        key=row["key"],
        project=jira.projects[row["project"]],
        type=jira.types[row["issue_type"]],
        summary=row["summary"][:255] or row["key"],
        status=status,
        priority=_priority(jira, row.get("priority") or "None"),
        created=created,
        updated=_moment(row["updated"]),
        reporter=_account(row["reporter"]) if row.get("reporter") else None,
        assignee=_account(row["assignee"]) if row.get("assignee") else None,
        description=adf_from_text(text) if text.strip() else None,
        labels=tuple(sorted(_names(row.get("labels")))),
        components=_names(row.get("components")),
        fix_versions=_names(row.get("fix_versions")),
        resolution=jira.resolution(row["resolution"]) if row.get("resolution") else None,
        resolved=_moment(resolved) if resolved else None,
        status_changed=_moment(resolved) if resolved else created,
    )
    first = jira.statuses[issue.project.workflow.statuses[0]]
    if issue.resolved and status.category is catalog.DONE and issue.resolution:
        items = (
            ChangeItem("status", "status", first.id, first.name, status.id, status.name),
            ChangeItem("resolution", "resolution", None, None, issue.resolution.id, issue.resolution.name),
        )
        author = issue.assignee or issue.reporter or "imported:unknown"
        issue.histories.append(History(jira.new_id("history"), author, issue.resolved, items))
    jira.insert(issue)


def _priority(jira: JiraState, name: str) -> Priority:
    if name not in jira.priorities and name in RANKS:
        jira.priorities[name] = Priority(str(len(jira.priorities) + 1), name, RANKS[name])
    return jira.priority(name)


def _link(jira: JiraState, rows: list[Row]) -> None:
    """Link issues that are both there; each link is listed from both of its ends."""
    seen: set[tuple[str, int, int]] = set()
    for row in rows:
        here, other = jira.by_key.get(row["key"]), jira.by_key.get(row["other"])
        if here is None or other is None:
            continue
        source, target = (here, other) if row["direction"] == "out" else (other, here)
        if (row["type"], source.id, target.id) not in seen:
            seen.add((row["type"], source.id, target.id))
            jira.link(jira.link_type(row["type"], *LINK_WORDS.get(row["type"], ("", ""))), source, target)
