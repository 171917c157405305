"""The epic agent's whole path over a real archive: Jira's stand-in, mirror, collect, assess, keep. JSON on stdout.

`python -m benchmarks.epic_agent_real [--data DIR]`. The stand-in for Jira runs in the same process, so the seconds of
the sync include its work. The present is the day after the archive's last change, as the agent would have seen it then.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import tempfile
import time
from collections.abc import Awaitable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import structlog

from benchmarks.real_epics import DEFAULT_DATA
from db.engine import Database
from db.migrate import upgrade
from db.models.accounts import Account
from db.models.pm import Project
from db.tenancy import account_scope
from sandbox.core import Sandbox
from sandbox.server import create_sandbox
from services.accounts import Accounts
from services.effects import AuditTrail, Effects
from services.mirror import Mirror
from services.pm.epic_assignment import EpicAssignments
from services.pm.epic_assignment.assess import assess
from services.pm.epic_assignment.types import BULK_CONFIDENCE, EpicFindings, Tier
from tests.vendors.settings import settings_for
from tests.vendors.site import running_site

ACCOUNT = "acc_bench"
Result = TypeVar("Result")


def archive(folder: Path) -> tuple[Sandbox, list[str]]:
    """Return a sandbox with the archive in it, on the day after its last change, and the archive's projects."""
    sandbox = create_sandbox(import_dir=folder)
    imported = [issue for issue in sandbox.jira.by_key.values() if (issue.reporter or "").startswith("imported:")]
    keys = sorted({issue.project.key for issue in imported})
    last = max(issue.updated for issue in sandbox.jira.by_key.values() if issue.project.key in keys)
    sandbox.clock.set(last + timedelta(days=1))
    return sandbox, keys


async def timed(seconds: dict[str, float], name: str, work: Awaitable[Result]) -> Result:
    """Wait for `work` and note how long it took."""
    started = time.perf_counter()
    result = await work
    seconds[name] = round(time.perf_counter() - started, 1)
    return result


async def measure(folder: Path, database: Database) -> dict[str, Any]:
    """Run the agent's path once and return counts and seconds."""
    sandbox, keys = await asyncio.to_thread(archive, folder)
    async with running_site(sandbox) as site:
        async with database.system_transaction() as session:
            session.add(Account(id=ACCOUNT, slack_team_id="T0BENCH", name="Bench", created_at=site.now()))
        with account_scope(ACCOUNT):
            async with database.transaction() as session:
                session.add_all(Project(project_key=key, name=key, project_type="scope") for key in keys)
            mirror = Mirror(database, site.jira, None, site.now)
            effects = Effects(database, AuditTrail(database, site.now), site.now)
            accounts = Accounts(database, cast(Any, None), site.now)
            epics = EpicAssignments(database, mirror, effects, accounts, settings_for(site.url), site.now)
            seconds: dict[str, float] = {}
            await timed(seconds, "first sync of the mirror", mirror.sync("jira"))
            now = site.now()
            scan = await timed(seconds, "collect and suggest", epics.collect(now, now.date().isoformat()))
            findings = await timed(seconds, "assess", asyncio.to_thread(assess, scan))
            await timed(seconds, "keep", epics.record(findings))
            issues = await mirror.issues(keys)
            epic_count = len(await mirror.epics(keys))
            return {
                "benchmark": "epic_agent_real",
                "as_of": now.date().isoformat(),
                "issues": len(issues),
                "epics": epic_count,
                "open_epics": sum(not epic.is_done for epic in await mirror.epics(keys)),
                **counts(findings),
                "seconds": seconds,
            }


def counts(findings: EpicFindings) -> dict[str, Any]:
    """Return what was found, by tier and by project."""
    proposals = [proposal for project in findings.projects for proposal in project.proposals]
    return {
        "open_tickets": sum(project.basis.open_tickets for project in findings.projects),
        "without_epic": len(proposals),
        "suggested": sum(proposal.tier is Tier.HIGH for proposal in proposals),
        "above_90_percent": sum(proposal.confidence > BULK_CONFIDENCE for proposal in proposals),
        "nearest_shown_for_review": sum(proposal.tier is Tier.LOW for proposal in proposals),
        "no_suggestion": sum(proposal.tier is Tier.NONE for proposal in proposals),
        "by_project": {project.project.key: len(project.proposals) for project in findings.projects},
    }


async def main(folder: Path) -> None:
    """Measure in a fresh database and print."""
    with tempfile.TemporaryDirectory() as temporary:
        database = Database(f"sqlite+aiosqlite:///{temporary}/flowpilot.sqlite")
        await upgrade(database)
        try:
            print(json.dumps(await measure(folder, database), indent=2))
        finally:
            await database.close()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    chosen = parser.parse_args().data
    if (chosen / "issues.csv.gz").exists():
        asyncio.run(main(chosen))
    else:
        print(json.dumps({"benchmark": "epic_agent_real", "skipped": f"no issues.csv.gz in {chosen.name}"}))
