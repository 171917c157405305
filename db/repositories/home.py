"""SQL of App Home."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

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
    session: AsyncSession, recipients: Sequence[str], statuses: Sequence[str], limit: int
) -> Sequence[AlertDelivery]:
    """Return the newest alerts for people or channels by Slack id."""
    statement = (
        select(AlertDelivery)
        .where(AlertDelivery.recipient.in_(recipients), AlertDelivery.status.in_(statuses))
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
