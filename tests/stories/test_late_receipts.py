"""Who made a change that had to be left open hears in Slack how it ended, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from db.tenancy import account_scope
from sandbox.client import Person, visible_text
from services.effects import Actor
from services.errors import VendorError
from tests.stories.stage import Stage
from tests.stories.test_replicas import COMMENTS, KEY, comments, intent

APP = "FlowPilot"


async def told(person: Person) -> list[str]:
    """Return what somebody was told of changes that were left open."""
    return [visible_text(m) for m in await person.messages(APP) if "left open" in visible_text(m)]


async def left_open(stage: Stage, person: Person) -> None:
    """Have a comment get lost on its way to Jira."""
    await person.types(f"/ticket comment {KEY} Lost <words>", APP)
    await person.sees("may have happened all the same", APP)


async def settle(stage: Stage) -> None:
    """Do what happens every few minutes."""
    with account_scope(stage.account.id):
        await stage.application.services.effects.recover()


@pytest.mark.requirement("TRUST-1", "SYS-7")
async def test_a_lost_comment_is_made_up_for_and_said(stage: Stage) -> None:
    alice = stage.person("alice")
    stage.fault("jira", "drop", method="POST", path=COMMENTS)
    await left_open(stage, alice)
    stage.advance(timedelta(minutes=5))
    await settle(stage)
    await settle(stage)
    assert await comments(stage, "Lost <words>") == 1
    (message,) = await told(alice)
    assert "What was left open is done: Commented on" in message


@pytest.mark.requirement("TRUST-1", "SYS-7")
async def test_after_a_day_of_silence_the_person_is_told_to_look_and_nothing_is_tried_any_more(stage: Stage) -> None:
    alice = stage.person("alice")
    stage.fault("jira", "drop", method="POST", path=COMMENTS)
    stage.fault("jira", "status", path="comment", times=None, status=503)
    await left_open(stage, alice)
    stage.advance(timedelta(hours=2))
    await settle(stage)
    assert await told(alice) == []
    stage.advance(timedelta(hours=22))
    await settle(stage)
    stage.sandbox.faults.clear()
    await settle(stage)
    (message,) = await told(alice)
    assert "could not finish what was left open" in message
    assert f"could not find out whether it was done; look at {KEY}" in message
    assert await comments(stage, "Lost <words>") == 0
    await alice.types("/flowpilot audit", APP)
    await alice.sees(f"commented on.*{KEY} · failed", APP)


async def test_what_flowpilot_did_of_its_own_accord_is_told_nobody(stage: Stage) -> None:
    alice = stage.person("alice")
    effects = stage.application.services.effects
    with account_scope(stage.account.id):
        stage.fault("jira", "drop", method="POST", path=COMMENTS)
        with pytest.raises(VendorError):
            await effects.perform(intent("own", Actor(None, "FlowPilot")))
    stage.advance(timedelta(minutes=5))
    await settle(stage)
    assert await comments(stage, "Said by own") == 1
    assert await told(alice) == []
