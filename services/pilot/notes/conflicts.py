"""Facts that contradict each other, found by words; a note names both and chooses none.

Careful on purpose: a pair counts only when both say the same thing of the same things with yes against no or with
another number, or answer the same question or check differently. "now", "after", "no longer" tell of a change, not of
a contradiction.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

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


def conflicts(facts: Sequence[Fact]) -> tuple[frozenset[int], ...]:
    """Return groups of numbers of facts that contradict each other, by their lowest number.

    Facts are put together by what has to be the same for a contradiction; those of a bucket that are not all read the
    same contradict each other.
    """
    buckets: dict[Hashable, list[tuple[int, _Reading]]] = defaultdict(list)
    for fact in facts:
        reading = _read(fact.text)
        for key in _keys(fact, reading):
            buckets[key].append((fact.number, reading))
    groups: list[set[int]] = []
    for bucket in buckets.values():
        if len({reading for _, reading in bucket}) < 2:
            continue
        joined = {number for number, _ in bucket}
        for group in [group for group in groups if group & joined]:
            joined |= group
            groups.remove(group)
        groups.append(joined)
    return tuple(frozenset(group) for group in sorted(groups, key=min))


def _keys(fact: Fact, reading: _Reading) -> Iterator[Hashable]:
    """Give what a fact has to share with another one to contradict it."""
    if reading.things:
        yield "denial", reading.things, reading.numbers
    # a number that names a thing ("server 2") makes it another thing, not another value
    if reading.things and len(reading.numbers) == 1 and _VALUE.search(fact.text):
        yield "value", reading.things, reading.is_denied
    if fact.source_type in (FactSource.QUESTION, FactSource.CHECK):
        if fact.source_ref is not None:
            yield "source", fact.source_ref
        if answered := _ANSWER.match(fact.text):
            yield "question", " ".join(answered["asked"].casefold().split())
