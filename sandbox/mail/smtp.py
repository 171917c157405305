"""The mail server itself: real SMTP on a loopback port of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

    from sandbox.core import Fault, Sandbox

VENDOR = "mail"
USER, PASSWORD = "flowpilot", "mail-sandbox"
FAULTS = frozenset({"status", "status_after", "latency", "timeout", "timeout_after", "drop", "drop_after"})
SIZE_LIMIT_BYTES = 35 * 1024 * 1024
WORDS = {421: "Service not available", 450: "Greylisted", 451: "Greylisted", 550: "No such user here", 552: "Too big"}


class MailHandler:
    """What the server does with each command; faults are armed for the vendor "mail".

    A fault's method is MAIL, RCPT or DATA, its path a regular expression over the address (DATA: all of them).
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender."""
        refusal = await self._fault(server, self._take("MAIL", address))
        if refusal is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self._log("MAIL", address, refusal or "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient."""
        refusal = await self._fault(server, self._take("RCPT", address))
        if refusal is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return self._log("RCPT", address, refusal or "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take the message."""
        to = ", ".join(envelope.rcpt_tos)
        fault = self._take("DATA", to)
        if fault is not None and (fault.kind.endswith("_after") or fault.kind == "latency"):
            self._keep(envelope)
        refusal = await self._fault(server, fault)
        if refusal is not None:
            return self._log("DATA", to, refusal)
        if fault is None:
            self._keep(envelope)
        return self._log("DATA", to, "250 OK: kept")

    def _take(self, command: str, address: str) -> Fault | None:
        return self._sandbox.faults.take(VENDOR, command, address, FAULTS)

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content or "").encode()
        at = self._sandbox.clock.now()
        mail = self._sandbox.mail.take(envelope.mail_from or "", list(envelope.rcpt_tos), content, at)
        self._sandbox.bus.publish("mail", id=mail.id, recipients=mail.recipients)

    async def _fault(self, server: SMTP, fault: Fault | None) -> str | None:
        """Misbehave as armed; return the answer in the place of a yes, if there is one."""
        if fault is None:
            return None
        self._sandbox.bus.publish("fault", vendor=VENDOR, kind=fault.kind, path=fault.path)
        if fault.kind == "latency":
            await asyncio.sleep(fault.latency_s)
            return None
        if fault.kind.startswith("status"):
            return f"{fault.status} {WORDS.get(fault.status, 'Fault injected')}"
        if fault.kind.startswith("timeout"):
            # aiosmtpd ends the connection, and with it this task, when the client goes away
            await asyncio.Event().wait()
        transport: Any = server.transport
        if transport is not None:
            transport.abort()
        return "421 Service not available"

    def _log(self, command: str, address: str, answer: str) -> str:
        call = self._sandbox.calls.add(
            VENDOR,
            command,
            address,
            query={},
            status=int(answer[:3]),
            ms=0.0,
            at=self._sandbox.clock.now().isoformat(),
            response=answer,
        )
        self._sandbox.bus.publish(
            "call", n=call.n, vendor=VENDOR, method=command, path=address, status=call.status, ms=0.0, at=call.at
        )
        return answer


class MailServer:
    """Listens in the sandbox's loop."""

    def __init__(self, sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> None:
        self._sandbox = sandbox
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen; the state then knows where."""
        from aiosmtpd.smtp import SMTP

        loop = asyncio.get_running_loop()
        handler = MailHandler(self._sandbox)

        def connected() -> SMTP:
            return SMTP(
                handler,
                loop=loop,
                hostname="mail.sandbox.test",
                ident="sandbox",
                enable_SMTPUTF8=True,
                data_size_limit=SIZE_LIMIT_BYTES,
                auth_require_tls=False,
                authenticator=_authenticate,
            )

        self._server = await loop.create_server(connected, self._host, self._port)
        self._sandbox.mail.host, self._sandbox.mail.port = self._server.sockets[0].getsockname()[:2]

    async def stop(self) -> None:
        """Close everything."""
        if self._server is not None:
            self._server.close()
            self._server = None


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: Any) -> AuthResult:
    from aiosmtpd.smtp import AuthResult

    is_known = (login.login, login.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_known, handled=is_known)
