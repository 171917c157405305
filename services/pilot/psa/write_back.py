"""Two-phase write-back (TRUST-4): post the note, set the status, read both back; again does only what is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace

from db.engine import Database
from db.models.effects import Effect
from db.repositories import effects as repository
from services.effects import EffectStatus, Receipt
from services.errors import ConflictError, FlowPilotError, InvalidInputError
from services.pilot.psa.providers import PsaProviders
from services.pilot.psa.types import (
    Authorship,
    PsaProvider,
    PsaTicket,
    WriteBack,
    WriteBackIncompleteError,
    WriteBackResult,
)
from services.pilot.types import TicketRef
from services.slack.markup import bold

SETTLED = (EffectStatus.FAILED, EffectStatus.DONE, EffectStatus.UNCHANGED)
AGAIN = "Confirm again: FlowPilot does only what is missing, and posts no second note."


def note_marker(session_id: str, kind: str, ticket: TicketRef, round_number: int = 1) -> str:
    """Return the marker of a session's note on a ticket; a session that was opened again has a next round."""
    return f"pilot:{session_id}:{kind}:{ticket.provider}:{ticket.ticket_id}:{round_number}"


class TicketWriteBack:
    """Brings what was confirmed to the ticket's home. The same marker never makes a second note."""

    def __init__(self, database: Database, providers: PsaProviders) -> None:
        self._database = database
        self._providers = providers

    async def write(self, wanted: WriteBack) -> WriteBackResult:
        """Post, set the status, read both back.

        Raises `ConflictError` before anything is written when the ticket is not as it was seen, what the vendor raised
        when the note could not be posted, and `WriteBackIncompleteError` when the note stands and the rest does not.
        """
        provider = self._providers.provider(wanted.ticket.provider)
        async with provider.at_work(wanted.ticket.ticket_id, wanted.marker) as ticket:
            status, result = await self._written(provider, ticket, wanted)
        return await _Verification(provider, wanted, status, result).verified()

    async def _written(
        self, provider: PsaProvider, ticket: PsaTicket, wanted: WriteBack
    ) -> tuple[str | None, WriteBackResult]:
        """Post, set the status; return the status that the ticket should have, and what was done."""
        status = await _checked(provider, ticket, wanted)
        receipt, posted = await self._post(provider, wanted)
        note_id = str(receipt.after["note_id"])
        result = WriteBackResult(
            provider=provider.name,
            ticket_id=ticket.id,
            ticket_url=ticket.url,
            note_id=note_id,
            note_url=provider.url(ticket.id, note_id),
            note_receipt=receipt,
            posted=posted,
            status_before=ticket.status,
        )
        if status is not None and ticket.status != status:
            result = await self._set_status(provider, wanted, status, result)
        return status, result

    async def _post(self, provider: PsaProvider, wanted: WriteBack) -> tuple[Receipt, str]:
        """Return the receipt, and what is posted: the words of who was first."""
        # one that was taken back may be posted anew; one that was done is not done again
        key = await self._key(wanted.marker, (EffectStatus.FAILED,), is_undone_over=True)
        authorship = Authorship(wanted.actor, wanted.reason, key)
        receipt = await provider.post_note(
            wanted.ticket.ticket_id, wanted.markdown, wanted.kind, wanted.marker, authorship
        )
        async with self._database.transaction(write=False) as session:
            row = await repository.by_key(session, key)
        return receipt, str(row.arguments["markdown"]) if row else wanted.markdown

    async def _set_status(
        self, provider: PsaProvider, wanted: WriteBack, status: str, result: WriteBackResult
    ) -> WriteBackResult:
        # it was just seen in another status: whatever was done under an earlier key is history
        key = await self._key(f"{wanted.marker}:status:{status}"[:180], SETTLED)
        authorship = Authorship(wanted.actor, wanted.reason, key)
        try:
            receipt = await provider.set_status(wanted.ticket.ticket_id, status, authorship)
        except FlowPilotError as error:
            label = bold(provider.label(result.ticket_id))
            raise WriteBackIncompleteError(
                f"The note is on {label}, but its status could not be set to {bold(status)}. {error.message}",
                result,
                hint=f"{error.hint} {AGAIN}".strip(),
            ) from error
        return replace(result, status_receipt=receipt)

    async def _key(self, base: str, over: Collection[EffectStatus], *, is_undone_over: bool = False) -> str:
        """Return the first key of `base`, `base:2`, … whose effect is not over; two people at once get the same."""
        number = 1
        async with self._database.transaction(write=False) as session:
            while True:
                key = base if number == 1 else f"{base}:{number}"
                row = await repository.by_key(session, key)
                if row is None or not _is_over(row, over, is_undone_over):
                    return key
                number += 1


def _is_over(row: Effect, over: Collection[EffectStatus], is_undone_over: bool) -> bool:
    return EffectStatus(row.status) in over or (is_undone_over and row.undone_by_id is not None)


async def _checked(provider: PsaProvider, ticket: PsaTicket, wanted: WriteBack) -> str | None:
    """Return the status to set, as its system writes it; raise when it should not or cannot be set."""
    if not wanted.markdown.strip():
        raise InvalidInputError("The note is empty.", hint="Write something, or resolve without a note.")
    if wanted.status is None:
        return None
    if wanted.status.casefold() == ticket.status.casefold():
        return ticket.status
    label, now = bold(ticket.label), bold(ticket.status)
    if wanted.expected_status is not None and wanted.expected_status.casefold() != ticket.status.casefold():
        raise ConflictError(
            f"{label} was {bold(wanted.expected_status)} when you saw it and is {now} now; nothing was written.",
            hint="Look at the preview again and confirm what you want.",
        )
    if wanted.expected_status is None and ticket.is_closed:
        raise ConflictError(
            f"{label} is {now} and closed meanwhile; nothing was written.",
            hint=f"Open it again in {provider.title}, or confirm without a new status.",
        )
    offered = [status.name for status in await provider.statuses(ticket.id)]
    fitting = [name for name in offered if name.casefold() == wanted.status.casefold()]
    if not fitting:
        where = f" on {bold(ticket.board)}" if ticket.board else ""
        possible = ", ".join(bold(name) for name in offered if name != ticket.status)
        raise ConflictError(
            f"{label}{where} cannot get the status {bold(wanted.status)}; nothing was written.",
            hint=f"It can get {possible}." if possible else "",
        )
    return fitting[0]


@dataclass(frozen=True)
class _Verification:
    """Reads note and status back; what could not be seen there is an error, never a silent success."""

    provider: PsaProvider
    wanted: WriteBack
    status: str | None
    result: WriteBackResult

    async def verified(self) -> WriteBackResult:
        """Return the result with the status that the ticket has now."""
        label = bold(self.provider.label(self.result.ticket_id))
        try:
            note, ticket = await asyncio.gather(
                self.provider.note_by_marker(self.result.ticket_id, self.wanted.marker),
                self.provider.ticket(self.result.ticket_id),
            )
        except FlowPilotError as error:
            raise WriteBackIncompleteError(
                f"{label} was written, but could not be read back. {error.message}",
                self.result,
                hint=f"{error.hint} {AGAIN}".strip(),
            ) from error
        result = replace(self.result, status_after=ticket.status)
        if note is None:
            raise WriteBackIncompleteError(
                f"{self.provider.title} does not show the note on {label}: it was posted, and somebody deleted it.",
                replace(result, note_id=None, note_url=None),
                hint="Open the session again to post it anew, or resolve it without the ticket.",
            )
        if self.status is not None and ticket.status != self.status:
            raise WriteBackIncompleteError(
                f"The note is on {label}, which is still {bold(ticket.status)}, not {bold(self.status)}."
                if ticket.status == self.result.status_before
                else f"The note is on {label}, but its status is {bold(ticket.status)}, not {bold(self.status)}.",
                result,
                hint=AGAIN,
            )
        return result
