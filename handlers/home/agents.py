"""[Run now] and [Dry run] of agents on Home."""

from __future__ import annotations

from typing import Any

from agents.catalogue import agent_named
from agents.runs import RunResult, run_agent, scheduled_mode
from agents.spec import AgentSpec, RunMode, RunTrigger, Slot
from blocks import home as blocks
from blocks.pm import runs
from blocks.text import escape
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
        spec = agent_named(request.suffix, agents)
        # an agent in shadow mode stays silent whoever runs it; one that is off is run because somebody asks for it
        mode = await scheduled_mode(request.services, spec.name) or RunMode.LIVE
        return await _run(request, spec, mode)

    @router.action(blocks.RUN_DRY)
    async def dry_run(request: Request) -> Reply:
        return await _run(request, agent_named(request.suffix, agents), RunMode.DRY_RUN)

    @router.action(blocks.HELP)
    async def show_help(request: Request) -> Reply | None:
        return await perform(request, router.commands, HelpRequest())


async def _run(request: Request, spec: AgentSpec[Any, Any], mode: RunMode) -> Reply:
    """Run an agent once, however often the button is pressed meanwhile; Homes show that it runs, then what came."""
    services, account = request.services, request.account
    await require(request, spec.role, f"run {spec.title}", action="agent.run", target=spec.name)
    if not services.homes.begin_run(account.id, spec.name):
        return Reply(f"{escape(spec.title)} is running already; Home shows when it is done.")
    try:
        services.homes.changed()
        slot = Slot(services.now(), account.time_zone)
        result = await run_agent(services, spec, slot, RunTrigger.MANUAL, mode, request.member)
    finally:
        services.homes.end_run(account.id, spec.name)
        services.homes.changed()
    return Reply(*_shown(spec.title, result))


def _shown(title: str, result: RunResult) -> runs.Shown:
    if result.delivery is None:
        return runs.run_failed(title, escape(result.run.error or "it did not run"))
    messages = [runs.MessageShown(each.recipient, each.text, each.outcome) for each in result.delivery.messages]
    return runs.run_result(title, result.delivery.line, result.run.mode.value, messages)
