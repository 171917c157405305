"""What an e-mail is made of, and what became of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message; the media type is such as "application/pdf"."""

    file_name: str
    content: bytes
    media_type: str = "application/octet-stream"


@dataclass(frozen=True)
class MailRecipient:
    """Somebody's address, and their name as it stands before it."""

    address: str
    name: str = ""


@dataclass(frozen=True)
class MailMessage:
    """One e-mail to some people. `message_id` is the same whenever the same message is sent again; empty, it follows
    from what the message says.
    """

    to: tuple[MailRecipient, ...]
    subject: str
    text: str
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    message_id: str = ""


@dataclass(frozen=True)
class MailDelivery:
    """What the mail server said of each address: taken, refused (with its words), or asked to come again later."""

    accepted: tuple[str, ...] = ()
    refused: dict[str, str] = field(default_factory=dict)
    deferred: dict[str, str] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Tell whether everybody gets it."""
        return not self.refused and not self.deferred


def message_id_for(key: str, sender_address: str) -> str:
    """Return the Message-ID (RFC 5322) of the message with this key: equal keys, equal ids."""
    domain = sender_address.rpartition("@")[2] or "flowpilot.invalid"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def fingerprint(message: MailMessage) -> str:
    """Return what tells a message from another that says something else, or says it to others."""
    parts: list[str | bytes] = [*(each.address for each in message.to), message.subject, message.text, message.html]
    for attachment in message.attachments:
        parts += [attachment.file_name, attachment.content]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part.encode() if isinstance(part, str) else part).digest())
    return digest.hexdigest()
