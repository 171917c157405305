"""GitHub's endpoints in an aiohttp application."""

from __future__ import annotations

from aiohttp import web

from sandbox.core import Sandbox
from sandbox.github import control, rest_pulls, rest_repos, rest_reviews
from sandbox.github.errors import GithubError, not_found
from sandbox.github.graphql import GraphqlEndpoint
from sandbox.github.http import API, SITE, Edge, answer, authenticated
from sandbox.github.rest_hooks import HookEndpoints
from sandbox.github.webhooks import Webhooks


def setup(app: web.Application, sandbox: Sandbox) -> None:
    """Serve GitHub as an Enterprise server does: REST under /github/api/v3, GraphQL at /github/api/graphql."""
    edge = Edge(sandbox)
    webhooks = Webhooks(sandbox.github, sandbox.faults)
    for module in (rest_repos, rest_pulls, rest_reviews):
        edge.add(app, module.routes())
    edge.add(app, HookEndpoints(webhooks).routes())
    app.router.add_post(f"{SITE}/api/graphql", GraphqlEndpoint(sandbox).handle)
    control.setup(app, sandbox)

    async def unknown(request: web.Request) -> web.Response:
        try:
            authenticated(sandbox.github, request)
        except GithubError as error:
            return answer(error.body(), error.status)
        return answer(not_found().body(), 404)

    async def close(app: web.Application) -> None:
        await webhooks.close()

    app.router.add_route("*", f"{API}/{{rest:.*}}", unknown)
    app.on_cleanup.append(close)
