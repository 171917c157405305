"""The way out for e-mail: one transaction for all recipients, repeated only while nothing was handed over."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from services.clock import Now, utc_now
from services.errors import (
    InvalidInputError,
    VendorAuthError,
    VendorError,
    VendorRejectedError,
    VendorUnavailableError,
)
from services.mail.message import address_of, compose, is_address, sender_of
from services.mail.types import MailDelivery, MailMessage, fingerprint, message_id_for
from services.vendors.circuit import OnCircuit
from services.vendors.http import Answer, Policy, VendorHttp
from services.vendors.problems import AttemptFailedError, Effect, Target, no_answer, not_sent

if TYPE_CHECKING:
    from email.headerregistry import Address

    from aiosmtplib import SMTP

    from services.settings import Settings

VENDOR = "Mail server"
MAIL_POLICY = Policy(calls=5, per_s=1, attempts=4, timeout_s=60.0, backoff_initial_s=1.0, backoff_max_s=10.0)
MAX_WORDS = 300
NOT_AN_ADDRESS = "That is not an e-mail address."


@dataclass
class _Batch:
    """How far one message got: who is still to be asked for, and what was said of the others."""

    waiting: dict[str, Address]
    accepted: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    deferred: dict[str, str] = field(default_factory=dict)

    def delivery(self) -> MailDelivery:
        return MailDelivery(tuple(self.accepted), dict(self.refused), dict(self.deferred))


class Mail:
    """Sends messages by the server in the settings."""

    def __init__(
        self,
        settings: Settings,
        *,
        now: Now = utc_now,
        policy: Policy = MAIL_POLICY,
        on_circuit: OnCircuit | None = None,
    ) -> None:
        self._settings = settings
        self._now = now
        self._policy = policy
        self._sender = sender_of(settings.mail_from)
        self._edge = VendorHttp(VENDOR, "", headers={}, policy=policy, on_circuit=on_circuit)

    @property
    def sender_address(self) -> str:
        """The address that messages come from."""
        return self._sender.addr_spec

    @property
    def place(self) -> str:
        """The server, as people are told it."""
        return f"{self._settings.smtp_host}:{self._settings.smtp_port}"

    async def send(self, message: MailMessage) -> MailDelivery:
        """Hand the message over; one bad address stops no other, and is told in the result.

        Raises `VendorRejectedError` when nobody at all gets it, `VendorUnavailableError` when the server does not
        answer, with `outcome_unknown` when it fell silent after it had the whole message.
        """
        batch = _Batch({})
        for recipient in message.to:
            self._admit(batch, recipient.address.strip(), recipient.name)
        if not batch.waiting:
            raise _nobody(batch)
        if not message.message_id:
            message = replace(message, message_id=message_id_for(fingerprint(message), self.sender_address))
        content = compose(message, self._sender, tuple(batch.waiting.values()), self._now()).as_bytes()

        async def attempt(target: Target) -> Answer:
            async with _SmtpProblems(target):
                await self._hand_over(target, batch, content)
            return Answer(250, {})

        try:
            await self._edge.guarded(attempt, effect=Effect.ONCE)
        except VendorError as error:
            if not batch.accepted:
                raise
            # some have it: what became of the others is told with the result, and nobody gets it twice
            batch.deferred.update({each: batch.deferred.get(each, error.message) for each in batch.waiting})
        if not batch.accepted and not batch.deferred:
            raise _nobody(batch)
        return batch.delivery()

    async def check(self) -> str:
        """Connect, and log in where a user is set; send nothing."""

        async def attempt(target: Target) -> Answer:
            async with _SmtpProblems(target), self._connection() as smtp:
                await smtp.noop()
            return Answer(250, {})

        await self._edge.guarded(attempt)
        return f"{self.place} as {self.sender_address}"

    @staticmethod
    def _admit(batch: _Batch, address: str, name: str) -> None:
        if not is_address(address):
            batch.refused[address] = NOT_AN_ADDRESS
            return
        try:
            batch.waiting[address] = address_of(address, name)
        except (InvalidInputError, ValueError):
            batch.refused[address] = NOT_AN_ADDRESS

    async def _hand_over(self, target: Target, batch: _Batch, content: bytes) -> None:
        """Ask for everybody who waits, then give the message for those whom the server takes."""
        from aiosmtplib import SMTPDataError, SMTPServerDisconnected, SMTPTimeoutError

        batch.deferred.clear()
        async with self._connection() as smtp:
            await smtp.mail(self.sender_address)
            taken = [
                address for address, header in list(batch.waiting.items()) if await _ask(smtp, batch, address, header)
            ]
            if taken:
                try:
                    await smtp.data(content)
                except SMTPDataError as error:
                    raise _refused(target, error.code, error.message) from error
                except (SMTPServerDisconnected, SMTPTimeoutError) as error:
                    raise no_answer(target, "fell silent after it was given the message") from error
                for address in taken:
                    del batch.waiting[address]
                batch.accepted += taken
        if batch.deferred:
            words = next(iter(batch.deferred.values()))
            raise AttemptFailedError(
                VendorUnavailableError(VENDOR, f"The mail server asks to come again later: {words}"), retry=True
            )

    def _connection(self) -> SMTP:
        from aiosmtplib import SMTP

        settings = self._settings
        return SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_user or None,
            password=settings.smtp_password.get_secret_value() or None,
            local_hostname=self._sender.domain,
            timeout=self._policy.timeout_s,
            use_tls=settings.smtp_tls == "tls",
            start_tls=settings.smtp_tls == "starttls",
        )


async def _ask(smtp: SMTP, batch: _Batch, address: str, header: Address) -> bool:
    """Tell whether the server takes mail for an address; note what it says where not."""
    from aiosmtplib import SMTPRecipientRefused

    try:
        await smtp.rcpt(header.addr_spec)
    except SMTPRecipientRefused as error:
        words = _quoted(error.message)
        if 400 <= error.code < 500:
            batch.deferred[address] = words
        else:
            batch.refused[address] = words
            del batch.waiting[address]
        return False
    except UnicodeEncodeError:
        batch.refused[address] = "The mail server takes no address with letters like these."
        del batch.waiting[address]
        return False
    return True


class _SmtpProblems:
    """Turns what aiosmtplib raises into failed attempts."""

    def __init__(self, target: Target) -> None:
        self._target = target

    async def __aenter__(self) -> None:
        """Enter."""

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        """Raise the attempt's failure in the place of the library's error."""
        import aiosmtplib

        if isinstance(error, aiosmtplib.SMTPAuthenticationError):
            raise AttemptFailedError(
                VendorAuthError(
                    VENDOR,
                    f"The mail server does not accept FlowPilot's user: {_quoted(error.message)}",
                    hint="Check SMTP_USER and SMTP_PASSWORD.",
                ),
                retry=False,
            ) from error
        # aiosmtplib says with its plain base class that STARTTLS or AUTH is missing
        if isinstance(error, aiosmtplib.SMTPNotSupported) or type(error) is aiosmtplib.SMTPException:
            raise AttemptFailedError(
                VendorRejectedError(
                    VENDOR,
                    f"The mail server cannot do that: {_quoted(str(error))}",
                    hint="Check SMTP_TLS and SMTP_PORT.",
                ),
                retry=False,
            ) from error
        if isinstance(error, aiosmtplib.SMTPResponseException):
            raise _refused(self._target, error.code, error.message) from error
        if isinstance(error, aiosmtplib.SMTPException | OSError):
            raise not_sent(self._target, _quoted(str(error)).rstrip(".") or "no connection") from error


def _refused(target: Target, code: int, message: str) -> AttemptFailedError:
    """Return what an answer that is not a yes means: 4xx may be asked again (nothing was taken), 5xx may not."""
    words = _quoted(message)
    if 400 <= code < 500:
        return AttemptFailedError(
            VendorUnavailableError(VENDOR, f"The mail server asks to come again later: {words}"), retry=True
        )
    return AttemptFailedError(VendorRejectedError(VENDOR, f"The mail server refused ({code}): {words}"), retry=False)


def _nobody(batch: _Batch) -> VendorRejectedError:
    said = "; ".join(f"{address}: {words}" for address, words in batch.refused.items())
    return VendorRejectedError(
        VENDOR,
        f"The e-mail could be delivered to nobody. {said}"[: 2 * MAX_WORDS].strip(),
        hint="Check the addresses in people's Slack profiles.",
    )


def _quoted(words: str) -> str:
    return " ".join(words.split())[:MAX_WORDS]
