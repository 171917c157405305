"""Take secrets out of notes: known shapes, values of sensitive parameters, and passwords as people say them.

What is stored has none already; this is for what was stored otherwise, and for what models and people write. Names,
addresses and machines stay: the next engineer needs them. Numbers of cards, accounts and social security do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from services.ai.sanitise import SECRET, find_all
from services.pilot.notes.types import REDACTED
from services.pilot.redaction import SECRET_REFERENCE
from services.pilot.spoken_secrets import ended, spoken
from services.pilot.types import Session

_KINDS = frozenset({SECRET, "CARD", "IBAN", "SSN"})
_MIN_SENSITIVE_CHARACTERS = 3
_REMEMBERED_CHARACTERS = 500
_MIN_FOUND_CHARACTERS = 6
"""Shorter ones (a PIN) may be other numbers elsewhere."""
_SENSITIVE_NAME = re.compile(
    r"(?i)pass(?:word|wd|phrase|code)|pwd|secret|token|credential|api_?key|psk|(?:^|_)pin(?:$|_)"
)
PLACEHOLDER = re.compile(r"\[SECRET_\d{1,6}\]")


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
    text, count = PLACEHOLDER.subn(REDACTED, text)
    for value in sorted(known, key=len, reverse=True):
        text, found = re.subn(rf"(?<!\w){re.escape(value)}(?!\w)", REDACTED, text)
        count += found
    spans = _spans(text)
    for start, end in reversed(spans):
        text = f"{text[:start]}{REDACTED}{text[end:]}"
    return text, count + len(spans)


def _spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return where secrets stand, in order; a note is written again with each change, and most of its texts stay."""
    return _remembered_spans(text) if len(text) <= _REMEMBERED_CHARACTERS else _find_spans(text)


def _find_spans(text: str) -> tuple[tuple[int, int], ...]:
    shaped = [(find.start, find.end) for find in find_all(text) if find.kind in _KINDS]
    found = [*((start, start + len(ended(text[start:end]))) for start, end in shaped), *spoken(text)]
    spans: list[tuple[int, int]] = []
    for start, stop in sorted(found, key=lambda span: (span[0], -span[1])):
        if REDACTED in text[start:stop]:
            continue
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(stop, spans[-1][1]))
        else:
            spans.append((start, stop))
    return tuple(spans)


_remembered_spans = lru_cache(maxsize=4096)(_find_spans)


class NoteRedactor:
    """Redacts all texts of one note."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known = tuple(known)

    def redact(self, text: str) -> str:
        """Return `text` on one line, without secrets."""
        return redact_secrets(" ".join(text.split()), self._known)[0]
