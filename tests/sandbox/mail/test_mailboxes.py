"""Mailboxes over the control API: what a person sees of a mail, and that it can do nothing to them."""

from __future__ import annotations

from email.message import EmailMessage

import aiohttp

from sandbox import mail
from sandbox.server import SandboxServer
from tests.vendors.site import small_sandbox


def letter(subject: str) -> bytes:
    """Return a mail with html and a file."""
    message = EmailMessage()
    message["Subject"], message["Message-ID"] = subject, f"<{subject}@sandbox.test>"
    message.set_content("text")
    message.add_alternative("<script>alert(1)</script>", subtype="html")
    message.add_attachment("<script>alert(2)</script>", subtype="html", filename="a\u202eb.html")
    return message.as_bytes()


async def test_a_mailbox_shows_its_own_mails_and_serves_them_harmless() -> None:
    sandbox = small_sandbox()
    for subject, people in (("one", ["a@x.test", "b@x.test"]), ("two", ["b@x.test"]), ("two", ["b@x.test"])):
        sandbox.mail.take("f@x.test", people, letter(subject), sandbox.clock.now())
    server = SandboxServer(sandbox, setups=[mail.setup])
    url = f"{await server.start()}/sandbox/api/mail"
    async with aiohttp.ClientSession(raise_for_status=False) as http:
        async with http.get(f"{url}/mailbox?address=B@x.test") as answer:
            lines = (await answer.json())["mails"]
        assert [(line["subject"], line["copies"]) for line in lines] == [("two", 2), ("one", 1)]
        async with http.get(f"{url}/message/1/html") as answer:
            assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        async with http.get(f"{url}/message/1/file/0") as answer:
            assert answer.headers["Content-Disposition"].startswith("attachment;")
        for missing in ("message/9", "message/1/file/3"):
            async with http.get(f"{url}/{missing}") as answer:
                assert answer.status == 404
        async with http.get(f"{url}/server") as answer:
            assert (await answer.json())["port"] == sandbox.mail.port
    await server.stop()
