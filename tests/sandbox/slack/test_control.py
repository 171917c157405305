"""The control API: what people see, response URLs, the bus, clock, calls and faults."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.core import Sandbox
from tests.sandbox.slack.conftest import Connect, Control, manifest

PLACE = {"user": "U0BOB", "channel": "C0GENERAL"}


async def test_everybody_sees_their_own_conversations_and_unread_counts(
    client: AsyncWebClient, control: Control
) -> None:
    first = await client.chat_postMessage(channel="C0GENERAL", text="One")
    await client.chat_postMessage(channel="C0GENERAL", text="Reply", thread_ts=first["ts"])
    await client.chat_postMessage(channel="C0GENERAL", text="Two")
    await client.chat_postMessage(channel="U0ALICE", text="For you alone")

    async def state(me: str) -> dict[str, Any]:
        return await control.get("slack/state", **{"as": me})

    bob, alice = await state("U0BOB"), await state("U0ALICE")
    bobs = {channel["id"]: channel for channel in bob["channels"]}
    alices = {channel["id"]: channel for channel in alice["channels"]}
    assert bobs["C0GENERAL"]["unread"] == 2
    assert ("C0SECRET" in bobs, "C0SECRET" in alices) == (False, True)
    assert alices[alice["app"]["im"]]["unread"] == 1
    assert alice["app"]["im"] not in bobs
    assert "/ticket" in {command["command"] for command in bob["commands"]}
    latest = bobs["C0GENERAL"]["latest_ts"]
    await control.post("slack/mark_read", **PLACE, ts=latest)
    assert {c["id"]: c["unread"] for c in (await state("U0BOB"))["channels"]}["C0GENERAL"] == 0
    assert {c["id"]: c["unread"] for c in (await state("U0ALICE"))["channels"]}["C0GENERAL"] == 2


async def test_threads_reactions_pins_and_permalinks(client: AsyncWebClient, control: Control) -> None:
    posted = await client.chat_postMessage(channel="C0GENERAL", text="One")
    where = {"channel": "C0GENERAL", "ts": posted["ts"]}
    reply = (await control.post("slack/message", **PLACE, text="Yes", thread_ts=posted["ts"]))["message"]
    await control.post("slack/reaction", user="U0BOB", **where, name="eyes")
    await client.reactions_add(channel="C0GENERAL", timestamp=posted["ts"], name="eyes")
    await client.pins_add(channel="C0GENERAL", timestamp=posted["ts"])
    top = (await control.messages("U0BOB", "C0GENERAL"))[0]
    assert (top["reply_count"], top["reply_users"], top["latest_reply"]) == (1, ["U0BOB"], reply["ts"])
    assert top["reactions"] == [{"name": "eyes", "users": ["U0BOB", "U0FLOWPILOT"], "count": 2}]
    assert [item["message"]["text"] for item in (await client.pins_list(channel="C0GENERAL"))["items"]] == ["One"]
    thread = await client.conversations_replies(**where)
    assert [message["text"] for message in thread["messages"]] == ["One", "Yes"]
    link = await client.chat_getPermalink(channel="C0GENERAL", message_ts=reply["ts"])
    assert f"thread_ts={posted['ts']}" in link["permalink"]
    await client.chat_delete(**where)
    left = (await control.messages("U0BOB", "C0GENERAL", posted["ts"]))[0]
    assert left["subtype"] == "tombstone"


async def test_a_response_url_answers_five_times_within_half_an_hour(
    app: AsyncApp, connect: Connect, control: Control, http: aiohttp.ClientSession
) -> None:
    urls: list[str] = []

    async def ticket(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        urls.append(body["response_url"])

    app.command("/ticket")(ticket)
    await connect()

    async def answer(url: str, **body: Any) -> int:
        async with http.post(url, json=body) as response:
            return response.status

    for _ in range(2):
        await control.post("slack/command", **PLACE, text="/ticket list")
    assert await answer(urls[0], text="") == 400
    assert await answer(urls[0], text="x", blocks=[{"type": "nothing"}]) == 400
    assert await answer(urls[0], text="One") == 200
    assert await answer(urls[0], text="Two", replace_original=True) == 200
    assert [m["text"] for m in await control.messages("U0BOB", "C0GENERAL")] == ["Two"]
    assert await answer(urls[0], delete_original=True) == 200
    assert await answer(urls[0], text="For all", response_type="in_channel") == 200
    assert [m["text"] for m in await control.messages("U0ALICE", "C0GENERAL")] == ["For all"]
    assert await answer(urls[0], text="Five") == 200
    assert await answer(urls[0], text="Six") == 404
    await control.post("clock", advance_s=31 * 60)
    assert await answer(urls[1], text="Late") == 404


async def test_slash_commands_are_refused_where_slack_refuses_them(control: Control, sandbox: Sandbox) -> None:
    said = (await control.post("slack/message", **PLACE, text="Hello"))["message"]
    in_thread = await control.post("slack/command", **PLACE, text="/ticket list", thread_ts=said["ts"])
    assert (in_thread["ok"], in_thread["error"]) == (False, "command_in_thread")
    assert (await control.post("slack/command", **PLACE, text="/nothing"))["error"] == "unknown_command"
    sandbox.slack.app = manifest(commands=[{"command": "/only", "description": "", "usage_hint": ""}])
    assert (await control.post("slack/command", **PLACE, text="/ticket"))["error"] == "unknown_command"


async def test_the_bus_tells_a_person_only_what_they_may_see(
    control: Control, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    async with http.ws_connect(f"{control.url}/sandbox/api/ws?as=U0BOB") as socket:
        await asyncio.sleep(0.05)
        await client.chat_postEphemeral(channel="C0GENERAL", user="U0ALICE", text="for Alice")
        await client.chat_postMessage(channel="U0ALICE", text="for Alice too")
        await client.chat_postEphemeral(channel="C0GENERAL", user="U0BOB", text="for Bob")
        await client.chat_postMessage(channel="C0GENERAL", text="for all")
        texts = []
        while "for all" not in texts:
            event = json.loads((await asyncio.wait_for(socket.receive(), 5)).data)
            if event["type"] in ("message", "ephemeral"):
                texts.append(event["message"]["text"])
    assert texts == ["for Bob", "for all"]


async def test_clock_faults_and_calls_are_controlled(control: Control, client: AsyncWebClient) -> None:
    set_to = await control.post("clock", now="2030-01-07T10:00:00+00:00")
    assert set_to["now"].startswith("2030-01-07T10:00")
    posted = await client.chat_postMessage(channel="C0GENERAL", text="Later")
    assert posted["ts"].startswith("1894010")
    assert "error" in await control.post("clock", now="tomorrow")
    assert "error" in await control.post("faults", vendor="slack", kind="earthquake")
    armed = await control.post("faults", vendor="slack", kind="status", status=503, path="auth")
    assert armed["faults"][0]["status"] == 503
    calls = await control.get("calls", vendor="slack", since="0")
    assert [call["path"] for call in calls["calls"]] == ["/slack/api/chat.postMessage"]
    assert calls["next"] == 1


async def test_timestamps_never_repeat_even_when_the_clock_goes_back(sandbox: Sandbox, client: AsyncWebClient) -> None:
    before = [sandbox.slack.next_ts() for _ in range(1000)]
    sandbox.slack.clock.set(sandbox.slack.clock.now().replace(year=2001))
    after = [sandbox.slack.next_ts() for _ in range(10)]
    assert sorted(set(before + after)) == before + after


async def test_conversations_are_made_named_and_left(client: AsyncWebClient, control: Control) -> None:
    made = (await client.conversations_create(name="incident-7", is_private=True))["channel"]
    await client.conversations_invite(channel=made["id"], users=["U0BOB", "U0CARLA"])
    await client.conversations_setTopic(channel=made["id"], topic="Printer on fire")
    info = (await client.conversations_info(channel=made["id"], include_num_members=True))["channel"]
    assert (info["topic"]["value"], info["num_members"], info["is_private"]) == ("Printer on fire", 3, True)
    listed = await client.conversations_list(types="public_channel,private_channel", limit=1)
    names = [channel["name"] for channel in listed["channels"]]
    while cursor := listed["response_metadata"]["next_cursor"]:
        listed = await client.conversations_list(types="public_channel,private_channel", limit=1, cursor=cursor)
        names += [channel["name"] for channel in listed["channels"]]
    assert names == ["general", "random", "incident-7"]
    seen = (await control.get("slack/state", **{"as": "U0ALICE"}))["channels"]
    assert made["id"] not in {channel["id"] for channel in seen}
    direct = (await client.conversations_open(users=["U0BOB"]))["channel"]["id"]
    assert (await client.conversations_open(users="U0BOB"))["channel"]["id"] == direct


async def test_sites_elsewhere_cannot_use_a_browser_to_act_here(control: Control, http: aiohttp.ClientSession) -> None:
    url = f"{control.url}/sandbox/api/clock"
    own = control.url.partition("://")[2]
    for headers, status in (
        ({"Origin": "http://elsewhere.test"}, 403),
        ({"Host": "rebound.test"}, 403),
        ({"Origin": control.url, "Host": own}, 200),
    ):
        async with http.get(url, headers=headers) as response:
            assert response.status == status
