"""ConnectWise's JSON; None stands for what an answer leaves out, so that conditions can name it all the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sandbox.connectwise.model import Board, Company, Contact, Member, Note, Status, Ticket

Json = dict[str, Any]
ROOT = "/connectwise/v4_6_release/apis/3.0"


def instant(at: datetime | None) -> str | None:
    """Return a time as ConnectWise writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def present(value: Any) -> Any:
    """Leave out what is not there."""
    if isinstance(value, dict):
        return {name: present(each) for name, each in value.items() if each is not None}
    return [present(each) for each in value] if isinstance(value, list) else value


class Renderer:
    """Renders for one origin: `_info` holds addresses."""

    def __init__(self, origin: str) -> None:
        self._root = origin.rstrip("/") + ROOT

    def _info(self, name: str, path: str) -> Json:
        return {f"{name}_href": f"{self._root}{path}"}

    def company(self, company: Company) -> Json:
        """Render a customer."""
        return {
            "id": company.id,
            "identifier": company.identifier,
            "name": company.name,
            "_info": self._info("company", f"/company/companies/{company.id}"),
        }

    def contact(self, contact: Contact) -> Json:
        """Render a reference to a person at a customer."""
        info = self._info("contact", f"/company/contacts/{contact.id}")
        return {"id": contact.id, "name": contact.name, "_info": info}

    def member(self, member: Member) -> Json:
        """Render a reference to a member."""
        info = self._info("member", f"/system/members/{member.id}")
        return {"id": member.id, "identifier": member.identifier, "name": member.name, "_info": info}

    def board_reference(self, board: Board) -> Json:
        """Render a reference to a board."""
        return {"id": board.id, "name": board.name, "_info": self._info("board", f"/service/boards/{board.id}")}

    def board(self, board: Board) -> Json:
        """Render a board."""
        return {**self.board_reference(board), "inactiveFlag": False, "projectFlag": False}

    def status_reference(self, board: Board, status: Status) -> Json:
        """Render a reference to a status."""
        info = self._info("status", f"/service/boards/{board.id}/statuses/{status.id}")
        return {"id": status.id, "name": status.name, "_info": info}

    def status(self, board: Board, status: Status) -> Json:
        """Render a status of a board."""
        return {
            **self.status_reference(board, status),
            "board": self.board_reference(board),
            "sortOrder": status.sort_order,
            "displayOnBoard": True,
            "inactive": status.inactive,
            "closedStatus": status.closed,
            "timeEntryNotAllowed": False,
            "defaultFlag": status.default,
        }

    def ticket(self, ticket: Ticket) -> Json:
        """Render a ticket."""
        return {
            "id": ticket.id,
            "summary": ticket.summary,
            "recordType": "ServiceTicket",
            "board": self.board_reference(ticket.board),
            "status": self.status_reference(ticket.board, ticket.status),
            "company": self.company(ticket.company),
            "contact": self.contact(ticket.contact) if ticket.contact else None,
            "contactName": ticket.contact.name if ticket.contact else None,
            "owner": self.member(ticket.owner) if ticket.owner else None,
            "priority": {"id": 8, "name": ticket.priority, "sort": 4},
            "severity": ticket.severity,
            "impact": "Medium",
            "closedFlag": ticket.status.closed,
            "closedDate": instant(ticket.closed),
            "closedBy": ticket.closed_by or None,
            "customFields": [],
            "_info": {
                "lastUpdated": instant(ticket.updated),
                "updatedBy": ticket.updated_by,
                "dateEntered": instant(ticket.entered),
                "enteredBy": ticket.notes[min(ticket.notes)].created_by if ticket.notes else ticket.updated_by,
                **self._info("notes", f"/service/tickets/{ticket.id}/notes"),
            },
        }

    def note(self, note: Note) -> Json:
        """Render a note."""
        return {
            "id": note.id,
            "ticketId": note.ticket_id,
            "text": note.text,
            "detailDescriptionFlag": "discussion" in note.kinds,
            "internalAnalysisFlag": "internal" in note.kinds,
            "resolutionFlag": "resolution" in note.kinds,
            "issueFlag": False,
            "member": self.member(note.member) if note.member else None,
            "dateCreated": instant(note.created),
            "createdBy": note.created_by,
            "internalFlag": "internal" in note.kinds,
            "externalFlag": "discussion" in note.kinds,
            "_info": {"lastUpdated": instant(note.created) or "", "updatedBy": note.created_by},
        }
