"""What agents did and will do, for App Home and `/pm status`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agents.schedule import IsWorkingDay, monday_to_friday
from agents.schedule import next_slot as next_slot_of
from agents.spec import AgentSpec, RunMode, RunStatus, RunTrigger
from db.models.agents import AgentRun
from db.repositories import agents as repository

if TYPE_CHECKING:
    from services.container import Services


@dataclass(frozen=True)
class RunRecord:
    """One run as it was recorded; `line` is what came of it, `error` is safe to show."""

    workflow_id: str
    agent: str
    slot_at: datetime
    trigger: RunTrigger
    mode: RunMode
    status: RunStatus
    summary: Mapping[str, Any]
    error: str | None
    started_at: datetime
    finished_at: datetime | None

    @property
    def line(self) -> str:
        """What came of it in one line; empty before it is done."""
        return str(self.summary.get("line", ""))


@dataclass(frozen=True)
class AgentOverview:
    """One agent of the current account; `last` leaves dry runs out."""

    name: str
    title: str
    description: str
    schedule: str
    last: RunRecord | None
    next_at: datetime | None


def record_of(row: AgentRun) -> RunRecord:
    """Return a row of the history as the rest knows it."""
    return RunRecord(
        workflow_id=row.workflow_id,
        agent=row.agent,
        slot_at=row.slot_at,
        trigger=RunTrigger(row.trigger),
        mode=RunMode(row.mode),
        status=RunStatus(row.status),
        summary=row.summary or {},
        error=row.error,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


async def history(services: Services, agent: str, limit: int = 10) -> list[RunRecord]:
    """Return an agent's latest runs in the current account, dry runs among them, the newest first."""
    async with services.database.transaction(write=False) as session:
        return [record_of(row) for row in await repository.latest_runs(session, agent, limit)]


def next_run(
    spec: AgentSpec[Any, Any], time_zone: str, now: datetime, is_working_day: IsWorkingDay = monday_to_friday
) -> datetime | None:
    """Return when an agent is due next, in UTC."""
    return next_slot_of(spec.schedule, time_zone, now, is_working_day)


async def overview(
    services: Services,
    agents: Sequence[AgentSpec[Any, Any]],
    time_zone: str,
    is_working_day: IsWorkingDay = monday_to_friday,
) -> list[AgentOverview]:
    """Return all agents of the current account with their last and next run."""
    async with services.database.transaction(write=False) as session:
        newest = await repository.newest_runs(session, without_mode=RunMode.DRY_RUN)
    return [
        AgentOverview(
            name=spec.name,
            title=spec.title,
            description=spec.description,
            schedule=spec.schedule.describe(),
            last=record_of(newest[spec.name]) if spec.name in newest else None,
            next_at=next_run(spec, time_zone, services.now(), is_working_day),
        )
        for spec in agents
    ]
