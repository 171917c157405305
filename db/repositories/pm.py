"""SQL of projects, teams and the history of time tracking."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.accounts import Member
from db.models.pm import Project, TimeTrackingCompliance, UserTeam


async def projects(session: AsyncSession) -> Sequence[Project]:
    """Return all projects by key."""
    return (await session.scalars(select(Project).order_by(Project.project_key))).all()


async def user_teams(session: AsyncSession) -> Sequence[UserTeam]:
    """Return which member is in which team."""
    return (await session.scalars(select(UserTeam).order_by(UserTeam.id))).all()


async def members(session: AsyncSession) -> Sequence[Member]:
    """Return all members, to be changed by an import."""
    return (await session.scalars(select(Member).order_by(Member.id))).all()


async def compliance(session: AsyncSession, from_week: date, to_week: date) -> Sequence[TimeTrackingCompliance]:
    """Return the recorded weeks that start between two days, both included, oldest first."""
    query = select(TimeTrackingCompliance).where(
        TimeTrackingCompliance.week_start_date >= from_week, TimeTrackingCompliance.week_start_date <= to_week
    )
    ordered = query.order_by(TimeTrackingCompliance.week_start_date, TimeTrackingCompliance.member_id)
    return (await session.scalars(ordered)).all()


async def mark_notified(session: AsyncSession, week: date, member_ids: Collection[int]) -> None:
    """Note that these members were told of a week."""
    await session.execute(
        update(TimeTrackingCompliance)
        .where(TimeTrackingCompliance.week_start_date == week, TimeTrackingCompliance.member_id.in_(list(member_ids)))
        .values(notification_sent=True)
    )
