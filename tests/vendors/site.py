"""A small Jira and Tempo on real sockets, and clients that talk to them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox import jira as sandbox_jira
from sandbox import tempo as sandbox_tempo
from sandbox.core import Bus, Call, CallLog, Fault, Faults, Sandbox, SandboxClock
from sandbox.jira import catalog
from sandbox.jira.model import Issue
from sandbox.jira.state import JiraState
from sandbox.models.state import ModelState
from sandbox.server import SandboxServer
from sandbox.slack.state import SlackState
from sandbox.tempo.state import TempoState
from services.vendors.http import Policy
from services.vendors.jira import JiraClient
from services.vendors.tempo import TempoClient
from tests.vendors.settings import settings_for

ALICE, BOB = "712020:alice", "712020:bob"
QUICK = Policy(
    calls=1000,
    per_s=1,
    attempts=3,
    connect_timeout_s=10,
    timeout_s=20,
    backoff_initial_s=0.01,
    backoff_max_s=0.02,
    backoff_jitter_s=0.01,
    failures_to_open=1000,
)


@dataclass
class Site:
    """The stand-ins' state, and FlowPilot's clients of them."""

    sandbox: Sandbox
    url: str
    jira: JiraClient
    tempo: TempoClient
    opened: list[tuple[str, bool]] = field(default_factory=list)

    def now(self) -> datetime:
        """Return the sandbox's time."""
        return self.sandbox.clock.now()

    def create(self, project: str, summary: str, kind: str = "Task", **fields: Any) -> Issue:
        """Make an issue as Alice would."""
        wanted = {"project": {"key": project}, "issuetype": {"name": kind}, "summary": summary, **fields}
        return self.sandbox.jira.create(ALICE, wanted)

    def fail(self, kind: str, *, vendor: str = "jira", **how: Any) -> None:
        """Arm a fault."""
        self.sandbox.faults.add(Fault(vendor=vendor, kind=kind, **how))

    def calls(self, part: str = "", vendor: str = "", method: str = "") -> list[Call]:
        """Return the calls whose path holds `part`."""
        return [c for c in self.sandbox.calls.since(0, vendor) if part in c.path and method in ("", c.method)]


def small_sandbox() -> Sandbox:
    """Return a sandbox with two people and two projects, and nothing in them."""
    clock, bus, faults = SandboxClock(), Bus(), Faults()
    jira = JiraState(clock, bus)
    jira.add_user(ALICE, "Alice Ames", "alice@harborline.test")
    jira.add_user(BOB, "Bob Brown", "bob@harborline.test")
    jira.add_project("APP", "The app", ALICE, catalog.SOFTWARE)
    jira.add_project("OPS", "Operations", BOB, catalog.SOFTWARE)
    return Sandbox(
        slack=SlackState(clock, bus, faults),
        jira=jira,
        tempo=TempoState(clock, bus, jira),
        models=ModelState(clock, bus),
        clock=clock,
        bus=bus,
        faults=faults,
        calls=CallLog(),
    )


@asynccontextmanager
async def running_site(sandbox: Sandbox | None = None, policy: Policy = QUICK) -> AsyncIterator[Site]:
    """Yield a site that is up."""
    sandbox = sandbox or small_sandbox()
    server = SandboxServer(sandbox, setups=[sandbox_jira.setup, sandbox_tempo.setup])
    url = await server.start()
    settings = settings_for(url)
    opened: list[tuple[str, bool]] = []

    def note(vendor: str, is_open: bool) -> None:
        opened.append((vendor, is_open))

    jira = JiraClient.from_settings(settings, policy=policy, on_circuit=note)
    tempo = TempoClient.from_settings(settings, policy=policy, on_circuit=note)
    try:
        yield Site(sandbox, url, jira, tempo, opened)
    finally:
        await jira.close()
        await tempo.close()
        await server.stop()
