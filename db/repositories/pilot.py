"""SQL of FlowPilot sessions: the session, what is known, proposed and made in it, and what was said."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.pilot import AiSession, ScriptGeneration, SessionFact, SessionMessage, SessionSuggestedFix
from db.repositories.mirror.upsert import in_parts


@dataclass(frozen=True)
class SessionRows:
    """A session's row and the rows that hang on it."""

    session: AiSession
    facts: Sequence[SessionFact]
    fixes: Sequence[SessionSuggestedFix]
    scripts: Sequence[ScriptGeneration]


async def load(session: AsyncSession, session_id: str, *, to_change: bool) -> SessionRows | None:
    """Return a session with its rows, all of one version.

    The lock makes it so on Postgres, where each query sees what others committed before it: changes exclude each other,
    readings only changes. On SQLite the transaction itself does.
    """
    query = select(AiSession).where(AiSession.id == session_id).with_for_update(read=not to_change)
    row = await session.scalar(query)
    if row is None:
        return None
    facts = select(SessionFact).where(SessionFact.session_id == session_id).order_by(SessionFact.number)
    fixes = select(SessionSuggestedFix).where(SessionSuggestedFix.session_id == session_id)
    scripts = select(ScriptGeneration).where(ScriptGeneration.ai_session_id == session_id)
    return SessionRows(
        row,
        (await session.scalars(facts)).all(),
        (await session.scalars(fixes.order_by(SessionSuggestedFix.number))).all(),
        (await session.scalars(scripts.order_by(ScriptGeneration.number))).all(),
    )


async def version(session: AsyncSession, session_id: str) -> int | None:
    """Return a session's version and nothing else."""
    return await session.scalar(select(AiSession.state_version).where(AiSession.id == session_id))


async def id_in_thread(session: AsyncSession, channel_id: str, thread_ts: str) -> str | None:
    """Return the id of the session of a Slack thread."""
    query = select(AiSession.id).where(AiSession.slack_channel_id == channel_id, AiSession.thread_ts == thread_ts)
    return await session.scalar(query)


@dataclass(frozen=True)
class Narrowing:
    """What to look for; None and empty do not narrow."""

    statuses: Collection[str] = ()
    opened_by_member_id: int | None = None
    team: str | None = None
    company: str | None = None
    ticket_id: str | None = None
    channel_id: str | None = None
    text: str = ""


async def find(
    session: AsyncSession, wanted: Narrowing, *, after: tuple[datetime, str] | None, limit: int
) -> Sequence[AiSession]:
    """Return sessions, last changed first, that come after a place (change time and id) in that order."""
    query = _narrowed(select(AiSession), wanted)
    if after is not None:
        changed, session_id = after
        earlier = and_(AiSession.updated_at == changed, AiSession.id < session_id)
        query = query.where(or_(AiSession.updated_at < changed, earlier))
    query = query.order_by(AiSession.updated_at.desc(), AiSession.id.desc()).limit(limit)
    return (await session.scalars(query)).all()


def _narrowed(query: Select[AiSession], wanted: Narrowing) -> Select[AiSession]:
    if wanted.statuses:
        query = query.where(AiSession.status.in_(wanted.statuses))
    equal = {
        AiSession.opened_by_member_id: wanted.opened_by_member_id,
        AiSession.team: wanted.team,
        AiSession.company: wanted.company,
        AiSession.psa_ticket_id: wanted.ticket_id,
        AiSession.slack_channel_id: wanted.channel_id,
    }
    for column, value in equal.items():
        if value is not None:
            query = query.where(column == value)
    for word in wanted.text.split():
        text = func.lower(AiSession.title + " " + AiSession.problem)
        query = query.where(text.contains(word.lower(), autoescape=True))
    return query


async def resolved(session: AsyncSession, since: datetime | None, most: int) -> Sequence[AiSession]:
    """Return the newest resolved sessions, those changed at or after an instant if one is given; oldest first."""
    query = select(AiSession).where(AiSession.status == "resolved")
    if since is not None:
        query = query.where(AiSession.updated_at >= since)
    newest = query.order_by(AiSession.updated_at.desc(), AiSession.id.desc()).limit(most)
    return (await session.scalars(newest)).all()[::-1]


async def ended_with(session: AsyncSession, artifact: str, start: datetime, end: datetime) -> Sequence[str]:
    """Return the ids of sessions that ended within a time and still keep a document, the first that ended first."""
    query = select(AiSession.id).where(
        AiSession.status.in_(("resolved", "escalated")), AiSession.closed_at >= start, AiSession.closed_at < end
    )
    has_it = AiSession.artifacts[artifact].as_string().is_not(None)
    return (await session.scalars(query.where(has_it).order_by(AiSession.closed_at))).all()


async def known_texts(session: AsyncSession, session_ids: Collection[str]) -> list[tuple[str, str]]:
    """Return (session, text) of the facts of several sessions that were not taken back, in their order."""
    found: list[tuple[str, str]] = []
    for part in in_parts(sorted(session_ids)):
        query = select(SessionFact.session_id, SessionFact.text).where(
            SessionFact.session_id.in_(part), SessionFact.deleted_at.is_(None)
        )
        rows = await session.execute(query.order_by(SessionFact.session_id, SessionFact.number))
        found += [(session_id, text) for session_id, text in rows]
    return found


async def standing_fixes(session: AsyncSession, session_ids: Collection[str]) -> list[SessionSuggestedFix]:
    """Return the fixes of several sessions that nothing superseded."""
    found: list[SessionSuggestedFix] = []
    for part in in_parts(sorted(session_ids)):
        query = select(SessionSuggestedFix).where(
            SessionSuggestedFix.session_id.in_(part), SessionSuggestedFix.superseded_at.is_(None)
        )
        found += (await session.scalars(query)).all()
    return found


async def decisions(session: AsyncSession) -> dict[str, int]:
    """Count the fixes that were decided on, by what was decided."""
    decided = SessionSuggestedFix.user_decision
    query = select(decided, func.count()).where(decided.is_not(None)).group_by(decided)
    return {str(decision): int(count) for decision, count in await session.execute(query)}


async def message_at(session: AsyncSession, session_id: str, slack_ts: str) -> SessionMessage | None:
    """Return the turn that came as a certain Slack message."""
    query = select(SessionMessage).where(SessionMessage.session_id == session_id, SessionMessage.slack_ts == slack_ts)
    return await session.scalar(query)


async def messages(
    session: AsyncSession, session_id: str, *, before_id: int | None, limit: int
) -> Sequence[SessionMessage]:
    """Return the newest turns (before a certain one), oldest first."""
    query = select(SessionMessage).where(SessionMessage.session_id == session_id)
    if before_id is not None:
        query = query.where(SessionMessage.id < before_id)
    newest = (await session.scalars(query.order_by(SessionMessage.id.desc()).limit(limit))).all()
    return newest[::-1]


async def lock(session: AsyncSession, session_id: str) -> AiSession | None:
    """Return a session's row, which nobody else changes until the transaction ends."""
    return await session.scalar(select(AiSession).where(AiSession.id == session_id).with_for_update())
