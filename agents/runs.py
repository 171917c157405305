"""Runs of agents: each is recorded, a slot runs once, a vendor that is down is waited for."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

import structlog
from prometheus_client import Counter, Histogram

from agents.history import RunRecord, record_of
from agents.spec import AgentSpec, Delivery, RunMode, RunStatus, RunTrigger, Slot
from db.models.agents import AgentRun
from db.repositories import agents as repository
from db.tenancy import current_account_id
from services.accounts.types import MemberRef, require_role
from services.durable.types import as_json
from services.errors import FlowPilotError, VendorRateLimitedError, VendorUnavailableError

if TYPE_CHECKING:
    from services.container import Services

log = structlog.get_logger(__name__)

AGENT_RUN = "agent-run"
OFF = "off"
RETRY_FIRST = timedelta(minutes=1)
RETRY_LONGEST = timedelta(minutes=30)
_FINAL = (RunStatus.DONE, RunStatus.FAILED)

RUNS = Counter("flowpilot_agent_runs_total", "Runs of agents", ["agent", "trigger", "mode", "status"])
RUN_SECONDS = Histogram("flowpilot_agent_run_seconds", "How long an agent's run took", ["agent"])


@dataclass(frozen=True)
class RunResult:
    """A recorded run, and what it delivered (None when it failed, or when the slot had been run before)."""

    run: RunRecord
    delivery: Delivery | None = None


@dataclass(frozen=True)
class _Outcome:
    status: RunStatus
    delivery: Delivery | None = None
    error: str | None = None


def scheduled_workflow_id(agent: str, account_id: str, slot: Slot) -> str:
    """Return the id under which a slot runs once, whoever starts it."""
    return f"agent:{agent}:{account_id}:{slot.iso}"


def manual_workflow_id(agent: str, account_id: str, slot: Slot) -> str:
    """Return a new id: a person may run an agent as often as they like."""
    return f"manual:{agent}:{account_id}:{slot.iso}:{uuid.uuid4().hex[:12]}"


async def run_agent(
    services: Services,
    spec: AgentSpec[Any, Any],
    slot: Slot,
    trigger: RunTrigger,
    mode: RunMode,
    actor: MemberRef | None = None,
    *,
    workflow_id: str | None = None,
) -> RunResult:
    """Run an agent for a slot in the current account, and record it.

    Errors are recorded, not raised: `run.error` is safe to show. A scheduled run that a vendor could not serve is
    `WAITING`. An id that has ended already is not run again. `NotAllowedError` when the actor's role does not suffice.
    """
    if actor is not None:
        require_role(actor, spec.role, f"run {spec.title}")
    workflow_id = workflow_id or manual_workflow_id(spec.name, current_account_id(), slot)
    known = await _begin(services, spec, slot, trigger, mode, workflow_id)
    if known is not None:
        return RunResult(known)
    started = monotonic()
    outcome = await _run(services, spec, slot, trigger, mode)
    RUN_SECONDS.labels(spec.name).observe(monotonic() - started)
    RUNS.labels(spec.name, trigger, mode, outcome.status).inc()
    run = await _end(services, workflow_id, outcome, actor)
    services.homes.changed()
    return RunResult(run, outcome.delivery)


async def _run(
    services: Services, spec: AgentSpec[Any, Any], slot: Slot, trigger: RunTrigger, mode: RunMode
) -> _Outcome:
    try:
        data = await spec.collect(services, slot)
        # in a thread: models and similarities over thousands of issues must not keep Slack waiting
        findings = await asyncio.to_thread(spec.assess, data, slot.at)
        return _Outcome(RunStatus.DONE, await spec.deliver(services, findings, mode))
    except (VendorUnavailableError, VendorRateLimitedError) as error:
        waits = trigger is RunTrigger.SCHEDULE
        return _Outcome(RunStatus.WAITING if waits else RunStatus.FAILED, error=str(error))
    except FlowPilotError as error:
        return _Outcome(RunStatus.FAILED, error=str(error))
    except Exception:
        reference = uuid.uuid4().hex[:8]
        log.exception("agent failed", agent=spec.name, slot=slot.iso, reference=reference)
        return _Outcome(RunStatus.FAILED, error=f"Something went wrong (reference {reference}).")


async def _begin(
    services: Services, spec: AgentSpec[Any, Any], slot: Slot, trigger: RunTrigger, mode: RunMode, workflow_id: str
) -> RunRecord | None:
    """Note that the run begins, or begins again; return its record instead if it has ended."""
    async with services.database.transaction() as session:
        row = await repository.run_of_workflow(session, workflow_id)
        if row is None:
            row = AgentRun(
                workflow_id=workflow_id, agent=spec.name, slot_at=slot.at, trigger=trigger, started_at=services.now()
            )
            session.add(row)
        elif row.status in _FINAL:
            return record_of(row)
        row.mode = mode
        row.status = RunStatus.RUNNING
    return None


async def _end(services: Services, workflow_id: str, outcome: _Outcome, actor: MemberRef | None) -> RunRecord:
    async with services.database.transaction() as session:
        row = await repository.run_of_workflow(session, workflow_id)
        assert row is not None, "_begin made it"
        row.status = outcome.status
        row.error = outcome.error
        row.finished_at = services.now() if outcome.status in _FINAL else None
        summary = asdict(outcome.delivery) if outcome.delivery else {}
        row.summary = as_json(summary | ({"by": actor.display_name} if actor else {}))
        return record_of(row)


async def scheduled_mode(services: Services, agent: str) -> RunMode | None:
    """Return how the account wants an agent's scheduled runs (setting `agents.<name>.mode`); None for not at all."""
    key = f"agents.{agent}.mode"
    return mode_in({key: await services.accounts.get_setting(key, RunMode.LIVE.value)}, agent)


def mode_in(preferences: Mapping[str, Any], agent: str) -> RunMode | None:
    """Return how an account with these preferences wants an agent's scheduled runs; None for not at all."""
    value = preferences.get(f"agents.{agent}.mode", RunMode.LIVE.value)
    if value == OFF:
        return None
    try:
        return RunMode(value)
    except ValueError:
        log.warning("unknown mode, nothing is sent", agent=agent, mode=value)
        return RunMode.SHADOW


async def run_slot(
    services: Services, spec: AgentSpec[Any, Any], slot: Slot, attempt: int
) -> dict[str, str | float | None]:
    """Try to run a slot of the schedule; `retry_in_s` is set when a vendor is down and the grace allows to wait."""
    mode = await scheduled_mode(services, spec.name)
    if mode is None:
        return {"status": OFF, "retry_in_s": None}
    workflow_id = scheduled_workflow_id(spec.name, current_account_id(), slot)
    if await _is_too_late(services, spec, slot, workflow_id):
        error = "The run was interrupted, and its time had passed when it could go on."
        run = await _end(services, workflow_id, _Outcome(RunStatus.FAILED, error=error), None)
    else:
        run = (await run_agent(services, spec, slot, RunTrigger.SCHEDULE, mode, workflow_id=workflow_id)).run
    if run.status is not RunStatus.WAITING:
        return {"status": run.status, "retry_in_s": None}
    delay = min(RETRY_FIRST * 2**attempt, RETRY_LONGEST)
    if services.now() + delay > slot.at + spec.grace:
        await _end(services, workflow_id, _Outcome(RunStatus.FAILED, error=run.error), None)
        return {"status": RunStatus.FAILED, "retry_in_s": None}
    return {"status": RunStatus.WAITING, "retry_in_s": delay.total_seconds()}


async def _is_too_late(services: Services, spec: AgentSpec[Any, Any], slot: Slot, workflow_id: str) -> bool:
    # the slack is for a wait that ends a little late; what this is after was cut by a crash, hours or days ago
    if services.now() <= slot.at + spec.grace + RETRY_LONGEST:
        return False
    async with services.database.transaction(write=False) as session:
        row = await repository.run_of_workflow(session, workflow_id)
        return row is not None and row.status not in _FINAL


def register_agent_runs(services: Services, agents: tuple[AgentSpec[Any, Any], ...]) -> None:
    """Make scheduled runs durable work; before `services.durable.launch()`."""
    by_name = {spec.name: spec for spec in agents}
    durable = services.durable

    @durable.register(AGENT_RUN)
    async def agent_run(arguments: dict[str, Any]) -> dict[str, Any]:
        spec = by_name.get(arguments["agent"])
        if spec is None:
            raise FlowPilotError(f"There is no agent “{arguments['agent']}” any more.")
        slot = Slot(datetime.fromisoformat(arguments["slot"]), arguments["time_zone"])
        attempt = 0
        while True:
            outcome = await durable.step(f"attempt {attempt}", partial(run_slot, services, spec, slot, attempt))
            if outcome["retry_in_s"] is None:
                return {"status": outcome["status"]}
            await durable.sleep(outcome["retry_in_s"])
            attempt += 1
