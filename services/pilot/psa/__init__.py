"""The seam to the ticket's home: read it, post the note, set the status, read both back."""

from __future__ import annotations

from services.pilot.psa.connectwise import ConnectWisePsa
from services.pilot.psa.jira import JiraPsa
from services.pilot.psa.providers import PsaProviders
from services.pilot.psa.types import (
    Authorship,
    NoteKind,
    PsaNote,
    PsaProvider,
    PsaStatus,
    PsaTicket,
    WriteBack,
    WriteBackIncompleteError,
    WriteBackResult,
)
from services.pilot.psa.write_back import TicketWriteBack, note_marker

__all__ = [
    "Authorship",
    "ConnectWisePsa",
    "JiraPsa",
    "NoteKind",
    "PsaNote",
    "PsaProvider",
    "PsaProviders",
    "PsaStatus",
    "PsaTicket",
    "TicketWriteBack",
    "WriteBack",
    "WriteBackIncompleteError",
    "WriteBackResult",
    "note_marker",
]
