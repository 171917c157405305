"""A mail server on a real socket, and FlowPilot's way to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sandbox.core import Fault, Sandbox
from sandbox.mail.smtp import MailServer
from sandbox.mail.state import ReceivedMail
from services.mail import Mail
from services.settings import Settings
from services.vendors.http import Policy
from tests.vendors.site import QUICK, small_sandbox


@dataclass
class PostOffice:
    """The server's state and a client of it."""

    sandbox: Sandbox
    mail: Mail
    settings: Settings

    def fail(self, kind: str, method: str, path: str = "", **how: Any) -> None:
        """Arm a fault for an SMTP command."""
        self.sandbox.faults.add(Fault(vendor="mail", kind=kind, method=method, path=path, **how))

    def mails(self, address: str = "") -> list[ReceivedMail]:
        """Return a mailbox, newest first."""
        return self.sandbox.mail.mailbox(address)

    def commands(self, name: str) -> list[str]:
        """Return the arguments of all commands of that name that came in."""
        return [call.path for call in self.sandbox.calls.since(0, "mail") if call.method == name]


@asynccontextmanager
async def running_post_office(policy: Policy = QUICK, **changes: Any) -> AsyncIterator[PostOffice]:
    """Yield a mail server that is up."""
    sandbox = small_sandbox()
    server = MailServer(sandbox)
    await server.start()
    told = {
        "smtp_host": sandbox.mail.host,
        "smtp_port": sandbox.mail.port,
        "smtp_tls": "none",
        "mail_from": "FlowPilot <flowpilot@harborline.test>",
        **changes,
    }
    settings = Settings(_env_file=None, **told)
    try:
        yield PostOffice(sandbox, Mail(settings, policy=policy), settings)
    finally:
        await server.stop()
