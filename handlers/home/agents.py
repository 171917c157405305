"""[Run now] and [Dry run] of agents on Home."""

from __future__ import annotations

from typing import Any

from agents.by_hand import run_by_hand
from agents.catalogue import agent_named
from agents.spec import AgentSpec
from blocks import home as blocks
from handlers.agent_runs import shown
from handlers.commands import perform
from handlers.permissions import require
from handlers.request import Request
from handlers.router import Router
from services.commands import HelpRequest, Reply

Specs = tuple[AgentSpec[Any, Any], ...]


def register(router: Router, agents: Specs) -> None:
    """Handle the buttons."""

    @router.action(blocks.RUN_NOW)
    async def run_now(request: Request) -> Reply:
        return await _run(request, agent_named(request.suffix, agents), dry_run=False)

    @router.action(blocks.RUN_DRY)
    async def dry_run(request: Request) -> Reply:
        return await _run(request, agent_named(request.suffix, agents), dry_run=True)

    @router.action(blocks.METRICS)
    async def show_metrics(request: Request) -> Reply | None:
        return await perform(request, router.commands, router.commands.parse("/pm", "metrics"))

    @router.action(blocks.HELP)
    async def show_help(request: Request) -> Reply | None:
        return await perform(request, router.commands, HelpRequest())


async def _run(request: Request, spec: AgentSpec[Any, Any], *, dry_run: bool) -> Reply:
    """Run an agent once, however often the button is pressed meanwhile; Homes show that it runs, then what came."""
    await require(request, spec.role, f"run {spec.title}", action="agent.run", target=spec.name)
    result = await run_by_hand(request.services, spec, request.account, dry_run=dry_run, actor=request.member)
    return Reply(*shown(spec.title, result, request.member))
