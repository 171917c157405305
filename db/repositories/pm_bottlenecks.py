"""SQL of stuck work: stays in waiting statuses, and who was asked about them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.alerts import AlertDelivery
from db.models.pm import WorkflowBottleneck


async def open_stays(session: AsyncSession) -> Sequence[WorkflowBottleneck]:
    """Return what has not moved yet, by when it entered its status."""
    query = select(WorkflowBottleneck).where(WorkflowBottleneck.resolved_at.is_(None))
    return (await session.scalars(query.order_by(WorkflowBottleneck.entered_at, WorkflowBottleneck.id))).all()


async def stays_of(session: AsyncSession, item_keys: Collection[str]) -> Sequence[WorkflowBottleneck]:
    """Return all stays that were ever kept of items, oldest first."""
    query = select(WorkflowBottleneck).where(WorkflowBottleneck.item_key.in_(item_keys))
    return (await session.scalars(query.order_by(WorkflowBottleneck.id))).all()


async def stuck_since(session: AsyncSession, since: datetime) -> Sequence[WorkflowBottleneck]:
    """Return what was truly stuck at some time since an instant."""
    query = select(WorkflowBottleneck).where(
        WorkflowBottleneck.is_truly_stuck.is_(True),
        or_(WorkflowBottleneck.resolved_at.is_(None), WorkflowBottleneck.resolved_at >= since),
    )
    return (await session.scalars(query.order_by(WorkflowBottleneck.id))).all()


async def stay(session: AsyncSession, stay_id: int) -> WorkflowBottleneck | None:
    """Return one stay of the current account."""
    return await session.scalar(select(WorkflowBottleneck).where(WorkflowBottleneck.id == stay_id))


async def stays(session: AsyncSession, stay_ids: Collection[int]) -> Sequence[WorkflowBottleneck]:
    """Return some stays of the current account, the longest first."""
    query = select(WorkflowBottleneck).where(WorkflowBottleneck.id.in_(stay_ids))
    return (await session.scalars(query.order_by(WorkflowBottleneck.entered_at, WorkflowBottleneck.id))).all()


async def asked(session: AsyncSession, prefix: str, since: datetime) -> Sequence[AlertDelivery]:
    """Return the messages by which people were asked (their keys begin with `prefix`), oldest first."""
    query = select(AlertDelivery).where(
        AlertDelivery.dedupe_key.startswith(prefix, autoescape=True), AlertDelivery.created_at >= since
    )
    return (await session.scalars(query.order_by(AlertDelivery.id))).all()


async def told_of(session: AsyncSession, subject: str, recipient: str, but_prefix: str) -> AlertDelivery | None:
    """Return the newest alert about a subject to a person, whose key does not begin with `but_prefix`."""
    query = select(AlertDelivery).where(
        AlertDelivery.subject == subject,
        AlertDelivery.recipient == recipient,
        ~AlertDelivery.dedupe_key.startswith(but_prefix, autoescape=True),
    )
    return await session.scalar(query.order_by(AlertDelivery.id.desc()).limit(1))


async def message_at(session: AsyncSession, channel: str, ts: str) -> AlertDelivery | None:
    """Return the alert whose message this is."""
    query = select(AlertDelivery).where(AlertDelivery.channel_id == channel, AlertDelivery.message_ts == ts)
    return await session.scalar(query.limit(1))
