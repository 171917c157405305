"""Downloads: `/reports/{token}`, the file straight from the archive."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING
from urllib.parse import quote

import structlog
from aiohttp import web

from db.tenancy import account_scope
from services.errors import FlowPilotError, NotFoundError
from services.reports.links import PATH, LinkExpiredError

if TYPE_CHECKING:
    from services.container import Services

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PRIVATE = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
log = structlog.get_logger(__name__)


def serve_reports(app: web.Application, services: Services) -> None:
    """Hand out reports to whoever has a link that is good."""

    async def download(request: web.Request) -> web.StreamResponse:
        try:
            ticket = await services.report_links.open(request.match_info["token"])
            with account_scope(ticket.account_id):
                report = await services.reconciliations.report(ticket.report_id)
                pieces = services.report_storage.stream(report.file_key)
                first = await anext(pieces, b"")
        except FlowPilotError as error:
            return _page(error)
        name = quote(report.file_name)
        answer = web.StreamResponse(
            headers={**PRIVATE, "Content-Disposition": f"attachment; filename*=UTF-8''{name}; filename=\"{name}\""}
        )
        answer.content_type, answer.content_length = MEDIA_TYPE, report.size_bytes
        await answer.prepare(request)
        await answer.write(first)
        async for piece in pieces:
            await answer.write(piece)
        await answer.write_eof()
        log.info("report downloaded", account=ticket.account_id, report=report.id)
        return answer

    app.router.add_get(PATH + "{token}", download)


def _page(error: FlowPilotError) -> web.Response:
    """Say what is wrong and what to do, in a page of its own."""
    status = 410 if isinstance(error, LinkExpiredError) else 404 if isinstance(error, NotFoundError) else 503
    body = (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        "<title>FlowPilot</title><body style='font:18px/1.5 system-ui;max-width:34em;margin:15vh auto;padding:0 1em'>"
        f"<h1 style='font-size:1.3em'>{html.escape(error.message)}</h1><p>{html.escape(error.hint)}</p></body></html>"
    )
    return web.Response(text=body, status=status, content_type="text/html", headers=PRIVATE)
