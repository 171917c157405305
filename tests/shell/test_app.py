"""The shell commands, as processes of their own, against a sandbox in another."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from application.demo import sandbox_process
from benchmarks.start_up import environment
from tests.ai.mcp_server import running_wiki

ROOT = Path(__file__).resolve().parents[2]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox_url() -> AsyncIterator[str]:
    """A sandbox in a process of its own; what the tests here do leaves nothing in it that another one looks at."""
    async with sandbox_process(0) as url:
        yield url


@pytest.fixture
def variables(sandbox_url: str, tmp_path: Path) -> dict[str, str]:
    """The environment of an application that works against a sandbox."""
    return environment(sandbox_url, tmp_path / "data")


async def start(folder: Path, variables: dict[str, str], *arguments: str) -> Process:
    """Start `python app.py …` in an empty folder, so that no `.env` of the checkout is read."""
    return await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "app.py"), *arguments, cwd=folder, env=variables, stdout=PIPE, stderr=PIPE
    )


async def finish(process: Process) -> tuple[int, str, str]:
    """Wait for the end and return exit code, output and errors."""
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, output.decode(), errors.decode()


@pytest.mark.requirement("SYS-9")
async def test_run_says_ready_when_it_is_and_stops_cleanly_at_sigterm(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    process = await start(tmp_path, variables, "run", "--once")
    assert process.stdout is not None
    ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))
    assert ready["ready"] is True
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{ready['url']}/readyz") as response:
            assert (response.status, (await response.json())["ready"]) == (200, True)
        async with http.get(f"{ready['url']}/metrics") as response:
            assert "flowpilot_slack_connected 1.0" in await response.text()
    process.send_signal(signal.SIGTERM)
    code, _, errors = await finish(process)
    assert (code, "Traceback" in errors) == (0, False)


@pytest.mark.requirement("SYS-2")
async def test_the_doctor_finds_everything_in_order(tmp_path: Path, variables: dict[str, str]) -> None:
    async with running_wiki() as wiki:
        granted = {"MCP_SERVERS": json.dumps({"wiki": wiki.url}), "MCP_GRANTS": json.dumps({"pilot.turn": ["wiki"]})}
        code, output, _ = await finish(await start(tmp_path, variables | granted, "doctor", "--json"))
    report = json.loads(output)
    details = {finding["subject"]: finding["detail"] for finding in report["findings"]}
    assert details["MCP server wiki"] == "tools all_pages, find_page; used by pilot.turn"
    states = {finding["subject"]: finding["state"] for finding in report["findings"]}
    assert (code, report["can_run"]) == (0, True)
    assert {states[name] for name in ("Slack", "Slack Socket Mode", "Jira", "Tempo", "Database")} == {"ok"}
    assert variables["JIRA_API_TOKEN"] not in output


@pytest.mark.requirement("SYS-2")
async def test_the_doctor_says_which_credentials_are_refused_and_what_to_do(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    wrong = {**variables, "JIRA_API_TOKEN": "wrong-secret", "SLACK_BOT_TOKEN": "xoxb-wrong"}
    wrong |= {"MCP_SERVERS": '{"wiki": "http://127.0.0.1:9/mcp"}', "MCP_GRANTS": '{"pilot.turn": ["docs"]}'}
    code, output, errors = await finish(await start(tmp_path, wrong, "doctor", "--json"))
    findings = {finding["subject"]: finding for finding in json.loads(output)["findings"]}
    assert code == 1
    assert (findings["Jira"]["state"], findings["Slack"]["state"], findings["Tempo"]["state"]) == (
        "failed",
        "failed",
        "ok",
    )
    assert findings["Jira"]["what_to_do"]
    assert "It does not say which tools it has" in findings["MCP server wiki"]["detail"]
    assert "MCP_SERVERS does not" in findings["MCP server docs"]["detail"]
    assert "wrong-secret" not in output + errors


@pytest.mark.requirement("SYS-2", "SYS-8")
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SLACK_APP_TOKEN": ""}, "SLACK_APP_TOKEN"),
        ({"HTTP_PORT": "many"}, "HTTP_PORT"),
        ({"EMBEDDER": "x"}, "EMBEDDER"),
    ],
)
async def test_a_missing_or_wrong_setting_stops_the_start_with_its_name(
    tmp_path: Path, change: dict[str, str], named: str
) -> None:
    variables = {"PATH": os.environ["PATH"], **environment("http://127.0.0.1:9", tmp_path / "data"), **change}
    code, _, errors = await finish(await start(tmp_path, variables, "run"))
    assert code == 1
    assert named in errors
    assert "Traceback" not in errors


async def test_agents_run_from_the_shell(tmp_path: Path, variables: dict[str, str]) -> None:
    code, output, errors = await finish(
        await start(tmp_path, variables, "agent", "run", "epic-assignment", "--dry-run")
    )
    assert code == 0, errors
    assert "Harborline" in output
    code, _, errors = await finish(await start(tmp_path, variables, "agent", "run", "no-such-agent"))
    assert code == 1
    assert "time-tracking" in errors


async def test_sync_says_what_it_counted(tmp_path: Path, variables: dict[str, str]) -> None:
    code, output, errors = await finish(await start(tmp_path, variables, "sync"))
    assert code == 0, errors
    assert "Jira 800, mirror 800" in output
