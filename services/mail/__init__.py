"""E-mail to people, by SMTP."""

from services.mail.client import Mail
from services.mail.types import Attachment, MailDelivery, MailMessage, MailRecipient, message_id_for

__all__ = ["Attachment", "Mail", "MailDelivery", "MailMessage", "MailRecipient", "message_id_for"]
