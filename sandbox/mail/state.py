"""What the mail server of the sandbox took in: messages as they came, and what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

Json = dict[str, Any]


@dataclass
class MailFile:
    """An attachment."""

    file_name: str
    media_type: str
    content: bytes


@dataclass
class ReceivedMail:
    """One message that was taken in, for `recipients` (the envelope's, not the header's)."""

    id: int
    sender: str
    recipients: list[str]
    raw: bytes
    at: datetime
    copies: int = 1
    message: EmailMessage = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.message = message_from_bytes(self.raw, policy=default)

    @property
    def message_id(self) -> str:
        """Its Message-ID, or nothing."""
        return str(self.message.get("Message-ID", "")).strip()

    def body(self, kind: str) -> str:
        """Return the plain or the html text, or nothing."""
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part is not None else ""

    def files(self) -> list[MailFile]:
        """Return the attachments."""
        return list(self._files())

    def _files(self) -> Iterator[MailFile]:
        for part in self.message.iter_attachments():
            content = part.get_payload(decode=True)
            yield MailFile(
                part.get_filename() or "attachment",
                part.get_content_type(),
                content if isinstance(content, bytes) else b"",
            )

    def line(self) -> Json:
        """Return what a list of mails shows."""
        return {
            "id": self.id,
            "from": str(self.message.get("From", self.sender)),
            "to": str(self.message.get("To", "")),
            "recipients": self.recipients,
            "subject": str(self.message.get("Subject", "")),
            "at": self.at.isoformat(),
            "message_id": self.message_id,
            "copies": self.copies,
            "files": [each.file_name for each in self.files()],
        }

    def whole(self) -> Json:
        """Return what an opened mail shows."""
        return {
            **self.line(),
            "text": self.body("plain"),
            "has_html": bool(self.body("html")),
            "headers": {name: str(value) for name, value in self.message.items()},
            "attachments": [
                {"file_name": each.file_name, "media_type": each.media_type, "size": len(each.content)}
                for each in self.files()
            ],
        }


@dataclass
class MailState:
    """All mail, and where the server listens once it does."""

    mails: list[ReceivedMail] = field(default_factory=list)
    host: str = ""
    port: int = 0

    def take(self, sender: str, recipients: list[str], raw: bytes, at: datetime) -> ReceivedMail:
        """Keep a message; the same Message-ID for the same people is one mail with a copy more, as mailboxes show."""
        mail = ReceivedMail(len(self.mails) + 1, sender, recipients, raw, at)
        for known in self.mails:
            if mail.message_id and (known.message_id, known.recipients) == (mail.message_id, mail.recipients):
                known.copies += 1
                return known
        self.mails.append(mail)
        return mail

    def mailbox(self, address: str = "") -> list[ReceivedMail]:
        """Return the mails of one address, or of everybody, newest first."""
        wanted = address.casefold()
        return [
            mail
            for mail in reversed(self.mails)
            if not wanted or wanted in (recipient.casefold() for recipient in mail.recipients)
        ]

    def mail(self, number: int) -> ReceivedMail | None:
        """Return one mail."""
        return self.mails[number - 1] if 0 < number <= len(self.mails) else None
