"""Delivery: queueing, sending again, politeness and rudeness, patience."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp

from sandbox.core import Fault, Sandbox
from sandbox.server import SandboxServer
from sandbox.slack.hub import Timing
from tests.sandbox.slack.conftest import Connect, Control, until

QUICK = Timing(ack_timeout_s=0.2, retry_delays_s=(0.0, 0.05, 0.05), close_after_disconnect_s=0.2)


class Socket:
    """A bare socket that shows envelopes as they come and acknowledges when told to."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.raw = socket

    async def next(self) -> dict[str, Any]:
        """Return the next frame."""
        frame = await asyncio.wait_for(self.raw.receive(), 5)
        answer: dict[str, Any] = json.loads(frame.data)
        return answer

    async def ack(self, envelope: dict[str, Any], **payload: Any) -> None:
        """Acknowledge an envelope."""
        answer = {"envelope_id": envelope["envelope_id"]} | ({"payload": payload} if payload else {})
        await self.raw.send_str(json.dumps(answer))


async def address(http: aiohttp.ClientSession, server: SandboxServer) -> str:
    """Return the address of a fresh socket."""
    headers = {"Authorization": "Bearer xapp-sandbox"}
    async with http.post(f"{server.url}/slack/api/apps.connections.open", headers=headers) as response:
        return str((await response.json())["url"])


async def connected(http: aiohttp.ClientSession, server: SandboxServer) -> Socket:
    """Return an open socket that was greeted."""
    socket = Socket(await http.ws_connect(await address(http, server)))
    hello = await socket.next()
    assert hello["type"] == "hello"
    return socket


def say(sandbox: Sandbox, text: str) -> None:
    """Say something in #general as Bob."""
    sandbox.slack.acts.say("U0BOB", "C0GENERAL", text)


async def test_a_ticket_opens_one_socket_once(http: aiohttp.ClientSession, server: SandboxServer) -> None:
    url = await address(http, server)
    socket = Socket(await http.ws_connect(url))
    hello = await socket.next()
    assert (hello["num_connections"], hello["connection_info"]["app_id"]) == (1, "A0SANDBOX")
    assert hello["debug_info"]["approximate_connection_time"] > 0
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await http.ws_connect(url)
    await socket.raw.close()


async def test_events_wait_while_no_socket_is_open(
    http: aiohttp.ClientSession, server: SandboxServer, sandbox: Sandbox
) -> None:
    for number in range(3):
        say(sandbox, f"message {number}")
    await asyncio.sleep(0)
    socket = await connected(http, server)
    texts = []
    for _ in range(3):
        envelope = await socket.next()
        texts.append(envelope["payload"]["event"]["text"])
        await socket.ack(envelope)
    assert texts == ["message 0", "message 1", "message 2"]
    await sandbox.slack.hub.idle()
    await socket.raw.close()


async def test_an_event_that_nobody_acknowledges_comes_again_with_its_own_id(
    http: aiohttp.ClientSession, server: SandboxServer, sandbox: Sandbox
) -> None:
    sandbox.slack.hub.timing = QUICK
    socket = await connected(http, server)
    say(sandbox, "hello")
    first, second = await socket.next(), await socket.next()
    assert (first["retry_attempt"], first["retry_reason"]) == (0, "")
    assert (second["retry_attempt"], second["retry_reason"]) == (1, "timeout")
    assert first["payload"]["event_id"] == second["payload"]["event_id"]
    assert first["envelope_id"] != second["envelope_id"]
    await socket.ack(second)
    await sandbox.slack.hub.idle()
    await socket.raw.close()


async def test_slack_gives_up_after_three_more_attempts(
    http: aiohttp.ClientSession, server: SandboxServer, sandbox: Sandbox
) -> None:
    sandbox.slack.hub.timing = QUICK
    socket = await connected(http, server)
    say(sandbox, "hello")
    attempts = [(await socket.next())["retry_attempt"] for _ in range(4)]
    assert attempts == [0, 1, 2, 3]
    await sandbox.slack.hub.idle()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(socket.raw.receive(), 0.3)
    await socket.raw.close()


async def test_a_lost_acknowledgement_and_a_duplicate_bring_the_same_event_twice(
    http: aiohttp.ClientSession, server: SandboxServer, sandbox: Sandbox
) -> None:
    sandbox.slack.hub.timing = QUICK
    socket = await connected(http, server)
    for kind in ("ack_lost", "event_duplicate"):
        sandbox.faults.add(Fault("slack", kind))
        say(sandbox, kind)
        first = await socket.next()
        await socket.ack(first)
        second = await socket.next()
        await socket.ack(second)
        assert first["payload"]["event_id"] == second["payload"]["event_id"]
        assert first["envelope_id"] != second["envelope_id"]
        await sandbox.slack.hub.idle()
    await socket.raw.close()


async def test_without_a_socket_a_command_fails_and_is_not_kept(
    control: Control, http: aiohttp.ClientSession, server: SandboxServer
) -> None:
    answer = await control.post("slack/command", user="U0BOB", channel="C0GENERAL", text="/ticket list")
    assert answer == {"ok": False, "error": "dispatch_failed"}
    socket = await connected(http, server)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(socket.raw.receive(), 0.2)
    await socket.raw.close()


async def test_a_command_that_nobody_acknowledges_times_out_and_is_sent_once(
    control: Control, http: aiohttp.ClientSession, server: SandboxServer, sandbox: Sandbox
) -> None:
    sandbox.slack.hub.timing = QUICK
    socket = await connected(http, server)
    answer = await control.post("slack/command", user="U0BOB", channel="C0GENERAL", text="/ticket list")
    assert answer == {"ok": False, "error": "operation_timeout"}
    envelope = await socket.next()
    assert envelope["type"] == "slash_commands"
    assert envelope["accepts_response_payload"] is True
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(socket.raw.receive(), 0.4)
    await socket.raw.close()


async def test_a_polite_disconnect_and_a_dropped_socket_make_the_sdk_come_back(
    app: AsyncApp, connect: Connect, sandbox: Sandbox
) -> None:
    sandbox.slack.hub.timing = Timing(close_after_disconnect_s=0.2)
    seen: list[str] = []

    async def remember(event: dict[str, Any]) -> None:
        seen.append(event["text"])

    app.event("message")(remember)
    await connect()
    for kind in ("socket_disconnect", "socket_drop"):
        before = list(sandbox.slack.hub.connections)
        sandbox.faults.add(Fault("slack", kind))
        assert not sandbox.slack.hub.is_connected
        say(sandbox, f"after {kind}")
        await until(partial(seen.count, f"after {kind}"))
        assert all(connection not in before or connection.draining for connection in sandbox.slack.hub.connections)


async def test_an_eleventh_connection_is_refused(http: aiohttp.ClientSession, server: SandboxServer) -> None:
    sockets = [await connected(http, server) for _ in range(10)]
    eleventh = Socket(await http.ws_connect(await address(http, server)))
    assert (await eleventh.next())["reason"] == "too_many_websockets"
    for socket in (*sockets, eleventh):
        await socket.raw.close()


async def test_the_app_hears_only_what_it_subscribed_to_and_may_see(
    http: aiohttp.ClientSession, server: SandboxServer, sandbox: Sandbox
) -> None:
    sandbox.slack.app.bot_events = frozenset({"app_mention"})
    socket = await connected(http, server)
    say(sandbox, "nobody is meant")
    sandbox.slack.acts.say("U0BOB", "C0RANDOM", "@flowpilot is not here")
    say(sandbox, "@flowpilot is meant")
    envelope = await socket.next()
    assert envelope["payload"]["event"]["type"] == "app_mention"
    assert envelope["payload"]["event"]["text"] == "<@U0FLOWPILOT> is meant"
    await socket.ack(envelope)
    await sandbox.slack.hub.idle()
    await socket.raw.close()


async def test_a_command_typed_while_the_app_reconnects_reaches_it(
    control: Control, http: aiohttp.ClientSession, server: SandboxServer, sandbox: Sandbox
) -> None:
    first = await connected(http, server)
    sandbox.faults.add(Fault("slack", "socket_drop"))
    typed = asyncio.create_task(control.post("slack/command", user="U0BOB", channel="C0GENERAL", text="/ticket list"))
    await asyncio.sleep(0.1)
    assert not typed.done()
    second = await connected(http, server)
    await second.ack(await second.next())
    assert await typed == {"ok": True}
    for socket in (first, second):
        await socket.raw.close()
