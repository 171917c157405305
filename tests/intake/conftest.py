"""The application's Slack edge against the sandbox's Slack, over real sockets; no other vendor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest

from db.engine import Database
from handlers.connection import SlackConnection
from handlers.router import Router
from sandbox import slack
from sandbox.core import Fault, Sandbox
from sandbox.server import SandboxServer
from services.accounts.service import Accounts
from services.clock import utc_now
from services.container import Services
from services.effects import AuditTrail
from services.home.homes import Homes
from services.settings import Settings
from services.slack.api import SlackApi, build_session, build_web_client
from services.slack.directory import SlackProfiles
from services.slack.pace import Pace, Rate
from services.slack.sender import SlackSender
from tests.sandbox.slack.conftest import Control, alone, until

ABSENT = cast(Any, None)
ALICE, BOB = "U0ALICE", "U0BOB"
GENERAL = "C0GENERAL"


def settings_for(url: str, **overrides: Any) -> Settings:
    """Return settings that point at the sandbox."""
    values = {
        "slack_bot_token": "xoxb-sandbox",
        "slack_app_token": "xapp-sandbox",
        "slack_api_url": f"{url}/slack/api/",
        "shutdown_grace_s": 5.0,
        **overrides,
    }
    return Settings(_env_file=None, **values)


@dataclass
class World:
    """A sandbox, the people's side of it, and how to start the application's side."""

    sandbox: Sandbox
    server: SandboxServer
    control: Control
    database: Database
    stack: AsyncExitStack
    slept: list[float] = field(default_factory=list)

    def fault(self, kind: str, path: str = "", **fields: Any) -> None:
        """Arm a fault of Slack."""
        self.sandbox.faults.add(Fault("slack", kind, path=path, **fields))

    async def services(self, **overrides: Any) -> Services:
        """Return services that reach the sandbox's Slack and a real database."""
        settings = settings_for(self.server.url, **overrides)
        session = await self.stack.enter_async_context(build_session())

        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        api = SlackApi(build_web_client(settings, session), Pace(Rate(100, 1.0)), sleep=sleep)
        used: dict[str, Any] = {
            "settings": settings,
            "now": utc_now,
            "database": self.database,
            "accounts": Accounts(self.database, SlackProfiles(api), utc_now),
            "audit": AuditTrail(self.database, utc_now),
            "slack": SlackSender(api),
            "homes": Homes(),
        }
        return Services(**dict.fromkeys(Services.__dataclass_fields__, ABSENT) | used)

    async def connect(self, router: Router, *, patience_s: float = 1.0, **overrides: Any) -> SlackConnection:
        """Start the application with `router` and wait until Slack sees it."""
        connection = SlackConnection(
            await self.services(**overrides), router, ping_interval_s=0.3, patience_s=patience_s
        )
        self.stack.push_async_callback(connection.stop, 1.0)
        await connection.start()
        await until(lambda: self.sandbox.slack.hub.is_connected)
        return connection

    async def types(self, user: str, text: str, channel: str = GENERAL) -> dict[str, Any]:
        """Have a person type a slash command."""
        return await self.control.post("slack/command", user=user, channel=channel, text=text)

    async def says(self, user: str, text: str, channel: str = GENERAL, **where: str) -> dict[str, Any]:
        """Have a person write a message."""
        return await self.control.post("slack/message", user=user, channel=channel, text=text, **where)

    async def clicks(self, user: str, ts: str, action_id: str, channel: str = GENERAL, block_id: str = "b") -> Any:
        """Have a person click a button of a message."""
        container = {"type": "message", "channel": channel, "message_ts": ts}
        return await self.control.post(
            "slack/action", user=user, container=container, block_id=block_id, action_id=action_id
        )

    async def texts(self, user: str, channel: str = GENERAL, thread_ts: str = "") -> list[str]:
        """Return the texts that a person sees in a conversation."""
        return [message["text"] for message in await self.control.messages(user, channel, thread_ts)]

    async def sees(self, user: str, words: str, channel: str = GENERAL, thread_ts: str = "") -> str:
        """Wait until a person sees a message with `words` and return its text."""
        return cast(str, (await self.message(user, words, channel, thread_ts))["text"])

    async def message(self, user: str, words: str, channel: str = GENERAL, thread_ts: str = "") -> dict[str, Any]:
        """Wait until a person sees a message with `words` and return it."""
        found: list[dict[str, Any]] = []

        async def look() -> bool:
            found[:] = [m for m in await self.control.messages(user, channel, thread_ts) if words in m["text"]]
            return bool(found)

        await eventually(look)
        return found[-1]

    async def direct_channel(self, user: str) -> str:
        """Return the conversation of a person with the app."""
        opened = await self.control.post("slack/open_dm", user=user, **{"with": "U0FLOWPILOT"})
        return cast(str, opened["channel"] if isinstance(opened["channel"], str) else opened["channel"]["id"])

    def calls(self, method: str) -> int:
        """Return how often a Web API method was called."""
        return sum(1 for call in self.sandbox.calls.since() if call.path.endswith(method))


async def eventually(condition: Callable[[], Awaitable[bool]], patience_s: float = 10.0) -> None:
    """Wait until an asynchronous condition holds."""
    async with asyncio.timeout(patience_s):
        while not await condition():
            await asyncio.sleep(0.02)


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        sandbox = alone()
        server = SandboxServer(sandbox, setups=[slack.setup])
        await server.start()
        stack.push_async_callback(server.stop)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        yield World(sandbox, server, Control(http, server.url), database, stack)


def button(action_id: str, text: str = "Press", block_id: str = "b", value: str = "1") -> dict[str, Any]:
    """Return a block with one button."""
    element = {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": text}, "value": value}
    return {"type": "actions", "block_id": block_id, "elements": [element]}
