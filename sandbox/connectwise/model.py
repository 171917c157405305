"""What ConnectWise keeps: companies, contacts, members, boards with statuses of their own, tickets with notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

NoteKind = Literal["discussion", "internal", "resolution"]
NOTE_KINDS: tuple[NoteKind, ...] = get_args(NoteKind)


@dataclass
class Company:
    """A customer."""

    id: int
    identifier: str
    name: str


@dataclass
class Contact:
    """A person at a customer."""

    id: int
    name: str
    company: Company


@dataclass
class Member:
    """A person of the service provider."""

    id: int
    identifier: str
    first_name: str
    last_name: str
    email: str

    @property
    def name(self) -> str:
        """The name as ConnectWise shows it."""
        return f"{self.first_name} {self.last_name}"


@dataclass
class Status:
    """A status of one board; a ticket in a `closed` one is closed."""

    id: int
    name: str
    sort_order: int
    closed: bool = False
    inactive: bool = False
    default: bool = False


@dataclass
class Board:
    """A service board; `denied` when the API member may read but not change what is on it."""

    id: int
    name: str
    statuses: dict[int, Status] = field(default_factory=dict)
    denied: bool = False

    def status(self, name: str) -> Status:
        """Return a status by its name; KeyError when the board has none of it."""
        for status in self.statuses.values():
            if status.name.casefold() == name.casefold():
                return status
        raise KeyError(name)

    @property
    def first_status(self) -> Status:
        """The status of a new ticket."""
        return next((status for status in self.statuses.values() if status.default), next(iter(self.statuses.values())))


@dataclass
class Note:
    """A note on a ticket, with at least one flag."""

    id: int
    ticket_id: int
    text: str
    kinds: frozenset[NoteKind]
    created: datetime
    created_by: str
    member: Member | None = None
    notified: bool = False


@dataclass
class Ticket:
    """A service ticket; its status is one of its board's."""

    id: int
    summary: str
    board: Board
    status: Status
    company: Company
    contact: Contact | None
    owner: Member | None
    priority: str
    entered: datetime
    updated: datetime
    updated_by: str
    closed: datetime | None = None
    closed_by: str = ""
    severity: str = "Medium"
    notes: dict[int, Note] = field(default_factory=dict)
