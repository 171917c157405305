"""Resolution notes and escalation packages: sentences that cite what they rest on."""

from __future__ import annotations

from services.pilot.notes.debounce import Debounce
from services.pilot.notes.edits import editable, edited
from services.pilot.notes.previews import NotePreviews
from services.pilot.notes.rendering import Cites, SlackSection, adf, digest, markdown, plain, slack_sections
from services.pilot.notes.rules import write_note
from services.pilot.notes.staleness import Staleness, StaleSentence, staleness
from services.pilot.notes.storage import ARTIFACTS, as_stored, note_from_json, note_to_json
from services.pilot.notes.types import Note, NoteKind, Origin, Section, Sentence, Source
from services.pilot.notes.writer import NoteWriter

__all__ = [
    "ARTIFACTS",
    "Cites",
    "Debounce",
    "Note",
    "NoteKind",
    "NotePreviews",
    "NoteWriter",
    "Origin",
    "Section",
    "Sentence",
    "SlackSection",
    "Source",
    "StaleSentence",
    "Staleness",
    "adf",
    "as_stored",
    "digest",
    "editable",
    "edited",
    "markdown",
    "note_from_json",
    "note_to_json",
    "plain",
    "slack_sections",
    "staleness",
    "write_note",
]
