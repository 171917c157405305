"""SQL of the HTTP API: its tokens, and answers kept for requests that are sent again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.pilot import ApiRequest, ApiToken


async def token(session: AsyncSession, token_id: str) -> ApiToken | None:
    """Return one token of the current account."""
    return await session.scalar(select(ApiToken).where(ApiToken.id == token_id))


async def tokens(session: AsyncSession, member_id: int | None) -> Sequence[ApiToken]:
    """Return the tokens that work, a member's or everybody's, oldest first."""
    wanted = select(ApiToken).where(ApiToken.revoked_at.is_(None)).order_by(ApiToken.created_at, ApiToken.id)
    if member_id is not None:
        wanted = wanted.where(ApiToken.member_id == member_id)
    return (await session.scalars(wanted)).all()


async def set_last_used(session: AsyncSession, token_id: str, at: datetime) -> None:
    """Note that a token was used."""
    await session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=at))


async def request(session: AsyncSession, key: str, *, to_change: bool = False) -> ApiRequest | None:
    """Return the request that was made under a key."""
    wanted = select(ApiRequest).where(ApiRequest.key == key)
    return await session.scalar(wanted.with_for_update() if to_change else wanted)


async def lease_request(session: AsyncSession, key: str, attempt: int, until: datetime) -> None:
    """Say until when an attempt at a request has it for itself; one that was overtaken changes nothing."""
    own = update(ApiRequest).where(ApiRequest.key == key, ApiRequest.attempt == attempt)
    await session.execute(own.values(leased_until=until))


async def forget_requests_before(session: AsyncSession, instant: datetime) -> None:
    """Delete requests that nobody sends again."""
    await session.execute(delete(ApiRequest).where(ApiRequest.created_at < instant))


async def forget_request(session: AsyncSession, key: str, attempt: int) -> None:
    """Delete a request whose attempt did nothing."""
    await session.execute(delete(ApiRequest).where(ApiRequest.key == key, ApiRequest.attempt == attempt))
