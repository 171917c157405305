"""Alerts: agents hand over findings; this decides who hears of what and when."""

from services.alerts.decide import QuietHours, RecipientState, decide
from services.alerts.service import Alerts
from services.alerts.types import (
    Action,
    AlertRenderer,
    AlertSender,
    Decision,
    DigestEntry,
    FeedbackReceipt,
    Finding,
    Outcome,
    Precision,
    Recipient,
    Severity,
    Snooze,
    Status,
)

__all__ = [
    "Action",
    "AlertRenderer",
    "AlertSender",
    "Alerts",
    "Decision",
    "DigestEntry",
    "FeedbackReceipt",
    "Finding",
    "Outcome",
    "Precision",
    "QuietHours",
    "Recipient",
    "RecipientState",
    "Severity",
    "Snooze",
    "Status",
    "decide",
]
