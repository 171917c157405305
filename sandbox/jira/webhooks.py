"""Admin webhooks: who wants what, and its delivery, signed and retried."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import uuid4

import aiohttp

from sandbox.jira.events import JiraEvent
from sandbox.jira.render import Json, Renderer, epoch_ms
from sandbox.jira.render_issue import render_issue, render_worklog, wanted_fields
from sandbox.jira.store import JiraStore

RETRIED_STATUSES = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
RETRIES = 5


@dataclass
class Webhook:
    """One registration."""

    id: int
    name: str
    url: str
    events: tuple[str, ...]
    secret: str = ""
    enabled: bool = True


def sign(secret: str, body: bytes) -> str:
    """Return the value of X-Hub-Signature."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Webhooks:
    """Delivers what happens in a site to those who registered."""

    def __init__(self, store: JiraStore, retry_delay_s: float = 0.2, timeout_s: float = 10.0) -> None:
        self.hooks: dict[int, Webhook] = {}
        self.retry_delay_s = retry_delay_s
        self._store = store
        self._ids = count(1)
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        store.listeners.append(self.on_event)

    def register(self, name: str, url: str, events: Iterable[str], secret: str) -> Webhook:
        """Add a registration."""
        hook = Webhook(next(self._ids), name, url, tuple(events), secret)
        self.hooks[hook.id] = hook
        return hook

    def on_event(self, event: JiraEvent) -> None:
        """Start delivering an event to everyone who asked for it."""
        hooks = [h for h in self.hooks.values() if h.enabled and event.name in h.events]
        if not hooks:
            return
        body = json.dumps(payload(self._store, event)).encode()
        for hook in hooks:
            task = asyncio.get_running_loop().create_task(self._deliver(hook, body))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, hook: Webhook, body: bytes) -> None:
        identifier = str(uuid4())
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        for retry in range(RETRIES + 1):
            headers = {
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "Atlassian Webhook HTTP Client",
                "X-Atlassian-Webhook-Identifier": identifier,
                "X-Atlassian-Webhook-Flow": "Primary",
            }
            if retry:
                headers["X-Atlassian-Webhook-Retry"] = str(retry)
            if hook.secret:
                headers["X-Hub-Signature"] = sign(hook.secret, body)
            try:
                async with self._session.post(hook.url, data=body, headers=headers) as response:
                    if response.status not in RETRIED_STATUSES:
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(self.retry_delay_s * 2**retry)

    async def close(self) -> None:
        """Stop delivering."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()


def payload(store: JiraStore, event: JiraEvent) -> Json:
    """Return a webhook's body; issues have the shape of v2 in it."""
    render = Renderer(store, store.base_url, version="2")
    body: Json = {"timestamp": epoch_ms(event.at), "webhookEvent": event.name}
    if event.worklog is not None:
        worklog = render_worklog(render, event.worklog)
        return {**body, "worklog": worklog}
    if event.comment is not None:
        issue = render_issue(render, event.issue, frozenset({"summary", "issuetype", "project", "status", "priority"}))
        return {**body, "comment": render.comment(event.comment, event.issue.id), "issue": issue}
    body |= {
        "issue_event_type_name": event.kind,
        "user": render.user(event.actor),
        "issue": render_issue(render, event.issue, wanted_fields([], "*all") - {"comment", "worklog"}),
    }
    if event.history is not None:
        history: dict[str, Any] = render.history(event.history)
        body["changelog"] = {"id": history["id"], "items": history["items"]}
    return body
