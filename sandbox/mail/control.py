"""What the page and the tests see of the mail: mailboxes, messages, files."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from sandbox.core import Sandbox
from sandbox.mail.state import ReceivedMail

PREFIX = "/sandbox/api/mail"
# a mail is a stranger's page: it may have colours, and do nothing
HTML_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


class MailControl:
    """Handlers for `/sandbox/api/mail/…`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def server(self, request: web.Request) -> web.Response:
        """Return where the mail server listens."""
        return web.json_response({"host": self._sandbox.mail.host, "port": self._sandbox.mail.port})

    async def mailbox(self, request: web.Request) -> web.Response:
        """List the mails of an address, or of all, newest first."""
        mails = self._sandbox.mail.mailbox(request.query.get("address", ""))
        return web.json_response({"mails": [mail.line() for mail in mails]})

    async def message(self, request: web.Request) -> web.Response:
        """Return one mail with its text and its headers."""
        return web.json_response(self._mail(request).whole())

    async def html(self, request: web.Request) -> web.Response:
        """Return the html of a mail, which no browser lets do anything."""
        return web.Response(
            text=self._mail(request).body("html"),
            content_type="text/html",
            headers={"Content-Security-Policy": HTML_POLICY, "X-Content-Type-Options": "nosniff"},
        )

    async def file(self, request: web.Request) -> web.Response:
        """Return an attachment to keep."""
        files = self._mail(request).files()
        number = int(request.match_info["number"])
        if number >= len(files):
            raise web.HTTPNotFound(text="there is no such attachment")
        found = files[number]
        return web.Response(
            body=found.content,
            headers={
                "Content-Type": found.media_type,
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.file_name, safe='')}",
                "Content-Security-Policy": "sandbox",
                "X-Content-Type-Options": "nosniff",
            },
        )

    def _mail(self, request: web.Request) -> ReceivedMail:
        found = self._sandbox.mail.mail(int(request.match_info["id"]))
        if found is None:
            raise web.HTTPNotFound(text="there is no such mail")
        return found


def setup(app: web.Application, sandbox: Sandbox) -> None:
    """Serve the control API of the mail."""
    control = MailControl(sandbox)
    app.router.add_get(f"{PREFIX}/server", control.server)
    app.router.add_get(f"{PREFIX}/mailbox", control.mailbox)
    app.router.add_get(f"{PREFIX}/message/{{id:\\d+}}", control.message)
    app.router.add_get(f"{PREFIX}/message/{{id:\\d+}}/html", control.html)
    app.router.add_get(f"{PREFIX}/message/{{id:\\d+}}/file/{{number:\\d+}}", control.file)
