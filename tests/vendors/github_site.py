"""A small GitHub on a real socket, and FlowPilot's client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox import github as sandbox_github
from sandbox.core import Call, Fault, Sandbox
from sandbox.github.model import Account, PullRequest, Repository
from sandbox.github.state import GithubState
from sandbox.server import SandboxServer
from services.settings import Settings
from services.vendors.github import GithubClient
from services.vendors.http import Policy
from tests.vendors.settings import settings_for
from tests.vendors.site import QUICK, small_sandbox

APP = "harborline/app"


@dataclass
class GithubSite:
    """The stand-in's state, and FlowPilot's client of it."""

    sandbox: Sandbox
    url: str
    settings: Settings
    client: GithubClient
    repository: Repository
    alice: Account
    bob: Account
    opened: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def github(self) -> GithubState:
        """The state behind it."""
        return self.sandbox.github

    def now(self) -> datetime:
        """Return the sandbox's time."""
        return self.sandbox.clock.now()

    def ago(self, **spans: float) -> datetime:
        """Return a moment before now, in whole seconds."""
        return self.now().replace(microsecond=0) - timedelta(**spans)

    def pull(self, title: str = "APP-1 Keep the basket", days: float = 3, **more: Any) -> PullRequest:
        """Open a pull request as Bob, some days ago."""
        branch = f"feature/{len(self.repository.pulls) + 1}"
        at = self.ago(days=days)
        return self.github.open_pull(self.bob, self.repository, title, more.pop("head", branch), at=at, **more)

    def fail(self, kind: str, **how: Any) -> None:
        """Arm a fault."""
        self.sandbox.faults.add(Fault(vendor="github", kind=kind, **how))

    def calls(self, part: str = "", method: str = "") -> list[Call]:
        """Return the calls whose path holds `part`."""
        return [c for c in self.sandbox.calls.since(0, "github") if part in c.path and method in ("", c.method)]


@asynccontextmanager
async def running_github(policy: Policy = QUICK) -> AsyncIterator[GithubSite]:
    """Yield a GitHub that is up."""
    sandbox = small_sandbox()
    github = sandbox.github
    alice = github.add_account("alice-ames", "Alice Ames", "alice@harborline.test")
    bob = github.add_account("bob-brown", "Bob Brown", "bob@harborline.test")
    repository = github.add_repository(APP, [alice, bob], "The app")
    server = SandboxServer(sandbox, setups=[sandbox_github.setup])
    url = await server.start()
    settings = settings_for(url, github_api_url=f"{url}/github/api/v3", github_token="github-sandbox")
    opened: list[tuple[str, bool]] = []

    def note(vendor: str, is_open: bool) -> None:
        opened.append((vendor, is_open))

    client = GithubClient.from_settings(settings, policy=policy, on_circuit=note)
    try:
        yield GithubSite(sandbox, url, settings, client, repository, alice, bob, opened)
    finally:
        await client.close()
        await server.stop()
