"""Times and texts as vendors write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

_MILLISECONDS_FROM = 100_000_000_000
"""Seconds that large are the year 5138: a larger number is milliseconds."""


def parse_time(value: Any) -> datetime:
    """Return an aware UTC time from ISO text, or an epoch in seconds or milliseconds; ValueError for anything else."""
    if isinstance(value, str) and re.fullmatch(r"\d+", value):
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
        return datetime.fromtimestamp(seconds, UTC)
    if not isinstance(value, str):
        raise ValueError(f"not a time: {value!r}")
    instant = datetime.fromisoformat(value)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def clean(value: Any) -> str:
    """Return text without NUL, which Postgres does not store."""
    return str(value or "").replace("\x00", "")
