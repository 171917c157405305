"""Take secrets out of notes: known shapes, values of sensitive parameters, and passwords as people say them.

What is stored has none already; this is for what was stored otherwise, and for what models and people write. Names,
addresses and machines stay: the next engineer needs them. Numbers of cards, accounts and social security do not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.ai.sanitise import SECRET, find_all
from services.pilot.notes.types import REDACTED
from services.pilot.redaction import SECRET_REFERENCE
from services.pilot.types import Session

_KINDS = frozenset({SECRET, "CARD", "IBAN", "SSN"})
_MIN_SENSITIVE_CHARACTERS = 3
_SENSITIVE_NAME = re.compile(
    r"(?i)pass(?:word|wd|phrase|code)|pwd|secret|token|credential|api_?key|psk|(?:^|_)pin(?:$|_)"
)
_PLACEHOLDER = re.compile(r"\[SECRET_\d{1,6}\]")
_NO_SECRET = re.compile(
    r"(?i)[\d.,:/-]+(?:[ap]m|[kmgt]i?b|ms|s|h|th|st|nd|rd|%)?|kb\d{6,}|v?\d+(?:\.\w+)+|[\w.+-]+@[\w-]+(?:\.[a-z]{2,})+"
    r"|https?://.*|[a-z]:\\.*|\\\\.*|\[.*\]|secret:.*|windows\d+|office\d+|0x[0-9a-f]+|(?:md|sha|aes|wpa|ntlmv?)-?\d+"
)
_NAMED = r"(?:pass(?:word|wort|code|phrase)|pass|pwd?|psk|(?:wi-?fi|wlan|network|pre-?shared) key|community string)"
_LINKS = r"(?:\s+(?:is|was|now|to|of|set|reset|changed|temporarily|still|currently|it|for\s+\S{1,40})|\s*[:=])*"
_QUOTE = r"[\s\"'`“‘(]*"
_CODE = r"(?:mfa|otp|2fa|totp|one-time|verification|authenticator|security|recovery|sign-?in|login|texted|sms)"


def _looks_typed(value: str) -> bool:
    """Tell whether a word beside "password" can be one: letters with digits, or signs that words do not have."""
    if _NO_SECRET.fullmatch(value):
        return False
    mixed = bool(re.search(r"\d", value)) and bool(re.search(r"[^\W\d_]", value))
    return mixed or re.search(r"[!@#$%^&*?+=~]", value) is not None


def _any(_: str) -> bool:
    return True


_SPOKEN: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (re.compile(rf"(?i)\b{_NAMED}\b{_LINKS}{_QUOTE}(?P<value>[^\s\"'`“”‘’)]{{4,64}})"), _looks_typed),
    (
        re.compile(
            r"(?i)(?<!\S)[\"'`“‘(]?(?P<value>[^\s\"'`“”‘’(]{4,64})[\"'`”’)]?\s+(?:is|was|as|for)\s+"
            rf"(?:(?:the|a|an|his|her|their|my|its|our|new|old|temporary|temp|local|admin|shared|user'?s?)\s+)*{_NAMED}\b"
        ),
        _looks_typed,
    ),
    (
        re.compile(
            rf"(?i)\b{_NAMED}\b[^.!?\n]{{0,60}}\b(?:changed|reset|set)\b[^.!?\n]{{0,40}}?\bto\s+{_QUOTE}"
            r"(?P<value>[^\s\"'`“”‘’)]{4,64})"
        ),
        _looks_typed,
    ),
    (
        re.compile(
            r"(?i)\b(?:credentials?|logins?|log(?:s|ged|ging)? in (?:with|as)|sign(?:s|ed|ing)? in (?:with|as))\b"
            r"[\s:]{1,3}[\w.@\\-]{2,60}\s*[/|:]\s*(?P<value>[^\s\"'`]{4,64})"
        ),
        _looks_typed,
    ),
    (re.compile(r"(?i)\bpin\b(?:\s+(?:is|was|now|to|set|code)|\s*[:=])*\s*[\"'`]?(?P<value>\d{4,8})\b"), _any),
    (re.compile(rf"(?i)\b{_CODE}[\s-]+(?:pass)?(?:code|key|pin)?\b[^.\n\d]{{0,25}}(?P<value>\d{{6,8}})\b"), _any),
    (re.compile(r"\b(?P<value>\d{6}(?:-\d{6}){7})\b"), _any),  # BitLocker's recovery password
    (re.compile(r"\b(?P<value>[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4})\b"), _any),  # Microsoft's product keys
)


def is_sensitive(parameter: Mapping[str, Any]) -> bool:
    """Tell whether a script's parameter must not be shown: marked so, of the type secret, or named like one."""
    marked = bool(parameter.get("sensitive")) or "secret" in (parameter.get("type"), parameter.get("kind"))
    return marked or _SENSITIVE_NAME.search(str(parameter.get("name", ""))) is not None


def sensitive_values(session: Session) -> set[str]:
    """Return the literal values of sensitive parameters of a session's scripts; references are no secrets."""
    values = {
        str(parameter.get("value", ""))
        for script in session.scripts
        for parameter in script.parameters
        if is_sensitive(parameter)
    }
    return {v for v in values if len(v) >= _MIN_SENSITIVE_CHARACTERS and not v.startswith(SECRET_REFERENCE)}


def redact_secrets(text: str, known: Iterable[str] = ()) -> tuple[str, int]:
    """Return `text` with `[redacted]` in the place of secrets and `known` values, and how many were taken out."""
    text, count = _PLACEHOLDER.subn(REDACTED, text)
    for value in sorted(known, key=len, reverse=True):
        text, found = re.subn(rf"(?<!\w){re.escape(value)}(?!\w)", REDACTED, text)
        count += found
    for find in reversed([find for find in find_all(text) if find.kind in _KINDS]):
        end = find.start + len(_ended(text[find.start : find.end]))
        if REDACTED not in text[find.start : end]:
            text, count = text[: find.start] + REDACTED + text[end:], count + 1
    for expression, accepts in _SPOKEN:
        for match in reversed(list(expression.finditer(text))):
            value = _ended(match["value"])
            if accepts(value) and REDACTED not in value:
                start = match.start("value")
                text, count = text[:start] + REDACTED + text[start + len(value) :], count + 1
    return text, count


def _ended(value: str) -> str:
    """Leave out the punctuation that ends the sentence, not the secret."""
    return value.rstrip(".,;:)\"'`”’")


class NoteRedactor:
    """Redacts all texts of one note."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known = tuple(known)

    def redact(self, text: str) -> str:
        """Return `text` on one line, without secrets."""
        return redact_secrets(" ".join(text.split()), self._known)[0]
