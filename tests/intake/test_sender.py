"""What is sent reaches Slack once, in order, within its limits, or is known to have failed."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from services.errors import VendorAuthError, VendorUnavailableError
from services.slack.api import Method, SlackApi, build_session, build_web_client
from services.slack.errors import SlackNotFoundError, SlackPostError, SlackRefusedError
from services.slack.pace import Pace, Rate
from services.slack.sender import SlackSender
from tests.intake.conftest import ALICE, BOB, GENERAL, World, button, settings_for


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@pytest.mark.requirement("SLK-9")
async def test_a_burst_into_one_channel_keeps_its_order(world: World) -> None:
    sender = (await world.services()).slack
    await asyncio.gather(*(sender.post(GENERAL, f"message {n}") for n in range(30)))
    assert await world.texts(BOB) == [f"message {n}" for n in range(30)]


@pytest.mark.requirement("SLK-9", "SYS-7")
async def test_a_rate_limited_post_waits_as_long_as_slack_says_and_nothing_overtakes_it(world: World) -> None:
    sender = (await world.services()).slack
    world.fault("status", "chat.postMessage", status=429, retry_after_s=7, times=2)
    await asyncio.gather(*(sender.post(GENERAL, f"message {n}") for n in range(4)))
    assert world.slept == [7.0, 7.0]
    assert await world.texts(BOB) == [f"message {n}" for n in range(4)]


async def test_a_channel_takes_a_short_burst_and_then_waits_while_other_channels_go_on() -> None:
    pace = Pace(Rate(3, 3_600))
    taken: list[str] = []

    async def call(lane: str) -> None:
        async with pace.turn(lane, pace.channel_rate):
            taken.append(lane)

    burst = [asyncio.create_task(call("channel:a")) for _ in range(4)]
    await asyncio.wait(burst[:3])
    await call("channel:b")
    assert taken == ["channel:a", "channel:a", "channel:a", "channel:b"]
    assert not burst[3].done()
    burst[3].cancel()


@pytest.mark.requirement("SLK-5")
async def test_what_is_too_long_for_a_message_goes_on_in_its_thread_and_no_button_is_lost(world: World) -> None:
    sender = (await world.services()).slack
    blocks = []
    for number in range(60):
        blocks += [section(f"Ticket {number}: " + "words " * 40), button(f"assign:{number}", block_id=f"b{number}")]
    posted = await sender.post(GENERAL, "60 tickets", blocks)
    thread = await world.control.messages(BOB, GENERAL, posted.ts)
    buttons = [e["action_id"] for m in thread for b in m["blocks"] if b["type"] == "actions" for e in b["elements"]]
    assert buttons == [f"assign:{n}" for n in range(60)]
    assert all(m["text"] and len(m["blocks"]) <= 50 for m in thread)
    for message in thread:
        kinds = [block["type"] for block in message["blocks"]]
        assert kinds[0] == "section", "a button stays with its ticket"


@pytest.mark.requirement("SLK-5")
async def test_a_long_section_is_split_and_a_very_long_text_is_attached_whole(world: World) -> None:
    sender = (await world.services()).slack
    posted = await sender.post(GENERAL, "Long", [section("line of text\n" * 500)])
    [message] = await world.control.messages(BOB, GENERAL, posted.ts)
    assert "".join(b["text"]["text"] for b in message["blocks"]) == "line of text\n" * 500
    whole = "<!channel> is escaped elsewhere; " * 2_000
    posted = await sender.post(GENERAL, whole)
    thread = await world.control.messages(BOB, GENERAL, posted.ts)
    [shared] = [file for message in thread for file in message.get("files", [])]
    async with world.control.http.get(f"{world.server.url}/sandbox/api/slack/file/{shared['id']}") as response:
        assert await response.text() == whole


@pytest.mark.requirement("SLK-5")
async def test_an_update_that_is_too_long_gives_up_text_and_keeps_every_button(world: World) -> None:
    sender = (await world.services()).slack
    posted = await sender.post(GENERAL, "Short")
    blocks = [section("words " * 400) for _ in range(60)] + [button("undo")]
    await sender.update(posted.channel, posted.ts, "Long now", blocks)
    [message] = await world.control.messages(BOB, GENERAL)
    assert [e["action_id"] for b in message["blocks"] if b["type"] == "actions" for e in b["elements"]] == ["undo"]
    assert "not shown here" in message["blocks"][-1]["elements"][0]["text"]


async def test_an_update_without_blocks_takes_the_old_ones_away(world: World) -> None:
    sender = (await world.services()).slack
    posted = await sender.post(GENERAL, "Approve?", [button("approve")])
    await sender.update(posted.channel, posted.ts, "Approved")
    [message] = await world.control.messages(BOB, GENERAL)
    assert (message["text"], message["blocks"]) == ("Approved", [])


@pytest.mark.requirement("SLK-7")
async def test_a_message_without_text_for_screen_readers_is_refused_before_it_is_sent(world: World) -> None:
    sender = (await world.services()).slack
    with pytest.raises(ValueError, match="screen readers"):
        await sender.post(GENERAL, " ", [section("Only blocks")])
    assert world.calls("chat.postMessage") == 0


@pytest.mark.requirement("SLK-6")
async def test_a_failed_post_is_an_error_in_plain_words(world: World) -> None:
    sender = (await world.services()).slack
    with pytest.raises(SlackNotFoundError, match="cannot see that channel"):
        await sender.post("C0SECRET", "hello")
    with pytest.raises(SlackRefusedError, match="not in that channel"):
        await sender.post("C0RANDOM", "hello")
    with pytest.raises(VendorAuthError, match="token"):
        await (await world.services(slack_bot_token="xoxb-wrong")).slack.post(GENERAL, "hello")


@pytest.mark.parametrize("kind", ["status_after", "drop_after"])
async def test_a_post_whose_outcome_is_unknown_is_never_sent_again_by_itself(world: World, kind: str) -> None:
    sender = (await world.services()).slack
    world.fault(kind, "chat.postMessage")
    with pytest.raises(SlackPostError) as failure:
        await sender.post(GENERAL, "hello")
    assert failure.value.outcome_unknown
    assert await world.texts(BOB) == ["hello"]


@pytest.mark.parametrize("kind", ["status", "status_after", "drop", "drop_after"])
@pytest.mark.requirement("SLK-6")
async def test_a_post_that_matters_is_there_exactly_once_whatever_happens_on_the_way(world: World, kind: str) -> None:
    sender = (await world.services()).slack
    world.fault(kind, "chat.postMessage")
    posted = await sender.post_once("week-47:bob", GENERAL, "Your hours")
    [message] = await world.control.messages(BOB, GENERAL)
    assert (message["text"], message["ts"]) == ("Your hours", posted.ts)


async def test_after_a_restart_a_post_that_matters_is_found_instead_of_sent_again(world: World) -> None:
    first = await (await world.services()).slack.post_once("week-47:bob", GENERAL, "Your hours")
    other = (await world.services()).slack
    again = await other.post_once("week-47:bob", GENERAL, "Your hours", look_first_since=time.time() - 60)
    assert again == first
    assert await other.find_post("week-48:bob", GENERAL) is None
    assert await world.texts(BOB) == ["Your hours"]


async def test_a_post_that_matters_in_a_thread_is_found_there(world: World) -> None:
    sender = (await world.services()).slack
    parent = await sender.post(GENERAL, "Plan")
    world.fault("drop_after", "chat.postMessage")
    reply = await sender.post_once("plan:1", GENERAL, "Approved", thread_ts=parent.ts)
    assert await world.texts(BOB, thread_ts=parent.ts) == ["Plan", "Approved"]
    assert reply.ts != parent.ts


async def test_what_changes_nothing_when_repeated_is_tried_again(world: World) -> None:
    sender = (await world.services()).slack
    posted = await sender.post(GENERAL, "Before")
    world.fault("status", "chat.update", status=503)
    world.fault("drop", "chat.update")
    await sender.update(posted.channel, posted.ts, "After")
    assert await world.texts(BOB) == ["After"]
    world.fault("status", "chat.update", status=503, times=5)
    with pytest.raises(VendorUnavailableError):
        await sender.update(posted.channel, posted.ts, "Later")


async def test_a_direct_conversation_is_opened_once(world: World) -> None:
    sender = (await world.services()).slack
    for number in range(3):
        await sender.direct_message(BOB, f"message {number}")
    assert world.calls("conversations.open") == 1
    assert await world.texts(BOB, await world.direct_channel(BOB)) == [f"message {n}" for n in range(3)]


async def test_a_message_can_be_linked_and_deleted_twice(world: World) -> None:
    sender = (await world.services()).slack
    posted = await sender.post(GENERAL, "Mistake")
    assert posted.ts.replace(".", "") in await sender.permalink(posted.channel, posted.ts)
    await sender.delete(posted)
    await sender.delete(posted)
    assert await world.texts(BOB) == []


async def test_home_is_shown_to_the_person_even_with_too_many_blocks(world: World) -> None:
    sender = (await world.services()).slack
    await sender.publish_home(ALICE, {"type": "home", "blocks": [section(f"Line {n}") for n in range(150)]})
    view = (await world.control.get("slack/home", **{"as": ALICE}))["view"]
    assert len(view["blocks"]) == 100
    assert "51 parts are not shown" in view["blocks"][-1]["elements"][0]["text"]


async def test_when_slack_cannot_be_reached_nothing_was_sent_and_the_error_says_so() -> None:
    async with build_session() as session:
        client = build_web_client(settings_for("http://127.0.0.1:9"), session)

        async def sleep(_seconds: float) -> None:
            return

        sender = SlackSender(SlackApi(client, sleep=sleep))
        with pytest.raises(VendorUnavailableError) as failure:
            await sender.post(GENERAL, "hello")
        assert not failure.value.outcome_unknown


def test_every_method_that_is_repeated_after_a_failure_is_one_that_may_be() -> None:
    from services.slack.api import REPEATABLE

    assert not REPEATABLE & {Method.CHAT_POST_MESSAGE, Method.CHAT_POST_EPHEMERAL, Method.VIEWS_OPEN, Method.VIEWS_PUSH}
