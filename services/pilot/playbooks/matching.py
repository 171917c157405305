"""Which playbook fits a problem: words in common with its symptoms, and parts of words, so that typing errors pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial

from services.pilot.likeness import Likeness, parts_of_words, words_of
from services.pilot.playbooks import GENERAL, playbooks
from services.pilot.playbooks.types import Playbook
from services.pilot.stop_words import ENGLISH_STOP_WORDS

MINIMUM_SCORE = 0.33
"""Of 1; below, problems of no playbook match one. Of 25 that were tried, one still does: “SQL query slow”."""
WORDS_SHARE = 0.6
WORDS_IN_COMMON = 2
"""With fewer, the words count for less: “wrong” alone says nothing."""
MAX_TEXT_CHARACTERS = 2_000
TELLING = frozenset({"full", "empty", "down", "off", "system", "not", "no", "cannot"})
EVERYWHERE = frozenset({"wrong", "user", "users", "customer", "machine", "problem", "issue", "help", "please", "new"})


@dataclass(frozen=True)
class PlaybookMatch:
    """A playbook that fits, and how well: 0 to 1."""

    playbook: Playbook
    score: float


class _Matcher:
    def __init__(self, books: Mapping[str, Playbook]) -> None:
        phrases = [(name, text) for name, book in books.items() for text in (book.title, *book.symptoms)]
        self._names = [name for name, _ in phrases]
        texts = [text for _, text in phrases]
        stop_words = (ENGLISH_STOP_WORDS - TELLING) | EVERYWHERE
        self._words = Likeness(texts, partial(words_of, stop_words=stop_words))
        self._parts = Likeness(texts, parts_of_words)

    def scores(self, text: str) -> dict[str, float]:
        """Return each playbook's score: that of its nearest phrase."""
        by_words, by_parts = self._words.shares(text), self._parts.shares(text)
        best: dict[str, float] = {}
        for place, name in enumerate(self._names):
            words = by_words.get(place, {})
            enough = min(1.0, len(words) / WORDS_IN_COMMON)
            score = WORDS_SHARE * enough * sum(words.values())
            score += (1 - WORDS_SHARE) * sum(by_parts.get(place, {}).values())
            best[name] = max(best.get(name, 0.0), score)
        return best


@cache
def _matcher() -> _Matcher:
    return _Matcher({name: book for name, book in playbooks().items() if name != GENERAL})


def matches(text: str) -> list[PlaybookMatch]:
    """Return the playbooks that fit, the best first; milliseconds."""
    scores = _matcher().scores(text[:MAX_TEXT_CHARACTERS])
    found = [PlaybookMatch(playbooks()[name], score) for name, score in scores.items() if score >= MINIMUM_SCORE]
    return sorted(found, key=lambda match: (-match.score, match.playbook.name))
