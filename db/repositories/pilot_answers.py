"""SQL of answers in sessions: where they are shown, which were never finished, what people said of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.pilot import AiSession, SessionAnswer, SessionAnswerFeedback, SessionMessage


async def by_id(session: AsyncSession, answer_id: int, *, to_change: bool = False) -> SessionAnswer | None:
    """Return an answer."""
    query = select(SessionAnswer).where(SessionAnswer.id == answer_id)
    return await session.scalar(query.with_for_update() if to_change else query)


async def unfinished(
    session: AsyncSession, session_id: str | None = None, before: datetime | None = None
) -> Sequence[tuple[SessionAnswer, str | None]]:
    """Return answers that were begun and not ended, each with its session's thread."""
    query = (
        select(SessionAnswer, AiSession.thread_ts)
        .join(AiSession, AiSession.id == SessionAnswer.session_id)
        .where(SessionAnswer.ended_at.is_(None))
        .order_by(SessionAnswer.id)
    )
    if session_id is not None:
        query = query.where(SessionAnswer.session_id == session_id)
    if before is not None:
        query = query.where(SessionAnswer.started_at < before)
    return [(answer, thread_ts) for answer, thread_ts in await session.execute(query)]


async def said_in(session: AsyncSession, session_id: str, since: datetime) -> int | None:
    """Return the id of the first thing that was answered in a session since then and is no answer's yet."""
    taken = select(SessionAnswer.message_id).where(
        SessionAnswer.session_id == session_id, SessionAnswer.message_id.is_not(None)
    )
    query = select(func.min(SessionMessage.id)).where(
        SessionMessage.session_id == session_id,
        SessionMessage.author == "pilot",
        SessionMessage.created_at >= since,
        SessionMessage.id.not_in(taken),
    )
    return await session.scalar(query)


async def feedback(session: AsyncSession, answer_id: int, member_id: int) -> SessionAnswerFeedback | None:
    """Return what a member said of an answer."""
    query = select(SessionAnswerFeedback).where(
        SessionAnswerFeedback.answer_id == answer_id, SessionAnswerFeedback.member_id == member_id
    )
    return await session.scalar(query)


async def feedback_counts(session: AsyncSession, since: datetime | None) -> Sequence[tuple[str, bool, int]]:
    """Count feedback by who answered and verdict."""
    query = (
        select(SessionMessage.answered_by, SessionAnswerFeedback.useful, func.count())
        .join(SessionAnswer, SessionAnswer.id == SessionAnswerFeedback.answer_id)
        .outerjoin(SessionMessage, SessionMessage.id == SessionAnswer.message_id)
        .group_by(SessionMessage.answered_by, SessionAnswerFeedback.useful)
    )
    if since is not None:
        query = query.where(SessionAnswerFeedback.given_at >= since)
    return [(name or "", useful, int(count)) for name, useful, count in await session.execute(query)]
