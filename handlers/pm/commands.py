"""`/pm`: run agents, see what they did, set how they run, list projects."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from agents.by_hand import run_by_hand
from agents.catalogue import AGENTS, agent_named
from agents.history import AgentOverview, overview
from agents.runs import OFF, scheduled_mode
from agents.spec import RunMode
from blocks.pm import runs as blocks
from handlers.agent_runs import shown
from handlers.request import Request
from services.accounts.types import Role
from services.commands import Commands, Reply, Word
from services.effects import Actor

COMMANDS = Commands()


@COMMANDS.command(
    "/pm",
    "run",
    summary="Run an agent now",
    role=Role.PM,
    examples=("/pm run time-tracking --dry-run", "/pm run time-tracking --as-of 2026-11-16"),
    description="Runs a scheduled agent now. A dry run shows what would be sent; as-of runs it as on an earlier day.",
)
async def run(request: Request, name: Word, *, dry_run: bool = False, as_of: datetime | None = None) -> Reply:
    """Run an agent; what was told before is not told again."""
    spec = agent_named(name)
    result = await run_by_hand(
        request.services, spec, request.account, dry_run=dry_run, as_of=as_of, actor=request.member
    )
    return Reply(*shown(spec.title, result))


@COMMANDS.command("/pm", "status", summary="Show each agent's last and next run", role=Role.ENGINEER, reads_only=True)
async def status(request: Request) -> Reply:
    """Show what agents did last, when they run next, and in which mode."""
    return Reply(*blocks.status(await _agents(request)))


@COMMANDS.command("/pm", "agents", summary="List the agents and what they do", role=Role.ENGINEER, reads_only=True)
async def agents(request: Request) -> Reply:
    """List the agents."""
    return Reply(*blocks.agents(await _agents(request)))


async def _agents(request: Request) -> list[blocks.AgentShown]:
    services = request.services
    shown = []
    for agent in await overview(
        services, AGENTS, request.account.time_zone, services.working_days.of(request.account.id)
    ):
        mode = await scheduled_mode(services, agent.name)
        shown.append(_agent_shown(agent, mode.value if mode else OFF))
    return shown


def _agent_shown(agent: AgentOverview, mode: str) -> blocks.AgentShown:
    last = agent.last
    return blocks.AgentShown(
        name=agent.name,
        title=agent.title,
        description=agent.description,
        schedule=agent.schedule,
        mode=mode,
        last_at=last.started_at if last else None,
        last_line=(last.line or last.error or last.status.value) if last else "",
        next_at=agent.next_at,
    )


@COMMANDS.command(
    "/pm",
    "settings",
    summary="Set whether an agent sends, only records (shadow), or does not run",
    role=Role.ADMIN,
    examples=("/pm settings time-tracking shadow",),
)
async def settings(request: Request, name: Word, mode: Literal["live", "shadow", "off"]) -> Reply:
    """Set how an agent's scheduled runs go."""
    spec = agent_named(name)
    key = f"agents.{spec.name}.mode"
    before = await request.services.accounts.get_setting(key, RunMode.LIVE.value)
    await request.services.accounts.set_setting(key, mode)
    await request.services.audit.record(
        actor=Actor(request.member.id, request.member.display_name),
        action="pm_settings",
        target=key,
        result="done",
        before=before,
        after=mode,
    )
    return Reply(*blocks.mode_set(spec.title, mode))
