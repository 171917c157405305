"""What Jira and GitHub tell by webhook: signed, taken once, into the mirror."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from aiohttp import web
from prometheus_client import Counter

from db.tenancy import account_scope
from services.errors import FlowPilotError
from services.slack.dedupe import Deliveries

if TYPE_CHECKING:
    from services.container import Services

JIRA_PATH = "/webhooks/jira/{account_id}"
GITHUB_PATH = "/webhooks/github/{account_id}"
GITHUB_WAITS_S = 8.0
"""GitHub gives up on a webhook after 10 s."""
WEBHOOKS = Counter("flowpilot_webhooks", "Webhooks received", ["vendor", "outcome"])

log = structlog.get_logger(__name__)


def is_signed(secret: str, body: bytes, header: str) -> bool:
    """Check `sha256=…` of a signature header (HMAC over the raw body); no secret or another method means no."""
    method, _, digest = header.partition("=")
    if not secret or method != "sha256":
        return False
    return hmac.compare_digest(hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(), digest.strip().lower())


@dataclass(frozen=True)
class Sender:
    """A vendor that tells by webhook: where its signature and its delivery's id stand, and what is done with one.

    `kind` names the event, "" for what is no webhook of theirs; `take` hands it to the mirror and returns the outcome.
    """

    vendor: str
    title: str
    path: str
    secret: str
    signature: str
    delivery: str
    kind: Callable[[web.Request, dict[str, Any]], str]
    take: Callable[[Services, str, dict[str, Any]], Awaitable[str]]


def receive_jira(app: web.Application, services: Services) -> None:
    """Take Jira's admin webhooks at `JIRA_PATH`; without JIRA_WEBHOOK_SECRET every one is refused."""
    sender = Sender(
        vendor="jira",
        title="Jira",
        path=JIRA_PATH,
        secret=services.settings.jira_webhook_secret.get_secret_value(),
        signature="X-Hub-Signature",
        delivery="X-Atlassian-Webhook-Identifier",
        kind=lambda _, payload: str(payload.get("webhookEvent") or ""),
        take=_jira_told,
    )
    _receive(app, services, sender)


def receive_github(app: web.Application, services: Services) -> None:
    """Take GitHub's webhooks at `GITHUB_PATH`; without GITHUB_WEBHOOK_SECRET every one is refused."""
    sender = Sender(
        vendor="github",
        title="GitHub",
        path=GITHUB_PATH,
        secret=services.settings.github_webhook_secret.get_secret_value(),
        signature="X-Hub-Signature-256",
        delivery="X-GitHub-Delivery",
        kind=lambda request, _: request.headers.get("X-GitHub-Event", ""),
        take=_github_told,
    )
    _receive(app, services, sender)


def _receive(app: web.Application, services: Services, sender: Sender) -> None:
    deliveries = Deliveries(services.database, services.now, source=sender.vendor)

    def counted(outcome: str) -> str:
        WEBHOOKS.labels(sender.vendor, outcome).inc()
        return outcome

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        if not is_signed(sender.secret, body, request.headers.get(sender.signature, "")):
            counted("refused")
            return web.json_response({"error": "wrong signature"}, status=401)
        account_id = request.match_info["account_id"]
        if account_id not in {account.id for account in await services.accounts.all_accounts()}:
            return web.json_response({"error": "no such account"}, status=404)
        delivery = request.headers.get(sender.delivery, "")
        if delivery and not await deliveries.claim(f"{account_id}:{delivery}"):
            return web.json_response({"outcome": counted("repeated")})
        payload = _object(body)
        kind = sender.kind(request, payload) if payload is not None else ""
        if payload is None or not kind:
            return web.json_response({"error": f"not a {sender.title} webhook"}, status=400)
        with account_scope(account_id):
            outcome = await sender.take(services, kind, payload)
        return web.json_response({"outcome": counted(outcome)})

    app.router.add_post(sender.path, receive)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        payload = json.loads(body)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) else None


async def _jira_told(services: Services, kind: str, payload: dict[str, Any]) -> str:
    return (await services.mirror.handle_webhook(kind, payload)).outcome


async def _github_told(services: Services, kind: str, payload: dict[str, Any]) -> str:
    """Let the mirror take it; when GitHub cannot be read just now the next sync brings what it was about."""
    try:
        async with asyncio.timeout(GITHUB_WAITS_S):
            return (await services.mirror.handle_github_webhook(kind, payload)).outcome
    except (FlowPilotError, TimeoutError) as error:
        log.warning("github_webhook_left_to_the_sync", event_kind=kind, error=str(error))
        return "later"
