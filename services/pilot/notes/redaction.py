"""Take secrets out of notes: known shapes, values of sensitive parameters, and passwords as people say them.

What is stored has none already; this is for what was stored otherwise, and for what models and people write. Names,
addresses and machines stay: the next engineer needs them. Numbers of cards, accounts and social security do not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from services.ai.sanitise import SECRET, find_all
from services.pilot.notes.types import REDACTED
from services.pilot.redaction import SECRET_REFERENCE
from services.pilot.types import Session

_KINDS = frozenset({SECRET, "CARD", "IBAN", "SSN"})
_MIN_SENSITIVE_CHARACTERS = 3
_MIN_FOUND_CHARACTERS = 6
"""Shorter ones (a PIN) may be other numbers elsewhere."""
_SENSITIVE_NAME = re.compile(
    r"(?i)pass(?:word|wd|phrase|code)|pwd|secret|token|credential|api_?key|psk|(?:^|_)pin(?:$|_)"
)
_PLACEHOLDER = re.compile(r"\[SECRET_\d{1,6}\]")
_NO_SECRET = re.compile(
    r"(?i)[\d.,:/-]+(?:[ap]m|[kmgt]i?b|ms|s|h|th|st|nd|rd|%)?|kb\d{6,}|v?\d+(?:\.\w+)+|[\w.+-]+@[\w-]+(?:\.[a-z]{2,})+"
    r"|https?://.*|[a-z]:\\.*|\\\\.*|\[.*\]|secret:.*|windows\d+|office\d+|0x[0-9a-f]+|(?:md|sha|aes|wpa|ntlmv?)-?\d+"
)
_NAMED = (
    r"(?:pass(?:word|wort|code|phrase)|pass|pwd?|psk|(?:wi-?fi|wlan|network|pre-?shared) key|community string|kennwort"
    r"|mot de passe|contraseña|senha|كلمة (?:المرور|السر))"
)
_PASSWORD = re.compile(rf"(?i)\b{_NAMED}\b")
_CHOSEN = re.compile(r"(?<!\S)[\"'`“‘(]*(?P<value>[^\s\"'`“”‘’()]{8,64})")
_LINKS = r"(?:\s+(?:is|was|now|to|of|set|reset|changed|temporarily|still|currently|it|for\s+\S{1,40})|\s*[:=])*"
_QUOTE = r"[\s\"'`“‘(]*"
_CODE = r"(?:mfa|otp|2fa|totp|one-time|verification|authenticator|security|recovery|sign-?in|login|texted|sms)"


def _looks_typed(value: str) -> bool:
    """Tell whether a word beside "password" can be one: letters with digits, or signs that words do not have."""
    if _NO_SECRET.fullmatch(value):
        return False
    mixed = bool(re.search(r"\d", value)) and bool(re.search(r"[^\W\d_]", value))
    return mixed or re.search(r"[!@#$%^&*?+=~]", value) is not None


def _looks_chosen(value: str) -> bool:
    """Tell the same of a word that only stands in a text about passwords: letters, digits and signs together."""
    return _looks_typed(value) and all(re.search(kind, value) for kind in (r"\d", r"[^\W\d_]", r"[!#$%^&*?+=~]"))


def _any(_: str) -> bool:
    return True


_SPOKEN: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (re.compile(r"\b(?P<value>\d{6}(?:-\d{6}){7})\b"), _any),  # BitLocker's recovery password
    (re.compile(r"\b(?P<value>[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4})\b"), _any),  # Microsoft's product keys
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
)


def is_sensitive(parameter: Mapping[str, Any]) -> bool:
    """Tell whether a script's parameter must not be shown: marked so, of the type secret, or named like one."""
    marked = bool(parameter.get("sensitive")) or "secret" in (parameter.get("type"), parameter.get("kind"))
    return marked or _SENSITIVE_NAME.search(str(parameter.get("name", ""))) is not None


def sensitive_values(session: Session) -> set[str]:
    """Return every secret that a session gives away somewhere: what is one in one place is one everywhere.

    Literal values of sensitive script parameters, and what looks like a secret in any of its texts; references such as
    `secret:acme-admin` are none.
    """
    values = {
        str(parameter.get("value", ""))
        for script in session.scripts
        for parameter in script.parameters
        if is_sensitive(parameter)
    }
    values = {value for value in values if len(value) >= _MIN_SENSITIVE_CHARACTERS}
    for text in _texts(session):
        values |= {text[start:end] for start, end in _spans(text) if end - start >= _MIN_FOUND_CHARACTERS}
    return {value for value in values if not value.startswith(SECRET_REFERENCE)}


def _texts(session: Session) -> Iterator[str]:
    yield session.problem
    yield from (fact.text for fact in session.facts)
    yield from (f"{item.text} {item.answer}" for item in session.items)
    for fix in session.fixes:
        yield from (fix.title, fix.description, fix.root_cause)


def redact_secrets(text: str, known: Iterable[str] = ()) -> tuple[str, int]:
    """Return `text` with `[redacted]` in the place of secrets and `known` values, and how many were taken out."""
    text, count = _PLACEHOLDER.subn(REDACTED, text)
    for value in sorted(known, key=len, reverse=True):
        text, found = re.subn(rf"(?<!\w){re.escape(value)}(?!\w)", REDACTED, text)
        count += found
    spans = _spans(text)
    for start, end in reversed(spans):
        text = f"{text[:start]}{REDACTED}{text[end:]}"
    return text, count + len(spans)


@lru_cache(maxsize=4096)
def _spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return where secrets stand, in order; those that overlap are one."""
    found = [(find.start, find.end) for find in find_all(text) if find.kind in _KINDS]
    patterns = [*_SPOKEN, *([(_CHOSEN, _looks_chosen)] if _PASSWORD.search(text) else [])]
    for expression, accepts in patterns:
        found += [match.span("value") for match in expression.finditer(text) if accepts(_ended(match["value"]))]
    spans: list[tuple[int, int]] = []
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        stop = start + len(_ended(text[start:end]))
        if REDACTED in text[start:stop]:
            continue
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(stop, spans[-1][1]))
        else:
            spans.append((start, stop))
    return tuple(spans)


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
