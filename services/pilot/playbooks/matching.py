"""Which playbook fits a problem: words in common with its symptoms, and parts of words, so that typing errors pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from services.pilot.playbooks import GENERAL, playbooks
from services.pilot.playbooks.types import Playbook

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
        from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer

        phrases = [(name, text) for name, book in books.items() for text in (book.title, *book.symptoms)]
        stop_words = sorted((ENGLISH_STOP_WORDS - TELLING) | EVERYWHERE)
        self._names = [name for name, _ in phrases]
        self._vectorizers: list[tuple[float, Any]] = [
            (WORDS_SHARE, TfidfVectorizer(sublinear_tf=True, stop_words=stop_words, strip_accents="unicode")),
            (1 - WORDS_SHARE, TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5))),
        ]
        self._matrices = [
            vectorizer.fit_transform([text for _, text in phrases]) for _, vectorizer in self._vectorizers
        ]

    def scores(self, text: str) -> dict[str, float]:
        """Return each playbook's score: that of its nearest phrase."""
        (word_share, words), (part_share, parts) = self._vectorizers
        query = words.transform([text])
        by_words, by_parts = self._matrices
        in_common = (by_words > 0) @ (query > 0).T.astype(int)
        enough = (in_common.toarray()[:, 0] / WORDS_IN_COMMON).clip(max=1.0)
        total = word_share * enough * (by_words @ query.T).toarray()[:, 0]
        total = total + part_share * (by_parts @ parts.transform([text]).T).toarray()[:, 0]
        best: dict[str, float] = {}
        for name, score in zip(self._names, total, strict=True):
            best[name] = max(best.get(name, 0.0), float(score))
        return best


@cache
def _matcher() -> _Matcher:
    return _Matcher({name: book for name, book in playbooks().items() if name != GENERAL})


def matches(text: str) -> list[PlaybookMatch]:
    """Return the playbooks that fit, the best first; takes a second when it is called first, then milliseconds."""
    scores = _matcher().scores(text[:MAX_TEXT_CHARACTERS])
    found = [PlaybookMatch(playbooks()[name], score) for name, score in scores.items() if score >= MINIMUM_SCORE]
    return sorted(found, key=lambda match: (-match.score, match.playbook.name))
