"""Notes as JSON, to be kept with the session, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.errors import InvalidInputError
from services.pilot.notes.types import Note, NoteKind, Section, Source

ARTIFACTS = {NoteKind.RESOLUTION: "resolution_note", NoteKind.ESCALATION: "escalation_package"}
"""Under which names a session keeps them."""
_SECTIONS = TypeAdapter(tuple[Section, ...])
_SOURCES = TypeAdapter(tuple[Source, ...])
_PLAIN = ("session_id", "state_version", "answered_by", "edited_markdown", "edited_by_member_id")


def note_to_json(note: Note) -> dict[str, Any]:
    """Return what `note_from_json` reads."""
    return {
        "kind": note.kind.value,
        **{name: getattr(note, name) for name in _PLAIN},
        "sections": _SECTIONS.dump_python(note.sections, mode="json"),
        "sources": _SOURCES.dump_python(note.sources, mode="json"),
    }


def note_from_json(data: Mapping[str, Any]) -> Note:
    """Return a stored note, or raise `InvalidInputError` when it is none."""
    try:
        return Note(
            kind=NoteKind(data["kind"]),
            sections=_SECTIONS.validate_python(data["sections"]),
            sources=_SOURCES.validate_python(data["sources"]),
            **{name: data[name] for name in _PLAIN},
        )
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise InvalidInputError("This is no stored note.", hint="Preview the note again.") from error
