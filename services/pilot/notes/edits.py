"""Take over what a person made of a note: their words are theirs, what they left keeps its citations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from services.errors import InvalidInputError
from services.pilot.notes.redaction import NoteRedactor, redact_secrets, sensitive_values
from services.pilot.notes.rendering import Cites, markdown
from services.pilot.notes.sources import sources_of
from services.pilot.notes.types import Note, Origin, Section, Sentence
from services.pilot.types import Session

MAX_NOTE_CHARACTERS = 30_000
"""Under the 32,767 characters of a Jira comment."""
_HEADING = re.compile(r"^#{1,6}\s+(?P<heading>.+?)\s*#*$")
_BULLET = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_LABELS = re.compile(r"(?:\s*\[(?:P|[FXSL]\d{1,5})\])+\s*$")
_LABEL = re.compile(r"\[(P|[FXSL]\d{1,5})\]")


def editable(note: Note) -> str:
    """Return what goes into the form: Markdown with all labels."""
    return markdown(note, Cites.ALL)


def edited(note: Note, text: str, session: Session, member_id: int | None) -> Note:
    """Return the note with a person's text: unchanged sentences as they were, all others marked as theirs.

    Secrets are taken out of it. Raises `InvalidInputError` when it is empty or too long to post.
    """
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise InvalidInputError("The note is empty; nothing was changed.", hint="Write at least a sentence.")
    if len(text) > MAX_NOTE_CHARACTERS:
        raise InvalidInputError(
            f"The note has {len(text):,} characters and can have {MAX_NOTE_CHARACTERS:,}.", hint="Shorten it."
        )
    cleaned, _ = redact_secrets(text, sensitive_values(session))
    if cleaned == editable(note).strip():
        return note
    sources = sources_of(session, NoteRedactor(sensitive_values(session)))
    known = sources | {source.label: source for source in note.sources}
    sections = _sections(note, cleaned, frozenset(known))
    cited = {label for section in sections for sentence in section.sentences for label in sentence.cites}
    return replace(
        note,
        sections=sections,
        sources=tuple(source for label, source in known.items() if label in cited),
        edited_markdown=cleaned + "\n",
        edited_by_member_id=member_id,
    )


def _sections(note: Note, text: str, known: frozenset[str]) -> tuple[Section, ...]:
    """Read headings and lines; only lines that a note has not had are the person's."""
    shown = _lines_shown(note)
    empty = {section.heading: section.empty for section in note.sections}
    left_out = {f"_{section.left_out}_": section.left_out for section in note.sections if section.left_out}
    unwritten = {f"_{words}_" for words in empty.values()} | set(left_out)
    sections: list[tuple[str, list[Sentence]]] = []
    still_left_out: dict[str, str] = {}
    for line in text.split("\n"):
        if heading := _HEADING.match(line):
            sections.append((heading["heading"], []))
        elif sections and line.strip() in left_out:
            still_left_out[sections[-1][0]] = left_out[line.strip()]
        elif line.strip() and line.strip() not in unwritten:
            if not sections:
                sections.append(("", []))
            sections[-1][1].append(_sentence(line, shown, known))
    return tuple(
        Section(heading, tuple(found), empty.get(heading, ""), still_left_out.get(heading, ""))
        for heading, found in sections
    )


def _lines_shown(note: Note) -> Mapping[str, Sentence]:
    """Return each sentence by the line that the form shows of it."""
    if note.is_edited:
        return {each.text: each for _, each in note.all_sentences()}
    lines = (line for line in editable(note).split("\n") if line.startswith("- "))
    return dict(zip(map(_words, lines), (sentence for _, sentence in note.all_sentences()), strict=True))


def _words(line: str) -> str:
    return _LABELS.sub("", _BULLET.sub("", line)).strip()


def _sentence(line: str, shown: Mapping[str, Sentence], known: frozenset[str]) -> Sentence:
    words = _words(line)
    if unchanged := shown.get(words):
        return unchanged
    labels = _LABELS.search(line)
    cites = tuple(label for label in _LABEL.findall(labels[0]) if label in known) if labels else ()
    return Sentence(words, cites, Origin.PERSON)
