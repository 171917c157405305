"""ConnectWise as the ticket's home."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from services.effects import Effects, Intent, Receipt
from services.effects.connectwise import PostNote, SetStatus
from services.effects.connectwise.base import PREFIX, number_of
from services.effects.connectwise.notes import find_note
from services.pilot.psa.types import Authorship, NoteKind, PsaNote, PsaStatus, PsaTicket
from services.vendors.connectwise import ConnectWiseClient, ConnectWiseTicket
from services.vendors.reading_once import reading_once


class ConnectWisePsa:
    """Service tickets by their numbers."""

    name = "connectwise"
    title = "ConnectWise"

    def __init__(self, connectwise: ConnectWiseClient, effects: Effects) -> None:
        self._connectwise = connectwise
        self._effects = effects

    def label(self, ticket_id: str) -> str:
        """Return how people write the ticket."""
        return f"{PREFIX}{ticket_id}"

    async def ticket(self, ticket_id: str) -> PsaTicket:
        """Read a ticket; `VendorNotFoundError` when there is none."""
        return self._ticket(await self._connectwise.ticket(number_of(ticket_id)))

    @asynccontextmanager
    async def at_work(self, ticket_id: str, marker: str) -> AsyncIterator[PsaTicket]:
        """Yield the ticket, read together with its notes: neither is read again before it is written."""
        with reading_once():
            ticket, _ = await asyncio.gather(self.ticket(ticket_id), self.note_by_marker(ticket_id, marker))
            yield ticket

    async def search(self, text: str, *, limit: int = 20) -> list[PsaTicket]:
        """Return open tickets whose summary, company or number fits, the newest first."""
        return [self._ticket(each) for each in await self._connectwise.search(text.removeprefix("#"), limit=limit)]

    async def statuses(self, ticket_id: str) -> list[PsaStatus]:
        """Return the statuses of the ticket's board."""
        ticket = await self._connectwise.ticket(number_of(ticket_id))
        found = await self._connectwise.statuses(ticket.board_id)
        return [PsaStatus(each.name, each.is_closed) for each in found if not each.is_inactive]

    async def post_note(
        self, ticket_id: str, markdown: str, kind: NoteKind, marker: str, authorship: Authorship
    ) -> Receipt:
        """Put a note on the ticket unless one with the marker is there."""
        arguments = {"markdown": markdown, "kind": kind.value, "marker": marker}
        receipt = await self._perform(PostNote.name, ticket_id, arguments, authorship)
        return replace(receipt, after={**receipt.after, "note_id": str(receipt.after["note_id"])})

    async def set_status(self, ticket_id: str, status: str, authorship: Authorship) -> Receipt:
        """Give the ticket a status of its board."""
        return await self._perform(SetStatus.name, ticket_id, {"status": status}, authorship)

    async def _perform(
        self, operation: str, ticket_id: str, arguments: dict[str, Any], authorship: Authorship
    ) -> Receipt:
        target = self.label(str(number_of(ticket_id)))
        intent = Intent(operation, target, arguments, authorship.actor, authorship.reason, authorship.key)
        return await self._effects.perform(intent)

    async def note_by_marker(self, ticket_id: str, marker: str) -> PsaNote | None:
        """Read the note with that marker."""
        found = await find_note(self._connectwise, number_of(ticket_id), marker)
        return PsaNote(str(found.id), self.url(ticket_id), found.text) if found else None

    def url(self, ticket_id: str, note_id: str | None = None) -> str:
        """Return the ticket's screen; a note has no address of its own."""
        return self._connectwise.ticket_url(number_of(ticket_id))

    def _ticket(self, ticket: ConnectWiseTicket) -> PsaTicket:
        return PsaTicket(
            provider=self.name,
            id=str(ticket.id),
            label=self.label(str(ticket.id)),
            summary=ticket.summary,
            status=ticket.status,
            board=ticket.board,
            company=ticket.company,
            contact=ticket.contact,
            priority=ticket.priority,
            is_closed=ticket.is_closed,
            url=self._connectwise.ticket_url(ticket.id),
        )
