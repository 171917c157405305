"""A small GitHub on a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest

from sandbox import github as sandbox_github
from sandbox.core import Sandbox
from sandbox.github.model import Account, PullRequest
from sandbox.github.state import GithubState
from sandbox.server import SandboxServer
from tests.sandbox.vendor_server import Client
from tests.vendors.site import small_sandbox


@dataclass
class Stand:
    """A running GitHub with two people, a bot and a pull request."""

    sandbox: Sandbox
    url: str
    api: Client
    session: aiohttp.ClientSession
    alice: Account
    bob: Account
    bot: Account
    pull: PullRequest

    @property
    def github(self) -> GithubState:
        """The state behind it."""
        return self.sandbox.github

    def as_(self, login: str) -> Client:
        """Return a client with a person's token."""
        return Client(self.session, self.api.base, f"Bearer github-sandbox-{login}")

    async def graphql(self, query: str, **variables: object) -> dict[str, object]:
        """Post a query and return the whole answer."""
        body = {"query": query, "variables": variables}
        headers = {"Authorization": "Bearer github-sandbox"}
        async with self.session.post(f"{self.url}/github/api/graphql", json=body, headers=headers) as response:
            answer: dict[str, object] = await response.json()
            return answer


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    sandbox = small_sandbox()
    github = sandbox.github
    alice = github.add_account("alice-ames", "Alice Ames", "alice@harborline.test")
    bob = github.add_account("bob-brown", "Bob Brown", "bob@harborline.test")
    bot = github.add_account("dependabot[bot]", "Dependabot", type_="Bot")
    repository = github.add_repository("harborline/app", [alice, bob], "The app")
    pull = github.open_pull(bob, repository, "APP-1 Keep the basket", "feature/APP-1-basket", body="For APP-1.")
    for name in ("build", "tests"):
        github.check(repository, pull.head_sha, name, "success")
    server = SandboxServer(sandbox, setups=[sandbox_github.setup])
    url = await server.start()
    async with aiohttp.ClientSession() as session:
        api = Client(session, f"{url}/github/api/v3", "Bearer github-sandbox")
        yield Stand(sandbox, url, api, session, alice, bob, bot, pull)
    await server.stop()
