"""A month closes: the workbook to the PMs and the channel, its link, and what a second run says."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from openpyxl import load_workbook
from pydantic import SecretStr

from agents.catalogue import agent_named
from agents.runs import run_slot
from agents.spec import Slot
from blocks.pm.words import exact_text
from db.tenancy import account_scope
from sandbox.client import Message, Person, blocks_text, visible_text
from services.pm.months import Month
from tests.stories.stage import Stage, staged

FIRST_OF_NOVEMBER = datetime(2026, 11, 1, 14, 0, tzinfo=UTC)
FIRST_OF_DECEMBER = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
DETAILS = "Epic Details"


def tempo_seconds(stage: Stage) -> dict[str, int]:
    """Add up October by project, straight from the sandbox's own Tempo."""
    jira = stage.sandbox.jira
    seconds: dict[str, int] = defaultdict(int)
    for worklog in stage.sandbox.tempo.worklogs(date(2026, 10, 1), date(2026, 10, 31)):
        seconds[jira.issues[worklog.issue_id].key.split("-")[0]] += worklog.seconds
    return dict(seconds)


def workbook_seconds(content: bytes) -> dict[str, int]:
    """Add up the teams' rows of the details by project."""
    seconds: dict[str, int] = defaultdict(int)
    for level, project, *_, actual in load_workbook(BytesIO(content))[DETAILS].iter_rows(
        5, max_col=6, values_only=True
    ):
        if level == "Team":
            seconds[str(project)] += round(float(str(actual)) * 3600)
    return {project: total for project, total in seconds.items() if total}


async def file_of(stage: Stage, message: Message) -> bytes:
    """Return the workbook in the thread of a message, through the sandbox."""
    async with asyncio.timeout(20):
        while True:
            thread = await stage.person("priya").messages("FlowPilot", message["ts"])
            if found := [file for answer in thread for file in answer.get("files") or []]:
                break
            await asyncio.sleep(0.05)
    (shared,) = found
    assert shared["name"].startswith("reconciliation-2026-10-r")
    return await fetched(f"{stage.client.url}/sandbox/api/slack/file/{shared['id']}")


async def fetched(url: str, expected: int = 200) -> bytes:
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        assert response.status == expected
        return await response.read()


def link_in(message: Message) -> str:
    buttons: list[dict[str, Any]] = [e for block in message["blocks"] for e in block.get("elements", [])]
    return str(next(button["url"] for button in buttons if "url" in button))


@pytest.fixture
async def quick(tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage without the spreadsheet: Google's pace takes seconds at every run, and it has stories of its own."""
    async with staged(tmp_path, google_service_account_json=SecretStr("")) as stage:
        yield stage


@pytest.mark.requirement("PM-4.1", "PM-4.2", "PM-4.4")
async def test_october_closes_once_equals_tempo_and_is_revised_when_a_worklog_moves(quick: Stage) -> None:
    stage = quick
    priya, sam = stage.person("priya"), stage.person("sam")
    services, archive = stage.application.services, stage.settings.data_dir / "reports"
    before = tempo_seconds(stage)

    await priya.types("/pm run reconciliation --dry-run")
    await priya.sees(rf"October 2026: revision 1.*<@{priya.id}>, would send")
    assert not list(archive.rglob("*.xlsx"))

    with account_scope(stage.account.id):
        slot = Slot(FIRST_OF_NOVEMBER, stage.account.time_zone)
        assert (await run_slot(services, agent_named("reconciliation"), slot, 0))["status"] == "done"
    told = await priya.sees("Reconciliation, October 2026", "FlowPilot")
    total = sum(before.values())
    assert f"{total // 3600} h {total % 3600 // 60} min".removesuffix(" 0 min") in blocks_text(told["blocks"])
    assert f"Equal to Tempo to the second ({exact_text(total)} in" in blocks_text(told["blocks"])
    first = await file_of(stage, told)
    assert workbook_seconds(first) == before
    assert await fetched(link_in(told)) == first
    assert b"ask in Slack" in await fetched(link_in(told)[:-4] + "AAAA", 404)
    mails = [mail for mail in stage.sandbox.mail.mails if priya.profile["email"] in mail.recipients]
    assert [file.content for mail in mails for file in mail.files()] == [first]

    count = len(await priya.messages("FlowPilot"))
    await priya.types("/pm report")
    await priya.sees("nothing has changed since revision 1")
    assert len(await priya.messages("FlowPilot")) == count
    await sam.types("/pm report")
    await sam.sees(r"You need the role \*pm\*")

    worklogs = stage.sandbox.tempo.worklogs(date(2026, 10, 1), date(2026, 10, 31))
    jira = stage.sandbox.jira
    moved = next(log for log in worklogs if jira.issues[log.issue_id].key.startswith("SHOP-"))
    other = next(issue for issue in jira.issues.values() if issue.key.startswith("TOOLS-"))
    started = datetime.combine(moved.day, time(9))
    stage.sandbox.tempo.delete_worklog(moved.author, moved)
    stage.sandbox.tempo.create_worklog(moved.author, moved.author, other, started, moved.seconds)
    await priya.clicks("Make it again", told, "FlowPilot")
    revised = await priya.sees("Reconciliation, October 2026 .revision 2", "FlowPilot")
    words = blocks_text(revised["blocks"])
    assert re.search(r"Changed since revision 1\*?\s+• \*SHOP\*: −.*• \*TOOLS\*: \+", words, re.S)
    second = await file_of(stage, revised)
    assert workbook_seconds(second) == tempo_seconds(stage)
    assert workbook_seconds(second)["SHOP"] == before["SHOP"] - moved.seconds
    assert sum(workbook_seconds(second).values()) == total
    assert await fetched(link_in(told)) == first, "the first revision stays as it was"
    assert len(list(archive.rglob("*.xlsx"))) == 2
    with account_scope(stage.account.id):
        kept = await services.reconciliations.latest(Month(2026, 10))
    assert kept is not None
    assert (kept.revision, kept.actual_seconds) == (2, total)

    await priya.clicks("Send to me again", revised, "FlowPilot")
    await priya.sees("in your direct messages", "FlowPilot")

    await _closes_late_and_once_when_tempo_was_down(stage)


async def _closes_late_and_once_when_tempo_was_down(stage: Stage) -> None:
    priya, services = stage.person("priya"), stage.application.services
    spec, slot = agent_named("reconciliation"), Slot(FIRST_OF_DECEMBER, stage.account.time_zone)
    stage.advance(FIRST_OF_DECEMBER - stage.sandbox.clock.now())
    stage.fault("tempo", "status", status=503, times=None)
    with account_scope(stage.account.id):
        waits = await run_slot(services, spec, slot, 0)
        assert waits["status"] == "waiting"
        assert waits["retry_in_s"]
        assert not await _told(priya, "Reconciliation, November 2026")
        stage.advance(timedelta(hours=3))
        stage.sandbox.faults.clear()
        for _ in range(2):
            assert await run_slot(services, spec, slot, 1) == {"status": "done", "retry_in_s": None}
    await priya.sees("Reconciliation, November 2026", "FlowPilot")
    assert len(await _told(priya, "Reconciliation, November 2026")) == 1


async def _told(person: Person, title: str) -> list[Message]:
    return [message for message in await person.messages("FlowPilot") if title in visible_text(message)]
