"""Notes as JSON, to be kept with the session, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.errors import InvalidInputError
from services.pilot.notes.redaction import PLACEHOLDER
from services.pilot.notes.types import REDACTED, Note, NoteKind, Section, Source
from services.pilot.redaction import cleaned

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


def as_stored(note: Note) -> Note:
    """Return a note as it comes back from where sessions are kept, which takes out what it holds of secrets.

    Whoever posts a note posts this, so that posting it again posts the same.
    """
    data = note_to_json(note)
    while (stored := _unnumbered(cleaned(data))) != data:
        data = stored
    return note_from_json(data)


def _unnumbered(value: Any) -> Any:
    if isinstance(value, str):
        return PLACEHOLDER.sub(REDACTED, value)
    if isinstance(value, dict):
        return {key: _unnumbered(item) for key, item in value.items()}
    return [_unnumbered(item) for item in value] if isinstance(value, list) else value
