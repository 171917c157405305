"""What Jira's webhooks bring into the mirror: in v2's shape, in any order, whole or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from services.mirror import Mirror
from tests.vendors.site import ALICE, Site

Hook = dict[str, Any]


@pytest.fixture
async def hooks(site: Site) -> AsyncIterator[list[Hook]]:
    """The bodies of all webhooks that the stand-in sends."""
    got: list[Hook] = []

    async def take(request: web.Request) -> web.Response:
        got.append(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", 0)
    await listener.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    events = ["jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created"]
    await site.jira._http.request(
        "POST", "/rest/webhooks/1.0/webhook", body={"name": "Mirror", "url": url, "events": events, "secret": "x"}
    )
    yield got
    await runner.cleanup()


async def wait_for(got: list[Hook], kind: str) -> Hook:
    """Return the first webhook of a kind, when it has come."""
    for _ in range(200):
        for hook in got:
            if hook["webhookEvent"] == kind:
                return hook
        await asyncio.sleep(0.02)
    raise AssertionError(f"no {kind} in {[hook['webhookEvent'] for hook in got]}")


async def test_a_change_is_mirrored_without_a_call_to_jira(site: Site, mirror: Mirror, hooks: list[Hook]) -> None:
    issue = site.create("APP", "Work")
    await mirror.sync_jira()
    site.sandbox.jira.transition(ALICE, issue, "11")
    hook = await wait_for(hooks, "jira:issue_updated")
    before = len(site.calls())
    event = await mirror.handle_webhook("jira:issue_updated", hook)
    assert len(site.calls()) == before
    assert (event.outcome, event.key) == ("stored", issue.key)
    assert [(change.field, change.to_value) for change in event.changes if change.field == "status"] == [
        ("status", "In Progress")
    ]
    row = await mirror.issue(issue.key)
    assert row is not None
    assert row.status == "In Progress"
    assert len(await mirror.field_changes([str(issue.id)], "status")) == 1


async def test_a_change_whose_webhook_was_lost_is_made_good_by_the_next_pass(
    site: Site, mirror: Mirror, hooks: list[Hook]
) -> None:
    issue = site.create("APP", "Work")
    await mirror.sync_jira()
    site.sandbox.jira.transition(ALICE, issue, "11")
    await wait_for(hooks, "jira:issue_updated")
    hooks.clear()
    site.sandbox.jira.transition(ALICE, issue, "21")
    await mirror.handle_webhook("jira:issue_updated", await wait_for(hooks, "jira:issue_updated"))
    assert len(await mirror.field_changes([str(issue.id)], "status")) == 1
    await mirror.sync_jira()
    assert [c.to_value for c in await mirror.field_changes([str(issue.id)], "status")] == ["In Progress", "Code Review"]


async def test_a_new_and_a_deleted_issue(site: Site, mirror: Mirror, hooks: list[Hook]) -> None:
    await mirror.sync_jira()
    issue = site.create("APP", "Brand new")
    created = await wait_for(hooks, "jira:issue_created")
    await mirror.handle_webhook("jira:issue_created", created)
    assert await mirror.issue(issue.key) is not None
    site.sandbox.jira.delete(ALICE, issue)
    event = await mirror.handle_webhook("jira:issue_deleted", await wait_for(hooks, "jira:issue_deleted"))
    assert event.outcome == "deleted"
    assert await mirror.issue(issue.key) is None


@pytest.mark.parametrize("payload", [{}, {"issue": None}, {"issue": {}}, {"issue": []}, {"comment": {"id": "1"}}])
@pytest.mark.parametrize("kind", ["jira:issue_updated", "comment_created", "jira:issue_deleted", "sprint_started"])
async def test_a_webhook_without_an_issue_is_ignored(mirror: Mirror, kind: str, payload: Hook) -> None:
    assert (await mirror.handle_webhook(kind, payload)).outcome == "ignored"


async def test_a_webhook_with_half_an_issue_is_completed_from_jira(site: Site, mirror: Mirror) -> None:
    issue = site.create("APP", "Whole")
    half = {"issue": {"id": str(issue.id), "key": issue.key, "fields": {"summary": "Half"}}}
    event = await mirror.handle_webhook("jira:issue_updated", half)
    assert event.outcome == "stored"
    row = await mirror.issue(issue.key)
    assert row is not None
    assert row.summary == "Whole"


async def test_a_webhook_about_an_issue_that_is_gone_changes_nothing(site: Site, mirror: Mirror) -> None:
    event = await mirror.handle_webhook("jira:issue_updated", {"issue": {"id": "99999", "key": "APP-9", "fields": {}}})
    assert event.outcome == "ignored"
    assert await mirror.issues() == []


async def test_a_comment_without_its_issue_is_traced_by_its_address(site: Site, mirror: Mirror) -> None:
    issue = site.create("APP", "Talk")
    address = f"{site.url}/jira/rest/api/2/issue/{issue.id}/comment/10000"
    event = await mirror.handle_webhook("comment_created", {"comment": {"id": "10000", "self": address}})
    assert (event.outcome, event.key, event.comment_id) == ("stored", issue.key, "10000")


async def test_an_issue_of_a_project_that_is_not_mirrored_is_ignored(site: Site, mirror: Mirror) -> None:
    await mirror.sync_jira()
    site.sandbox.jira.add_project("NEW", "New", ALICE, site.sandbox.jira.projects["APP"].workflow)
    issue = site.create("NEW", "Elsewhere")
    event = await mirror.handle_webhook("jira:issue_updated", {"issue": {"id": str(issue.id), "key": issue.key}})
    assert event.outcome == "ignored"
