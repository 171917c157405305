"""SQL of alerts: reservations, what waits, snoozes, feedback."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.accounts import Account, AccountSettings, Member
from db.models.alerts import AlertDelivery, AlertFeedback, AlertSnooze, AlertThreshold
from db.tenancy import current_account_id


@dataclass(frozen=True)
class AccountRow:
    """The account's time zone and preferences."""

    time_zone: str
    preferences: dict[str, object]


async def lock_recipient(session: AsyncSession, recipient: str) -> None:
    """Let one transaction at a time decide for a recipient (SQLite has one writer anyway)."""
    if session.get_bind().dialect.name == "postgresql":
        key = f"alerts:{current_account_id()}:{recipient}"
        await session.execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


async def account(session: AsyncSession) -> AccountRow:
    """Return the current account's time zone and preferences."""
    zone = await session.scalar(select(Account.time_zone).where(Account.id == current_account_id()))
    row = await session.scalar(select(AccountSettings))
    return AccountRow(zone or "UTC", dict(row.preferences) if row else {})


async def member(session: AsyncSession, slack_user_id: str) -> Member | None:
    """Return the member with that Slack id."""
    return await session.scalar(select(Member).where(Member.slack_user_id == slack_user_id))


async def members_of(session: AsyncSession, slack_user_ids: Collection[str]) -> Sequence[Member]:
    """Return the members with those Slack ids."""
    return (await session.scalars(select(Member).where(Member.slack_user_id.in_(slack_user_ids)))).all()


async def admins(session: AsyncSession) -> Sequence[Member]:
    """Return the account's admins."""
    return (await session.scalars(select(Member).where(Member.role == "admin").order_by(Member.id))).all()


async def delivery(session: AsyncSession, dedupe_key: str, recipient: str) -> AlertDelivery | None:
    """Return the delivery of a finding to a recipient."""
    statement = select(AlertDelivery).where(
        AlertDelivery.dedupe_key == dedupe_key, AlertDelivery.recipient == recipient
    )
    return await session.scalar(statement)


async def delivery_by_id(session: AsyncSession, delivery_id: int) -> AlertDelivery | None:
    """Return a delivery of the current account."""
    return await session.scalar(select(AlertDelivery).where(AlertDelivery.id == delivery_id))


async def sent_since(
    session: AsyncSession, recipient: str, since: datetime, statuses: Sequence[str], but_agent: str
) -> int:
    """Count the messages to a recipient since an instant, without those of one agent."""
    statement = select(func.count()).where(
        AlertDelivery.recipient == recipient,
        AlertDelivery.sent_at >= since,
        AlertDelivery.status.in_(statuses),
        AlertDelivery.agent != but_agent,
    )
    return int(await session.scalar(statement) or 0)


async def waiting(
    session: AsyncSession, status: str, recipient: str | None = None, *, lock: bool = False
) -> Sequence[AlertDelivery]:
    """Return deliveries with a status, oldest first; with `lock` other replicas wait until the transaction ends."""
    statement = select(AlertDelivery).where(AlertDelivery.status == status)
    if lock:
        statement = statement.with_for_update()  # SQLite's write lock does so already
    if recipient is not None:
        statement = statement.where(AlertDelivery.recipient == recipient)
    return (await session.scalars(statement.order_by(AlertDelivery.id))).all()


async def waiting_recipients(session: AsyncSession, status: str) -> Sequence[str]:
    """Return who has deliveries with a status."""
    statement = select(AlertDelivery.recipient).where(AlertDelivery.status == status).distinct()
    return (await session.scalars(statement.order_by(AlertDelivery.recipient))).all()


async def was_told_since(session: AsyncSession, dedupe_prefix: str, since: datetime) -> bool:
    """Tell whether any finding whose key starts so was handed over since an instant."""
    statement = select(AlertDelivery.id).where(
        AlertDelivery.dedupe_key.startswith(dedupe_prefix, autoescape=True), AlertDelivery.created_at >= since
    )
    return await session.scalar(statement.limit(1)) is not None


async def snooze(session: AsyncSession, member_id: int, subject: str) -> AlertSnooze | None:
    """Return a member's snooze of a subject, also one that is over."""
    statement = select(AlertSnooze).where(AlertSnooze.member_id == member_id, AlertSnooze.subject == subject)
    return await session.scalar(statement)


async def snoozes(session: AsyncSession, member_id: int, now: datetime) -> Sequence[AlertSnooze]:
    """Return a member's running snoozes, the first to end first."""
    statement = select(AlertSnooze).where(AlertSnooze.member_id == member_id, AlertSnooze.until > now)
    return (await session.scalars(statement.order_by(AlertSnooze.until))).all()


async def deliveries_in(session: AsyncSession, bundle_id: int) -> Sequence[AlertDelivery]:
    """Return what a bundle or digest tells, in order."""
    statement = select(AlertDelivery).where(AlertDelivery.bundled_in_id == bundle_id)
    return (await session.scalars(statement.order_by(AlertDelivery.id))).all()


async def feedback(session: AsyncSession, delivery_id: int, member_id: int) -> AlertFeedback | None:
    """Return what a member said of a delivery."""
    statement = select(AlertFeedback).where(
        AlertFeedback.delivery_id == delivery_id, AlertFeedback.member_id == member_id
    )
    return await session.scalar(statement)


async def feedback_counts(
    session: AsyncSession, agent: str | None, since: datetime | None
) -> Sequence[tuple[str, bool, int]]:
    """Count feedback by agent and verdict."""
    statement = (
        select(AlertDelivery.agent, AlertFeedback.useful, func.count())
        .join(AlertFeedback, AlertFeedback.delivery_id == AlertDelivery.id)
        .group_by(AlertDelivery.agent, AlertFeedback.useful)
    )
    if agent is not None:
        statement = statement.where(AlertDelivery.agent == agent)
    if since is not None:
        statement = statement.where(AlertFeedback.given_at >= since)
    return [(name, useful, int(count)) for name, useful, count in await session.execute(statement)]


async def newest_threshold(session: AsyncSession, agent: str, name: str) -> AlertThreshold | None:
    """Return the last move of a threshold."""
    statement = select(AlertThreshold).where(AlertThreshold.agent == agent, AlertThreshold.name == name)
    return await session.scalar(statement.order_by(AlertThreshold.id.desc()).limit(1))


async def threshold_move(session: AsyncSession, move_id: int) -> AlertThreshold | None:
    """Return a move of a threshold by its id."""
    return await session.scalar(select(AlertThreshold).where(AlertThreshold.id == move_id))


async def told_by(session: AsyncSession, agent: str, since: datetime) -> Sequence[AlertDelivery]:
    """Return what an agent told, or would have told in shadow mode, since an instant, oldest first."""
    statement = select(AlertDelivery).where(
        AlertDelivery.agent == agent,
        AlertDelivery.created_at >= since,
        AlertDelivery.status.in_(["sent", "digested", "held", "folded", "shadow"]),
    )
    return (await session.scalars(statement.order_by(AlertDelivery.id))).all()


async def feedback_on(session: AsyncSession, delivery_ids: Collection[int]) -> Sequence[AlertFeedback]:
    """Return what anybody said of deliveries."""
    statement = select(AlertFeedback).where(AlertFeedback.delivery_id.in_(delivery_ids))
    return (await session.scalars(statement)).all()
