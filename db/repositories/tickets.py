"""SQL of what the ticket assistant remembers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.tickets import TicketFocus


async def focus_of(session: AsyncSession, member_id: int) -> TicketFocus | None:
    """Return what a member has in focus."""
    return await session.scalar(select(TicketFocus).where(TicketFocus.member_id == member_id))


async def set_focus(session: AsyncSession, member_id: int, ticket_key: str, at: datetime) -> None:
    """Put a ticket in focus, in the place of the one before."""
    row = await focus_of(session, member_id)
    if row is None:
        row = TicketFocus(member_id=member_id, ticket_key=ticket_key, focused_at=at)
        session.add(row)
    row.ticket_key, row.focused_at = ticket_key, at


async def clear_focus(session: AsyncSession, member_id: int) -> None:
    """Take the ticket out of focus."""
    await session.execute(delete(TicketFocus).where(TicketFocus.member_id == member_id))
