"""SQL of App Home."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.models.alerts import AlertDelivery
from db.models.pm import EpicAssignmentSuggestion


async def open_suggestions(session: AsyncSession, project_keys: Sequence[str]) -> Sequence[tuple[str, int]]:
    """Count tickets with an undecided epic suggestion by project."""
    suggestion = EpicAssignmentSuggestion
    statement = (
        select(suggestion.project_key, func.count(func.distinct(suggestion.ticket_key)))
        .where(suggestion.project_key.in_(project_keys), suggestion.accepted.is_(None))
        .group_by(suggestion.project_key)
        .order_by(suggestion.project_key)
    )
    return [(key, int(count)) for key, count in await session.execute(statement)]


async def latest_alerts(
    session: AsyncSession, person: str, channels: Sequence[str], statuses: Sequence[str], limit: int
) -> Sequence[AlertDelivery]:
    """Return the newest alerts for a person and their channels by Slack id.

    What the person was told too, alone or together with others, is not shown of a channel again.
    """
    own = aliased(AlertDelivery)
    is_told = exists().where(
        own.account_id == AlertDelivery.account_id,
        own.dedupe_key == AlertDelivery.dedupe_key,
        own.recipient == person,
        own.status.in_([*statuses, "digested"]),
    )
    statement = (
        select(AlertDelivery)
        .where(
            or_(AlertDelivery.recipient == person, and_(AlertDelivery.recipient.in_(channels), ~is_told)),
            AlertDelivery.status.in_(statuses),
        )
        .order_by(AlertDelivery.created_at.desc(), AlertDelivery.id.desc())
    )
    return (await session.scalars(statement.limit(limit))).all()


async def latest_alert_on(session: AsyncSession, recipients: Sequence[str], subject: str) -> AlertDelivery | None:
    """Return the newest alert on a subject that is in Slack."""
    statement = (
        select(AlertDelivery)
        .where(
            AlertDelivery.recipient.in_(recipients),
            AlertDelivery.subject == subject,
            AlertDelivery.message_ts.is_not(None),
        )
        .order_by(AlertDelivery.id.desc())
    )
    return await session.scalar(statement.limit(1))
