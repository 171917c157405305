"""`/assistant/{id}` and `/pilot/{id}`: to the Slack thread of a session.

Nobody signs in here: who has a session's id learns where its thread is, and Slack decides whether they may read it.
"""

from __future__ import annotations

import html
import uuid
from typing import TYPE_CHECKING

from aiohttp import web

from db.tenancy import account_scope
from services.errors import FlowPilotError, NotFoundError
from services.pilot.types import Session

if TYPE_CHECKING:
    from services.container import Services

PRIVATE = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}


def lead_to_threads(app: web.Application, services: Services) -> None:
    """Add both addresses; the older one leads to the newer for good."""

    async def assistant(request: web.Request) -> web.Response:
        try:
            session_id = _session_id(request)
        except NotFoundError as error:
            return _page(error, 404)
        # by its id and nothing else of the request, so that it cannot lead elsewhere
        return web.Response(status=308, headers={"Location": f"/pilot/{session_id}"})

    async def pilot(request: web.Request) -> web.Response:
        try:
            return web.Response(status=302, headers={**PRIVATE, "Location": await _thread(services, request)})
        except NotFoundError as error:
            return _page(error, 404)
        except FlowPilotError as error:
            return _page(error, 503)

    app.router.add_get("/assistant/{id}", assistant)
    app.router.add_get("/pilot/{id}", pilot)


async def _thread(services: Services, request: web.Request) -> str:
    session_id = _session_id(request)
    for account in await services.accounts.all_accounts():
        with account_scope(account.id):
            session = await _session(services, session_id)
            if session is None:
                continue
            if not (session.channel_id and session.thread_ts):
                raise NotFoundError("This session has no Slack thread.", hint="`/pilot list` in Slack shows yours.")
            return await services.homes.link(session.channel_id, session.thread_ts, services.slack.permalink)
    raise NotFoundError("There is no such session.", hint="`/pilot list` in Slack shows yours.")


async def _session(services: Services, session_id: str) -> Session | None:
    try:
        return await services.pilot.get(session_id)
    except NotFoundError:
        return None


def _session_id(request: web.Request) -> str:
    try:
        return str(uuid.UUID(request.match_info["id"]))
    except ValueError:
        raise NotFoundError("There is no such session.", hint="`/pilot list` in Slack shows yours.") from None


def _page(error: FlowPilotError, status: int) -> web.Response:
    body = (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        "<title>FlowPilot</title><body style='font:18px/1.5 system-ui;max-width:34em;margin:15vh auto;padding:0 1em'>"
        f"<h1 style='font-size:1.3em'>{html.escape(error.message)}</h1>"
        f"<p>{html.escape(error.hint.replace('`', ''))}</p></body></html>"
    )
    return web.Response(text=body, status=status, content_type="text/html", headers=PRIVATE)
