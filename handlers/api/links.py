"""`/assistant/{id}` and `/pilot/{id}`: to the Slack thread of a session.

Where a thread is, is told to whoever has a link that FlowPilot signed, or a token; to anybody else an address tells
nothing, not even whether there is such a session. Whether somebody may read the thread, Slack decides.
"""

from __future__ import annotations

import html
import uuid
from typing import TYPE_CHECKING

from aiohttp import web

from db.tenancy import account_scope
from handlers.api.problems import problem_headers, problem_of
from handlers.api.reading import bearer_token
from services.errors import FlowPilotError, NotFoundError
from services.pilot.links import KEY, PATH

if TYPE_CHECKING:
    from services.container import Services

PRIVATE = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def lead_to_threads(app: web.Application, services: Services) -> None:
    """Add both addresses; the older one leads to the newer for good."""

    async def assistant(request: web.Request) -> web.Response:
        try:
            session_id = _session_id(request)
        except NotFoundError as error:
            return _page(error, 404)
        # the path is ours whatever the query says, so it cannot lead elsewhere
        query = request.rel_url.raw_query_string
        return web.Response(status=308, headers={"Location": f"{PATH}{session_id}{'?' if query else ''}{query}"})

    async def pilot(request: web.Request) -> web.Response:
        try:
            return web.Response(status=302, headers={**PRIVATE, "Location": await _thread(services, request)})
        except FlowPilotError as error:
            return _page(error, problem_of(error).status)

    app.router.add_get("/assistant/{id}", assistant)
    app.router.add_get(PATH + "{id}", pilot)


async def _thread(services: Services, request: web.Request) -> str:
    session_id = _session_id(request)
    with account_scope(await _account_id(services, request, session_id)):
        session = await services.pilot.get(session_id)
        if not (session.channel_id and session.thread_ts):
            raise NotFoundError("This session has no Slack thread.", hint="`/pilot list` in Slack shows yours.")
        return await services.homes.link(session.channel_id, session.thread_ts, services.slack.permalink)


async def _account_id(services: Services, request: web.Request, session_id: str) -> str:
    """Return whose session it may be, by the link's signature or the bearer token."""
    account_id = await services.session_links.account_of(session_id, request.query.get(KEY, ""))
    if account_id is not None:
        return account_id
    if "Authorization" in request.headers:
        return (await services.api_tokens.caller(bearer_token(request))).account_id
    raise _opens_nothing()


def _session_id(request: web.Request) -> str:
    try:
        return str(uuid.UUID(request.match_info["id"]))
    except ValueError:
        raise _opens_nothing() from None


def _opens_nothing() -> NotFoundError:
    return NotFoundError("This link opens nothing.", hint="Copy it whole. `/pilot list` in Slack shows your sessions.")


def _page(error: FlowPilotError, status: int) -> web.Response:
    body = (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        "<title>FlowPilot</title><body style='font:18px/1.5 system-ui;max-width:34em;margin:15vh auto;padding:0 1em'>"
        f"<h1 style='font-size:1.3em'>{html.escape(error.message)}</h1>"
        f"<p>{html.escape(error.hint.replace('`', ''))}</p></body></html>"
    )
    headers = {**PRIVATE, **problem_headers(status, error)}
    return web.Response(text=body, status=status, content_type="text/html", headers=headers)
