"""`python app.py demo --check`: the whole thing once, without a browser, as JSON lines."""

from __future__ import annotations

import json
import re
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from agents.catalogue import AGENTS
from application.demo import Demo, running_demo
from application.logs import configure_logs
from sandbox.client import SandboxClient, SandboxError, blocks_text, visible_text
from services.settings import Settings

HERE = "FlowPilot"


class Report:
    """Prints a JSON line per thing that happened and counts what failed."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.passed = 0

    def line(self, what: str, **details: Any) -> None:
        """Print one line."""
        sys.stdout.write(json.dumps({"what": what, **details}, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()

    async def step(self, what: str, work: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        """Do a step and print how it went; a step that fails does not stop the next."""
        started = time.monotonic()
        try:
            details = await work()
        except (SandboxError, AssertionError, TimeoutError) as error:
            self.failed.append(what)
            self.line(what, ok=False, error=str(error) or "".join(traceback.format_exception(error))[-600:])
        else:
            self.passed += 1
            self.line(what, ok=True, seconds=round(time.monotonic() - started, 2), **details)


async def check_demo(data_dir: Path) -> int:
    """Run every agent and a short story in a fresh demo on free ports; returns the exit code."""
    configure_logs(Settings.model_validate({"log_level": "ERROR", "log_format": "json"}))
    report = Report()
    async with running_demo(port=0, data_dir=data_dir, say=lambda text: report.line("progress", text=text)) as demo:
        async with SandboxClient(demo.sandbox_url) as client:
            await _agents(report, client)
            await _stuck(report, client)
            await _one_click(report, client)
            await _tickets(report, client)
            await _surfaces(report, client, demo)
    report.line("summary", passed=report.passed, failed=report.failed)
    return 1 if report.failed else 0


async def _agents(report: Report, client: SandboxClient) -> None:
    priya = client.person("priya")
    for spec in AGENTS:

        async def run(name: str = spec.name, title: str = spec.title) -> dict[str, Any]:
            await priya.types(f"/pm run {name} --dry-run", HERE)
            dry = await priya.sees(r"Dry run, nothing was sent", HERE)
            await priya.types(f"/pm run {name}", HERE)
            done = await priya.sees(rf"^\*{title}\*: (?!Dry run)", HERE)
            return {"dry_run": _short(dry), "run": _short(done)}

        await report.step(f"agent {spec.name}", run)


async def _stuck(report: Report, client: SandboxClient) -> None:
    marcus = client.person("marcus")
    facts = {story["id"]: story["facts"] for story in client.world["stories"]}
    stuck, blocked = facts["stuck-review"], facts["blocked"]

    async def listed() -> dict[str, Any]:
        await marcus.types(f"/pm stuck {stuck['key'].partition('-')[0]}", HERE)
        late = await marcus.sees(rf"{stuck['key']}.*In \*{stuck['status']}\* for \*{stuck['days']} days\*", HERE)
        await marcus.types(f"/pm stuck {blocked['key'].partition('-')[0]}", HERE)
        await marcus.sees(rf"{blocked['key']}.*Blocked by {blocked['blocker']}", HERE)
        return {"stuck": _short(late), "blocked": blocked["key"], "by": blocked["blocker"]}

    await report.step("stuck and blocked work is found", listed)


async def _one_click(report: Report, client: SandboxClient) -> None:
    priya = client.person("priya")

    async def assign() -> dict[str, Any]:
        messages = await priya.messages(HERE)
        message = next(m for m in reversed(messages) if "Assign to " in visible_text(m))
        label = next(line for line in visible_text(message).splitlines() if line.startswith("Assign to "))
        key = _key_of_button(message, label)
        await priya.clicks(label, message, HERE)
        await priya.sees(rf"(?i)assigned.*{label.removeprefix('Assign to ')}", HERE)
        _expect((await client.issue(key))["epic"], label.removeprefix("Assign to "))
        return {"ticket": key, "epic": label.removeprefix("Assign to ")}

    await report.step("one click gives an orphan its epic in Jira", assign)


def _key_of_button(message: dict[str, Any], label: str) -> str:
    """Return the key of the ticket above a button."""
    key = ""
    for block in message["blocks"]:
        text = blocks_text([block])
        if label in text.splitlines():
            return key
        if found := re.search(r"\|([A-Z]+-\d+)>", text):
            key = found.group(1)
    raise AssertionError(f"no ticket stands above {label!r}")


async def _tickets(report: Report, client: SandboxClient) -> None:
    alice = client.person("alice")
    key = next(s for s in client.world["stories"] if s["id"] == "stuck-review")["facts"]["key"]

    async def move_and_undo() -> dict[str, Any]:
        before = (await client.issue(key))["status"]
        await alice.types(f"/ticket move {key} to In Progress", HERE)
        receipt = await alice.sees(f"Moved .*{key}.*Undo", HERE)
        _expect((await client.issue(key))["status"], "In Progress")
        await alice.clicks("Undo", receipt, HERE)
        await alice.sees(f"Moved .*{key}.* to .*{before}", HERE)
        _expect((await client.issue(key))["status"], before)
        return {"key": key, "moved_to": "In Progress", "and_back_to": before}

    async def comment() -> dict[str, Any]:
        await alice.types(f"/ticket comment {key} The reviewer is back on Monday", HERE)
        await alice.sees(rf"(?i)comment.*{key}|{key}.*comment", HERE)
        last = (await client.issue(key))["comments"][-1]["text"]
        if "The reviewer is back on Monday" not in last or "Alice Nguyen" not in last:
            raise AssertionError(f"the comment in Jira is {last!r}")
        return {"key": key, "comment": last}

    async def refused() -> dict[str, Any]:
        await client.person("dana").types(f"/ticket move {key} to Done", HERE)
        message = await client.person("dana").sees(r"(?i)role", HERE)
        return {"said": _short(message)}

    await report.step("a ticket is moved and moved back", move_and_undo)
    await report.step("a comment says who wrote it", comment)
    await report.step("a viewer is refused", refused)


async def _surfaces(report: Report, client: SandboxClient, demo: Demo) -> None:
    priya = client.person("priya")

    async def home() -> dict[str, Any]:
        view = await priya.home(containing="(?i)agents")
        return {"blocks": len(view["blocks"])}

    async def audit() -> dict[str, Any]:
        await priya.types("/flowpilot audit", HERE)
        return {"said": _short(await priya.sees(r"(?i)intact", HERE))}

    async def ready() -> dict[str, Any]:
        state = await demo.application.readiness.state()
        _expect(all(state.values()), True)
        return {"checks": state}

    await report.step("App Home shows the agents", home)
    await report.step("the audit trail is intact", audit)
    await report.step("the application says that it is ready", ready)


def _expect(found: object, wanted: object) -> None:
    if found != wanted:
        raise AssertionError(f"found {found!r}, not {wanted!r}")


def _short(message: dict[str, Any]) -> str:
    return " ".join(visible_text(message).split())[:200]
