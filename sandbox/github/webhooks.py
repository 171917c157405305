"""Webhooks: who wants what, and its delivery, signed. GitHub does not try again by itself."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from uuid import uuid4

import aiohttp

from sandbox.core import Faults
from sandbox.github.events import GithubEvent
from sandbox.github.model import Account, Repository
from sandbox.github.payloads import ping_payload, webhook_payload
from sandbox.github.store import GithubStore

EVENTS = frozenset(
    {
        "pull_request",
        "pull_request_review",
        "pull_request_review_comment",
        "issue_comment",
        "check_run",
        "check_suite",
        "status",
        "push",
    }
)
DELIVERY_FAULTS = frozenset({"event_duplicate", "event_out_of_order"})


@dataclass
class Webhook:
    """One registration."""

    id: int
    repository: str
    url: str
    events: tuple[str, ...]
    secret: str
    created: datetime


def sign(secret: str, body: bytes) -> str:
    """Return the value of X-Hub-Signature-256."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Delivery:
    """One message on its way."""

    hook: Webhook
    name: str
    body: bytes
    identifier: str


class Webhooks:
    """Delivers what happens in repositories to those who registered.

    Armed faults act on deliveries: `event_duplicate` sends one twice, `event_out_of_order` holds one back until the
    next has gone out.
    """

    def __init__(self, store: GithubStore, faults: Faults, timeout_s: float = 10.0) -> None:
        self.hooks: dict[int, Webhook] = {}
        self.delivered: list[tuple[str, int]] = []
        self._store = store
        self._faults = faults
        self._ids = count(1)
        self._held: list[Delivery] = []
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        store.listeners.append(self.on_event)

    def register(self, repository: str, url: str, events: Iterable[str], secret: str) -> Webhook:
        """Add a registration."""
        hook = Webhook(next(self._ids), repository, url, tuple(events), secret, self._store.now())
        self.hooks[hook.id] = hook
        return hook

    def ping(self, hook: Webhook, repository: Repository, sender: Account) -> None:
        """Greet a new webhook."""
        body = json.dumps(ping_payload(self._store, hook.id, hook.url, repository, sender)).encode()
        self._send([Delivery(hook, "ping", body, str(uuid4()))])

    def on_event(self, event: GithubEvent) -> None:
        """Start delivering an event to everyone who asked for it."""
        hooks = [
            hook
            for hook in self.hooks.values()
            if hook.repository == event.repository.full_name and ({"*", event.name} & set(hook.events))
        ]
        if not hooks:
            return
        body = json.dumps(webhook_payload(self._store, event)).encode()
        for hook in hooks:
            self._queue(Delivery(hook, event.name, body, str(uuid4())))

    def _queue(self, delivery: Delivery) -> None:
        fault = self._faults.take("github", "POST", f"/webhook/{delivery.name}", DELIVERY_FAULTS)
        if fault is not None and fault.kind == "event_out_of_order":
            self._held.append(delivery)
            return
        held, self._held = self._held, []
        self._send([delivery, *([delivery] if fault is not None else []), *held])

    def _send(self, deliveries: list[Delivery]) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(deliveries))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, deliveries: list[Delivery]) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        for delivery in deliveries:
            headers = {
                "Content-Type": "application/json",
                "User-Agent": "GitHub-Hookshot/sandbox",
                "X-GitHub-Event": delivery.name,
                "X-GitHub-Delivery": delivery.identifier,
                "X-GitHub-Hook-ID": str(delivery.hook.id),
            }
            if delivery.hook.secret:
                headers["X-Hub-Signature-256"] = sign(delivery.hook.secret, delivery.body)
            try:
                async with self._session.post(delivery.hook.url, data=delivery.body, headers=headers) as response:
                    self.delivered.append((delivery.name, response.status))
            except (aiohttp.ClientError, TimeoutError):
                self.delivered.append((delivery.name, 0))

    async def settle(self) -> None:
        """Wait until all that was begun has been delivered."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Stop delivering."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
