"""How many calls and seconds the mirror of Jira costs: the first time, unchanged, with 1 % changed.

`python -m benchmarks.mirror_sync --issues 20000` prints JSON. The stand-in for Jira runs in the same process, so
seconds include its work; calls are counted by it. Beside it, in the same run: one call per issue, measured on a sample.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import structlog

from db.engine import Database
from db.migrate import upgrade
from db.models.accounts import Account
from db.tenancy import account_scope
from sandbox.core import Sandbox
from sandbox.jira.model import ChangeItem, History, Issue
from services.mirror import Mirror
from services.vendors.http import patience
from services.vendors.jira import JIRA_POLICY
from tests.vendors.site import ALICE, BOB, Site, running_site, small_sandbox

SAMPLE = 200
DAYS = 240
STATUSES = ("To Do", "In Progress", "Code Review", "QA", "Done")


def fill(sandbox: Sandbox, count: int) -> list[Issue]:
    """Put `count` issues with parents and history into the site, changed over the last `DAYS` days."""
    draw, jira, now = random.Random(7), sandbox.jira, sandbox.clock.now()
    types, projects = jira.types, list(jira.projects.values())
    epics: list[Issue] = []
    issues: list[Issue] = []
    for number in range(count):
        project = projects[number % len(projects)]
        is_epic = number < max(2, count // 100)
        created = now - timedelta(days=draw.uniform(1, DAYS))
        parents = [epic for epic in epics if epic.project is project]
        parent = draw.choice(parents) if parents and not is_epic and draw.random() < 0.8 else None
        issue = Issue(
            id=jira.new_id("issue"),
            key=f"{project.key}-{project.next_number}",
            project=project,
            type=types["Epic"] if is_epic else types["Task"],
            summary=f"Issue number {number} about something that somebody wants",
            status=jira.statuses["To Do"],
            priority=jira.priorities["Medium"],
            created=created,
            updated=created,
            reporter=ALICE,
            assignee=draw.choice([ALICE, BOB, None]),
            parent_id=parent.id if parent else None,
        )
        _move(sandbox, issue, draw, now)
        jira.insert(issue)
        issues.append(issue)
        if is_epic:
            epics.append(issue)
    return issues


def _move(sandbox: Sandbox, issue: Issue, draw: random.Random, now: datetime) -> None:
    for before, after in pairwise(STATUSES[: draw.randint(1, len(STATUSES))]):
        old, new = sandbox.jira.statuses[before], sandbox.jira.statuses[after]
        issue.updated += (now - issue.updated) * draw.uniform(0, 0.3)
        item = ChangeItem("status", "status", old.id, old.name, new.id, new.name)
        issue.histories.append(History(sandbox.jira.new_id("history"), ALICE, issue.updated, (item,)))
        issue.status = new


async def measured(site: Site, work: Callable[[], Awaitable[Any]]) -> dict[str, Any]:
    """Run `work`; return its calls, by endpoint, and seconds."""
    first, started = site.sandbox.calls.count, time.perf_counter()
    result = await work()
    seconds = time.perf_counter() - started
    by_endpoint: dict[str, int] = {}
    for call in site.sandbox.calls.since(first):
        name = call.path.rpartition("/rest/api/3/")[2]
        by_endpoint[name] = by_endpoint.get(name, 0) + 1
    calls = site.sandbox.calls.count - first
    return {"calls": calls, "seconds": round(seconds, 2), "by_endpoint": by_endpoint, "result": str(result)}


async def one_call_per_issue(site: Site, issues: list[Issue]) -> dict[str, Any]:
    """Read a sample one by one with the same client and pace; the rest is extrapolated, and labelled so."""
    sample = random.Random(8).sample(issues, min(SAMPLE, len(issues)))
    started = time.perf_counter()
    for issue in sample:
        await site.jira.issue(issue.key)
    seconds = time.perf_counter() - started
    return {
        "calls": len(issues),
        "measured_issues": len(sample),
        "measured_seconds": round(seconds, 2),
        "extrapolated_seconds": round(seconds / len(sample) * len(issues), 1),
    }


async def run(count: int) -> dict[str, Any]:
    """Measure all passes over a site of `count` issues."""
    sandbox = small_sandbox()
    issues = fill(sandbox, count)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'mirror.sqlite'}")
        await upgrade(database)
        async with database.system_transaction() as session:
            session.add(Account(id="acc_bench", slack_team_id="T0BENCH", name="Bench", created_at=datetime.now(UTC)))
        async with running_site(sandbox, policy=JIRA_POLICY) as site:
            mirror = Mirror(database, site.jira, None, site.now)
            with account_scope("acc_bench"), patience(600):
                results = await _passes(site, mirror, issues)
        await database.close()
    return {"issues": count, "pace_calls_per_s": JIRA_POLICY.calls, "database": "sqlite", **results}


async def _passes(site: Site, mirror: Mirror, issues: list[Issue]) -> dict[str, Any]:
    first = await measured(site, mirror.sync_jira)
    unchanged = await measured(site, mirror.sync_jira)
    for issue in issues[::100]:
        site.sandbox.jira.edit(ALICE, issue, {"labels": ["changed"]})
    changed = await measured(site, mirror.sync_jira)
    census = await measured(site, mirror.census)
    naive = await one_call_per_issue(site, issues)
    share = unchanged["calls"] / naive["calls"]
    return {
        "first": first,
        "unchanged": unchanged,
        "one_percent_changed": changed,
        "census": census,
        "one_call_per_issue": naive,
        "unchanged_calls_percent_of_one_per_issue": round(share * 100, 4),
        "meets_target_of_under_1_percent": share < 0.01,
    }


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--issues", type=int, default=20_000)
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    print(json.dumps(asyncio.run(run(arguments.issues)), indent=2))


if __name__ == "__main__":
    main()
