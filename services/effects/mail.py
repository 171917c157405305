"""E-mail as a write: files go by their keys in the storage, so that a message can be sent again after a crash."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from db.tenancy import current_account_id
from services.effects.types import Actor, EffectRecord, Intent, Json, Operation, Undo
from services.mail import Attachment, Mail, MailMessage, MailRecipient, message_id_for
from services.slack.markup import bold, escape

LoadFile = Callable[[str], Awaitable[bytes]]
"""Returns the content of a stored file by its key; raises `NotFoundError`."""
MAX_TARGET_CHARACTERS = 200


@dataclass(frozen=True)
class StoredAttachment:
    """A file in the storage that goes with an e-mail."""

    file_name: str
    storage_key: str
    media_type: str


def mail_intent(
    *,
    to: Sequence[MailRecipient],
    subject: str,
    text: str,
    html: str = "",
    attachments: Sequence[StoredAttachment] = (),
    actor: Actor,
    reason: str,
    key: str,
) -> Intent:
    """Return the intent to send one e-mail; the same `key` is never sent twice on purpose, and has one Message-ID."""
    return Intent(
        operation=SendMail.name,
        target=", ".join(recipient.address for recipient in to)[:MAX_TARGET_CHARACTERS],
        arguments={
            "to": [[recipient.address, recipient.name] for recipient in to],
            "subject": subject,
            "text": text,
            "html": html,
            "attachments": [[each.file_name, each.storage_key, each.media_type] for each in attachments],
        },
        actor=actor,
        reason=reason,
        idempotency_key=key,
    )


class SendMail:
    """`mail.send` {to, subject, text, html, attachments}.

    SMTP shows nobody what was sent. A message whose end is unknown is therefore sent again by `recover`, under its
    Message-ID, by which mailboxes know it for the same one; better twice than never.
    """

    name = "mail.send"

    def __init__(self, mail: Mail, load: LoadFile) -> None:
        self._mail = mail
        self._load = load

    async def read(self, effect: EffectRecord) -> Json:
        """Return nothing: there is nothing to look at."""
        return None

    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Return False: only sending it is."""
        return False

    async def find(self, effect: EffectRecord) -> Json | None:
        """Return None: a mail server does not show what it was given."""
        return None

    async def write(self, effect: EffectRecord) -> Json:
        """Send it; the result says who gets it and who does not."""
        told = effect.arguments
        files = [
            Attachment(name, await self._load(storage_key), media_type)
            for name, storage_key, media_type in told["attachments"]
        ]
        delivery = await self._mail.send(
            MailMessage(
                to=tuple(MailRecipient(address, name) for address, name in told["to"]),
                subject=told["subject"],
                text=told["text"],
                html=told["html"],
                attachments=tuple(files),
                # two accounts may use one key; a mailbox must not take their mails for one
                message_id=message_id_for(
                    f"{current_account_id()}:{effect.idempotency_key}", self._mail.sender_address
                ),
            )
        )
        return {
            "accepted": list(delivery.accepted),
            "refused": delivery.refused,
            "deferred": delivery.deferred,
        }

    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Return None: who was refused is told in the receipt."""
        return None

    def undo(self, effect: EffectRecord) -> Undo | None:
        """Return None: what was sent cannot be called back."""
        return None

    def describe(self, effect: EffectRecord) -> str:
        """Say to whom it went, and to whom it did not and why."""
        after = effect.after or {}
        accepted = after.get("accepted") or [address for address, _ in effect.arguments["to"]]
        words = f"E-mailed {bold(effect.arguments['subject'])} to {escape(', '.join(accepted))}"
        for how in ("refused", "deferred"):
            for address, why in (after.get(how) or {}).items():
                words += f"; {escape(address)} was {how}: {escape(why.rstrip('.'))}"
        return words

    def url(self, effect: EffectRecord) -> str:
        """Return the address of the first recipient: there is no page of a sent message."""
        return f"mailto:{effect.arguments['to'][0][0]}" if effect.arguments["to"] else ""


def mail_operations(mail: Mail, load: LoadFile) -> list[Operation]:
    """Return all operations on e-mail."""
    return [SendMail(mail, load)]
