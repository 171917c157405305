"""What people say of alerts, and what they do not want to hear of for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.models.alerts import AlertDelivery, AlertFeedback, AlertSnooze
from db.repositories import alerts as repository
from services.accounts.types import MemberRef
from services.alerts.deliveries import MAX_SUBJECT
from services.alerts.snoozing import SnoozeChoice, fingerprint
from services.alerts.types import AlertRenderer, Block, FeedbackReceipt, Precision, Snooze, is_person
from services.clock import Now
from services.errors import InvalidInputError, NotAllowedError, NotFoundError


class Feedback:
    """Feedback and snoozes of the current account."""

    def __init__(self, database: Database, renderer: AlertRenderer, now: Now) -> None:
        self._database = database
        self._renderer = renderer
        self._now = now

    async def record_feedback(self, delivery_id: int, member: MemberRef, useful: bool) -> FeedbackReceipt:
        """Keep a person's word on an alert; they may change it.

        Raises `NotFoundError` for an unknown alert and `NotAllowedError` for somebody else's.
        """
        async with self._database.transaction() as session:
            delivery = await _own(session, delivery_id, member)
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

    async def with_feedback(self, delivery_id: int, text: str, blocks: Sequence[Block]) -> list[Block]:
        """Return an alert's blocks for its message to be drawn anew: with the buttons, or what was said already."""
        async with self._database.transaction(write=False) as session:
            delivery = await repository.delivery_by_id(session, delivery_id)
            said = None
            is_personal = delivery is not None and is_person(delivery.recipient)
            if delivery is not None and (member := await repository.member(session, delivery.recipient)):
                row = await repository.feedback(session, delivery_id, member.id)
                said = row.useful if row else None
        return self._renderer.alert_blocks(delivery_id, text, blocks, is_personal=is_personal, said=said)

    async def whole(self, delivery_id: int, member: MemberRef) -> tuple[str, list[Block]]:
        """Return an alert in full, such as one of which a digest shows a line. Raises as `record_feedback`."""
        async with self._database.transaction(write=False) as session:
            delivery = await _own(session, delivery_id, member)
        return delivery.text, await self.with_feedback(delivery_id, delivery.text, delivery.blocks)

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

    async def snooze(self, member: MemberRef, subject: str, until: datetime, *, fingerprint: str = "") -> Snooze:
        """Keep a subject from a person until an instant in the future; a later snooze replaces an earlier one.

        A subject is an alert's own, or a project's or ticket's key, or an agent's name. With a `fingerprint` it ends
        earlier, when the alert's state is another one.
        """
        if until <= self._now():
            raise InvalidInputError("A snooze has to end in the future.")
        async with self._database.transaction() as session:
            row = await repository.snooze(session, member.id, subject[:MAX_SUBJECT])
            if row is None:
                row = AlertSnooze(member_id=member.id, subject=subject[:MAX_SUBJECT])
                session.add(row)
            row.until, row.fingerprint = until, fingerprint
        return Snooze(row.subject, row.until, row.fingerprint)

    async def snooze_alert(self, delivery_id: int, member: MemberRef, choice: SnoozeChoice) -> Snooze:
        """Snooze what an alert is about. Raises as `record_feedback`."""
        async with self._database.transaction(write=False) as session:
            delivery = await _own(session, delivery_id, member)
        state = fingerprint(delivery.severity, delivery.facts) if choice is SnoozeChoice.UNTIL_CHANGED else ""
        subject = delivery.subject or delivery.agent
        return await self.snooze(member, subject, self._now() + choice.length, fingerprint=state)

    async def end_snooze(self, member: MemberRef, subject: str) -> bool:
        """Let a person hear of a subject again; False if it was not snoozed."""
        async with self._database.transaction() as session:
            row = await repository.snooze(session, member.id, subject[:MAX_SUBJECT])
            if row is not None:
                await session.delete(row)
        return row is not None and row.until > self._now()

    async def snoozes(self, member: MemberRef) -> list[Snooze]:
        """Return what a person does not hear of at present, the first to end first."""
        async with self._database.transaction(write=False) as session:
            rows = await repository.snoozes(session, member.id, self._now())
            return [Snooze(row.subject, row.until, row.fingerprint) for row in rows]


async def _own(session: AsyncSession, delivery_id: int, member: MemberRef) -> AlertDelivery:
    delivery = await repository.delivery_by_id(session, delivery_id)
    if delivery is None:
        raise NotFoundError("This alert is no longer known.")
    if is_person(delivery.recipient) and delivery.recipient != member.slack_user_id:
        raise NotAllowedError("This alert was for somebody else.")
    return delivery
