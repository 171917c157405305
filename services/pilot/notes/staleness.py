"""Tell what of a stored note does not stand any more: facts taken back, changed or contradicted since (TRUST-3)."""

from __future__ import annotations

from dataclasses import dataclass

from services.pilot.notes.conflicts import conflicts
from services.pilot.notes.redaction import NoteRedactor
from services.pilot.notes.sources import sources_of
from services.pilot.notes.types import Note, Sentence, Source, SourceKind
from services.pilot.types import Session

_NAMES = {
    SourceKind.PROBLEM: "the problem or its ticket",
    SourceKind.FIX: "fix {}",
    SourceKind.SCRIPT: "script {}",
    SourceKind.ITEM: "task {}",
    SourceKind.FACT: "{}",
}


@dataclass(frozen=True)
class StaleSentence:
    """A sentence that rests on something that is not so any more, and why, in words."""

    heading: str
    sentence: Sentence
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Staleness:
    """What changed under a note: stale sentences, and labels of facts that it does not tell."""

    sentences: tuple[StaleSentence, ...]
    untold: tuple[str, ...]

    @property
    def is_stale(self) -> bool:
        """Tell whether the note says something that does not stand."""
        return bool(self.sentences)


def staleness(note: Note, session: Session) -> Staleness:
    """Compare a note with the session as it is now."""
    now = sources_of(session, NoteRedactor())
    against = {f"F{each}": group - {each} for group in conflicts(session.known) for each in group}
    stale = []
    for section, sentence in note.all_sentences():
        reasons = [_changed(note.source(label), now.get(label)) for label in sentence.cites]
        reasons += [
            f"F{other} contradicts {label}"
            for label in sentence.cites
            for other in sorted(against.get(label, ()))
            if f"F{other}" not in sentence.cites
        ]
        if found := tuple(reason for reason in reasons if reason):
            stale.append(StaleSentence(section.heading, sentence, found))
    told = {label for _, sentence in note.all_sentences() for label in sentence.cites}
    return Staleness(tuple(stale), tuple(fact.label for fact in session.known if fact.label not in told))


def _changed(then: Source | None, now: Source | None) -> str:
    """Say what happened to a source; numbers are never given twice, so the same label is the same thing."""
    if then is None:
        return ""
    name = _NAMES[then.kind].format(then.label if then.kind is SourceKind.FACT else then.label[1:])
    if now is None or now.ref != then.ref:
        return f"{name} was {'taken back' if then.kind is SourceKind.FACT else 'dismissed'}"
    return f"{name} was changed" if now.digest != then.digest else ""
