"""Why texts are like each other, in the words of who told the problem."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

MOST_WORDS = 3
SAYS_LITTLE = frozenset(
    """
    able again always anymore appear appears ask asked asking asks begin begins came come comes coming constantly
    continue continues day days does doesn error errors fail failed failing fails gets getting gives goes going gone got
    happen happened happening happens help hour hours issue issues keep keeping keeps kept know like longer look looks
    make makes minute minutes month morning need needed needs new old people person please problem problems random
    randomly repeatedly report reported reports run running runs said say saying says show shown shows start started
    starting starts stop stopped stopping stops sudden suddenly tell tells thing things time times today tried tries
    try trying use used user users uses using want wanted wants week weeks went work worked working works yesterday
    """.split()  # noqa: SIM905 - 140 literals would be 140 lines
)
"""Verbs, times and other words that say how a problem is told, not what it is about."""
_WORD = re.compile(r"[\w\u0300-\u036f]{2,}")
_ENDS_SENTENCE = re.compile(r"(?:^|[.!?:;•\n])\W*$")
_THE = re.compile(r"\b(the)\s+$", re.IGNORECASE)


def both_mention(terms: Sequence[str], told: str, other: str) -> str:
    """Say which telling words two texts share: three at most, spelled and in the order as in `told`.

    `terms` are words, or pairs of them, as `likeness.words_of` gives them, the most telling first.
    """
    words = list(dict.fromkeys(word for term in terms for word in term.split()))
    telling = [word for word in words if word not in SAYS_LITTLE and not word.isdigit()] or words
    in_order = sorted(telling[:MOST_WORDS], key=lambda word: next((at.start() for at in _places(word, told)), 0))
    spelled = [_spelled(word, told, other) for word in in_order]
    listed = " and ".join(part for part in (", ".join(spelled[:-1]), *spelled[-1:]) if part)
    return f"both mention {listed}"


def _spelled(word: str, told: str, other: str) -> str:
    """Return a word as somebody wrote it inside a sentence, where its first letter tells a name from other words."""
    own = _places(word, told)
    inside = [match for match in own if not _begins_sentence(match)]
    if with_the := [match[0] for match in inside if _THE.search(told[: match.start()])]:
        return f"the {with_the[0]}"
    if inside or not own:
        return inside[0][0] if inside else word
    first = own[0][0]
    theirs = [match[0] for match in _places(word, other) if not _begins_sentence(match)]
    return theirs[0] if theirs and theirs[0].lower() == first.lower() else first


def _places(word: str, text: str) -> list[re.Match[str]]:
    return [match for match in _WORD.finditer(text) if _plain(match[0]) == word]


def _begins_sentence(match: re.Match[str]) -> bool:
    return _ENDS_SENTENCE.search(match.string[: match.start()]) is not None


def _plain(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
