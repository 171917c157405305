"""SQL of answers in sessions: where they are shown, which were never finished, what people said of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import String, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.events import HandledEvent
from db.models.pilot import AiSession, SessionAnswer, SessionAnswerFeedback, SessionMessage


async def by_id(session: AsyncSession, answer_id: int, *, to_change: bool = False) -> SessionAnswer | None:
    """Return an answer."""
    query = select(SessionAnswer).where(SessionAnswer.id == answer_id)
    return await session.scalar(query.with_for_update() if to_change else query)


async def unfinished(
    session: AsyncSession,
    session_id: str | None = None,
    before: datetime | None = None,
    *,
    unclaimed: tuple[str, datetime] | None = None,
) -> Sequence[tuple[SessionAnswer, str | None]]:
    """Return answers that were begun and not ended, each with its session's thread.

    With `unclaimed` only those that nobody has claimed under that source, by their id, since then.
    """
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
    if unclaimed is not None:
        source, since = unclaimed
        claim = select(HandledEvent.event_id).where(
            HandledEvent.source == source,
            HandledEvent.event_id == cast(SessionAnswer.id, String),
            HandledEvent.received_at >= since,
        )
        query = query.where(~claim.exists())
    return [(answer, thread_ts) for answer, thread_ts in await session.execute(query)]


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
