"""A sandbox with Slack only, three people, and a Bolt app that talks to it over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import slack
from sandbox.core import Bus, CallLog, Faults, Sandbox, SandboxClock
from sandbox.server import SandboxServer
from sandbox.slack.manifest import load_app
from sandbox.slack.model import BOT_USER_ID, AppConfig
from sandbox.slack.state import SlackState

NO_MANIFEST = load_app.__globals__["MANIFEST"].with_name("no-such-manifest.yml")


def alone() -> Sandbox:
    """Return a sandbox whose only vendor is Slack, with every scope granted."""
    clock, bus, faults = SandboxClock(), Bus(), Faults()
    state = SlackState(clock, bus, faults, load_app(NO_MANIFEST))
    state.add_user("U0ALICE", "alice", "Alice Adams", "alice@example.test", "Europe/Berlin", "PM", is_admin=True)
    state.add_user("U0BOB", "bob", "Bob Brown", "bob@example.test", "America/New_York", "Engineer")
    state.add_user("U0CARLA", "carla", "Carla Cruz", "carla@example.test", "Etc/UTC", "Engineer")
    state.add_channel("C0GENERAL", "general", ["U0ALICE", "U0BOB", "U0CARLA", BOT_USER_ID])
    state.add_channel("C0RANDOM", "random", ["U0ALICE", "U0BOB"])
    state.add_channel("C0SECRET", "secret", ["U0ALICE"], is_private=True)
    nobody = cast(Any, None)
    return Sandbox(state, nobody, nobody, nobody, clock, bus, faults, CallLog())


class Control:
    """The control API: what people do, and what they see."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http, self.url = http, url

    async def post(self, path: str, /, **body: Any) -> dict[str, Any]:
        """Post to the control API."""
        async with self.http.post(f"{self.url}/sandbox/api/{path}", json=body) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def get(self, path: str, /, **query: str) -> dict[str, Any]:
        """Read from the control API."""
        async with self.http.get(f"{self.url}/sandbox/api/{path}", params=query) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def messages(self, me: str, channel: str, thread_ts: str = "") -> list[dict[str, Any]]:
        """Return what a person sees in a conversation or a thread."""
        found = await self.get("slack/messages", **{"as": me, "channel": channel, "thread_ts": thread_ts})
        return cast(list[dict[str, Any]], found["messages"])


@pytest.fixture
def sandbox() -> Sandbox:
    return alone()


@pytest.fixture
async def server(sandbox: Sandbox) -> AsyncIterator[SandboxServer]:
    running = SandboxServer(sandbox, setups=[slack.setup])
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def control(http: aiohttp.ClientSession, server: SandboxServer) -> Control:
    return Control(http, server.url)


@pytest.fixture
async def client(server: SandboxServer, http: aiohttp.ClientSession) -> AsyncWebClient:
    return AsyncWebClient("xoxb-sandbox", base_url=f"{server.url}/slack/api/", session=http)


@pytest.fixture
def app(client: AsyncWebClient) -> AsyncApp:
    return AsyncApp(client=client, process_before_response=True)


Connect = Callable[[], Awaitable[AsyncSocketModeHandler]]


@pytest.fixture
async def connect(app: AsyncApp, sandbox: Sandbox) -> AsyncIterator[Connect]:
    """Return how to connect the app by Socket Mode."""
    handlers: list[AsyncSocketModeHandler] = []

    async def open_socket() -> AsyncSocketModeHandler:
        handler = AsyncSocketModeHandler(app, "xapp-sandbox", ping_interval=1)
        handlers.append(handler)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        await until(lambda: sandbox.slack.hub.is_connected)
        return handler

    yield open_socket
    for handler in handlers:
        await handler.close_async()  # type: ignore[no-untyped-call]


async def until(condition: Callable[[], Any], patience_s: float = 10.0) -> Any:
    """Wait for a condition and return its value."""
    async with asyncio.timeout(patience_s):
        # A condition may be about anything; there is nobody to wait for.
        while not (value := condition()):
            await asyncio.sleep(0.01)
        return value


def manifest(**fields: Any) -> AppConfig:
    """Return an app that declares what a test needs."""
    return AppConfig(**{"commands": load_app(NO_MANIFEST).commands, **fields})
