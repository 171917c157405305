"""Jira's endpoints in an aiohttp application."""

from __future__ import annotations

from aiohttp import web

from sandbox.core import Sandbox
from sandbox.jira import control, rest_comment, rest_issue, rest_link, rest_meta, rest_user
from sandbox.jira.http import Edge, answer, authorized, unauthorized
from sandbox.jira.rest_search import SearchEndpoints
from sandbox.jira.rest_webhook import WebhookEndpoints
from sandbox.jira.webhooks import Webhooks


def setup(app: web.Application, sandbox: Sandbox) -> None:
    """Serve Jira under /jira, and its control API."""
    edge = Edge(sandbox)
    edge.add(app, SearchEndpoints().routes())
    for module in (rest_meta, rest_user, rest_comment, rest_link, rest_issue):
        edge.add(app, module.routes())
    webhooks = Webhooks(sandbox.jira)
    for method, path, endpoint in WebhookEndpoints(webhooks).routes():
        app.router.add_route(method, f"/jira/rest/webhooks/1.0/{path}", edge.handler(endpoint))
    control.setup(app, sandbox)
    app.router.add_route("*", "/jira/{rest:.*}", _unknown)

    async def close(app: web.Application) -> None:
        await webhooks.close()

    app.on_cleanup.append(close)


async def _unknown(request: web.Request) -> web.Response:
    if not authorized(request):
        return unauthorized()
    return answer({"message": f"null for uri: {request.url}", "status-code": 404}, status=404)
