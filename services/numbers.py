"""Numbers as people type them."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d{1,2}")


def number_of(text: str) -> Decimal | None:
    """Return "184.5" or "184,5"; None for no finite number, and for "1,250", which is two numbers to two people."""
    typed = text.strip()
    try:
        number = Decimal(typed.replace(",", ".") if _DECIMAL_COMMA.fullmatch(typed) else typed)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
