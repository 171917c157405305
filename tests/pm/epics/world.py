"""Small tickets and epics to test suggestions with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.pm.epics.types import EpicText, TicketText

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=100)


def day(number: float) -> datetime:
    """Give the instant `number` days after START."""
    return START + timedelta(days=number)


def epic(key: str, summary: str, created: float = 0, resolved: float | None = None) -> EpicText:
    """Make an epic from days after START."""
    resolved_at = None if resolved is None else day(resolved)
    return EpicText(key, key.split("-")[0], summary, "", day(created), resolved_at, resolved is not None)


def ticket(key: str, summary: str, created: float, epic_key: str | None = None, reporter: str = "ann") -> TicketText:
    """Make a ticket from days after START."""
    made = TicketText(key, key.split("-")[0], summary, "", day(created), reporter=reporter)
    return replace(made, epic_key=epic_key)


PAYMENTS = epic("CPE-1", "Card payments at checkout")
SEARCH = epic("CPE-2", "Full text search of the catalogue")
PRINTERS = epic("CPE-3", "Printer drivers for the warehouse")
EPICS = [PAYMENTS, SEARCH, PRINTERS]

CHILDREN = [
    ticket("CPE-10", "Declined card shows a blank checkout page", 5, "CPE-1"),
    ticket("CPE-11", "Refund a card payment twice", 12, "CPE-1"),
    ticket("CPE-12", "Catalogue search ignores umlauts", 20, "CPE-2"),
    ticket("CPE-13", "Search result ranking of the catalogue", 31, "CPE-2"),
    ticket("CPE-14", "Label printer driver prints upside down", 44, "CPE-3"),
]
