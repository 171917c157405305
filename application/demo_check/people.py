"""What people do in the check besides running agents: log drafts, click, move tickets, look around."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from application.demo_check.figures import Figures, seconds, spoken
from application.demo_check.report import HERE, Report, expect, short
from sandbox.client import LOOK_EVERY_S, PATIENCE_S, Message, Person, SandboxClient, blocks_text, visible_text

Ready = Callable[[], Awaitable[dict[str, bool]]]
LOGGED = r"Logged \*(.+?)\*: you are at \*(.+?)\* of"


async def worklogs_are_drafted(report: Report, client: SandboxClient, figures: Figures) -> None:
    """Somebody who lacks hours logs what was drafted, and takes it back; Tempo has it, and has it no more."""
    luca, facts = client.person("luca"), figures.stories["week"]
    first, last = date.fromisoformat(facts["from"]), date.fromisoformat(facts["to"])

    async def in_tempo() -> int:
        return seconds(await figures.worklogs(first, last, user=luca.id))

    async def log_and_undo() -> dict[str, Any]:
        before = await in_tempo()
        await luca.types("/pm hours", HERE)
        view = await _modal_with(luca, "Log this")
        await client.post("slack/view_submit", user=luca.id, view_id=view["id"], values={})
        told = await luca.sees(LOGGED, HERE)
        said = re.search(LOGGED, visible_text(told))
        after = await in_tempo()
        expect(said and said.groups(), (spoken(after - before), spoken(after)), "what was logged")
        expect(after > before, True, "more hours in Tempo")
        await luca.clicks("Undo all", told, HERE)
        await luca.sees(rf"out of Tempo again: you are at \*{spoken(before)}\*", HERE)
        expect(await in_tempo(), before, "seconds in Tempo")
        return {"logged": spoken(after - before), "and_back_to": spoken(before)}

    await report.step("drafted worklogs are logged in Tempo and taken back", log_and_undo)


async def _modal_with(person: Person, words: str) -> Message:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            view = await person.modal()
            if words in blocks_text(view["blocks"]):
                return view
            await asyncio.sleep(LOOK_EVERY_S)


async def one_click(report: Report, client: SandboxClient) -> None:
    """An orphan gets its epic in Jira by one click."""
    priya = client.person("priya")

    async def assign() -> dict[str, Any]:
        messages = await priya.messages(HERE)
        message: Message = next((m for m in reversed(messages) if "Assign to " in visible_text(m)), {"blocks": []})
        label = next(
            (line for line in visible_text(message).splitlines() if line.startswith("Assign to ")), "Assign to"
        )
        key = _key_of_button(message, label)
        await priya.clicks(label, message, HERE)
        await priya.sees(rf"(?i)assigned.*{label.removeprefix('Assign to ')}", HERE)
        expect((await client.issue(key))["epic"], label.removeprefix("Assign to "))
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


async def tickets(report: Report, client: SandboxClient) -> None:
    """A ticket is moved, moved back and commented on; a viewer may not."""
    alice = client.person("alice")
    key = next(s for s in client.world["stories"] if s["id"] == "stuck-review")["facts"]["key"]

    async def move_and_undo() -> dict[str, Any]:
        before = (await client.issue(key))["status"]
        await alice.types(f"/ticket move {key} to In Progress", HERE)
        receipt = await alice.sees(f"Moved .*{key}.*Undo", HERE)
        expect((await client.issue(key))["status"], "In Progress")
        await alice.clicks("Undo", receipt, HERE)
        await alice.sees(f"Moved .*{key}.* to .*{before}", HERE)
        expect((await client.issue(key))["status"], before)
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
        return {"said": short(message)}

    await report.step("a ticket is moved and moved back", move_and_undo)
    await report.step("a comment says who wrote it", comment)
    await report.step("a viewer is refused", refused)


async def surfaces(report: Report, client: SandboxClient, readiness: Ready) -> None:
    """Home, the audit trail and the readiness say that all is well."""
    priya = client.person("priya")

    async def home() -> dict[str, Any]:
        view = await priya.home(containing="(?i)agents")
        return {"blocks": len(view["blocks"])}

    async def audit() -> dict[str, Any]:
        await priya.types("/flowpilot audit", HERE)
        return {"said": short(await priya.sees(r"(?i)intact", HERE))}

    async def ready() -> dict[str, Any]:
        state = await readiness()
        expect(all(state.values()), True)
        return {"checks": state}

    await report.step("App Home shows the agents", home)
    await report.step("the audit trail is intact", audit)
    await report.step("the application says that it is ready", ready)
