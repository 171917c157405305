"""What all parts of the sandbox share: clock, bus, faults, call log."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.connectwise.state import ConnectWiseState
    from sandbox.github.state import GithubState
    from sandbox.google.state import GoogleState
    from sandbox.jira.state import JiraState
    from sandbox.mail.state import MailState
    from sandbox.models.state import ModelState
    from sandbox.slack.state import SlackState
    from sandbox.tempo.state import TempoState
    from sandbox.world.people import World

FAULT_KINDS = frozenset(
    {
        "status",
        "status_after",
        "latency",
        "timeout",
        "timeout_after",
        "drop",
        "drop_after",
        "socket_disconnect",
        "socket_drop",
        "event_duplicate",
        "event_out_of_order",
        "ack_lost",
    }
)


class SandboxClock:
    """The sandbox's time: the machine's, shifted."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        """Return the aware UTC time."""
        return datetime.now(UTC) + self._offset

    def set(self, instant: datetime) -> None:
        """Make now `instant` (aware) from here on."""
        self._offset = instant - datetime.now(UTC)

    def advance(self, by: timedelta) -> None:
        """Move the clock on by `by`."""
        self._offset += by


class Bus:
    """Tell listeners (the page's WebSockets, tests) what happened."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[dict[str, Any]]] = set()
        self._callbacks: list[Callable[[dict[str, Any]], None]] = []

    def publish(self, type_: str, **payload: Any) -> None:
        """Send `{"type": type_, **payload}` to every listener; never blocks."""
        event = {"type": type_, **payload}
        for queue in self._queues:
            queue.put_nowait(event)
        for callback in self._callbacks:
            callback(event)

    def on_event(self, callback: Callable[[dict[str, Any]], None]) -> None:
        """Call `callback` synchronously for each event (webhooks hang here)."""
        self._callbacks.append(callback)

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[asyncio.Queue[dict[str, Any]]]:
        """Yield a queue that receives events for as long as the block runs."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)


@dataclass
class Fault:
    """One fault to inject; `times` left, None for ever."""

    vendor: str
    kind: str
    path: str = ""
    method: str = ""
    times: int | None = 1
    status: int = 500
    retry_after_s: float | None = None
    latency_s: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in FAULT_KINDS:
            raise ValueError(f"unknown fault kind {self.kind!r}: one of {', '.join(sorted(FAULT_KINDS))}")
        re.compile(self.path)

    def matches(self, vendor: str, method: str, path: str) -> bool:
        """Tell whether this fault applies to a call."""
        return (
            self.vendor == vendor
            and (not self.method or self.method.upper() == method.upper())
            and (not self.path or re.search(self.path, path) is not None)
        )


@dataclass
class Faults:
    """The faults that are armed."""

    armed: list[Fault] = field(default_factory=list)
    _listeners: list[Callable[[Fault], None]] = field(default_factory=list, repr=False)

    def add(self, fault: Fault) -> None:
        """Arm a fault."""
        self.armed.append(fault)
        for listener in self._listeners:
            listener(fault)

    def on_add(self, listener: Callable[[Fault], None]) -> None:
        """Call `listener` for each fault as it is armed (open sockets are dropped at once)."""
        self._listeners.append(listener)

    def clear(self) -> None:
        """Disarm all."""
        self.armed.clear()

    def take(self, vendor: str, method: str, path: str, kinds: frozenset[str] = FAULT_KINDS) -> Fault | None:
        """Return the first armed fault that matches and count it down."""
        for fault in self.armed:
            if fault.kind in kinds and fault.matches(vendor, method, path):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.armed.remove(fault)
                return fault
        return None


@dataclass
class Call:
    """One vendor call as the sandbox saw it."""

    n: int
    vendor: str
    method: str
    path: str
    query: dict[str, str]
    status: int
    ms: float
    at: str
    request: Any = None
    response: Any = None


class CallLog:
    """The last calls to any vendor, numbered from 1."""

    def __init__(self, keep: int = 10_000) -> None:
        self._calls: deque[Call] = deque(maxlen=keep)
        self.count = 0

    def add(self, vendor: str, method: str, path: str, **rest: Any) -> Call:
        """Append a call and return it."""
        self.count += 1
        call = Call(n=self.count, vendor=vendor, method=method, path=path, **rest)
        self._calls.append(call)
        return call

    def since(self, n: int = 0, vendor: str = "") -> list[Call]:
        """Return the calls numbered above `n`, of one vendor if given."""
        return [c for c in self._calls if c.n > n and (not vendor or c.vendor == vendor)]


def _no_mail() -> MailState:
    from sandbox.mail.state import MailState

    return MailState()


def _no_spreadsheets() -> GoogleState:
    from sandbox.google.state import GoogleState

    return GoogleState()


@dataclass
class Sandbox:
    """Everything the stand-ins hold."""

    slack: SlackState
    jira: JiraState
    tempo: TempoState
    models: ModelState
    clock: SandboxClock
    bus: Bus
    faults: Faults
    calls: CallLog
    world: World | None = None
    github: GithubState = field(init=False)
    connectwise: ConnectWiseState = field(init=False)
    mail: MailState = field(default_factory=_no_mail)
    google: GoogleState = field(default_factory=_no_spreadsheets)

    def __post_init__(self) -> None:
        # imported here: their operations know the clock and the bus of this module
        from sandbox.connectwise.state import ConnectWiseState
        from sandbox.github.state import GithubState

        self.github = GithubState(self.clock, self.bus)
        self.connectwise = ConnectWiseState(self.clock, self.bus)
