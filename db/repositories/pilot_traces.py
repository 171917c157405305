"""SQL of what sessions tell other features: who did something in them and when, and where they stand by project."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.effects import AuditEntry
from db.models.pilot import AiSession, SessionMessage
from db.models.pm.projects import Project
from db.repositories.mirror.upsert import in_parts

JIRA = "jira"


async def sessions_on_jira(session: AsyncSession, start: datetime, end: datetime) -> Sequence[AiSession]:
    """Return sessions linked to a Jira ticket that were there before `end` and had not ended before `start`."""
    query = select(AiSession).where(
        AiSession.psa_provider == JIRA,
        AiSession.created_at < end,
        or_(AiSession.closed_at.is_(None), AiSession.updated_at >= start),
    )
    return (await session.scalars(query.order_by(AiSession.created_at, AiSession.id))).all()


async def acts(
    session: AsyncSession, session_ids: Collection[str], member_id: int, start: datetime, end: datetime
) -> list[tuple[str, datetime]]:
    """Return (session, instant) of what a person said, answered, noted and decided in sessions between two instants."""
    found: list[tuple[str, datetime]] = []
    for part in in_parts(sorted(session_ids)):
        said = select(SessionMessage.session_id, SessionMessage.created_at).where(
            SessionMessage.session_id.in_(part),
            SessionMessage.member_id == member_id,
            SessionMessage.created_at >= start,
            SessionMessage.created_at < end,
        )
        found += [(session_id, at) for session_id, at in await session.execute(said)]
        ids = {f"session {session_id}": session_id for session_id in part}
        done = select(AuditEntry.target, AuditEntry.at).where(
            AuditEntry.target.in_(ids),
            AuditEntry.actor_member_id == member_id,
            AuditEntry.action.startswith("pilot."),
            AuditEntry.at >= start,
            AuditEntry.at < end,
        )
        found += [(ids[target], at) for target, at in await session.execute(done)]
    return found


async def unfinished(session: AsyncSession, escalated_since: datetime) -> Sequence[AiSession]:
    """Return sessions that are open, and those that were escalated since an instant; the oldest first."""
    escalated = (AiSession.status == "escalated") & (AiSession.closed_at >= escalated_since)
    query = select(AiSession).where(or_(AiSession.status == "open", escalated))
    return (await session.scalars(query.order_by(AiSession.created_at, AiSession.id))).all()


async def project_channels(session: AsyncSession, keys: Collection[str]) -> dict[str, str]:
    """Return the project by Slack channel, for projects that have one of their own."""
    query = select(Project.slack_channel_id, Project.project_key).where(
        Project.project_key.in_(keys), Project.slack_channel_id.is_not(None)
    )
    return {str(channel): key for channel, key in await session.execute(query)}
