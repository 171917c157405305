"""What people say of alerts, and what they do not want to hear of for a while."""

from __future__ import annotations

from datetime import datetime

from db.engine import Database
from db.models.alerts import AlertFeedback, AlertSnooze
from db.repositories import alerts as repository
from services.accounts.types import MemberRef
from services.alerts.types import FeedbackReceipt, Precision, Snooze, is_person
from services.clock import Now
from services.errors import InvalidInputError, NotAllowedError, NotFoundError

MAX_SUBJECT = 200


class Feedback:
    """Feedback and snoozes of the current account."""

    def __init__(self, database: Database, now: Now) -> None:
        self._database = database
        self._now = now

    async def record_feedback(self, delivery_id: int, member: MemberRef, useful: bool) -> FeedbackReceipt:
        """Keep a person's word on an alert; they may change it.

        Raises `NotFoundError` for an unknown alert and `NotAllowedError` for somebody else's.
        """
        async with self._database.transaction() as session:
            delivery = await repository.delivery_by_id(session, delivery_id)
            if delivery is None:
                raise NotFoundError("This alert is no longer known.")
            if is_person(delivery.recipient) and delivery.recipient != member.slack_user_id:
                raise NotAllowedError("This alert was for somebody else.")
            row = await repository.feedback(session, delivery_id, member.id)
            changed = row is None or row.useful != useful
            if row is None:
                row = AlertFeedback(delivery_id=delivery_id, member_id=member.id)
                session.add(row)
            if changed:
                row.useful, row.given_at = useful, self._now()
            return FeedbackReceipt(
                delivery_id, delivery.agent, useful, changed, delivery.channel_id, delivery.message_ts
            )

    async def precision(self, agent: str, since: datetime | None = None) -> Precision:
        """Return what people said of an agent's alerts."""
        rows = await self._precision(agent, since)
        return rows[0] if rows else Precision(agent, 0, 0)

    async def precision_by_agent(self, since: datetime | None = None) -> list[Precision]:
        """Return it for every agent that anybody has judged, by name."""
        return await self._precision(None, since)

    async def _precision(self, agent: str | None, since: datetime | None) -> list[Precision]:
        async with self._database.transaction(write=False) as session:
            counts = await repository.feedback_counts(session, agent, since)
        tally = {(name, useful): count for name, useful, count in counts}
        names = sorted({name for name, _, _ in counts})
        return [Precision(name, tally.get((name, True), 0), tally.get((name, False), 0)) for name in names]

    async def snooze(self, member: MemberRef, subject: str, until: datetime) -> Snooze:
        """Keep a subject from a person until an instant in the future; a later snooze replaces an earlier one."""
        if until <= self._now():
            raise InvalidInputError("A snooze has to end in the future.")
        async with self._database.transaction() as session:
            row = await repository.snooze(session, member.id, subject[:MAX_SUBJECT])
            if row is None:
                row = AlertSnooze(member_id=member.id, subject=subject[:MAX_SUBJECT])
                session.add(row)
            row.until = until
        return Snooze(row.subject, row.until)

    async def end_snooze(self, member: MemberRef, subject: str) -> bool:
        """Let a person hear of a subject again; False if it was not snoozed."""
        async with self._database.transaction() as session:
            row = await repository.snooze(session, member.id, subject[:MAX_SUBJECT])
            if row is not None:
                await session.delete(row)
        return row is not None and row.until > self._now()

    async def snoozes(self, member: MemberRef) -> list[Snooze]:
        """Return what a person does not hear of at present."""
        async with self._database.transaction(write=False) as session:
            return [Snooze(row.subject, row.until) for row in await repository.snoozes(session, member.id, self._now())]
