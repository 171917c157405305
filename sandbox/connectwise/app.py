"""ConnectWise's endpoints in an aiohttp application."""

from __future__ import annotations

from aiohttp import web

from sandbox.connectwise import control, rest_system, rest_tickets
from sandbox.connectwise.errors import ConnectWiseError
from sandbox.connectwise.http import CwCall, handler
from sandbox.connectwise.render import ROOT
from sandbox.core import Sandbox

SCREEN = "/connectwise/v4_6_release/services/system_io/Service/fv_sr100_request.rails"


def setup(app: web.Application, sandbox: Sandbox) -> None:
    """Serve ConnectWise under /connectwise, the address of a ticket's screen, and the control API."""
    for module in (rest_tickets, rest_system):
        for method, path, endpoint in module.routes():
            app.router.add_route(method, f"{ROOT}/{path}", handler(sandbox, endpoint))
    app.router.add_get(SCREEN, _screen)
    control.setup(app, sandbox)
    app.router.add_route("*", "/connectwise/{rest:.*}", handler(sandbox, _unknown))


async def _screen(request: web.Request) -> web.StreamResponse:
    """Show a ticket where this sandbox shows it."""
    raise web.HTTPFound(f"/#/connectwise/{request.query.get('service_recid', '')}")


def _unknown(call: CwCall) -> web.StreamResponse:
    raise ConnectWiseError(404, "NotFound", f"No resource {call.request.method} {call.request.path}")
