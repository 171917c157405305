"""Admin webhooks: signed, retried, and shaped like v2."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from sandbox.jira.webhooks import sign
from tests.sandbox.vendor_server import Client, Vendors

HOOKS = "/rest/webhooks/1.0/webhook"
SECRET = "wall-street"


class Receiver:
    """Takes webhooks; answers the statuses it is told to, then 200."""

    def __init__(self) -> None:
        self.url = ""
        self.statuses: list[int] = []
        self.received: asyncio.Queue[tuple[dict[str, str], bytes]] = asyncio.Queue()

    async def take(self, request: web.Request) -> web.Response:
        await self.received.put((dict(request.headers), await request.read()))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    async def next(self) -> tuple[dict[str, str], dict[str, Any], bytes]:
        headers, raw = await asyncio.wait_for(self.received.get(), timeout=10)
        return headers, json.loads(raw), raw


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


async def register(jira: Client, receiver: Receiver, *events: str) -> str:
    """Register a webhook and return its path."""
    body = {"name": "test", "url": receiver.url, "events": list(events), "secret": SECRET}
    answer = await jira.post(HOOKS, body)
    assert answer.status == 201, answer.body
    return HOOKS + "/" + str(answer.body["self"]).rpartition("/")[2]


def test_the_signature_is_that_of_the_vendors_example() -> None:
    expected = "a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
    assert sign("It's a Secret to Everybody", b"Hello World!") == f"sha256={expected}"


async def test_a_move_arrives_signed_with_what_changed(jira: Client, receiver: Receiver) -> None:
    await register(jira, receiver, "jira:issue_created", "jira:issue_updated")
    fields = {"project": {"key": "SHOP"}, "issuetype": {"name": "Task"}, "summary": "A task"}
    key = (await jira.post("/rest/api/3/issue", {"fields": fields})).body["key"]
    await jira.post(f"/rest/api/3/issue/{key}/transitions", {"transition": {"id": "11"}})
    _, created, _ = await receiver.next()
    headers, moved, raw = await receiver.next()
    assert (created["webhookEvent"], created["issue"]["key"]) == ("jira:issue_created", key)
    assert "changelog" not in created
    (item,) = moved["changelog"]["items"]
    assert (item["fromString"], item["toString"]) == ("To Do", "In Progress")
    assert moved["issue"]["self"].endswith(f"/rest/api/2/issue/{moved['issue']['id']}")
    assert headers["X-Hub-Signature"] == "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()


async def test_a_failed_delivery_is_repeated_under_the_same_identifier(jira: Client, receiver: Receiver) -> None:
    await register(jira, receiver, "comment_created")
    receiver.statuses = [503, 429]
    document = {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": "x"}]}],
    }
    await jira.post("/rest/api/3/issue/SHOP-10/comment", {"body": document})
    attempts = [(await receiver.next())[0] for _ in range(3)]
    assert len({headers["X-Atlassian-Webhook-Identifier"] for headers in attempts}) == 1
    assert [headers.get("X-Atlassian-Webhook-Retry") for headers in attempts] == [None, "1", "2"]


async def test_a_person_acting_in_jira_itself_fires_webhooks(vendors: Vendors, receiver: Receiver) -> None:
    await register(vendors.jira, receiver, "jira:issue_updated", "worklog_created")
    issue = next(i for i in vendors.sandbox.jira.by_project["SHOP"].values() if i.key == "SHOP-10")
    other = "alice" if issue.assignee == "712020:sam" else "sam"
    await vendors.control.post("/jira/issue/SHOP-10", {"user": "U0BOB", "op": "assign", "value": f"U0{other.upper()}"})
    _, assigned, _ = await receiver.next()
    assert assigned["user"]["accountId"] == "712020:bob"
    assert assigned["issue"]["fields"]["assignee"]["accountId"] == f"712020:{other}"
    worklog = {"op": "create", "user": "U0BOB", "issue_key": "SHOP-10", "date": "2026-11-17", "seconds": 3600}
    await vendors.control.post("/tempo/worklog", worklog)
    _, logged, _ = await receiver.next()
    assert (logged["webhookEvent"], logged["worklog"]["timeSpentSeconds"]) == ("worklog_created", 3600)


async def test_a_deleted_webhook_hears_nothing_more(jira: Client, receiver: Receiver) -> None:
    path = await register(jira, receiver, "jira:issue_updated")
    assert (await jira.delete(path)).status == 204
    await jira.put("/rest/api/3/issue/SHOP-10", {"fields": {"summary": "Changed"}})
    await asyncio.sleep(0.2)
    assert receiver.received.empty()


@pytest.mark.parametrize(
    "body",
    [{"name": "x", "url": "not a url", "events": ["comment_created"]}, {"name": "x", "url": "http://x", "events": []}],
)
async def test_a_registration_that_makes_no_sense_is_refused(jira: Client, body: dict[str, Any]) -> None:
    assert (await jira.post(HOOKS, body)).status == 400
