"""Which templates fit a problem: words in common, weighed by how rare they are (TF-IDF, cosine)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from services.pilot.likeness import Likeness, words_of
from services.pilot.reasons import both_mention
from services.pilot.scripts.types import Template
from services.pilot.stop_words import ENGLISH_STOP_WORDS, TICKET_WORDS

MINIMUM_SCORE = 0.12
"""Below, what is in common is one common word: with the templates that come with FlowPilot and 40 other problems."""
TELLING = frozenset({"full", "empty", "down", "off", "system"})
"""English stop words that tell something of a machine: a full disk, a service that is down."""
EVERYWHERE = frozenset({"machine", "machines", "person", "shows", "user", "users", "computer", "problem", "issue"})
MAX_TEXT_CHARACTERS = 4_000


@dataclass(frozen=True)
class Match:
    """A template that fits; `score` is 0 to 1, `reason` says why."""

    template: Template
    score: float
    reason: str


def best_matches(text: str, templates: Sequence[Template], limit: int) -> list[Match]:
    """Return the templates that fit `text`, the best first; ties by name."""
    if not templates or not text.strip():
        return []
    stop_words = (ENGLISH_STOP_WORDS - TELLING) | EVERYWHERE | TICKET_WORDS
    terms = partial(words_of, stop_words=stop_words, with_pairs=True)
    found: list[Match] = []
    for place, shares in (
        Likeness([_text(each) for each in templates], terms).shares(text[:MAX_TEXT_CHARACTERS]).items()
    ):
        score = sum(shares.values())
        if score >= MINIMUM_SCORE:
            terms_shared = sorted(shares, key=shares.__getitem__, reverse=True)
            reason = both_mention(terms_shared, text[:MAX_TEXT_CHARACTERS], _text(templates[place]))
            found.append(Match(templates[place], min(score, 1.0), reason))
    return sorted(found, key=lambda match: (-match.score, match.template.name))[:limit]


def _text(template: Template) -> str:
    symptoms = ". ".join(template.symptoms)
    return f"{template.name}. {template.name}. {symptoms}. {symptoms}. {template.description}"
