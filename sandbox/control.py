"""The control API of the whole sandbox: world, clock, calls, faults, and the bus as a WebSocket."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.core import Fault, Sandbox
from sandbox.world import export

PREFIX = "/sandbox/api"
PRIVATE = frozenset({"ephemeral", "view_opened", "view_updated", "view_closed", "home", "read"})
SLACKS = frozenset({"message", "message_changed", "message_deleted"})


class Control:
    """Handlers for `/sandbox/api/…` that belong to no vendor."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get(f"{PREFIX}/world", self.world),
            web.get(f"{PREFIX}/world/{{name}}.csv", self.world_csv),
            web.get(f"{PREFIX}/clock", self.clock),
            web.post(f"{PREFIX}/clock", self.set_clock),
            web.get(f"{PREFIX}/calls", self.calls),
            web.get(f"{PREFIX}/faults", self.faults),
            web.post(f"{PREFIX}/faults", self.add_fault),
            web.delete(f"{PREFIX}/faults", self.clear_faults),
            web.get(f"{PREFIX}/ws", self.bus),
        ]

    async def world(self, request: web.Request) -> web.Response:
        """Return the people, teams, projects and stories that the world was made of."""
        if self._sandbox.world is None:
            return web.json_response({"people": [], "teams": [], "projects": [], "stories": []})
        return web.json_response(export.world_json(self._sandbox.world))

    async def world_csv(self, request: web.Request) -> web.Response:
        """Return what an admin would import: people.csv, projects.csv or forecasts.csv."""
        tables = {"people": export.people_csv, "projects": export.projects_csv, "forecasts": export.forecasts_csv}
        table = tables.get(request.match_info["name"])
        if table is None or self._sandbox.world is None:
            return web.json_response({"error": "no such table"}, status=404)
        return web.Response(text=table(self._sandbox.world), content_type="text/csv")

    async def clock(self, request: web.Request) -> web.Response:
        """Return the sandbox's time."""
        return web.json_response({"now": self._sandbox.clock.now().isoformat()})

    async def set_clock(self, request: web.Request) -> web.Response:
        """Set the time (`now`) or move it on (`advance_s`)."""
        body = await _body(request)
        try:
            if "now" in body:
                instant = datetime.fromisoformat(str(body["now"]))
                if instant.tzinfo is None:
                    return _refuse("now needs a time zone")
                self._sandbox.clock.set(instant)
            else:
                self._sandbox.clock.advance(timedelta(seconds=float(body["advance_s"])))
        except (KeyError, TypeError, ValueError):
            return _refuse("give now (ISO 8601) or advance_s (seconds)")
        self._sandbox.bus.publish("clock", now=self._sandbox.clock.now().isoformat())
        return await self.clock(request)

    async def calls(self, request: web.Request) -> web.Response:
        """Return the call log above number `since`."""
        try:
            since = int(request.query.get("since", "0"))
        except ValueError:
            return _refuse("since must be a number")
        found = self._sandbox.calls.since(since, request.query.get("vendor", ""))
        return web.json_response({"calls": [asdict(call) for call in found], "next": self._sandbox.calls.count})

    async def faults(self, request: web.Request) -> web.Response:
        """Return the armed faults."""
        return web.json_response({"faults": [asdict(fault) for fault in self._sandbox.faults.armed]})

    async def add_fault(self, request: web.Request) -> web.Response:
        """Arm a fault."""
        body = await _body(request)
        try:
            fault = Fault(**body)
        except (TypeError, ValueError) as error:
            return _refuse(str(error))
        self._sandbox.faults.add(fault)
        self._sandbox.bus.publish("fault", armed=asdict(fault))
        return await self.faults(request)

    async def clear_faults(self, request: web.Request) -> web.Response:
        """Disarm all faults."""
        self._sandbox.faults.clear()
        self._sandbox.bus.publish("fault", armed=None)
        return await self.faults(request)

    async def bus(self, request: web.Request) -> web.WebSocketResponse:
        """Send what happens, one JSON object a message, as far as the person `as` may see it."""
        viewer = request.query.get("as", "")
        socket = web.WebSocketResponse(heartbeat=30.0)
        await socket.prepare(request)
        async with self._sandbox.bus.listen() as queue:
            sender = asyncio.create_task(self._forward(queue, socket, viewer))
            try:
                async for frame in socket:
                    if frame.type is WSMsgType.ERROR:
                        break
            finally:
                sender.cancel()
        return socket

    async def _forward(self, queue: asyncio.Queue[dict[str, Any]], socket: web.WebSocketResponse, viewer: str) -> None:
        while not socket.closed:
            event = await queue.get()
            if self._may_see(viewer, event):
                await socket.send_json(event)

    def _may_see(self, viewer: str, event: dict[str, Any]) -> bool:
        if not viewer:
            return True
        is_private = event["type"] in PRIVATE or (event["type"] in SLACKS and "user" in event)
        if is_private and event.get("user") != viewer:
            return False
        channel = self._sandbox.slack.channels.get(str(event.get("channel", "")))
        return channel is None or self._sandbox.slack.sees(viewer, channel)


def setup(app: web.Application, sandbox: Sandbox) -> None:
    """Add the control API."""
    app.add_routes(Control(sandbox).routes())


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.text() or "{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text=json.dumps({"error": "give a JSON object"}), content_type="application/json")
    return body


def _refuse(what: str) -> web.Response:
    return web.json_response({"error": what}, status=400)
