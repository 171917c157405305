"""Put reserved deliveries into Slack, exactly once, and say so in their rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from db.engine import Database
from db.models.alerts import AlertDelivery
from db.repositories import alerts as repository
from services.alerts.types import AlertRenderer, AlertSender, Block, Status
from services.clock import Now
from services.errors import VendorError

log = structlog.get_logger(__name__)

ABANDONED_AFTER = timedelta(minutes=3)
"""A reservation older than this belongs to no running post: Slack's calls end long before."""

TRIED_FOR = timedelta(hours=24)
"""A post that Slack keeps refusing stays `FAILED` after this, with its reason."""

CLOCK_TOLERANCE_S = 60.0


class Poster:
    """Posts deliveries."""

    def __init__(self, database: Database, sender: AlertSender, renderer: AlertRenderer, now: Now) -> None:
        self._database = database
        self._sender = sender
        self._renderer = renderer
        self._now = now

    async def post(self, row: AlertDelivery, *, is_digest: bool, since: datetime | None = None) -> Status:
        """Post a reserved delivery; give `since` when an earlier attempt may have left it in Slack.

        Raises no `VendorError`: the status says that it failed.
        """
        blocks: Sequence[Block] = row.blocks
        if not is_digest:
            blocks = self._renderer.alert_blocks(row.id, row.text, row.blocks)
        try:
            channel = row.recipient
            if channel.startswith(("U", "W")):
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
        """Reserve again what failed and what a process that died left reserved; at a start, without waiting."""
        now = self._now()
        async with self._database.transaction() as session:
            failed = await repository.waiting(session, Status.FAILED)
            reserved = await repository.waiting(session, Status.RESERVED)
            rows = [row for row in failed if row.created_at > now - TRIED_FOR]
            rows += [r for r in reserved if is_starting or r.sent_at is None or r.sent_at < now - ABANDONED_AFTER]
            for row in rows:
                row.status, row.sent_at = Status.RESERVED, now
        return rows
