"""Write a note with a model where there is one; what the model says is held against the record."""

from __future__ import annotations

import asyncio
from typing import Protocol

from services.ai.tasks.pilot_note import MAX_STATEMENTS, PILOT_NOTE, NoteInput, NoteSentences, NoteStatement
from services.ai.types import AiTask, Answer
from services.pilot.notes.conflicts import conflicts
from services.pilot.notes.rules import write_note
from services.pilot.notes.support import compose
from services.pilot.notes.types import Note, NoteKind, Sentence
from services.pilot.types import Session


class RunsNoteTask(Protocol):
    """What runs the AI task: `AiTasks`."""

    async def run(
        self, task: AiTask[NoteInput, NoteSentences], data: NoteInput, *, subject: str = ""
    ) -> Answer[NoteSentences]:
        """Answer by a model or by rules, for a session."""


class NoteWriter:
    """Writes notes; never raises for what a model does."""

    def __init__(self, ai: RunsNoteTask) -> None:
        self._ai = ai

    async def write(self, session: Session, kind: NoteKind) -> Note:
        """Return the note in a model's order and joining, every statement as it is recorded; else by rules."""
        draft = await asyncio.to_thread(write_note, session, kind)
        data = note_input(draft)
        if not 0 < len(data.statements) <= MAX_STATEMENTS:
            return draft
        answer = await self._ai.run(PILOT_NOTE, data, subject=session.id)
        if answer.is_rule_based:
            return draft
        proposed = [(each.section, Sentence(each.text, tuple(each.cites))) for each in answer.output.sentences]
        disputed = frozenset(f"F{number}" for group in conflicts(session.known) for number in group)
        return compose(draft, proposed, disputed, answer.answered_by)


def note_input(draft: Note) -> NoteInput:
    """Return what the model is given: the statements, redacted, and nothing else of the session."""
    return NoteInput(
        kind=draft.kind.value,
        sections=tuple(section.heading for section in draft.sections),
        statements=tuple(
            NoteStatement(section=section.heading, text=sentence.text, cites=sentence.cites)
            for section, sentence in draft.all_sentences()
        ),
    )
