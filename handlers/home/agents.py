"""[Run now] and [Dry run] of agents on Home."""

from __future__ import annotations

from typing import Any

from agents.catalogue import agent_named
from agents.runs import RunResult, run_agent
from agents.spec import AgentSpec, RunMode, RunTrigger, Slot
from blocks import home as blocks
from blocks.text import escape
from handlers.commands import perform
from handlers.request import Request
from handlers.router import Router
from services.accounts.types import require_role
from services.commands import HelpRequest, Reply

Specs = tuple[AgentSpec[Any, Any], ...]
SHOWN_MESSAGES = 10


def register(router: Router, agents: Specs) -> None:
    """Handle the buttons."""

    @router.action(blocks.RUN_NOW)
    async def run_now(request: Request) -> Reply:
        return await _run(request, agent_named(request.suffix, agents), RunMode.LIVE)

    @router.action(blocks.RUN_DRY)
    async def dry_run(request: Request) -> Reply:
        return await _run(request, agent_named(request.suffix, agents), RunMode.DRY_RUN)

    @router.action(blocks.HELP)
    async def show_help(request: Request) -> Reply | None:
        return await perform(request, router.commands, HelpRequest())


async def _run(request: Request, spec: AgentSpec[Any, Any], mode: RunMode) -> Reply:
    """Run an agent once, however often the button is pressed meanwhile; Homes show that it runs, then what came."""
    services, account = request.services, request.account
    require_role(request.member, spec.role, f"run {spec.title}")
    if not services.homes.begin_run(account.id, spec.name):
        return Reply(f"{escape(spec.title)} is running already; its Home entry shows when it is done.")
    try:
        await services.homes.refresh()
        slot = Slot(services.now(), account.time_zone)
        result = await run_agent(services, spec, slot, RunTrigger.MANUAL, mode, request.member)
    finally:
        services.homes.end_run(account.id, spec.name)
        await services.homes.refresh()
    return Reply(_result_text(spec, mode, result))


def _result_text(spec: AgentSpec[Any, Any], mode: RunMode, result: RunResult) -> str:
    name = f"*{escape(spec.title)}*{' (dry run, nothing is sent)' if mode is RunMode.DRY_RUN else ''}"
    if result.run.error or result.delivery is None:
        return f":x: {name} failed: {escape(result.run.error or 'it did not run')}"
    messages = result.delivery.messages
    lines = [f"• {escape(each.recipient)}, {escape(each.outcome)}: {each.text}" for each in messages[:SHOWN_MESSAGES]]
    if len(messages) > SHOWN_MESSAGES:
        lines.append(f"…and {len(messages) - SHOWN_MESSAGES} more.")
    return "\n".join((f":white_check_mark: {name}: {escape(result.delivery.line)}", *lines))
