"""What personal data looks like in text; each find is checked, so that versions and ids are left alone."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

# written as one, in fours, or as 4-6-5; a digit that stands before by chance must not hide it
CARD = re.compile(
    r"(?<![\d.-])(?:\d{13,19}|\d{4}(?:[ -]\d{4}){3}(?:[ -]?\d{1,3})?|\d{4}[ -]\d{6}[ -]\d{4,5})(?![\d-]|\.\d)"
)


def passes_luhn(text: str) -> bool:
    """Check the digits of a card number against its last one (ISO/IEC 7812-1)."""
    digits = [int(c) for c in text if c.isdigit()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = [d if i % 2 == 0 else (d * 2 - 9 if d > 4 else d * 2) for i, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def passes_iban(text: str) -> bool:
    """Check an IBAN's two check digits (ISO 13616, modulo 97)."""
    compact = re.sub(r"[\s-]", "", text).upper()
    if not 15 <= len(compact) <= 34:
        return False
    rearranged = compact[4:] + compact[:4]
    return int("".join(str(int(c, 36)) for c in rearranged)) % 97 == 1


def is_address(text: str) -> bool:
    """Tell whether this is an IP address of some machine (loopback and unspecified ones tell nothing)."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def is_phone(text: str) -> bool:
    """Tell whether a run of digits and separators is dialled: 7 to 15 digits (ITU-T E.164), no date, no decimal."""
    digits = re.sub(r"\D", "", text)
    if not 9 <= len(digits) <= 15 or len(set(digits)) < 3:
        return False
    return not re.fullmatch(r"(?:19|20)\d{2}[-. /]\d{2}[-. /]\d{2}.*|\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d{2}.*", text)


def is_social_security_number(text: str) -> bool:
    """Tell whether a US social security number can have been issued (not 000, 666, 9xx; no zero group)."""
    area, group, serial = re.split(r"\D", text)
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


@dataclass(frozen=True)
class PersonalDataPattern:
    """A kind of personal data: its placeholder's name, what it looks like, and the check that settles it."""

    kind: str
    expression: re.Pattern[str]
    accepts: Callable[[str], bool] = bool


PERSONAL_DATA_PATTERNS: tuple[PersonalDataPattern, ...] = (
    PersonalDataPattern(
        "EMAIL",
        re.compile(
            r"(?<![\w.+%-])[\w.+%-][\w.+%'-]{0,63}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w-])"
        ),
    ),
    PersonalDataPattern(
        "IBAN", re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?\b"), passes_iban
    ),
    PersonalDataPattern("CARD", CARD, passes_luhn),
    PersonalDataPattern("SSN", re.compile(r"(?<![\d-])\d{3}[- ]\d{2}[- ]\d{4}(?![\d-])"), is_social_security_number),
    PersonalDataPattern("IP", re.compile(r"(?<![\w.:])(?<!v)(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)"), is_address),
    PersonalDataPattern(
        "IP", re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])"), is_address
    ),
    PersonalDataPattern(
        "PHONE",
        re.compile(
            r"(?<![\w.:/#=-])(?:\+|00)\d{1,3}[ .-]?(?:\(\d{1,5}\)[ .-]?)?\d(?:[ .-]?\d){5,12}"
            r"(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?![\w-])"
        ),
        is_phone,
    ),
    PersonalDataPattern(
        "PHONE",
        re.compile(
            r"(?<![\w.:/#=-])(?:1[ .-])?(?:\(\d{2,5}\)\s?|\d{3}[ .-])\d{3}[ .-]\d{4}"
            r"(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?![\w-]|\.\d)"
        ),
        is_phone,
    ),
    PersonalDataPattern(
        "PHONE",
        re.compile(
            r"(?i)(?:phone|mobile|cell|fax|tel\.?|call(?: me)?(?: at| on)?)[:\s]{1,3}(?P<value>\(?\d[\d() .-]{7,18}\d)"
        ),
        is_phone,
    ),
)
