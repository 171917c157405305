"""Two processes at once on Postgres: one does a request, both sign with one secret."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from application.build import build_services, close_services
from db.engine import Database
from db.migrate import upgrade
from db.models.accounts import Member
from db.tenancy import account_scope
from services.accounts.api_requests import LEASE, ApiRequests, RequestUnderWayError, TakenUp
from services.accounts.types import Role
from services.clock import utc_now
from services.effects.audit import AuditTrail
from services.pilot.links import SessionLinks
from services.reports.links import ReportLinks
from tests.api.conftest import settings_in
from tests.conftest import make_account
from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]
pytestmark = pytest.mark.xdist_group("postgres")


@pytest.mark.requirement("FLP-1.3")
async def test_of_two_processes_one_does_a_request_and_both_sign_alike(postgres_url: str) -> None:
    now = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)
    databases = [Database(postgres_url) for _ in range(2)]
    await upgrade(databases[0])
    with account_scope(await make_account(databases[0], "acc_here", "T0HERE")):
        requests = [ApiRequests(database, lambda: now) for database in databases]
        for attempt in (1, 2):
            begun = await asyncio.gather(
                *(each.begin("key", 1, "create_session", b"{}") for each in requests), return_exceptions=True
            )
            assert {type(each) for each in begun} == {TakenUp, RequestUnderWayError}, begun
            assert [each.attempt for each in begun if isinstance(each, TakenUp)] == [attempt]
            now += LEASE
        trails = [AuditTrail(database, lambda: now) for database in databases]
        links = [SessionLinks(*each, lambda: now) for each in zip(databases, trails, strict=True)]
        assert len(set(await asyncio.gather(*(each.url("some-session") for each in links)))) == 1
    with account_scope(await make_account(databases[0], "acc_new", "T0NEW")):
        reports = [ReportLinks(database, lambda: now) for database in databases]
        assert len(set(await asyncio.gather(*(each.token(1, now) for each in reports)))) == 1
    for database in databases:
        await database.close()


@pytest.mark.requirement("FLP-1.3", "SYS-4")
async def test_two_processes_give_a_session_one_thread_with_one_lane(postgres_url: str, tmp_path: Path) -> None:
    roots: list[str] = []
    lanes: list[str] = []

    async def slack(request: web.Request) -> web.Response:
        sent = await request.json() if request.content_type == "application/json" else await request.post()
        ts = str(sent.get("ts") or f"17.{len(roots)}{len(lanes)}")
        if request.match_info["method"] == "chat.postMessage":
            (lanes if sent.get("thread_ts") else roots).append(ts)
            await asyncio.sleep(0.1)
        return web.json_response({"ok": True, "channel": "C0HELP", "ts": ts})

    app = web.Application()
    app.router.add_route("*", "/api/{method}", slack)
    async with TestServer(app) as server:
        settings = settings_in(tmp_path, slack_api_url=str(server.make_url("/api/")), database_url=postgres_url)
        replicas = [await build_services(settings, utc_now) for _ in range(2)]
        await upgrade(replicas[0].database)
        with account_scope(await make_account(replicas[0].database, "acc_here", "T0HERE")):
            async with replicas[0].database.transaction() as transaction:
                row = Member(slack_user_id="U1", display_name="Alice", role=Role.ENGINEER, created_at=utc_now())
                transaction.add(row)
            _, alice = await replicas[0].accounts.identify("T0HERE", "U1")
            made = await replicas[0].pilot.open("Outlook asks again", alice)
            started = await asyncio.gather(*(each.pilot_lanes.start(made, "C0HELP", alice) for each in replicas))
        assert len({each.thread_ts for each in started}) == 1
        assert (len(roots), len(lanes)) == (1, 1)
        for each in replicas:
            await close_services(each)
