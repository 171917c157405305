"""Two replicas on one Postgres, in front of one Slack and one Jira: everything happens once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from application.build import build_services, close_services
from db.models.agents import AgentRun
from db.tenancy import account_scope
from sandbox.client import Person, visible_text
from services.alerts import Finding, Recipient, Severity
from services.container import Services
from services.effects import Actor, EffectStatus, Intent, Receipt
from services.errors import ConflictError, VendorError
from tests.postgres import postgres_server, postgres_url
from tests.stories.replica import another_replica, fire_due_slots
from tests.stories.stage import Stage, staged

__all__ = ["postgres_server", "postgres_url"]

pytestmark = [pytest.mark.xdist_group("postgres"), pytest.mark.requirement("SYS-4")]
APP = "FlowPilot"
KEY = "SHOP-165"
COMMENTS = "/issue/[^/]+/comment$"
MONDAY = datetime(2026, 11, 23, 15, 5, tzinfo=UTC)
"""Five past ten in New York: the week's hours are due since ten o'clock."""


@pytest.fixture
async def stage(tmp_path: Path, postgres_url: str) -> AsyncIterator[Stage]:
    """The first replica, in this process."""
    async with staged(tmp_path, database_url=postgres_url, log_level="ERROR") as stage:
        yield stage


@asynccontextmanager
async def more_services(stage: Stage) -> AsyncIterator[Services]:
    """What a second replica works with, without its sockets."""
    services = await build_services(stage.settings, stage.sandbox.clock.now)
    try:
        await services.database.check()  # connected, it is as quick as the other one
        yield services
    finally:
        await close_services(services)


async def becomes_monday(stage: Stage) -> None:
    """Move on to the moment after the slot, with everything read."""
    stage.sandbox.clock.set(MONDAY)
    with account_scope(stage.account.id):
        await stage.application.services.mirror.sync("jira")
        await stage.application.services.mirror.sync("tempo")


async def runs(stage: Stage) -> list[AgentRun]:
    """Return the runs of the hours' agent."""
    with account_scope(stage.account.id):
        async with stage.application.services.database.transaction(write=False) as session:
            return list(await session.scalars(select(AgentRun).where(AgentRun.agent == "time-tracking")))


async def run_ended(stage: Stage) -> list[AgentRun]:
    """Wait until a run has ended, and return all there are."""
    async with asyncio.timeout(60):
        while not any(run.status in ("done", "failed") for run in await runs(stage)):
            await asyncio.sleep(0.1)
    return await runs(stage)


async def reminders(person: Person) -> int:
    """Count the messages about hours that somebody got."""
    return sum("You logged" in visible_text(message) for message in await person.messages(APP))


def written_comments(stage: Stage) -> int:
    """Count the comments that Jira was asked to write."""
    calls = stage.sandbox.calls.since(0, "jira")
    return sum(call.method == "POST" and call.path.endswith(f"{KEY}/comment") for call in calls)


async def comments(stage: Stage, words: str) -> int:
    """Count the comments that hold these words."""
    return sum(words in comment["text"] for comment in (await stage.issue(KEY))["comments"])


def intent(key: str, actor: Actor) -> Intent:
    """Return the wish to comment."""
    return Intent("jira.comment", KEY, {"markdown": f"Said by {key}"}, actor, "typed", key)


async def test_a_slot_that_both_replicas_reach_at_once_runs_once(stage: Stage) -> None:
    bob = stage.person("bob")
    async with another_replica(stage.settings, stage.sandbox.clock.now()) as other:
        assert await runs(stage) == []
        await becomes_monday(stage)
        await asyncio.gather(other.fire(MONDAY), fire_due_slots(stage.application))
        ended = await run_ended(stage)
        await asyncio.gather(other.fire(MONDAY), fire_due_slots(stage.application))
        await asyncio.sleep(1)
    assert [(run.status, run.trigger, run.error) for run in ended] == [("done", "schedule", None)]
    assert len(await runs(stage)) == 1
    assert await reminders(bob) == 1


@pytest.mark.requirement("SYS-6")
async def test_what_people_say_is_acted_on_once_though_both_replicas_hear_it(stage: Stage) -> None:
    alice = stage.person("alice")
    before = len(await alice.messages(APP))
    async with another_replica(stage.settings, stage.sandbox.clock.now()):
        async with asyncio.timeout(10):
            while len(stage.sandbox.slack.hub.connections) < 2:
                await asyncio.sleep(0.05)
        for number in range(8):
            stage.fault("slack", "event_duplicate", path="events_api")
            await alice.types(f"comment {KEY} Number {number}.", APP)
        for number in range(8):
            async with asyncio.timeout(20):
                while await comments(stage, f"Number {number}.") == 0:
                    await asyncio.sleep(0.05)
        await asyncio.sleep(1)
        assert not stage.sandbox.faults.armed, "every message was delivered twice"
        assert [await comments(stage, f"Number {number}.") for number in range(8)] == [1] * 8
        assert written_comments(stage) == 8
        # who types shows, and each is answered once: the one that lost the race says nothing
        assert len(await alice.messages(APP)) == before + 16


async def test_a_replica_killed_while_it_tells_people_is_taken_over_and_nobody_hears_twice(stage: Stage) -> None:
    people = [stage.person(key) for key in ("bob", "alice", "sam", "priya")]
    async with another_replica(stage.settings, stage.sandbox.clock.now()) as other:
        await becomes_monday(stage)
        stage.fault("slack", "latency", path="chat.postMessage", latency_s=3600)
        await other.fire(MONDAY)
        async with asyncio.timeout(30):
            while stage.sandbox.faults.armed:
                await asyncio.sleep(0.05)
        (run,) = await runs(stage)
        assert run.status == "running"
        await other.kill()
    ended = await run_ended(stage)
    assert [(run.status, run.error) for run in ended] == [("done", None)]
    # the message that was cut is looked for, and posted, once it is clear that nobody is at it
    stage.advance(timedelta(minutes=5))
    with account_scope(stage.account.id):
        await stage.application.services.alerts.flush_digests()
    told = [await reminders(person) for person in people]
    assert told[0] == 1
    assert max(told) == 1


async def test_the_same_write_asked_of_both_replicas_at_once_is_done_once(stage: Stage) -> None:
    actor = Actor(None, "Alice Nguyen")
    async with more_services(stage) as other:
        with account_scope(stage.account.id):
            for number in range(5):
                wish = intent(f"race:{number}", actor)
                answers = await asyncio.gather(
                    *(each.effects.perform(wish) for each in (stage.application.services, other)),
                    return_exceptions=True,
                )
                receipts = [answer for answer in answers if isinstance(answer, Receipt)]
                assert receipts
                assert all(isinstance(answer, Receipt | ConflictError) for answer in answers), answers
                assert await comments(stage, f"Said by race:{number}") == 1
    assert written_comments(stage) == 5


@pytest.mark.requirement("TRUST-1")
async def test_two_replicas_that_recover_at_once_write_once_and_tell_the_person_once(stage: Stage) -> None:
    alice = stage.person("alice")
    ours = stage.application.services
    with account_scope(stage.account.id):
        member = await ours.accounts.member(stage.account, alice.id)
        stage.fault("jira", "drop", method="POST", path=COMMENTS)
        with pytest.raises(VendorError) as raised:
            await ours.effects.perform(intent("lost", Actor(member.id, member.display_name)))
        assert raised.value.outcome_unknown
        assert await comments(stage, "Said by lost") == 0
        stage.advance(timedelta(minutes=5))
        before = written_comments(stage)
        stage.fault("jira", "latency", method="POST", path=COMMENTS, latency_s=0.5, times=None)
        async with more_services(stage) as other:
            first = asyncio.create_task(ours.effects.recover())
            second = asyncio.create_task(other.effects.recover())
            await asyncio.sleep(0.3)
            third = await other.effects.recover()
            settled = [*await first, *await second, *third]
    assert [receipt.status for receipt in settled] == [EffectStatus.DONE]
    assert written_comments(stage) == before + 1
    assert await comments(stage, "Said by lost") == 1
    await alice.sees(rf"What was left open is done: .*{KEY}", APP)
    told = [message for message in await alice.messages(APP) if "left open" in visible_text(message)]
    assert len(told) == 1


async def test_a_message_that_failed_is_posted_again_by_one_replica_only(stage: Stage) -> None:
    alice = stage.person("alice")
    ours = stage.application.services
    with account_scope(stage.account.id):
        member = await ours.accounts.member(stage.account, alice.id)
        recipient = Recipient.person(member)
        finding = Finding("test:1", "test", Severity.WARNING, recipient, "test", "The roof leaks.")
        stage.fault("slack", "status", path="chat.postMessage", times=None, status=503)
        await ours.alerts.deliver([finding])
        stage.sandbox.faults.clear()
        stage.advance(timedelta(minutes=10))
        stage.fault("slack", "latency", path="chat.postMessage", times=None, latency_s=0.3)
        async with more_services(stage) as other:
            posted = await asyncio.gather(ours.alerts.flush_digests(), other.alerts.flush_digests())
    assert sum(posted) == 1
    assert sum("roof leaks" in visible_text(message) for message in await alice.messages(APP)) == 1
