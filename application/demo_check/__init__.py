"""`python app.py demo --check`: the whole thing once, without a browser, as JSON lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agents.catalogue import AGENTS
from application.demo import running_demo
from application.demo_check import people
from application.demo_check.figures import Figures
from application.demo_check.report import HERE, Report, expect, short
from application.demo_check.sessions import sessions
from application.demo_check.stories import STORIES
from application.logs import configure_logs
from sandbox.client import SandboxClient, visible_text
from services.settings import Settings

__all__ = ["check_demo", "check_world"]


async def check_demo(data_dir: Path) -> int:
    """Run every agent and a short story in a fresh demo on free ports; returns the exit code."""
    configure_logs(Settings.model_validate({"log_level": "ERROR", "log_format": "json"}))
    report = Report()

    def say(text: str) -> None:
        report.line("progress", text=text)

    # on a Monday the clock would run some of them before the check asks
    async with running_demo(port=0, data_dir=data_dir, say=say, scheduled=()) as demo:
        async with SandboxClient(demo.sandbox_url) as client:
            await check_world(report, client, demo.application.readiness.state)
    report.line("summary", passed=report.passed, failed=report.failed)
    return 1 if report.failed else 0


async def check_world(report: Report, client: SandboxClient, readiness: people.Ready) -> None:
    """Let every agent find its story in a running sandbox, and people act on what they were told."""
    figures = Figures(client)
    for spec in AGENTS:
        await _agent(report, client, figures, spec.name, spec.title)
    await people.worklogs_are_drafted(report, client, figures)
    await people.one_click(report, client)
    await people.tickets(report, client)
    await sessions(report, client)
    await people.surfaces(report, client, readiness)


async def _agent(report: Report, client: SandboxClient, figures: Figures, name: str, title: str) -> None:
    priya = client.person("priya")
    said: list[str] = []

    async def run() -> dict[str, Any]:
        before = await _received(client)
        await priya.types(f"/pm run {name} --dry-run", HERE)
        dry = await priya.sees(rf"^\*{title}\*: Dry run, nothing was sent", HERE)
        said.append(visible_text(dry))
        expect(await _received(client), before, "what people received in a dry run")
        await priya.types(f"/pm run {name}", HERE)
        done = await priya.sees(rf"^\*{title}\*: (?!Dry run)", HERE)
        return {"dry_run": short(dry), "run": short(done)}

    async def story() -> dict[str, Any]:
        return await STORIES[name](client, figures, "\n".join(said))

    await report.step(f"agent {name}", run)
    if name in STORIES:
        await report.step(f"the figures of {name}", story)


async def _received(client: SandboxClient) -> dict[str, int]:
    """Count what is in everybody's conversation with the app, in the channels, in the mail and in Tempo.

    Whoever asks for a run is answered, and left out.
    """
    people_of_world = [client.person(each["key"]) for each in client.world["people"]]
    found = {person.id: len(await person.messages(HERE)) for person in people_of_world if person.id != "U0PRIYA"}
    priya = client.person("priya")
    names = [channel["name"] for channel in (await priya.state())["channels"] if channel.get("is_channel")]
    found |= {name: len(await priya.messages(name)) for name in names}
    found["mails"] = len((await client.get("mail/mailbox", address=""))["mails"])
    found["worklogs"] = len((await client.get("tempo/worklogs"))["worklogs"])
    return found
