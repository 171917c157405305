"""Two processes at once on Postgres: one does a request, both sign with one secret."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from db.engine import Database
from db.migrate import upgrade
from db.tenancy import account_scope
from services.accounts.api_requests import LEASE, ApiRequests, RequestUnderWayError, TakenUp
from services.effects.audit import AuditTrail
from services.pilot.links import SessionLinks
from services.reports.links import ReportLinks
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
