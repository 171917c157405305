"""SQL of agent runs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.agents import AgentRun


async def run_of_workflow(session: AsyncSession, workflow_id: str) -> AgentRun | None:
    """Return the run with that workflow id."""
    return await session.scalar(select(AgentRun).where(AgentRun.workflow_id == workflow_id))


async def latest_runs(session: AsyncSession, agent: str, limit: int) -> Sequence[AgentRun]:
    """Return an agent's runs, the one that began last first."""
    query = select(AgentRun).where(AgentRun.agent == agent)
    return (await session.scalars(query.order_by(AgentRun.started_at.desc(), AgentRun.id.desc()).limit(limit))).all()


async def newest_runs(session: AsyncSession, *, without_mode: str = "") -> dict[str, AgentRun]:
    """Return the run of each agent that began last, by agent; those of one mode can be left out."""
    newest = select(func.max(AgentRun.id)).where(AgentRun.mode != without_mode).group_by(AgentRun.agent)
    rows = (await session.scalars(select(AgentRun).where(AgentRun.id.in_(newest)))).all()
    return {row.agent: row for row in rows}
