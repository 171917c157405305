"""Read real Jira issues and epics (issues.csv.gz, text.jsonl.gz, epics.csv, epic_links.csv) for measuring."""

from __future__ import annotations

import csv
import gzip
import json
from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from services.pm.epics.types import EpicText, TicketText

DEFAULT_DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "titanium_jira"


@dataclass(frozen=True)
class RealIssues:
    """Tickets (linked ones carry their epic), the epics, and the keys of tickets that are done."""

    tickets: tuple[TicketText, ...]
    epics: tuple[EpicText, ...]
    done: frozenset[str]

    @property
    def linked(self) -> list[TicketText]:
        """List the tickets with an epic, in the order of their creation."""
        return [ticket for ticket in self.tickets if ticket.epic_key]


def load(data: Path, childless_epics: bool = False) -> RealIssues:
    """Read the folder. `childless_epics` adds epics that never got a child, which a running site has as well."""
    with gzip.open(data / "text.jsonl.gz", "rt", encoding="utf-8") as lines:
        descriptions = {row["key"]: row["description"] or "" for row in map(json.loads, lines)}
    with gzip.open(data / "issues.csv.gz", "rt", encoding="utf-8", newline="") as file:
        issues = list(csv.DictReader(file))
    epic_of = {row["key"]: row["epic_key"] for row in _rows(data / "epic_links.csv")}
    epics = _epics(data, issues, descriptions, childless_epics)
    epic_keys = {row["key"] for row in issues if row["issue_type"] == "Epic"} | {epic.key for epic in epics}
    tickets = [
        TicketText(
            key=row["key"],
            project_key=row["project"],
            summary=row["summary"],
            description=descriptions.get(row["key"], ""),
            created_at=_instant(row["created"]),
            reporter=row["reporter"] or None,
            labels=tuple(filter(None, row["labels"].split("|"))),
            components=tuple(filter(None, row["components"].split("|"))),
            epic_key=epic_of.get(row["key"]),
        )
        for row in issues
        if row["key"] not in epic_keys
    ]
    done = frozenset(row["key"] for row in issues if row["status_category"] == "done")
    return RealIssues(tuple(sorted(tickets, key=lambda t: (t.created_at, t.key))), tuple(epics), done)


def without_epic(ticket: TicketText) -> TicketText:
    """Hide the answer from what is asked to give it."""
    return replace(ticket, epic_key=None)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


def _epics(data: Path, issues: list[dict[str, str]], descriptions: dict[str, str], childless: bool) -> list[EpicText]:
    by_key = {row["key"]: row for row in issues}
    rows = {row["epic_key"]: row for row in _rows(data / "epics.csv")}
    if childless:
        for row in issues:
            if row["issue_type"] == "Epic" and row["key"] not in rows:
                rows[row["key"]] = {**row, "name": "", "description": descriptions.get(row["key"], "")}
    births = _births(issues)
    epics = []
    for key, row in rows.items():
        created = _instant(row["created"]) if row["created"] else _birth_after(births, key)
        if created is None:
            continue
        resolved = row["resolutiondate"] or by_key.get(key, {}).get("resolutiondate", "")
        summary = row["summary"] if row["name"] in row["summary"] else f"{row['name']}: {row['summary']}"
        resolved_at = _instant(resolved) if resolved else None
        project = key.rsplit("-", 1)[0]
        epics.append(EpicText(key, project, summary, row["description"], created, resolved_at, resolved_at is not None))
    return epics


def _births(issues: list[dict[str, str]]) -> dict[str, list[tuple[int, datetime]]]:
    """List number and creation of each project's issues, by number."""
    births: dict[str, list[tuple[int, datetime]]] = {}
    for row in issues:
        project, number = row["key"].rsplit("-", 1)
        births.setdefault(project, []).append((int(number), _instant(row["created"])))
    return {project: sorted(pairs) for project, pairs in births.items()}


def _birth_after(births: dict[str, list[tuple[int, datetime]]], key: str) -> datetime | None:
    """Date an epic that lacks its creation by the next issue of its project, as keys are given out in order."""
    project, number = key.rsplit("-", 1)
    pairs = births.get(project, [])
    place = bisect_left(pairs, (int(number),))
    return pairs[place][1] if place < len(pairs) else None
