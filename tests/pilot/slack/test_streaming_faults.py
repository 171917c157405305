"""A streamed answer stays whole when Slack fails, limits or refuses; no text is lost and none is said twice."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from blocks.pilot.answer import feedback_buttons
from handlers.pilot.speaking import EditedMessage, StreamedMessage
from sandbox.client import visible_text
from services.pilot.state.moment import Moment
from services.pilot.state.standing import opened
from services.pilot.types import Session
from services.slack.sender import SlackSender
from services.slack.streaming import Recipient
from tests.intake.conftest import BOB, GENERAL, World
from tests.intake.conftest import world as world

WORDS = [f"Step {number}: look at machine {number}." for number in range(1, 1200)]
RECIPIENT = Recipient("T0SANDBOX", BOB)


async def ignore(ts: str) -> None:
    """Note nothing of where an answer is shown."""


async def a_thread(slack: SlackSender) -> Session:
    root = await slack.post(GENERAL, "Outlook")
    session = opened(Moment(datetime(2026, 11, 18, tzinfo=UTC), 1), "Outlook")
    return replace(session, channel_id=GENERAL, thread_ts=root.ts)


async def replies(world: World, session: Session) -> list[dict[str, Any]]:
    """Return what is seen in the thread below its first message."""
    return (await world.control.messages(BOB, GENERAL, session.thread_ts or ""))[1:]


def steps_in(messages: list[dict[str, Any]]) -> list[int]:
    return [int(number) for each in messages for number in re.findall(r"Step (\d+):", visible_text(each))]


async def spoken(slack: SlackSender, session: Session, between: Callable[[], Awaitable[None]]) -> StreamedMessage:
    """Stream an answer in three parts; `between` happens after the first."""
    streamed = StreamedMessage(slack, session, RECIPIENT, ignore)
    assert await streamed.begin("\n".join(WORDS[:20]))
    await between()
    await streamed.show("\n".join(WORDS[:40]), 2)
    await streamed.finish("\n".join(WORDS[:60]), [feedback_buttons(1, is_native=True)])
    return streamed


@pytest.mark.requirement("SLK-5", "SLK-10")
async def test_an_answer_over_one_messages_limit_is_streamed_into_several(world: World) -> None:
    slack = (await world.services()).slack
    session = await a_thread(slack)
    streamed = StreamedMessage(slack, session, RECIPIENT, ignore)
    assert await streamed.begin("\n".join(WORDS[:7]))
    for end in range(50, 1200, 90):
        await streamed.show("\n".join(WORDS[:end]), 2)
    await streamed.finish("\n".join(WORDS), [feedback_buttons(1, is_native=True)])
    shown = await replies(world, session)
    assert len(shown) == 4
    assert steps_in(shown) == list(range(1, 1200))
    assert not any(each.get("streaming") for each in shown)
    assert [block["type"] for block in shown[-1]["blocks"]] == ["markdown", "context_actions"]


@pytest.mark.requirement("SLK-6", "SLK-10")
@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("status", "chat.appendStream"),
        ("status_after", "chat.appendStream"),
        ("drop_after", "chat.appendStream"),
        ("status", "chat.stopStream"),
        ("status_after", "chat.stopStream"),
    ],
)
async def test_a_stream_that_breaks_is_made_whole_by_an_edit(world: World, kind: str, path: str) -> None:
    slack = (await world.services()).slack
    session = await a_thread(slack)

    async def between() -> None:
        world.fault(kind, path, status=500)

    await spoken(slack, session, between)
    (message,) = await replies(world, session)
    assert steps_in([message]) == list(range(1, 61)), "everything, once"
    assert not message.get("streaming")
    assert message["blocks"][-1]["type"] == "context_actions"


@pytest.mark.requirement("SLK-5", "SLK-10")
async def test_a_stream_that_slack_ends_or_gives_no_second_one_stops_nobody_and_loses_nothing(world: World) -> None:
    slack = (await world.services()).slack
    session, streams = await a_thread(slack), world.sandbox.slack.streams

    async def end_it() -> None:
        (message,) = await replies(world, session)
        streams.stop(world.sandbox.slack.channels[GENERAL], message["ts"], [], [])

    await spoken(slack, session, end_it)
    (message,) = await replies(world, session)
    assert steps_in([message]) == list(range(1, 61))

    other = await a_thread(slack)
    streamed = StreamedMessage(slack, other, RECIPIENT, ignore)
    assert await streamed.begin("\n".join(WORDS[:7]))
    streams.refusal = "channel_type_not_supported"
    await streamed.show("\n".join(WORDS[:600]), 2)
    await streamed.finish("\n".join(WORDS[:700]), [feedback_buttons(1, is_native=True)])
    shown = await replies(world, other)
    assert steps_in(shown) == list(range(1, 701))
    assert not any(each.get("streaming") for each in shown)


@pytest.mark.requirement("SLK-9", "SLK-10")
async def test_a_stream_that_slack_limits_is_none_this_time_and_one_that_it_refuses_is_not_tried_again(
    world: World,
) -> None:
    slack = (await world.services()).slack
    session = await a_thread(slack)
    for fault in ({"status": 429, "retry_after_s": 30}, {"status": 500}):
        world.fault("status", "chat.startStream", **fault)
        assert not await StreamedMessage(slack, session, RECIPIENT, ignore).begin("Yes")
        assert world.slept == [], "nobody waits for a stream: the other form is there"
        assert slack.streams.may_start(RECIPIENT.team_id, GENERAL)
    world.sandbox.slack.streams.refusal = "channel_type_not_supported"
    assert not await StreamedMessage(slack, session, RECIPIENT, ignore).begin("Yes")
    assert not slack.streams.may_start(RECIPIENT.team_id, GENERAL)
    assert slack.streams.may_start(RECIPIENT.team_id, "C0OTHER")
    world.sandbox.slack.streams.refusal = "not_subscribed_to_message_stream_stopped"
    other = replace(session, channel_id=await world.direct_channel(BOB), thread_ts=None)
    assert not await StreamedMessage(slack, other, RECIPIENT, ignore).begin("Yes")
    assert not slack.streams.may_start(RECIPIENT.team_id, "C0OTHER"), "that is the workspace's, not one channel's"


@pytest.mark.requirement("SLK-3", "SLK-9")
async def test_edits_that_can_be_left_out_are_left_out_when_others_need_them(world: World) -> None:
    slack = (await world.services()).slack
    session = await a_thread(slack)
    message = EditedMessage(slack, session, ignore)
    for number in range(40):
        await message.show("\n".join(WORDS[: number + 1]), 1)
    assert world.calls("chat.update") < 30
    await message.finish("\n".join(WORDS[:60]), [])
    (shown,) = await replies(world, session)
    assert steps_in([shown]) == list(range(1, 61))
