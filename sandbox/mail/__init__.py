"""A mail server: SMTP on a port of its own, mailboxes to look into."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.mail import control
from sandbox.mail.smtp import MailServer

if TYPE_CHECKING:
    from sandbox.core import Sandbox


def setup(app: web.Application, sandbox: Sandbox) -> None:
    """Serve the mailboxes, and SMTP for as long as the application runs."""
    control.setup(app, sandbox)

    async def serve(app: web.Application) -> AsyncIterator[None]:
        server = MailServer(sandbox)
        await server.start()
        yield
        await server.stop()

    app.cleanup_ctx.append(serve)


__all__ = ["setup"]
