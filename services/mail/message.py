"""An e-mail as it goes over the wire; whatever is in a name or a subject stays in its one header."""

from __future__ import annotations

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

from services.errors import InvalidInputError
from services.mail.types import Attachment, MailMessage

_MESSAGE_ID = re.compile(r"<[\w.+-]+@[\w.-]+>", re.ASCII)
_ADDRESS = re.compile(r"[^\s@<>\",;:\\()\[\]\x00-\x1f\x7f]+@[^\s@<>\",;:\\()\[\]\x00-\x1f\x7f]+")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_NOT_IN_A_LINE = re.compile(r"[\s\x00-\x1f\x7f\u0085\u2028\u2029]+")
MAX_SUBJECT_CHARACTERS = 250


def one_line(text: str) -> str:
    """Return the text without line breaks and control characters: a header cannot be ended by it."""
    return _NOT_IN_A_LINE.sub(" ", text).strip()


def is_address(text: str) -> bool:
    """Tell whether something is an e-mail address and nothing besides (no name, no second one)."""
    local, _, domain = text.rpartition("@")
    is_shaped = _ADDRESS.fullmatch(text) is not None and len(local) <= 64 and len(domain) <= 253
    return is_shaped and ".." not in text and not local.startswith(".") and not local.endswith(".")


def ascii_domain(address: str) -> str:
    """Return the address with its domain as DNS has it; raises `InvalidInputError` where there is no such form."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise InvalidInputError(f"{domain} is not a domain.") from None


def sender_of(mail_from: str) -> Address:
    """Read "Name <address>" or an address; raises `InvalidInputError`."""
    name, address = parseaddr(mail_from)
    if not is_address(address):
        raise InvalidInputError(
            "MAIL_FROM is not an e-mail address.", hint="It looks like FlowPilot <flowpilot@your-company.com>."
        )
    return address_of(address, name)


def address_of(address: str, name: str = "") -> Address:
    """Return an address as headers have it."""
    return Address(one_line(name), addr_spec=ascii_domain(address)) if address.isascii() else _wide(address, name)


def _wide(address: str, name: str) -> Address:
    """Return an address that is not all ASCII; only its domain can be written otherwise."""
    local, _, domain = ascii_domain(address).rpartition("@")
    return Address(one_line(name), local, domain)


def compose(message: MailMessage, sender: Address, to: tuple[Address, ...], at: datetime) -> EmailMessage:
    """Return the message with all its headers; raises `InvalidInputError` for a Message-ID that is none."""
    if not _MESSAGE_ID.fullmatch(message.message_id):
        raise InvalidInputError("An e-mail needs a Message-ID such as <key@company.com>.")
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = one_line(message.subject)[:MAX_SUBJECT_CHARACTERS]
    mail["Date"] = at
    mail["Message-ID"] = message.message_id
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: out-of-office answers do not answer it
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    for attachment in message.attachments:
        _attach(mail, attachment)
    return mail


def _attach(mail: EmailMessage, attachment: Attachment) -> None:
    known = _MEDIA_TYPE.fullmatch(attachment.media_type) is not None
    main, _, sub = (attachment.media_type if known else "application/octet-stream").partition("/")
    name = one_line(attachment.file_name).replace("/", "_").replace("\\", "_") or "attachment"
    mail.add_attachment(attachment.content, maintype=main, subtype=sub, filename=name)
