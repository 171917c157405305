"""A sandbox with Jira and Tempo only, on a real socket."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from sandbox import jira, tempo
from sandbox.core import Sandbox
from sandbox.server import build_app, create_sandbox
from tests.sandbox.copies import copied_world

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
BASIC = "Basic " + base64.b64encode(b"flowpilot@sandbox.test:jira-sandbox").decode()


@dataclass
class Answer:
    """What a vendor said."""

    status: int
    body: Any
    headers: dict[str, str]


class Client:
    """Calls a vendor and keeps what was said for the contract."""

    def __init__(self, session: aiohttp.ClientSession, base: str, authorization: str) -> None:
        self._session = session
        self.base = base
        self.authorization = authorization

    async def call(self, method: str, path: str, json: Any = None, **query: Any) -> Answer:
        """Send JSON and return the answer, JSON read where it is."""
        pairs = [(k, str(v)) for k, vs in query.items() for v in (vs if isinstance(vs, list) else [vs])]
        headers = {"Authorization": self.authorization}
        async with self._session.request(
            method, f"{self.base}{path}", json=json, params=pairs, headers=headers
        ) as response:
            text = await response.text()
            body = await response.json() if response.content_type == "application/json" and text else text or None
            return Answer(response.status, body, dict(response.headers))

    async def get(self, path: str, **query: Any) -> Answer:
        """GET."""
        return await self.call("GET", path, **query)

    async def post(self, path: str, json: Any, **query: Any) -> Answer:
        """POST."""
        return await self.call("POST", path, json, **query)

    async def put(self, path: str, json: Any, **query: Any) -> Answer:
        """PUT."""
        return await self.call("PUT", path, json, **query)

    async def delete(self, path: str, **query: Any) -> Answer:
        """DELETE."""
        return await self.call("DELETE", path, **query)


@dataclass
class Vendors:
    """A running sandbox and its clients; `jira` and `tempo` paths start at the API's own root."""

    sandbox: Sandbox
    url: str
    session: aiohttp.ClientSession
    jira: Client
    tempo: Client
    control: Client


@asynccontextmanager
async def running(sandbox: Sandbox | None = None, empty: bool = False) -> AsyncIterator[Vendors]:
    """Serve a sandbox, the world's unless told otherwise, on a free port."""
    sandbox = sandbox or (create_sandbox(empty=True) if empty else copied_world())
    runner = web.AppRunner(build_app(sandbox, [jira.setup, tempo.setup]), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as session:
        yield Vendors(
            sandbox,
            url,
            session,
            Client(session, f"{url}/jira", BASIC),
            Client(session, f"{url}/tempo", "Bearer tempo-sandbox"),
            Client(session, f"{url}/sandbox/api", ""),
        )
    await runner.cleanup()
