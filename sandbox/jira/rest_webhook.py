"""Registering admin webhooks."""

from __future__ import annotations

from aiohttp import web

from sandbox.jira.errors import JiraError
from sandbox.jira.http import JiraCall, Route, answer, no_content
from sandbox.jira.render import Json
from sandbox.jira.webhooks import Webhook, Webhooks

EVENTS = frozenset(
    {
        "jira:issue_created",
        "jira:issue_updated",
        "jira:issue_deleted",
        "comment_created",
        "comment_updated",
        "comment_deleted",
        "worklog_created",
        "worklog_updated",
        "worklog_deleted",
    }
)


class WebhookEndpoints:
    """`/rest/webhooks/1.0/webhook`."""

    def __init__(self, webhooks: Webhooks) -> None:
        self.webhooks = webhooks

    def routes(self) -> list[Route]:
        """Return what to serve."""
        return [
            ("GET", "webhook", self.listed),
            ("POST", "webhook", self.register),
            ("GET", "webhook/{id}", self.read),
            ("DELETE", "webhook/{id}", self.delete),
        ]

    async def listed(self, call: JiraCall) -> web.StreamResponse:
        return answer([_shown(call, hook) for hook in self.webhooks.hooks.values()])

    async def register(self, call: JiraCall) -> web.StreamResponse:
        body = call.object()
        url, events = body.get("url"), body.get("events")
        if not body.get("name"):
            raise JiraError(400, errors={"name": "The name of the webhook is required."})
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise JiraError(400, errors={"url": "The URL of the webhook is not valid."})
        if not isinstance(events, list) or not events or not set(events) <= EVENTS:
            raise JiraError(400, errors={"events": "The webhook has no events, or one that does not exist."})
        hook = self.webhooks.register(str(body["name"]), url, events, str(body.get("secret", "")))
        return answer(_shown(call, hook), status=201)

    def _hook(self, call: JiraCall) -> Webhook:
        hook = self.webhooks.hooks.get(call.id())
        if hook is None:
            raise JiraError(404, f"The webhook with id {call.id()} does not exist.")
        return hook

    async def read(self, call: JiraCall) -> web.StreamResponse:
        return answer(_shown(call, self._hook(call)))

    async def delete(self, call: JiraCall) -> web.StreamResponse:
        del self.webhooks.hooks[self._hook(call).id]
        return no_content()


def _shown(call: JiraCall, hook: Webhook) -> Json:
    return {
        "name": hook.name,
        "url": hook.url,
        "events": list(hook.events),
        "enabled": hook.enabled,
        "isSigned": bool(hook.secret),
        "self": f"{call.render.base}/rest/webhooks/1.0/webhook/{hook.id}",
    }
