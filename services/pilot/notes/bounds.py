"""Keep a note within what a ticket takes, and say in it what was left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from services.pilot.notes.rendering import markdown_words
from services.pilot.notes.types import Heading, Section, Sentence

NOTE_CHARACTERS = 24_000
"""Well under the 30,000 that a person may make of it, and the 32,767 of a Jira comment with its escapes."""
PROBLEM_CHARACTERS = 6_000
_LABEL_CHARACTERS = 8
_MOST_RANGES = 20
_KINDS = {"P": "parts of the problem", "F": "facts", "X": "fixes", "S": "scripts", "L": "items"}


def bounded(sections: Sequence[Section], needed: Collection[str]) -> tuple[Section, ...]:
    """Return the sections cut to `NOTE_CHARACTERS`: of the problem its start stays, elsewhere the newest.

    Sentences that cite one of the `needed` labels stay as long as there is room for them.
    """
    sizes = [sum(map(_size, section.sentences)) for section in sections]
    if sum(sizes) <= NOTE_CHARACTERS:
        return tuple(sections)
    wished = [min(s, PROBLEM_CHARACTERS) if _is_problem(each) else s for s, each in zip(sizes, sections, strict=True)]
    shares = _shares(wished, NOTE_CHARACTERS)
    return tuple(_cut(section, share, needed) for section, share in zip(sections, shares, strict=True))


def _is_problem(section: Section) -> bool:
    return section.heading == Heading.PROBLEM


def _size(sentence: Sentence) -> int:
    return len(markdown_words(sentence.text)) + _LABEL_CHARACTERS * len(sentence.cites)


def _shares(wished: Sequence[int], total: int) -> list[int]:
    """Give each what it wishes, and those that wish more than an even share the same."""
    shares = [0] * len(wished)
    order = sorted(range(len(wished)), key=lambda number: wished[number])
    for place, number in enumerate(order):
        shares[number] = min(wished[number], total // (len(order) - place))
        total -= shares[number]
    return shares


def _cut(section: Section, share: int, needed: Collection[str]) -> Section:
    newest_first = range(len(section.sentences))
    if not _is_problem(section):
        newest_first = newest_first[::-1]
    by_need = sorted(newest_first, key=lambda number: set(section.sentences[number].cites).isdisjoint(needed))
    kept: dict[int, Sentence] = {}
    room = share
    for number in by_need:
        sentence = section.sentences[number]
        if not kept and _size(sentence) > share:
            sentence = replace(sentence, text=f"{sentence.text[: max(0, share - _LABEL_CHARACTERS)].rstrip()}…")
        room -= _size(sentence)
        if room < 0 and kept:
            break
        kept[number] = sentence
    missing = [each for number, each in enumerate(section.sentences) if number not in kept]
    told = tuple(kept[number] for number in sorted(kept))
    return replace(section, sentences=told, left_out=_words(missing)) if missing else replace(section, sentences=told)


def _words(missing: Sequence[Sentence]) -> str:
    """Say how much is missing, and which by their labels."""
    by_kind: dict[str, list[int]] = defaultdict(list)
    for label in dict.fromkeys(sentence.cites[0] for sentence in missing):
        by_kind[label[0]] += [int(label[1:])] if label[1:] else []
    which = "; ".join(f"{_KINDS[letter]}{_ranges(letter, numbers)}" for letter, numbers in by_kind.items())
    count = "1 statement" if len(missing) == 1 else f"{len(missing):,} statements"
    return f"Left out as the note would be too long: {count} ({which}). The session in FlowPilot has them."


def _ranges(letter: str, numbers: Sequence[int]) -> str:
    """Write F1, F2, F3, F7 as “ F1 to F3, F7”."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    written = [f"{letter}{a}" if a == b else f"{letter}{a} to {letter}{b}" for a, b in runs[:_MOST_RANGES]]
    more = f" and {len(runs) - _MOST_RANGES} more ranges" if len(runs) > _MOST_RANGES else ""
    return f" {', '.join(written)}{more}" if written else ""
