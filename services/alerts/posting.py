"""Put reserved deliveries into Slack, exactly once, and say so in their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.models.alerts import AlertDelivery
from db.repositories import alerts as repository
from services.alerts.deliveries import WHOLE_MESSAGES, state_of
from services.alerts.digests import FindAbsences
from services.alerts.types import Absence, AlertRenderer, AlertSender, Block, Severity, Status, is_person
from services.clock import Now
from services.errors import VendorError

log = structlog.get_logger(__name__)

ABANDONED_AFTER = timedelta(minutes=3)
"""A reservation older than this belongs to no running post: Slack's calls end long before."""

TRIED_FOR = timedelta(days=4)
"""A post that Slack keeps refusing stays `FAILED` after this, with its reason; longer than a weekend."""

CLOCK_TOLERANCE_S = 60.0


class Poster:
    """Posts deliveries."""

    def __init__(
        self, database: Database, sender: AlertSender, renderer: AlertRenderer, now: Now, absences: FindAbsences
    ) -> None:
        self._database = database
        self._sender = sender
        self._renderer = renderer
        self._now = now
        self._absences = absences

    async def post(self, row: AlertDelivery, *, since: datetime | None = None) -> Status:
        """Post a reserved delivery; give `since` when an earlier attempt may have left it in Slack.

        Raises no `VendorError`: the status says that it failed.
        """
        blocks: Sequence[Block] = row.blocks
        if row.agent not in WHOLE_MESSAGES:
            is_personal = is_person(row.recipient)
            blocks = self._renderer.alert_blocks(row.id, row.text, row.blocks, is_personal=is_personal)
        try:
            channel = row.recipient
            if is_person(channel):
                channel = await self._sender.direct_channel(channel)
            posted = await self._sender.post_once(
                f"alert-{row.account_id}-{row.id}",
                channel,
                row.text,
                blocks,
                look_first_since=since.timestamp() - CLOCK_TOLERANCE_S if since else None,
            )
        except VendorError as error:
            log.warning("alert_not_posted", delivery=row.id, agent=row.agent, why=error.message)
            # an unknown outcome stays reserved: it is looked for before it is posted again
            return await self._end(row, Status.RESERVED if error.outcome_unknown else Status.FAILED, error.message)
        row.channel_id, row.message_ts = posted.channel, posted.ts
        return await self._end(row, Status.SENT, row.why)

    async def _end(self, row: AlertDelivery, status: Status, why: str) -> Status:
        async with self._database.transaction() as session:
            stored = await repository.delivery_by_id(session, row.id)
            if stored is not None and stored.status == Status.RESERVED:
                stored.status, stored.why = status, why
                stored.channel_id, stored.message_ts = row.channel_id, row.message_ts
        return status

    async def claim(self, *, is_starting: bool) -> list[AlertDelivery]:
        """Reserve again what failed and what a process that died left reserved; at a start, without waiting.

        What is not critical waits for the end of its person's quiet hours here too.
        """
        now = self._now()
        async with self._database.transaction(write=False) as session:
            recipients = {
                *(await repository.waiting_recipients(session, Status.FAILED)),
                *(await repository.waiting_recipients(session, Status.RESERVED)),
            }
        absences = await self._absences(recipients)
        async with self._database.transaction() as session:
            failed = await repository.waiting(session, Status.FAILED, lock=True)
            reserved = await repository.waiting(session, Status.RESERVED, lock=True)
            rows = [row for row in failed if row.created_at > now - TRIED_FOR]
            rows += [r for r in reserved if is_starting or r.sent_at is None or r.sent_at < now - ABANDONED_AFTER]
            people = {row.recipient for row in rows if is_person(row.recipient)}
            asleep = await _asleep(session, people, now, absences)
            rows = [row for row in rows if row.severity == Severity.CRITICAL or row.recipient not in asleep]
            for row in rows:
                row.status, row.sent_at = Status.RESERVED, now
        return rows


async def _asleep(
    session: AsyncSession, recipients: set[str], now: datetime, absences: Mapping[str, Absence]
) -> set[str]:
    states = {recipient: await state_of(session, recipient, now, absences=absences) for recipient in recipients}
    return {recipient for recipient, state in states.items() if state.why_quiet(now)}
