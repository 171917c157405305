"""A process is killed between a write to Jira and its record: nothing is lost, nothing happens twice."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from pathlib import Path

import pytest

from db.engine import Database
from services.effects import AuditTrail
from tests.tickets.conftest import Bench, comments_of

ROOT = Path(__file__).resolve().parents[2]


async def worker(bench: Bench, database: Database, account_id: str, what: str) -> Process:
    """Start the process."""
    arguments = (bench.site.url, database.url.render_as_string(hide_password=False), account_id, what)
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.tickets.worker", *arguments, cwd=ROOT, stdout=PIPE, stderr=PIPE
    )


async def in_jira(bench: Bench, process: Process, written: Callable[[], int], expected: int) -> None:
    """Wait until Jira has been asked for the write, has what it will have, and holds the answer back."""
    async with asyncio.timeout(30):
        while bench.site.sandbox.faults.armed or written() < expected:
            assert process.returncode is None, (await process.communicate())[1].decode()[-2000:]
            await asyncio.sleep(0.02)


@pytest.mark.requirement("TKT-9.1")
@pytest.mark.parametrize("fault", ["timeout_after", "timeout"])
async def test_a_comment_of_a_killed_process_is_in_jira_once_and_on_record_as_done(
    bench: Bench, database: Database, account_id: str, fault: str
) -> None:
    issue = bench.site.create("APP", "Fix the login")
    bench.site.fail(fault, method="POST", path="APP-1/comment$")
    doomed = await worker(bench, database, account_id, "comment")
    written = 1 if fault == "timeout_after" else 0
    await in_jira(bench, doomed, lambda: len(issue.comments), written)
    doomed.kill()
    await doomed.wait()
    assert len(issue.comments) == written
    audit = AuditTrail(database, bench.site.now)
    assert await audit.lines() == []
    for _ in range(2):
        fresh = await worker(bench, database, account_id, "recover")
        _, errors = await asyncio.wait_for(fresh.communicate(), 60)
        assert fresh.returncode == 0, errors.decode()[-2000:]
    assert comments_of(issue) == ["Only once\n\n— via FlowPilot for Priya Shah"]
    assert [(line.action, line.target, line.result) for line in await audit.lines()] == [
        ("jira.comment", "APP-1", "done")
    ]
    assert (await audit.verify()).is_intact


@pytest.mark.requirement("TKT-1.3", "TKT-9.1")
@pytest.mark.parametrize("fault", ["timeout_after", "timeout"])
async def test_a_sub_task_of_a_killed_process_is_in_jira_once_and_on_record_as_done(
    bench: Bench, database: Database, account_id: str, fault: str
) -> None:
    issue = bench.site.create("APP", "Fix the login")
    children = bench.site.sandbox.jira.children

    def made() -> int:
        return len(children.get(issue.id, {}))

    bench.site.fail(fault, method="POST", path="api/3/issue$")
    doomed = await worker(bench, database, account_id, "subtask")
    await in_jira(bench, doomed, made, 1 if fault == "timeout_after" else 0)
    doomed.kill()
    await doomed.wait()
    for _ in range(2):
        fresh = await worker(bench, database, account_id, "recover")
        _, errors = await asyncio.wait_for(fresh.communicate(), 60)
        assert fresh.returncode == 0, errors.decode()[-2000:]
    assert [child.summary for child in children[issue.id].values()] == ["Only once"]
    [line] = await AuditTrail(database, bench.site.now).lines()
    assert (line.action, line.target, line.result) == ("jira.create", "APP-1", "done")
