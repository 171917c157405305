"""The page that shows the sandbox's Slack, and the other systems beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from sandbox.core import Sandbox

STATIC = Path(__file__).parent / "static"

# Text from outside is never parsed as markup; should that ever fail, the browser runs the page's own scripts only.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob: http: https:; style-src 'self'; script-src 'self'; "
    "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def setup(app: web.Application, sandbox: Sandbox) -> None:
    """Serve the page at `/` and its files below `/page/`."""
    app.router.add_get("/", _index)
    app.router.add_get("/favicon.ico", _favicon)
    app.router.add_get(r"/archives/{channel}/p{seconds:\d+}{rest:\d{6}}", _permalink)
    app.router.add_static("/page/", STATIC)
    app.on_response_prepare.append(_revalidate)


async def _index(request: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "index.html", headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})


async def _favicon(request: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "favicon.svg", headers={"Content-Type": "image/svg+xml"})


async def _permalink(request: web.Request) -> web.Response:
    """Show a message, or its thread, to whoever the page's visitor acts as."""
    place = request.match_info
    thread = request.query.get("thread_ts") or f"{place['seconds']}.{place['rest']}"
    raise web.HTTPFound(f"/#/as//{place['channel']}/{thread}")


async def _revalidate(request: web.Request, response: web.StreamResponse) -> None:
    """Let no browser show yesterday's page: it asks each time, and mostly hears 304."""
    if request.path == "/" or request.path.startswith("/page/"):
        response.headers["Cache-Control"] = "no-cache"


__all__: list[str] = ["setup"]
