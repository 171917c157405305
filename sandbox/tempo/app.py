"""Tempo's endpoints in an aiohttp application."""

from __future__ import annotations

from aiohttp import web

from sandbox.core import Sandbox
from sandbox.tempo import control, rest_plans, rest_schedule, rest_worklogs
from sandbox.tempo.http import TempoCall, TempoError, handler


def setup(app: web.Application, sandbox: Sandbox) -> None:
    """Serve Tempo under /tempo, and its control API."""
    for module in (rest_worklogs, rest_schedule, rest_plans):
        for method, path, endpoint in module.routes():
            app.router.add_route(method, f"/tempo/4/{path}", handler(sandbox, endpoint))
    control.setup(app, sandbox)
    app.router.add_route("*", "/tempo/{rest:.*}", handler(sandbox, _unknown))


async def _unknown(call: TempoCall) -> web.StreamResponse:
    raise TempoError(404, f"No resource {call.request.method} {call.request.path}")
