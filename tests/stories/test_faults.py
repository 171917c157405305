"""When vendors fail, nothing is lost, nothing happens twice, and people are told in plain words."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from db.tenancy import account_scope
from sandbox.client import visible_text
from tests.stories.stage import Stage

HERE = "FlowPilot"
COMMENTS = "/issue/[^/]+/comment$"


async def comments(stage: Stage, key: str) -> list[str]:
    """Return the texts of an issue's comments in Jira."""
    return [comment["text"] for comment in (await stage.issue(key))["comments"]]


@pytest.fixture
def key(stage: Stage) -> str:
    """A ticket that can be acted on."""
    return str(stage.story("stuck-review")["key"])


@pytest.mark.requirement("SYS-6")
async def test_an_envelope_that_slack_delivers_twice_is_acted_on_once(stage: Stage, key: str) -> None:
    alice = stage.person("alice")
    before = await comments(stage, key)
    stage.fault("slack", "event_duplicate")
    await alice.types(f"/ticket comment {key} Said once", HERE)
    await alice.sees("Commented on", HERE)
    await stage.application.slack.intake.pool.drain(5)
    assert len(await comments(stage, key)) == len(before) + 1


@pytest.mark.requirement("SYS-6")
async def test_a_dropped_socket_loses_nothing_that_people_say(stage: Stage, key: str) -> None:
    alice = stage.person("alice")
    stage.fault("slack", "socket_drop")
    await asyncio.sleep(0.2)
    await alice.types(f"comment {key} After the drop", HERE)
    await alice.sees("Commented on", HERE)
    assert any("After the drop" in text for text in await comments(stage, key))


@pytest.mark.requirement("SYS-7")
@pytest.mark.parametrize(
    "fault",
    [{"kind": "status", "status": 429, "retry_after_s": 0.2}, {"kind": "drop"}, {"kind": "status", "status": 503}],
)
async def test_reading_jira_goes_on_after_a_passing_failure(stage: Stage, key: str, fault: dict[str, object]) -> None:
    alice = stage.person("alice")
    stage.fault("jira", method="GET", **fault)  # type: ignore[arg-type]
    await alice.types(f"/ticket comment {key} Patience", HERE)
    await alice.sees("Commented on", HERE)
    assert sum("Patience" in text for text in await comments(stage, key)) == 1


@pytest.mark.requirement("SYS-7", "TRUST-1")
@pytest.mark.parametrize("kind", ["status_after", "drop_after"])
async def test_an_answer_that_got_lost_is_looked_up_and_the_comment_stands_once(
    stage: Stage, key: str, kind: str
) -> None:
    alice = stage.person("alice")
    stage.fault("jira", kind, method="POST", path=COMMENTS, status=500)
    await alice.types(f"/ticket comment {key} Exactly once", HERE)
    receipt = await alice.sees("Commented on", HERE)
    assert "Undo" in visible_text(receipt)
    assert sum("Exactly once" in text for text in await comments(stage, key)) == 1


@pytest.mark.requirement("SLK-1")
async def test_jira_being_down_is_said_in_plain_words_and_changes_nothing(stage: Stage, key: str) -> None:
    alice = stage.person("alice")
    before = await stage.issue(key)
    stage.fault("jira", "status", status=503, times=None)
    await alice.types(f"/ticket priority {key} Highest", HERE)
    await alice.sees("Working on it", HERE)
    message = visible_text(await alice.sees("Jira has a problem.*[Tt]ry again", HERE))
    assert "Traceback" not in message
    stage.sandbox.faults.clear()
    assert (await stage.issue(key))["priority"] == before["priority"]


async def test_a_change_in_jira_reaches_the_mirror_by_webhook(stage: Stage, key: str) -> None:
    bob = stage.person("bob")
    await stage.client.post(f"jira/issue/{key}", user=bob.id, op="summary", value="Renamed in Jira itself")
    alice = stage.person("alice")
    async with asyncio.timeout(10):
        while "Renamed in Jira itself" not in await mirrored_summary(stage, key):
            await asyncio.sleep(0.05)
    await alice.types(f"/ticket show {key}", HERE)
    await alice.sees("Renamed in Jira itself", HERE)


async def mirrored_summary(stage: Stage, key: str) -> str:
    """Return the summary that the mirror holds."""
    with account_scope(stage.account.id):
        issue = await stage.application.services.mirror.issue(key)
    return issue.summary if issue else ""


@pytest.mark.requirement("SYS-8")
async def test_a_webhook_without_the_right_signature_is_refused(stage: Stage) -> None:
    url = f"{stage.application.url}/webhooks/jira/{stage.account.id}"
    body = b'{"webhookEvent": "jira:issue_deleted", "issue": {"id": "10001", "key": "SHOP-1"}}'
    async with aiohttp.ClientSession() as http:
        for headers in ({}, {"X-Hub-Signature": "sha256=" + "0" * 64}, {"X-Hub-Signature": "sha1=abc"}):
            async with http.post(url, data=body, headers=headers) as response:
                assert response.status == 401
    assert "SHOP-1" in (await stage.issue("SHOP-1"))["key"]
