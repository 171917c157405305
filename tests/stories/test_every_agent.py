"""Every agent runs by itself when its time comes, stays silent in shadow mode, and is told of in the history."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agents.catalogue import AGENTS
from agents.history import RunRecord, history
from agents.spec import AgentSpec, RunMode, RunStatus, RunTrigger
from db.tenancy import account_scope
from services.accounts.settings import agent_mode_key
from services.home.gather import gather_home
from tests.stories.stage import Stage, staged

SATURDAY = datetime(2026, 10, 31, 16, tzinfo=UTC)
"""The day before a first of the month that is a Sunday on which the clocks go back."""


async def run_at_next_slot(stage: Stage, spec: AgentSpec[object, object]) -> RunRecord:
    """Move time to an agent's next slot and return the run that comes of it."""
    application, services = stage.application, stage.application.services
    slot = application.clock.next_run(spec, stage.account.id)
    assert slot is not None
    if slot > services.now():
        stage.sandbox.clock.set(slot + timedelta(seconds=5))
    await application.clock.look()
    async with asyncio.timeout(60):
        while True:
            runs = [run for run in await history(services, spec.name) if run.slot_at == slot]
            if runs and runs[0].status in (RunStatus.DONE, RunStatus.FAILED):
                return runs[0]
            await asyncio.sleep(0.05)


async def test_every_agent_runs_on_schedule_and_in_shadow_sends_nothing(tmp_path: Path) -> None:
    async with staged(tmp_path, now=SATURDAY) as stage:
        services = stage.application.services
        with account_scope(stage.account.id):
            in_order = sorted(AGENTS, key=lambda spec: str(stage.application.clock.next_run(spec, stage.account.id)))
            for spec in in_order:
                run = await run_at_next_slot(stage, spec)
                assert (run.trigger, run.mode, run.status) == (RunTrigger.SCHEDULE, RunMode.LIVE, RunStatus.DONE), run
                assert run.line

            priya = await services.accounts.member(stage.account, stage.person("priya").id)
            live = await gather_home(services, stage.account, priya)
            assert live.suggestions
            assert any(line.stuck for line in live.projects)
            for spec in AGENTS:
                await services.accounts.set_setting(agent_mode_key(spec.name), RunMode.SHADOW.value)
            await services.alerts.flush_digests(early=True)
            before = stage.sandbox.calls.count
            in_order = sorted(AGENTS, key=lambda spec: str(stage.application.clock.next_run(spec, stage.account.id)))
            for spec in in_order:
                run = await run_at_next_slot(stage, spec)
                assert (run.trigger, run.mode, run.status) == (RunTrigger.SCHEDULE, RunMode.SHADOW, RunStatus.DONE), run
            posted = [c.path for c in stage.sandbox.calls.since(before, "slack") if "chat.post" in c.path]
            assert posted == []
            shadow = await gather_home(services, stage.account, priya)
            assert not shadow.suggestions
            assert {(line.over, line.stuck, line.blocked) for line in shadow.projects} == {(None, None, 0)}
            assert [line.budget for line in shadow.projects] == [line.budget for line in live.projects]
