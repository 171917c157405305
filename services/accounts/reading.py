"""Read what people put into settings; `ValueError` says what is wrong, in words for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import time
from typing import Any
from zoneinfo import available_timezones

from services.numbers import number_of

MAX_DAILY_CAP = 100
MAX_BUDGET_USD = 100_000


def zone(given: Any) -> str:
    """Read an IANA name."""
    if given not in available_timezones():
        raise ValueError("Use a name such as America/New_York or Europe/Berlin.")
    return str(given)


def clock_time(given: Any) -> str:
    """Read a time of day, as "18:00"."""
    try:
        return time.fromisoformat(str(given)).strftime("%H:%M")
    except ValueError:
        raise ValueError("Use a time such as 18:00.") from None


def cap(given: Any) -> int:
    """Read a whole number up to `MAX_DAILY_CAP`."""
    text = str(given).strip()
    if not (text.isascii() and text.isdigit() and int(text[:9]) <= MAX_DAILY_CAP):
        raise ValueError(f"Use a whole number from 0 to {MAX_DAILY_CAP}.")
    return int(text)


def budget(given: Any) -> float:
    """Read an amount of US dollars."""
    amount = number_of(str(given).strip().removeprefix("$"))
    if amount is None:
        raise ValueError("Use an amount such as 100 or 49.50.")
    if not 0 <= amount <= MAX_BUDGET_USD:
        raise ValueError(f"Use an amount from 0 to {MAX_BUDGET_USD:,}.")
    return float(amount)


def channel(given: Any) -> str | None:
    """Read a channel's id; nothing is none."""
    return str(given) if given else None


def people(given: Any) -> list[str] | None:
    """Read Slack ids of people; nobody is None."""
    return [str(each) for each in given] if given else None


def one_of(choices: Sequence[str]) -> Callable[[Any], str]:
    """Return what reads one of some choices."""

    def read(given: Any) -> str:
        if given not in choices:
            raise ValueError(f"Choose one of {', '.join(choices)}.")
        return str(given)

    return read
