"""A repository's webhooks."""

from __future__ import annotations

from aiohttp import web

from sandbox.github.errors import GithubError, invalid
from sandbox.github.http import GithubCall, Route, answer, paged
from sandbox.github.render import Json, instant
from sandbox.github.rest_pulls import REPO
from sandbox.github.webhooks import EVENTS, Webhook, Webhooks


class HookEndpoints:
    """`/repos/{owner}/{repo}/hooks`."""

    def __init__(self, webhooks: Webhooks) -> None:
        self._webhooks = webhooks

    def routes(self) -> list[Route]:
        """Return what to serve."""
        return [
            ("GET", f"{REPO}/hooks", self.listed),
            ("POST", f"{REPO}/hooks", self.create),
            ("DELETE", f"{REPO}/hooks/{{hook}}", self.delete),
        ]

    async def listed(self, call: GithubCall) -> web.Response:
        """List the webhooks of a repository."""
        name = call.repository().full_name
        page, headers = paged(call, [h for h in self._webhooks.hooks.values() if h.repository == name])
        return answer([_shown(call, hook) for hook in page], headers=headers)

    async def create(self, call: GithubCall) -> web.Response:
        """Register a webhook; GitHub greets it with a ping."""
        repository, config = call.repository(), call.object().get("config")
        url = config.get("url") if isinstance(config, dict) else None
        if not isinstance(config, dict) or not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise invalid("Hook", "url", "missing_field")
        events = call.names("events") or ["push"]
        if unknown := set(events) - EVENTS - {"*"}:
            raise invalid("Hook", "events", "invalid", f"{', '.join(sorted(unknown))} is not a valid event")
        if any(h.repository == repository.full_name and h.url == url for h in self._webhooks.hooks.values()):
            raise invalid("Hook", "url", "custom", "Hook already exists on this repository")
        secret = str(config.get("secret") or "")
        hook = self._webhooks.register(repository.full_name, url, events, secret)
        self._webhooks.ping(hook, repository, call.actor)
        return answer(_shown(call, hook), 201)

    async def delete(self, call: GithubCall) -> web.Response:
        """Remove a webhook."""
        if self._webhooks.hooks.pop(call.number("hook"), None) is None:
            raise GithubError(404, "Not Found")
        return web.Response(status=204)


def _shown(call: GithubCall, hook: Webhook) -> Json:
    url = f"{call.render.repository_url(call.repository())}/hooks/{hook.id}"
    config = {"url": hook.url, "content_type": "json", "insecure_ssl": "0"}
    if hook.secret:
        config["secret"] = "*" * 8
    return {
        "type": "Repository",
        "id": hook.id,
        "name": "web",
        "active": True,
        "events": list(hook.events),
        "config": config,
        "updated_at": instant(hook.created),
        "created_at": instant(hook.created),
        "url": url,
        "test_url": f"{url}/test",
        "ping_url": f"{url}/pings",
        "deliveries_url": f"{url}/deliveries",
        "last_response": {"code": None, "status": "unused", "message": None},
    }
