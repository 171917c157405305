"""What waits: digests of what was folded, and single messages that were held."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.models.alerts import AlertDelivery
from db.repositories import alerts as repository
from services.alerts.decide import RecipientState, last_digest_moment
from services.alerts.deliveries import DIGEST_AGENT, entry_of, state_of, told_together
from services.alerts.types import Absence, AlertRenderer, Severity, Status
from services.clock import Now

FindAbsences = Callable[[Collection[str]], Awaitable[Mapping[str, Absence]]]


class Digests:
    """Turns waiting deliveries into reserved ones, in one transaction per person."""

    def __init__(self, database: Database, renderer: AlertRenderer, now: Now, absences: FindAbsences) -> None:
        self._database = database
        self._renderer = renderer
        self._now = now
        self._absences = absences

    async def due(self, *, early: bool = False) -> list[AlertDelivery]:
        """Reserve one digest per person who is due one; `early` does not wait for their hour, only for quiet's end."""
        now = self._now()
        async with self._database.transaction(write=False) as session:
            recipients = await repository.waiting_recipients(session, Status.FOLDED)
        absences = await self._absences(recipients)
        digests = []
        for recipient in recipients:
            async with self._database.transaction() as session:
                await repository.lock_recipient(session, recipient)
                digest = await self._reserve(session, recipient, now, absences, early=early)
            if digest is not None:
                digests.append(digest)
        return digests

    async def _reserve(
        self, session: AsyncSession, recipient: str, now: datetime, absences: Mapping[str, Absence], *, early: bool
    ) -> AlertDelivery | None:
        state = await state_of(session, recipient, now, absences=absences)
        rows = _due_rows(await repository.waiting(session, Status.FOLDED, recipient), state, now, early=early)
        if not rows:
            return None
        entries = [entry_of(row) for row in rows]
        digest = AlertDelivery(
            dedupe_key=f"digest:{rows[0].id}",
            recipient=recipient,
            agent=DIGEST_AGENT,
            severity=Severity.INFO,
            text=self._renderer.digest_text(entries),
            blocks=self._renderer.digest_blocks(entries),
            status=Status.RESERVED,
            why=f"{len(rows)} waited",
            created_at=now,
            sent_at=now,
        )
        return await told_together(session, digest, rows)

    async def released(self) -> list[AlertDelivery]:
        """Reserve held messages whose person is no longer in quiet hours and below the cap."""
        now = self._now()
        async with self._database.transaction(write=False) as session:
            recipients = await repository.waiting_recipients(session, Status.HELD)
        absences = await self._absences(recipients)
        rows: list[AlertDelivery] = []
        for recipient in recipients:
            async with self._database.transaction() as session:
                await repository.lock_recipient(session, recipient)
                state = await state_of(session, recipient, now, absences=absences)
                if state.why_quiet(now):
                    continue
                room = max(0, state.daily_cap - state.sent_today)
                for row in (await repository.waiting(session, Status.HELD, recipient))[:room]:
                    row.status, row.sent_at = Status.RESERVED, now
                    rows.append(row)
        return rows


def _due_rows(
    rows: Sequence[AlertDelivery], state: RecipientState, now: datetime, *, early: bool
) -> Sequence[AlertDelivery]:
    if state.why_quiet(now):
        return []
    if early:
        return rows
    moment = last_digest_moment(state, now)
    return [row for row in rows if moment is not None and row.created_at <= moment]
