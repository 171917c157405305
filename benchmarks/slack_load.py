"""The smallest Slack that a Bolt app connects to: it sends envelopes as fast as they are acknowledged, and counts."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

TEAM, USER, BOT = "T0BENCH", "U0ALICE", "U0BOT"
Payload = dict[str, Any]


def slash_command(response_url: str, command: str, text: str) -> Payload:
    """Return the payload of a slash command."""
    return {
        "token": "t",
        "team_id": TEAM,
        "team_domain": "bench",
        "channel_id": "C0GENERAL",
        "channel_name": "general",
        "user_id": USER,
        "user_name": "alice",
        "command": command,
        "text": text,
        "api_app_id": "A0BENCH",
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": uuid.uuid4().hex,
    }


def button_click(response_url: str, action_id: str) -> Payload:
    """Return the payload of a click, with the message it was in; each is another message, as people click."""
    ts = f"1700000000.{uuid.uuid4().int % 1_000_000:06d}"
    text = {"type": "plain_text", "text": "Assign", "emoji": True}
    element = {"type": "button", "action_id": action_id, "text": text, "value": "7"}
    block = {"type": "actions", "block_id": "b", "elements": [element]}
    message = {"type": "message", "user": BOT, "ts": ts, "bot_id": "B0BOT", "text": "Assign?", "blocks": [block]}
    return {
        "type": "block_actions",
        "user": {"id": USER, "username": "alice", "name": "alice", "team_id": TEAM},
        "api_app_id": "A0BENCH",
        "token": "t",
        "container": {"type": "message", "message_ts": ts, "channel_id": "C0GENERAL", "is_ephemeral": False},
        "trigger_id": uuid.uuid4().hex,
        "team": {"id": TEAM, "domain": "bench"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": "C0GENERAL", "name": "general"},
        "message": message,
        "state": {"values": {}},
        "response_url": response_url,
        "actions": [{**element, "block_id": "b", "action_ts": ts}],
    }


@dataclass(frozen=True)
class Measured:
    """One run: envelopes a second, and acknowledgement times in milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float


class LoadServer:
    """Web API and Socket Mode for several apps at once, told apart by their app tokens."""

    def __init__(self) -> None:
        self.url = ""
        self._runner: web.AppRunner | None = None
        self._sockets: dict[str, web.WebSocketResponse] = {}
        self._connected: dict[str, asyncio.Event] = {}
        self._sent: dict[str, tuple[float, asyncio.Future[float]]] = {}

    async def start(self) -> None:
        """Listen on a free port of the loopback interface."""
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/socket/{name}", self._socket)
        app.router.add_post("/response", self._response)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close everything."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _api(self, request: web.Request) -> web.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        answers: dict[str, Payload] = {
            "auth.test": {"team_id": TEAM, "team": "Bench", "user_id": BOT, "bot_id": "B0BOT", "url": self.url},
            "apps.connections.open": {"url": f"{self.url.replace('http', 'ws')}/socket/{token}"},
            "users.info": {"user": {"id": USER, "name": "alice", "tz": "Etc/UTC", "profile": {}}},
        }
        return web.json_response({"ok": True, **answers[request.match_info["method"]]})

    @property
    def response_url(self) -> str:
        """Where apps answer."""
        return f"{self.url}/response"

    async def _response(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        name = request.match_info["name"]
        self._sockets[name] = socket
        await socket.send_str(json.dumps({"type": "hello", "num_connections": 1}))
        self._connected.setdefault(name, asyncio.Event()).set()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                started, future = self._sent.pop(json.loads(message.data)["envelope_id"])
                future.set_result(time.perf_counter() - started)
        return socket

    async def connected(self, name: str) -> None:
        """Wait for the app with that app token."""
        await asyncio.wait_for(self._connected.setdefault(name, asyncio.Event()).wait(), 60)

    async def run(self, name: str, kind: str, make: Callable[[], Payload], count: int, in_flight: int) -> Measured:
        """Send `count` envelopes to one app, `in_flight` at a time, and wait for every acknowledgement."""
        frames = []
        for _ in range(count):
            envelope_id = uuid.uuid4().hex
            envelope = {"envelope_id": envelope_id, "type": kind, "payload": make(), "accepts_response_payload": True}
            frames.append((envelope_id, json.dumps(envelope)))
        waiting = iter(frames)
        times: list[float] = []
        started = time.perf_counter()

        async def one_after_another() -> None:
            for envelope_id, frame in waiting:
                future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
                self._sent[envelope_id] = (time.perf_counter(), future)
                await self._sockets[name].send_str(frame)
                times.append(await future)

        await asyncio.gather(*(one_after_another() for _ in range(in_flight)))
        seconds = time.perf_counter() - started
        times.sort()
        return Measured(count / seconds, times[count // 2] * 1000, times[min(count - 1, int(count * 0.99))] * 1000)
