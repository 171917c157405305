"""Facts that contradict each other, found by words; a note names both and chooses none.

Careful on purpose: a pair counts only when both say the same thing of the same things with yes against no or with
another number, or answer the same question or check differently. "now", "after", "no longer" tell of a change, not of
a contradiction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from services.pilot.notes.words import NOT, stem, tokens_of
from services.pilot.types import Fact, FactSource

_DENIALS = (
    "fails/ failed/ failing/ failure/ broken/ down/ off/ unlocked/locked disabled/enabled offline/online"
    " disconnected/connected invalid/valid expired/valid closed/open unreachable/reachable missing/present"
    " absent/present unavailable/available inactive/active incorrect/correct wrong/correct refused/accepted"
    " denied/allowed unhealthy/healthy uninstalled/installed unlicensed/licensed different/same"
)
_NEGATIVE = {stem(word): stem(plain) for word, _, plain in (pair.partition("/") for pair in _DENIALS.split())}
"""Words that say the opposite of another one; those of `works` leave nothing, as “Mail fails” denies “Mail works”."""
_EMPTY_WORDS = "work works up can yes fine ok okay able succeed successful correctly"
_EMPTY = frozenset(stem(word) for word in _EMPTY_WORDS.split())
_VALUE = re.compile(
    r"(?i)(?:\b(?:is|are|was|were|has|have|had|shows?|reports?|measures?|version|build)|[:=])\s+(?:[^\W\d]+\s+){0,2}"
    r"[\"'`]?\d"
)
_ANSWER = re.compile(r"^(?P<asked>.{8,}?[?:])\s+(?P<answer>\S.*)$", re.DOTALL)
_HAS_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class _Reading:
    things: frozenset[str]
    numbers: tuple[str, ...]
    is_denied: bool


def _read(text: str) -> _Reading:
    things: set[str] = set()
    numbers: list[str] = []
    denials = 0
    for token in tokens_of(text):
        if token.stem == NOT:
            denials += 1
        elif token.stem in _NEGATIVE:
            denials += 1
            things |= {_NEGATIVE[token.stem]} - {""}
        elif _HAS_DIGIT.search(token.stem):
            numbers.append(token.stem)
        elif token.stem not in _EMPTY:
            things.add(token.stem)
    return _Reading(frozenset(things), tuple(numbers), denials % 2 == 1)


def _contradict(first: Fact, second: Fact, one: _Reading, other: _Reading) -> bool:
    if one == other:
        return False
    if one.things and one.things == other.things:
        if one.numbers == other.numbers:
            return one.is_denied != other.is_denied
        is_value = _VALUE.search(first.text) is not None and _VALUE.search(second.text) is not None
        return len(one.numbers) == len(other.numbers) == 1 and one.is_denied == other.is_denied and is_value
    return _answer_the_same(first, second)


def _answer_the_same(first: Fact, second: Fact) -> bool:
    """Tell whether both answer one question or check; asked twice, another answer is another account."""
    asked = (FactSource.QUESTION, FactSource.CHECK)
    if first.source_type not in asked or second.source_type not in asked:
        return False
    if first.source_ref is not None and first.source_ref == second.source_ref:
        return True
    one, other = _ANSWER.match(first.text), _ANSWER.match(second.text)
    return bool(one and other) and _folded(one["asked"]) == _folded(other["asked"])  # type: ignore[index]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def conflicts(facts: Sequence[Fact]) -> tuple[frozenset[int], ...]:
    """Return groups of numbers of facts that contradict each other, by their lowest number."""
    readings = {fact.number: _read(fact.text) for fact in facts}
    groups: list[set[int]] = []
    for first, second in _candidates(facts, readings):
        if not _contradict(first, second, readings[first.number], readings[second.number]):
            continue
        joined = {first.number, second.number}
        for group in [group for group in groups if group & joined]:
            joined |= group
            groups.remove(group)
        groups.append(joined)
    return tuple(frozenset(group) for group in sorted(groups, key=min))


def _candidates(facts: Sequence[Fact], readings: dict[int, _Reading]) -> list[tuple[Fact, Fact]]:
    """Pair only facts that share something, so that 500 facts stay quick."""
    buckets: dict[object, list[Fact]] = {}
    for fact in facts:
        keys: set[object] = {readings[fact.number].things}
        if fact.source_ref is not None:
            keys.add(fact.source_ref)
        if answered := _ANSWER.match(fact.text):
            keys.add(_folded(answered["asked"]))
        for key in keys:
            buckets.setdefault(key, []).append(fact)
    pairs = {
        (min(a.number, b.number), max(a.number, b.number)): (a, b)
        for bucket in buckets.values()
        for a, b in combinations(bucket, 2)
    }
    return [pairs[numbers] for numbers in sorted(pairs)]
