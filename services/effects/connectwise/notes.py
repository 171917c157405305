"""Notes on tickets: posted once, found again by a mark in their last line, deleted to undo."""

from __future__ import annotations

import hashlib
from typing import Any

from services.effects.changes import Deleting, was_so_already
from services.effects.connectwise.base import TicketOperation, number_of
from services.effects.types import EffectRecord, Json, Undo
from services.errors import VendorNotFoundError
from services.vendors.connectwise import ConnectWiseClient, ConnectWiseNote, NoteFlag

FLAGS = {"discussion": NoteFlag.DISCUSSION, "internal": NoteFlag.INTERNAL, "resolution": NoteFlag.RESOLUTION}
NAMES = {"discussion": "note", "internal": "internal note", "resolution": "resolution note"}


def mark(marker: str) -> str:
    """Return what stands in a note's last line for a marker: ConnectWise keeps nothing of ours but words."""
    return f"FP-{hashlib.sha256(marker.encode()).hexdigest()[:20]}"


def note_text(markdown: str, name: str, marker: str) -> str:
    """Return the note with the line that says for whom it was written, and its mark."""
    return f"{markdown.strip()}\n\n— via FlowPilot for {' '.join(name.split())} · {mark(marker)}"


async def find_note(connectwise: ConnectWiseClient, ticket_id: int, marker: str) -> ConnectWiseNote | None:
    """Return the oldest note with that mark: a younger one quotes it."""
    wanted = mark(marker)
    return next((note for note in await connectwise.notes(ticket_id) if wanted in note.text), None)


class PostNote(TicketOperation):
    """`connectwise.note` {markdown, kind: discussion, internal or resolution, marker}: one note a marker, for good."""

    name = "connectwise.note"

    async def read(self, effect: EffectRecord) -> Json:
        """Return the note: by its id once it has one, before by its mark."""
        number, note_id = number_of(effect.target), (effect.after or {}).get("note_id")
        if note_id is None:
            return _state(await find_note(self._connectwise, number, effect.arguments["marker"]))
        try:
            return _state(await self._connectwise.note(number, note_id))
        except VendorNotFoundError:
            return {"note_id": note_id, "is_there": False}

    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Tell whether a note with the mark is there."""
        return bool(state.get("is_there"))

    async def _write(self, effect: EffectRecord) -> Json:
        flag = FLAGS[effect.arguments["kind"]]
        made = await self._connectwise.add_note(number_of(effect.target), _text(effect), flag)
        return {"note_id": made.id}

    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Say so when the note is gone, says something else, or stands elsewhere on the ticket."""
        if not after.get("is_there", True):
            return f"ConnectWise does not show the note on {effect.target}."
        if "digest" in after and after["digest"] != _digest(_text(effect)):
            return f"The note on {effect.target} does not say what was posted."
        if "flags" in after and FLAGS[effect.arguments["kind"]].value not in after["flags"]:
            return f"The note on {effect.target} is not a {NAMES[effect.arguments['kind']]}."
        return None

    def undo(self, effect: EffectRecord) -> Undo | None:
        """Delete it."""
        note_id = (effect.after or {}).get("note_id")
        return Undo(DeleteNote.name, {"note_id": note_id}) if note_id else None

    def describe(self, effect: EffectRecord) -> str:
        """Say what was posted."""
        what = NAMES[effect.arguments["kind"]]
        if was_so_already(effect):
            return f"The {what} was on *{effect.target}* already"
        return f"Posted the {what} on *{effect.target}*"


class DeleteNote(Deleting, TicketOperation):
    """`connectwise.delete_note` {note_id}."""

    name = "connectwise.delete_note"
    what = "note"

    async def read(self, effect: EffectRecord) -> Json:
        """Return whether the note is there."""
        try:
            await self._connectwise.note(number_of(effect.target), effect.arguments["note_id"])
        except VendorNotFoundError:
            return {"is_there": False}
        return {"is_there": True}

    async def _write(self, effect: EffectRecord) -> Json:
        try:
            await self._connectwise.delete_note(number_of(effect.target), effect.arguments["note_id"])
        except VendorNotFoundError:
            return {}  # somebody else deleted it since it was read: reading back says so
        return {}


def _text(effect: EffectRecord) -> str:
    return note_text(effect.arguments["markdown"], effect.actor.name, effect.arguments["marker"])


def _state(note: ConnectWiseNote | None) -> dict[str, Any]:
    if note is None:
        return {}
    flags = sorted(flag.value for flag in note.flags)
    return {"note_id": note.id, "is_there": True, "digest": _digest(note.text), "flags": flags}


def _digest(text: str) -> str:
    """Return a digest of the words: line ends and spaces are the server's to keep or not."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:32]
