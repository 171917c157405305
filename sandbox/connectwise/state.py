"""A ConnectWise in memory; everything that one can do there, whoever does it, goes through these operations."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from itertools import count

from sandbox.connectwise.errors import bad_request, forbidden, invalid, not_found
from sandbox.connectwise.model import Board, Company, Contact, Member, Note, NoteKind, Status, Ticket
from sandbox.core import Bus, SandboxClock

API_MEMBER = "FlowPilotAPI"
SUMMARY_MOST = 100


class ConnectWiseState:
    """Companies, members, boards and tickets.

    `ignore_status_changes` so many status changes are answered as done and are not: what a workflow rule of a board
    that sets the status back looks like to the API.
    """

    def __init__(self, clock: SandboxClock, bus: Bus) -> None:
        self.clock = clock
        self._bus = bus
        self._numbers = count(301)
        self._note_numbers = count(9001)
        self._ticket_numbers = count(48101)
        self.companies: dict[int, Company] = {}
        self.contacts: dict[int, Contact] = {}
        self.members: dict[int, Member] = {}
        self.boards: dict[int, Board] = {}
        self.tickets: dict[int, Ticket] = {}
        self.ignore_status_changes = 0

    def add_company(self, identifier: str, name: str) -> Company:
        """Add a customer."""
        company = Company(next(self._numbers), identifier, name)
        return self.companies.setdefault(company.id, company)

    def add_contact(self, company: Company, name: str) -> Contact:
        """Add a person at a customer."""
        contact = Contact(next(self._numbers), name, company)
        return self.contacts.setdefault(contact.id, contact)

    def add_member(self, identifier: str, first_name: str, last_name: str, email: str) -> Member:
        """Add a person of the service provider."""
        member = Member(next(self._numbers), identifier, first_name, last_name, email)
        return self.members.setdefault(member.id, member)

    def add_board(
        self, name: str, *statuses: str, closed: tuple[str, ...] = (), inactive: tuple[str, ...] = ()
    ) -> Board:
        """Add a board with its statuses in their order; the first is that of new tickets."""
        board = Board(next(self._numbers), name)
        for position, each in enumerate((*statuses, *inactive)):
            status = Status(next(self._numbers), each, 10 * position, each in closed, each in inactive, position == 0)
            board.statuses[status.id] = status
        return self.boards.setdefault(board.id, board)

    def add_ticket(
        self,
        board: Board,
        company: Company,
        summary: str,
        *,
        number: int | None = None,
        status: str = "",
        contact: Contact | None = None,
        owner: Member | None = None,
        priority: str = "Priority 3 - Medium",
        entered: datetime | None = None,
        by: str = API_MEMBER,
    ) -> Ticket:
        """Open a ticket; ConnectWiseError for a summary that is none or too long."""
        if not summary.strip():
            raise invalid("ticket", "summary", "summary is required", "MissingField")
        if len(summary) > SUMMARY_MOST:
            raise invalid("ticket", "summary", f"summary must be {SUMMARY_MOST} characters or less", "StringTooLong")
        at = entered or self.clock.now()
        ticket = Ticket(
            number if number is not None else next(each for each in self._ticket_numbers if each not in self.tickets),
            summary,
            board,
            board.status(status) if status else board.first_status,
            company,
            contact,
            owner,
            priority,
            at,
            at,
            by,
        )
        if ticket.status.closed:
            ticket.closed, ticket.closed_by = at, by
        self.tickets[ticket.id] = ticket
        self._tell(ticket, "created")
        return ticket

    def ticket(self, number: int) -> Ticket:
        """Return a ticket; ConnectWiseError when there is none."""
        found = self.tickets.get(number)
        if found is None:
            raise not_found("Ticket", number)
        return found

    def board(self, number: int) -> Board:
        """Return a board; ConnectWiseError when there is none."""
        found = self.boards.get(number)
        if found is None:
            raise not_found("Board", number)
        return found

    def member(self, identifier: str) -> Member:
        """Return a member by identifier or e-mail; ConnectWiseError when there is none."""
        for member in self.members.values():
            if identifier.casefold() in (member.identifier.casefold(), member.email.casefold()):
                return member
        raise invalid("member", "identifier", f"member {identifier} was not found")

    def set_status(self, ticket: Ticket, status_id: int, by: str = API_MEMBER) -> None:
        """Give a ticket one of its board's statuses; ConnectWiseError for another board's."""
        self.refuse_denied(ticket, by)
        status = ticket.board.statuses.get(status_id)
        if status is None:
            raise invalid("ticket", "status", f"The status {status_id} is not valid for board {ticket.board.name}")
        if status.inactive:
            raise invalid("ticket", "status", f"The status {status.name} is inactive")
        if by == API_MEMBER and self.ignore_status_changes:
            self.ignore_status_changes -= 1
            return
        ticket.status = status
        if status.closed and ticket.closed is None:
            ticket.closed, ticket.closed_by = self.clock.now(), by
        elif not status.closed:
            ticket.closed, ticket.closed_by = None, ""
        self._touch(ticket, by, "status")

    def set_summary(self, ticket: Ticket, summary: str, by: str = API_MEMBER) -> None:
        """Rename a ticket."""
        self.refuse_denied(ticket, by)
        if not 0 < len(summary) <= SUMMARY_MOST:
            raise invalid("ticket", "summary", f"summary must be {SUMMARY_MOST} characters or less", "StringTooLong")
        ticket.summary = summary
        self._touch(ticket, by, "summary")

    def move(self, ticket: Ticket, board: Board, by: str = API_MEMBER) -> None:
        """Put a ticket on another board; it gets that board's status of the same name, or its first."""
        self.refuse_denied(ticket, by)
        try:
            status = board.status(ticket.status.name)
        except KeyError:
            status = board.first_status
        ticket.board, ticket.status = board, status
        self._touch(ticket, by, "board")

    def add_note(
        self,
        ticket: Ticket,
        text: str,
        kinds: Collection[NoteKind],
        *,
        member: Member | None = None,
        notify: bool = False,
        by: str = API_MEMBER,
    ) -> Note:
        """Put a note on a ticket; ConnectWiseError without words or without a flag."""
        self.refuse_denied(ticket, by)
        if not text.strip():
            raise invalid("note", "text", "text is required", "MissingField")
        if not kinds:
            raise invalid(
                "note",
                "detailDescriptionFlag",
                "One of detailDescriptionFlag, internalAnalysisFlag, resolutionFlag must be true",
                "MissingField",
            )
        number = next(self._note_numbers)
        # as the vendor does: what is around the words goes
        note = Note(number, ticket.id, text.strip(), frozenset(kinds), self.clock.now(), by, member, notify)
        ticket.notes[number] = note
        self._touch(ticket, by, "note")
        return note

    def note(self, ticket: Ticket, number: int) -> Note:
        """Return a note of a ticket; ConnectWiseError when there is none."""
        found = ticket.notes.get(number)
        if found is None:
            raise not_found("Note", number)
        return found

    def delete_note(self, ticket: Ticket, number: int, by: str = API_MEMBER) -> None:
        """Take a note off a ticket."""
        self.refuse_denied(ticket, by)
        self.note(ticket, number)
        del ticket.notes[number]
        self._touch(ticket, by, "note")

    def refuse_denied(self, ticket: Ticket, by: str) -> None:
        """Raise when the API's member may not change what is on the ticket's board."""
        if by == API_MEMBER and ticket.board.denied:
            raise forbidden(f"You do not have permission to edit tickets on board {ticket.board.name}")

    def _touch(self, ticket: Ticket, by: str, operation: str) -> None:
        ticket.updated, ticket.updated_by = self.clock.now(), by
        self._tell(ticket, operation)

    def _tell(self, ticket: Ticket, operation: str) -> None:
        self._bus.publish("connectwise", id=ticket.id, op=operation)


def number_of(value: object, name: str) -> int:
    """Return a whole number from a request; ConnectWiseError for anything else."""
    if isinstance(value, bool) or not str(value).isascii() or not str(value).isdigit():
        raise bad_request(f"{name} must be a number")
    return int(str(value))
