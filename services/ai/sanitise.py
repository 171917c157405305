"""Take secrets and personal data out of text before a model reads it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.ai.personal_data import PERSONAL_DATA_PATTERNS
from services.ai.secret_patterns import SECRET_PATTERNS

SECRET = "SECRET"  # noqa: S105 the name of a kind, no password


@dataclass(frozen=True)
class Find:
    """Something that should not leave: what kind, and where it stands in the text."""

    kind: str
    start: int
    end: int


def find_all(text: str) -> list[Find]:
    """Return what is to be taken out, in order, without overlaps; secrets go before personal data."""
    taken: list[Find] = []
    for find in _candidates(text):
        place = bisect_left(taken, find.start, key=lambda other: other.start)
        is_free_before = place == 0 or taken[place - 1].end <= find.start
        if is_free_before and (place == len(taken) or find.end <= taken[place].start):
            taken.insert(place, find)
    return taken


def _candidates(text: str) -> Iterator[Find]:
    for secret in SECRET_PATTERNS:
        yield from _matches(SECRET, secret.expression, secret.accepts, text)
    for personal in PERSONAL_DATA_PATTERNS:
        yield from _matches(personal.kind, personal.expression, personal.accepts, text)


def _matches(kind: str, expression: re.Pattern[str], accepts: object, text: str) -> Iterator[Find]:
    group: str | int = "value" if "value" in expression.groupindex else 0
    for match in expression.finditer(text):
        if callable(accepts) and accepts(match[group]):
            yield Find(kind, match.start(group), match.end(group))


@dataclass
class Redactor:
    """Replaces finds by placeholders such as `[EMAIL_1]`; the same value gets the same one every time."""

    _placeholders: dict[str, str] = field(default_factory=dict)
    _originals: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def redact(self, text: str) -> str:
        """Return `text` with placeholders for secrets and personal data."""
        parts: list[str] = []
        position = 0
        for find in find_all(text):
            parts += [text[position : find.start], self._placeholder(find.kind, text[find.start : find.end], text)]
            position = find.end
        return "".join([*parts, text[position:]])

    def restore(self, text: str) -> str:
        """Put personal data back; secrets stay out."""
        return _PLACEHOLDER.sub(lambda match: self._originals.get(match[0], match[0]), text)

    @property
    def found(self) -> dict[str, int]:
        """Return how many different values of each kind were taken out."""
        return dict(self._counts)

    def _placeholder(self, kind: str, value: str, text: str) -> str:
        if value not in self._placeholders:
            number = self._counts.get(kind, 0) + 1
            while f"[{kind}_{number}]" in text:  # somebody wrote the placeholder itself
                number += 1
            self._counts[kind] = number
            self._placeholders[value] = f"[{kind}_{number}]"
            if kind != SECRET:
                self._originals[f"[{kind}_{number}]"] = value
        return self._placeholders[value]


_PLACEHOLDER = re.compile(r"\[[A-Z]{2,8}_\d{1,6}\]")


def redact(text: str) -> str:
    """Return `text` without secrets and personal data, for one text on its own."""
    return Redactor().redact(text)
