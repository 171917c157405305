"""Alerts: agents hand over findings; this decides who hears of what and when."""

from services.alerts.absences import Absences
from services.alerts.decide import QuietHours, RecipientState, decide
from services.alerts.service import Alerts
from services.alerts.snoozing import SnoozeChoice
from services.alerts.types import (
    Absence,
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
    "Absence",
    "Absences",
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
    "SnoozeChoice",
    "Status",
    "decide",
]
