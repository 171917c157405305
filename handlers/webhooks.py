"""What Jira and GitHub tell by webhook: signed, taken once, into the mirror."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
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


def receive_jira(app: web.Application, services: Services) -> None:
    """Take Jira's admin webhooks at `JIRA_PATH`; without JIRA_WEBHOOK_SECRET every one is refused."""
    secret = services.settings.jira_webhook_secret.get_secret_value()
    deliveries = Deliveries(services.database, services.now, source="jira")

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        if not is_signed(secret, body, request.headers.get("X-Hub-Signature", "")):
            WEBHOOKS.labels("jira", "refused").inc()
            return web.json_response({"error": "wrong signature"}, status=401)
        account_id = request.match_info["account_id"]
        if account_id not in {account.id for account in await services.accounts.all_accounts()}:
            return web.json_response({"error": "no such account"}, status=404)
        identifier = request.headers.get("X-Atlassian-Webhook-Identifier", "")
        if identifier and not await deliveries.claim(f"{account_id}:{identifier}"):
            WEBHOOKS.labels("jira", "repeated").inc()
            return web.json_response({"outcome": "repeated"})
        try:
            payload = json.loads(body)
            kind = str(payload["webhookEvent"])
        except (ValueError, KeyError, TypeError):
            return web.json_response({"error": "not a Jira webhook"}, status=400)
        with account_scope(account_id):
            event = await services.mirror.handle_webhook(kind, payload)
        WEBHOOKS.labels("jira", event.outcome).inc()
        return web.json_response({"outcome": event.outcome})

    app.router.add_post(JIRA_PATH, receive)


def receive_github(app: web.Application, services: Services) -> None:
    """Take GitHub's webhooks at `GITHUB_PATH`; without GITHUB_WEBHOOK_SECRET every one is refused."""
    secret = services.settings.github_webhook_secret.get_secret_value()
    deliveries = Deliveries(services.database, services.now, source="github")

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        if not is_signed(secret, body, request.headers.get("X-Hub-Signature-256", "")):
            WEBHOOKS.labels("github", "refused").inc()
            return web.json_response({"error": "wrong signature"}, status=401)
        account_id = request.match_info["account_id"]
        if account_id not in {account.id for account in await services.accounts.all_accounts()}:
            return web.json_response({"error": "no such account"}, status=404)
        delivery = request.headers.get("X-GitHub-Delivery", "")
        if delivery and not await deliveries.claim(f"{account_id}:{delivery}"):
            WEBHOOKS.labels("github", "repeated").inc()
            return web.json_response({"outcome": "repeated"})
        try:
            payload = json.loads(body)
        except ValueError:
            payload = None
        kind = request.headers.get("X-GitHub-Event", "")
        if not isinstance(payload, dict) or not kind:
            return web.json_response({"error": "not a GitHub webhook"}, status=400)
        outcome = await _taken(services, account_id, kind, payload)
        WEBHOOKS.labels("github", outcome).inc()
        return web.json_response({"outcome": outcome})

    app.router.add_post(GITHUB_PATH, receive)


async def _taken(services: Services, account_id: str, kind: str, payload: dict[str, Any]) -> str:
    """Let the mirror take a webhook; when GitHub cannot be read just now the next sync brings what it was about."""
    with account_scope(account_id):
        try:
            async with asyncio.timeout(GITHUB_WAITS_S):
                return (await services.mirror.handle_github_webhook(kind, payload)).outcome
        except (FlowPilotError, TimeoutError) as error:
            log.warning("github_webhook_left_to_the_sync", event_kind=kind, error=str(error))
            return "later"
