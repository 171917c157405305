"""What the ticket's home shows and takes, whichever system it is."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from services.effects.types import Actor, Receipt
from services.errors import FlowPilotError
from services.pilot.types import TicketRef


class NoteKind(StrEnum):
    """Where a note stands in the ticket."""

    RESOLUTION = "resolution"
    INTERNAL = "internal"
    DISCUSSION = "discussion"


@dataclass(frozen=True)
class PsaTicket:
    """A ticket as it is now; `label` is how people write it, `is_closed` by its system's own account."""

    provider: str
    id: str
    label: str
    summary: str
    status: str
    board: str
    company: str
    contact: str
    priority: str
    is_closed: bool
    url: str

    @property
    def ref(self) -> TicketRef:
        """Return the link to it that a session keeps, with what was read."""
        names = ("label", "summary", "status", "board", "company", "contact", "priority", "is_closed", "url")
        return TicketRef(self.provider, self.id, {name: getattr(self, name) for name in names})


@dataclass(frozen=True)
class PsaStatus:
    """A status that the ticket can get now."""

    name: str
    is_closed: bool


@dataclass(frozen=True)
class PsaNote:
    """A note on a ticket as it is there now."""

    id: str
    url: str
    text: str


@dataclass(frozen=True)
class Authorship:
    """On whose behalf something is written, and why; `key` is the effect's idempotency key."""

    actor: Actor
    reason: str
    key: str


class PsaProvider(Protocol):
    """A system where tickets live. Writes are effects: they answer with a receipt, and the same key never acts twice.

    A `marker` names one note for good: where a note with it stands, posting finds that one.
    """

    name: str
    title: str

    def label(self, ticket_id: str) -> str:
        """Return how people write the ticket."""
        ...

    async def ticket(self, ticket_id: str) -> PsaTicket:
        """Read a ticket; `VendorNotFoundError` when there is none."""
        ...

    def at_work(self, ticket_id: str, marker: str) -> AbstractAsyncContextManager[PsaTicket]:
        """Yield the ticket to write on it; a home may answer within what it has just read, never after."""
        ...

    async def search(self, text: str, *, limit: int = 20) -> list[PsaTicket]:
        """Return open tickets whose summary (or number) fits, the newest change first."""
        ...

    async def statuses(self, ticket_id: str) -> list[PsaStatus]:
        """Return the statuses that the ticket can get from where it is, its own included, in their order."""
        ...

    async def post_note(
        self, ticket_id: str, markdown: str, kind: NoteKind, marker: str, authorship: Authorship
    ) -> Receipt:
        """Put a note on the ticket unless one with the marker is there; `after["note_id"]` in the receipt is its id."""
        ...

    async def set_status(self, ticket_id: str, status: str, authorship: Authorship) -> Receipt:
        """Give the ticket a status by its name; a refusal names those that it can get."""
        ...

    async def note_by_marker(self, ticket_id: str, marker: str) -> PsaNote | None:
        """Read the note with that marker; None when there is none."""
        ...

    def url(self, ticket_id: str, note_id: str | None = None) -> str:
        """Return where people see the ticket, or a note on it."""
        ...


@dataclass(frozen=True)
class WriteBack:
    """What is to be written: a note, and a status if one is wanted.

    `expected_status` is what the person saw when they confirmed: if it is another by then, nothing is written.
    """

    ticket: TicketRef
    markdown: str
    kind: NoteKind
    marker: str
    status: str | None
    expected_status: str | None
    actor: Actor
    reason: str


@dataclass(frozen=True)
class WriteBackResult:
    """How far a write-back got, by what was read back of the ticket: for receipts and for the session.

    `posted` is the note as it was confirmed by whoever was first.
    """

    provider: str
    ticket_id: str
    ticket_url: str
    note_id: str | None = None
    note_url: str | None = None
    note_receipt: Receipt | None = None
    posted: str = ""
    status_before: str | None = None
    status_after: str | None = None
    status_receipt: Receipt | None = None


class WriteBackIncompleteError(FlowPilotError):
    """A half is missing or could not be verified; `result` says what stands. Writing back again does only the rest."""

    def __init__(self, message: str, result: WriteBackResult, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.result = result
