"""Socket Mode: which connections are open, what waits for one, what was acknowledged, what is sent again."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.core import Bus, Fault, Faults
from sandbox.slack.errors import SlackError
from sandbox.slack.model import APP_ID, Json

MAX_CONNECTIONS = 10
CONNECTION_LIFETIME_S = 18_060


class NotDeliveredError(SlackError):
    """The app did not take what a person did: dispatch_failed (no socket) or operation_timeout."""


class Peer(Protocol):
    """The far end of a connection."""

    async def send_str(self, data: str) -> None:
        """Send one text frame."""

    async def close(self) -> Any:
        """Close politely."""

    def abort(self) -> None:
        """Cut the connection without a closing handshake."""


@dataclass
class Timing:
    """How patient Slack is, in seconds; `retry_delays_s` follow a delivery that nobody acknowledged."""

    ack_timeout_s: float = 3.0
    retry_delays_s: tuple[float, ...] = (0.0, 60.0, 300.0)
    close_after_disconnect_s: float = 5.0


@dataclass(eq=False)
class Connection:
    """One open socket; a draining one was told to go and gets no more envelopes."""

    peer: Peer
    draining: bool = False


@dataclass
class Hub:
    """Deliver envelopes to whichever connection is open."""

    faults: Faults
    bus: Bus
    timing: Timing = field(default_factory=Timing)
    connections: list[Connection] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._tickets: set[str] = set()
        self._pending: dict[str, tuple[asyncio.Future[Json], str]] = {}
        self._opened = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._last_open_s = float("-inf")
        self.faults.on_add(self._apply_socket_fault)

    @property
    def is_connected(self) -> bool:
        """Tell whether an envelope could be sent now."""
        return self._opened.is_set()

    def issue_ticket(self) -> str:
        """Return a ticket that opens one socket once."""
        ticket = secrets.token_urlsafe(18)
        self._tickets.add(ticket)
        return ticket

    def redeem(self, ticket: str) -> bool:
        """Use up a ticket; False when it is unknown or used."""
        if ticket not in self._tickets:
            return False
        self._tickets.discard(ticket)
        return True

    async def open(self, peer: Peer) -> Connection | None:
        """Greet a new connection; None (and a farewell) when ten are open already."""
        if len(self.connections) >= MAX_CONNECTIONS:
            await peer.send_str(_farewell("too_many_websockets"))
            return None
        connection = Connection(peer)
        self.connections.append(connection)
        hello = {
            "type": "hello",
            "num_connections": len(self.connections),
            "debug_info": {
                "host": "applink-sandbox",
                "build_number": 1,
                "approximate_connection_time": CONNECTION_LIFETIME_S,
            },
            "connection_info": {"app_id": APP_ID},
        }
        await peer.send_str(json.dumps(hello))
        self._refresh()
        if fault := self.faults.take("slack", "SOCKET", "/slack/socket", SOCKET_FAULTS):
            self._apply_to(connection, fault.kind)
        return connection

    def closed(self, connection: Connection) -> None:
        """Forget a connection."""
        if connection in self.connections:
            self.connections.remove(connection)
        self._refresh()

    def _usable(self) -> list[Connection]:
        return [connection for connection in self.connections if not connection.draining]

    def _refresh(self) -> None:
        was, now = self._opened.is_set(), bool(self._usable())
        if was or now:
            self._last_open_s = time.monotonic()
        if now == was:
            return
        if now:
            self._opened.set()
        else:
            self._opened.clear()
        self.bus.publish("app", connected=now)

    def received(self, frame: str) -> None:
        """Take an acknowledgement from any connection."""
        try:
            answer = json.loads(frame)
        except ValueError:
            return
        envelope_id = answer.get("envelope_id") if isinstance(answer, dict) else None
        waiting = self._pending.get(envelope_id) if isinstance(envelope_id, str) else None
        if waiting is None or waiting[0].done():
            return
        if self.faults.take("slack", "SOCKET", waiting[1], frozenset({"ack_lost"})):
            return
        waiting[0].set_result(answer)

    async def _send(self, type_: str, what: str, payload: Json, extra: Json) -> Json | None:
        """Send one envelope and return its acknowledgement, or None when there is none in time."""
        envelope_id = secrets.token_hex(16)
        future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._pending[envelope_id] = (future, what)
        frame = json.dumps({"envelope_id": envelope_id, "type": type_, "payload": payload, **extra})
        try:
            await self._transmit(frame)
            if self.faults.take("slack", "SOCKET", what, frozenset({"event_duplicate"})):
                await self._transmit(frame.replace(envelope_id, secrets.token_hex(16)) if "event" in payload else frame)
            return await asyncio.wait_for(future, self.timing.ack_timeout_s)
        except TimeoutError:
            return None
        finally:
            self._pending.pop(envelope_id, None)

    async def _transmit(self, frame: str) -> None:
        usable = self._usable()
        if usable:
            try:
                await random.choice(usable).peer.send_str(frame)
            except (ConnectionError, RuntimeError):
                return

    async def request(self, type_: str, payload: Json, what: str, accepts_response: bool = True) -> Json:
        """Deliver what a person did, once, and return the payload of the acknowledgement.

        Raises NotDeliveredError. While an app reconnects (its last socket closed less than the patience
        ago), Slack's patience includes the wait for the socket.
        """
        if not self.is_connected:
            left = self._last_open_s + self.timing.ack_timeout_s - time.monotonic()
            try:
                await asyncio.wait_for(self._opened.wait(), max(0.0, left))
            except TimeoutError:
                raise NotDeliveredError("dispatch_failed") from None
        answer = await self._send(type_, f"{type_}/{what}", payload, {"accepts_response_payload": accepts_response})
        if answer is None:
            raise NotDeliveredError("operation_timeout")
        response = answer.get("payload")
        if isinstance(response, str):
            return {"text": response}
        return response if isinstance(response, dict) else {}

    def push(self, payload: Json) -> None:
        """Deliver an event in the background: wait for a socket, send again when nobody acknowledges."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # The world is being built: no app is there yet to be told.
        task = loop.create_task(self._deliver(payload))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, payload: Json) -> None:
        what = f"events_api/{payload['event']['type']}"
        for attempt, delay_s in enumerate((0.0, *self.timing.retry_delays_s)):
            if attempt and delay_s:
                await asyncio.sleep(delay_s)
            extra = {
                "accepts_response_payload": False,
                "retry_attempt": attempt,
                "retry_reason": "timeout" if attempt else "",
            }
            await self._opened.wait()
            if await self._send("events_api", what, payload, extra) is not None:
                return

    async def idle(self) -> None:
        """Wait until no event waits for delivery or acknowledgement."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def _apply_socket_fault(self, fault: Fault) -> None:
        if fault.vendor != "slack" or fault.kind not in SOCKET_FAULTS or not self.connections:
            return
        taken = self.faults.take("slack", "SOCKET", "/slack/socket", frozenset({fault.kind}))
        if taken:
            for connection in list(self.connections):
                self._apply_to(connection, taken.kind)

    def _apply_to(self, connection: Connection, kind: str) -> None:
        if kind == "socket_drop":
            self.closed(connection)
            connection.peer.abort()
        else:
            self.disconnect(connection)

    def disconnect(self, connection: Connection, reason: str = "refresh_requested") -> None:
        """Ask a connection to go (`refresh_requested`), or announce that it soon will (`warning`)."""
        connection.draining = reason != "warning"
        self._refresh()
        task = asyncio.get_running_loop().create_task(self._say_farewell(connection, reason))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _say_farewell(self, connection: Connection, reason: str) -> None:
        await connection.peer.send_str(_farewell(reason))
        if connection.draining:
            await asyncio.sleep(self.timing.close_after_disconnect_s)
            await connection.peer.close()

    async def stop(self) -> None:
        """Give up on everything and close all connections."""
        for task in list(self._tasks):
            task.cancel()
        for connection in list(self.connections):
            await connection.peer.close()


SOCKET_FAULTS = frozenset({"socket_disconnect", "socket_drop"})


def _farewell(reason: str) -> str:
    return json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}})
