"""A note as a tree: sections, their sentences, and what each sentence rests on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.ai.types import RULE_BASED

REDACTED = "[redacted]"
"""What stands in the place of a secret."""


class NoteKind(StrEnum):
    """Which note: for a ticket that is resolved, or for the next engineer."""

    RESOLUTION = "resolution"
    ESCALATION = "escalation"


class Heading(StrEnum):
    """The fixed sections of both notes."""

    PROBLEM = "Problem"
    CONFIRMED = "What we confirmed"
    ROOT_CAUSE = "Root cause"
    RESOLUTION = "Resolution"
    CONFIRMED_SO_FAR = "What we've confirmed"
    TRIED = "What we've tried"
    HYPOTHESIS = "Current hypothesis"
    NEXT_STEPS = "Suggested next steps"


HEADINGS: Mapping[NoteKind, tuple[Heading, ...]] = {
    NoteKind.RESOLUTION: (Heading.PROBLEM, Heading.CONFIRMED, Heading.ROOT_CAUSE, Heading.RESOLUTION),
    NoteKind.ESCALATION: (
        Heading.PROBLEM,
        Heading.CONFIRMED_SO_FAR,
        Heading.TRIED,
        Heading.HYPOTHESIS,
        Heading.NEXT_STEPS,
    ),
}


class SourceKind(StrEnum):
    """What a sentence can rest on; the value is the first letter of its label."""

    PROBLEM = "P"
    FACT = "F"
    FIX = "X"
    SCRIPT = "S"
    ITEM = "L"


class Origin(StrEnum):
    """Who wrote a sentence."""

    RULES = "rules"
    MODEL = "model"
    PERSON = "person"


@dataclass(frozen=True)
class Source:
    """Something that was recorded; `says` is redacted, `digest` tells whether it has changed since."""

    label: str
    ref: str
    says: str
    digest: str

    @property
    def kind(self) -> SourceKind:
        """Tell what it is."""
        return SourceKind(self.label[0])


@dataclass(frozen=True)
class Sentence:
    """One statement and the labels of what it rests on; only a person's own may cite nothing."""

    text: str
    cites: tuple[str, ...]
    origin: Origin = Origin.RULES


@dataclass(frozen=True)
class Section:
    """A heading with its sentences; without any, `empty` says honestly that nothing is recorded.

    `left_out` says what is not told as the note would be too long.
    """

    heading: str
    sentences: tuple[Sentence, ...]
    empty: str = ""
    left_out: str = ""

    @property
    def aside(self) -> str:
        """Return what is said of the section itself."""
        return self.left_out or ("" if self.sentences else self.empty)


@dataclass(frozen=True)
class Note:
    """A note as of `state_version`. `edited_markdown` is the whole text as a person left it, and then what counts."""

    kind: NoteKind
    session_id: str
    state_version: int
    sections: tuple[Section, ...]
    sources: tuple[Source, ...]
    answered_by: str = RULE_BASED
    edited_markdown: str = ""
    edited_by_member_id: int | None = None
    _by_label: Mapping[str, Source] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_label", {source.label: source for source in self.sources})

    @property
    def is_edited(self) -> bool:
        """Tell whether a person changed its words."""
        return bool(self.edited_markdown)

    @property
    def redactions(self) -> int:
        """Count what was taken out of its sentences."""
        return sum(sentence.text.count(REDACTED) for _, sentence in self.all_sentences())

    def source(self, label: str) -> Source | None:
        """Return what a label stands for."""
        return self._by_label.get(label)

    def all_sentences(self) -> Iterator[tuple[Section, Sentence]]:
        """Go through all sentences with their sections."""
        for section in self.sections:
            for sentence in section.sentences:
                yield section, sentence


def digest_of(*parts: object) -> str:
    """Return a short fingerprint of what a source holds."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:16]
