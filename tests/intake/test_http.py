"""Whether the application is alive and can work, and Slack's payloads by HTTP."""

from __future__ import annotations

import json
import time
from urllib.parse import urlencode

import aiohttp
import pytest
from slack_sdk.signature import SignatureVerifier

from handlers import build_router
from handlers.http import HttpServer
from handlers.request import Request
from handlers.router import Router
from services.commands import Reply, Rest
from services.errors import NotConfiguredError
from services.readiness import Readiness
from services.settings import Settings
from tests.intake.conftest import BOB, GENERAL, World, settings_for
from tests.sandbox.slack.conftest import until

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


@pytest.mark.requirement("SYS-9")
async def test_ready_means_that_the_database_and_slack_can_be_reached(world: World) -> None:
    connection = await world.connect(Router())
    readiness = Readiness()

    async def database() -> bool:
        await world.database.check()
        return True

    readiness.add("database", database)
    readiness.add("slack", connection.is_connected)
    server = HttpServer(settings_for(world.server.url, http_port=0), readiness)
    url = await server.start()
    try:
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{url}/healthz") as response:
                assert response.status == 200
            async with session.get(f"{url}/readyz") as response:
                assert (response.status, await response.json()) == (
                    200,
                    {"ready": True, "checks": {"database": True, "slack": True}},
                )
            async with session.get(f"{url}/metrics") as response:
                assert "flowpilot_slack_connected 1.0" in await response.text()
            await connection.stop(0)
            async with session.get(f"{url}/readyz") as response:
                assert response.status == 503
                assert (await response.json())["checks"] == {"database": True, "slack": False}
    finally:
        await server.stop()


async def test_nothing_checked_is_not_ready_and_a_check_that_raises_is_a_no(tmp_path: object) -> None:
    readiness = Readiness()

    async def broken() -> bool:
        raise OSError("unreachable")

    server = HttpServer(Settings(_env_file=None, http_port=0), readiness)
    url = await server.start()
    try:
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{url}/readyz") as response:
                assert response.status == 503
            readiness.add("database", broken)
            async with session.get(f"{url}/readyz") as response:
                assert (response.status, (await response.json())["checks"]) == (503, {"database": False})
    finally:
        await server.stop()


@pytest.mark.requirement("SYS-8")
async def test_slack_by_http_is_taken_with_its_signature_only(world: World) -> None:
    heard: list[str] = []

    def feature(router: Router) -> None:
        @router.commands.command("/ticket", "echo", summary="Say it again")
        async def say(request: Request, text: Rest) -> Reply:
            heard.append(text)
            return Reply(text)

    connection = await world.connect(build_router([feature]), slack_signing_secret=SECRET)
    server = HttpServer(settings_for(world.server.url, http_port=0, slack_signing_secret=SECRET), Readiness())
    server.receive_slack(connection.app)
    url = await server.start()
    fields = {"command": "/ticket", "text": "echo hi", "team_id": "T0SANDBOX", "user_id": BOB, "channel_id": GENERAL}
    body = urlencode(fields | {"trigger_id": "1.2.3", "response_url": f"{world.server.url}/nowhere"})

    async def send(body: str, content_type: str, secret: str, age_s: int = 0) -> tuple[int, str]:
        stamp = str(int(time.time()) - age_s)
        signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body) or ""
        headers = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature,
        }
        async with aiohttp.ClientSession() as session:
            async with session.post(f"{url}/slack/events", data=body, headers=headers) as response:
                return response.status, await response.text()

    try:
        form = "application/x-www-form-urlencoded"
        assert (await send(body, form, "forged" * 5))[0] == 401
        assert (await send(body, form, SECRET, age_s=600))[0] == 401
        assert heard == []
        assert await send(body, form, SECRET) == (200, "")
        await until(lambda: heard == ["hi"])
        challenge = json.dumps({"type": "url_verification", "challenge": "abc", "token": "t"})
        status, answer = await send(challenge, "application/json", SECRET)
        assert (status, "abc" in answer) == (200, True)
    finally:
        await server.stop()


async def test_slack_by_http_is_not_taken_without_a_secret_to_check_it_with(world: World) -> None:
    connection = await world.connect(Router())
    with pytest.raises(NotConfiguredError, match="SLACK_SIGNING_SECRET"):
        HttpServer(settings_for(world.server.url), Readiness()).receive_slack(connection.app)
