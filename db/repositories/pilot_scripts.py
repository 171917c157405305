"""SQL of script templates and of the drafts that may become some."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.pilot import AiSession, DraftTemplate, ScriptGeneration, ScriptTemplate

PENDING = "pending"


async def templates(session: AsyncSession, *, include_retired: bool) -> Sequence[ScriptTemplate]:
    """Return the account's templates by name."""
    query = select(ScriptTemplate).order_by(ScriptTemplate.name)
    if not include_retired:
        query = query.where(ScriptTemplate.retired_at.is_(None))
    return (await session.scalars(query)).all()


async def template(session: AsyncSession, template_id: str, *, to_change: bool = False) -> ScriptTemplate | None:
    """Return one template of the account; `to_change` locks it."""
    query = select(ScriptTemplate).where(ScriptTemplate.id == template_id)
    return await session.scalar(query.with_for_update() if to_change else query)


async def template_named(session: AsyncSession, name: str) -> ScriptTemplate | None:
    """Return the account's template of that name, in any case, retired or not."""
    query = select(ScriptTemplate).where(func.lower(ScriptTemplate.name) == name.lower())
    return await session.scalar(query.limit(1))


async def usage(session: AsyncSession, template_id: str) -> tuple[int, datetime | None]:
    """Return how many scripts were made of a template, and when the last one was."""
    query = select(func.count(), func.max(ScriptGeneration.created_at)).where(
        ScriptGeneration.template_id == template_id
    )
    count, last = (await session.execute(query)).one()
    return count, last


async def drafts(session: AsyncSession, session_id: str | None = None) -> Sequence[DraftTemplate]:
    """Return pending drafts, of one session or of the account, oldest first."""
    query = select(DraftTemplate).where(DraftTemplate.status == PENDING)
    if session_id is not None:
        query = query.where(DraftTemplate.session_id == session_id)
    return (await session.scalars(query.order_by(DraftTemplate.created_at, DraftTemplate.id))).all()


async def pending_count(session: AsyncSession) -> int:
    """Count the account's pending drafts."""
    query = select(func.count()).select_from(DraftTemplate).where(DraftTemplate.status == PENDING)
    return await session.scalar(query) or 0


async def draft(session: AsyncSession, draft_id: str) -> DraftTemplate | None:
    """Return a draft and lock it."""
    return await session.scalar(select(DraftTemplate).where(DraftTemplate.id == draft_id).with_for_update())


async def draft_of_fix(session: AsyncSession, session_id: str, fix_id: str) -> DraftTemplate | None:
    """Return the draft that was made of a fix."""
    query = select(DraftTemplate).where(DraftTemplate.session_id == session_id, DraftTemplate.fix_id == fix_id)
    return await session.scalar(query.limit(1))


async def ai_session(session: AsyncSession, session_id: str) -> AiSession | None:
    """Return a session of the account."""
    return await session.scalar(select(AiSession).where(AiSession.id == session_id))
