"""Google: tokens of a service account, and spreadsheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.google import control, rest, tokens

if TYPE_CHECKING:
    from sandbox.core import Sandbox


def setup(app: web.Application, sandbox: Sandbox) -> None:
    """Serve Google under /google, and the control API of its spreadsheets."""
    tokens.setup(app, sandbox)
    control.setup(app, sandbox)
    for method, path, endpoint in rest.routes():
        app.router.add_route(method, path, rest.handler(sandbox, endpoint))


__all__ = ["setup"]
