"""The API on a real socket, over the application's own services and an SQLite file.

Nobody outside answers but a Slack in which FlowPilot is in no channel.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer

from application.build import build_services, close_services
from db.models.accounts import Member
from db.tenancy import account_scope
from handlers.api import serve_api
from services.accounts.types import MemberRef, Role
from services.clock import utc_now
from services.container import Services
from services.settings import Settings
from tests.conftest import make_account
from tests.databases import make_ready

HERE, NEXT_DOOR = "acc_here", "acc_next_door"
BASE = "/api/v1/ai-sessions"


@dataclass
class Answered:
    """One answer."""

    status: int
    headers: Mapping[str, str]
    json: Any


@dataclass
class Api:
    """The API and who calls it."""

    services: Services
    server: BaseTestServer
    http: aiohttp.ClientSession
    alice: MemberRef
    victor: MemberRef
    stranger: MemberRef
    tokens: dict[str, str]

    async def call(
        self, method: str, path: str = "", body: Any = None, *, by: str = "Alice", **headers: str
    ) -> Answered:
        """Call as somebody; `If_Match` becomes If-Match. A path without /api is one of sessions."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if by:
            sent.setdefault("Authorization", f"Bearer {self.tokens[by]}")
        url = self.server.make_url(path if path.startswith("/api") else BASE + path)
        async with self.http.request(method, url, json=body, headers=sent) as response:
            is_json = response.content_type.endswith("json")
            return Answered(response.status, response.headers, await (response.json() if is_json else response.text()))

    async def session(self, problem: str = "Outlook keeps asking for the password") -> str:
        """Open a session of Alice's and return its id."""
        answered = await self.call("POST", body={"problem": problem})
        assert answered.status == 201, answered.json
        return str(answered.json["id"])


async def _member(services: Services, name: str, role: Role) -> MemberRef:
    async with services.database.transaction() as session:
        row = Member(slack_user_id=f"U{name}", display_name=name, role=role, created_at=datetime.now(UTC))
        session.add(row)
        await session.flush()
    return MemberRef(row.id, row.slack_user_id, name, role, "UTC")


def settings_in(folder: Path, **changes: Any) -> Settings:
    """Return settings of an application that knows nobody outside."""
    known = {"jira_url": "http://127.0.0.1:9", "slack_api_url": "http://127.0.0.1:9/api/"}
    return Settings(_env_file=None, data_dir=folder, **known | changes)


def _slack_without_channels() -> web.Application:
    async def refuse(_request: web.Request) -> web.Response:
        return web.json_response({"ok": False, "error": "not_in_channel"})

    app = web.Application()
    app.router.add_route("*", "/api/{method}", refuse)
    return app


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    """Alice (engineer) and Victor (viewer) here, a stranger in the account next door."""
    slack = TestServer(_slack_without_channels())
    await slack.start_server()
    services = await build_services(settings_in(tmp_path, slack_api_url=str(slack.make_url("/api/"))), utc_now)
    await make_ready(services.database)
    tokens = {}
    with account_scope(await make_account(services.database, NEXT_DOOR, "T0NEXT")):
        stranger = await _member(services, "Stranger", Role.ADMIN)
        tokens["Stranger"] = (await services.api_tokens.create(stranger, "theirs")).secret
    with account_scope(await make_account(services.database, HERE, "T0HERE")):
        alice, lead = await _member(services, "Alice", Role.ENGINEER), await _member(services, "Victor", Role.ENGINEER)
        for member in (alice, lead):
            tokens[member.display_name] = (await services.api_tokens.create(member, "tests")).secret
        victor = await services.accounts.set_role(lead.id, Role.VIEWER)
    app = web.Application()
    serve_api(app, services)
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        yield Api(services, server, http, alice, victor, stranger, tokens)
    await close_services(services)
    await slack.close()
