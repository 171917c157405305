"""Visits to learn from: the incidents of the BPI Challenge 2013, and made-up changelogs of any size."""

from __future__ import annotations

import csv
import gzip
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.mirror.types import FieldChangeRow, IssueRow
from services.pm.bottlenecks.types import ItemType, Visit

INCIDENTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "bpic13_incidents" / "events.csv.gz"
DONE = ("Completed", "Unmatched")


def incident_visits(path: Path = INCIDENTS, *, project: str = "org_line", level: str = "substatus") -> list[Visit]:
    """Read the incidents as visits, repeats merged; what is completed is no visit, and the last of a case goes on.

    `project` is the column that stands for the project, `level` whether "status" or "substatus" is the status.
    """
    cases: dict[str, list[dict[str, str]]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            cases[row["case_id"]].append(row)
    seen_at = max(_time(row["ts"]) for rows in cases.values() for row in rows)
    return [visit for key, rows in cases.items() for visit in _case_visits(key, rows, seen_at, project, level)]


def _case_visits(key: str, rows: list[dict[str, str]], seen_at: datetime, project: str, level: str) -> Iterator[Visit]:
    ordered = sorted(rows, key=lambda row: row["ts"])
    begins = [
        row
        for before, row in zip([{}, *ordered], ordered, strict=False)
        if _status(before, level) != _status(row, level)
    ]
    entered_before: Counter[str] = Counter()
    for number, row in enumerate(begins):
        status = _status(row, level)
        if row["status"] not in DONE:
            left = _time(begins[number + 1]["ts"]) if number + 1 < len(begins) else None
            yield Visit(
                key, ItemType.TICKET, row[project], status, row["impact"], row["owner"], row["support_team"],
                _time(row["ts"]), left, seen_at, False, number, entered_before[status],
            )  # fmt: skip
        entered_before[status] += 1


def _status(row: dict[str, str], level: str) -> str:
    if not row:
        return ""
    return row["status"] if level == "status" else f"{row['status']}/{row['substatus']}"


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


STATUSES = {"To Do": 60.0, "In Progress": 20.0, "Code Review": 8.0, "QA": 12.0, "UAT": 30.0, "Blocked": 50.0}
"""Made-up statuses with the hours that half of the stays take."""
PRIORITIES = {"Highest": 0.4, "High": 0.7, "Medium": 1.0, "Low": 1.8}
MADE_UP_NOW = datetime(2026, 11, 1, tzinfo=UTC)
CHANGES_PER_TICKET = 10


def made_up_changelogs(transitions: int, projects: int = 50) -> Iterator[tuple[list[IssueRow], list[FieldChangeRow]]]:
    """Yield tickets with their status changes, one project after the other; the same for the same arguments."""
    generator = random.Random(13)
    per_project = transitions // projects // CHANGES_PER_TICKET
    for project in range(projects):
        key, speed = f"P{project}", generator.lognormvariate(0, 0.5)
        issues, changes = [], []
        for number in range(per_project):
            created = MADE_UP_NOW - timedelta(days=generator.uniform(1, 540))
            priority = generator.choice(list(PRIORITIES))
            history = _history(generator, f"{project}-{number}", created, speed * PRIORITIES[priority])
            changes += history
            status = history[-1].to_value if history else "To Do"
            issues.append(_issue(key, number, created, str(status), priority, f"person {generator.randrange(600)}"))
        yield issues, changes


def _history(generator: random.Random, jira_id: str, created: datetime, speed: float) -> list[FieldChangeRow]:
    changes, status, at = [], "To Do", created
    for number in range(CHANGES_PER_TICKET):
        at += timedelta(hours=generator.lognormvariate(0, 1.4) * STATUSES[status] * speed)
        if at >= MADE_UP_NOW:
            break
        last = number == CHANGES_PER_TICKET - 1
        arrived = "Done" if last else generator.choice([one for one in STATUSES if one != status])
        changes.append(FieldChangeRow(jira_id, f"{number}", "status", status, status, arrived, arrived, "someone", at))
        status = arrived
    return changes


def _issue(project: str, number: int, created: datetime, status: str, priority: str, assignee: str) -> IssueRow:
    return IssueRow(
        jira_id=f"{project[1:]}-{number}", key=f"{project}-{number}", project_key=project, issue_type="Task",
        hierarchy_level=0, summary="", description="", status=status,
        status_category="done" if status == "Done" else "indeterminate", priority=priority,
        assignee_account_id=assignee, reporter_account_id=None, parent_key=None, epic_key=None, labels=(),
        components=(), links=(), created_at=created, updated_at=created, resolved_at=None, synced_at=MADE_UP_NOW,
    )  # fmt: skip
