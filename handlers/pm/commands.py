"""`/pm`: run agents, see what they did and what keeps them from it."""

from __future__ import annotations

from datetime import datetime

from agents.by_hand import run_by_hand
from agents.catalogue import AGENTS, agent_named
from agents.history import AgentOverview, overview
from agents.runs import OFF, scheduled_mode
from blocks.pm import runs as blocks
from handlers.agent_runs import shown
from handlers.request import Request
from services.accounts.settings import ALERTS_CHANNEL
from services.accounts.types import Role
from services.commands import Commands, Reply, Word

COMMANDS = Commands()


@COMMANDS.command(
    "/pm",
    "run",
    summary="Run an agent now",
    role=Role.PM,
    examples=("/pm run time-tracking --dry-run", "/pm run time-tracking --as-of 2026-11-16"),
    description="Runs a scheduled agent now. A dry run shows what would be sent; as-of runs it as on an earlier day. "
    "As of a day that is over, agents that tell how things stand only show it; nobody is told old news.",
)
async def run(request: Request, name: Word, *, dry_run: bool = False, as_of: datetime | None = None) -> Reply:
    """Run an agent; what was told before is not told again."""
    spec = agent_named(name)
    result = await run_by_hand(
        request.services, spec, request.account, dry_run=dry_run, as_of=as_of, actor=request.member
    )
    return Reply(*shown(spec.title, result, request.member, asked_to_send=not dry_run))


@COMMANDS.command(
    "/pm", "status", summary="Show each agent's last and next run, and problems", role=Role.ENGINEER, reads_only=True
)
async def status(request: Request) -> Reply:
    """Show what agents did last, when they run next, in which mode, and what keeps them from it."""
    return Reply(*blocks.status(await _agents(request), await _problems(request)))


async def _problems(request: Request) -> list[str]:
    """Return what keeps agents from their work: what is not set up, who does not answer, what is not known yet."""
    services = request.services
    clients = {"Jira": services.jira, "Tempo": services.tempo, "GitHub": services.github}
    return blocks.problems(
        resting=[name for name, client in clients.items() if client is not None and client.is_resting],
        missing=[name for name, client in clients.items() if client is None],
        has_channel=bool(await services.accounts.get_setting(ALERTS_CHANNEL)),
        history_days=await services.pm.learned_days(),
    )


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
        last_status=last.status.value if last else "",
        next_at=agent.next_at,
    )
