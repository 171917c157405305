"""The clock: at each slot of an agent in an account it starts a workflow; the workflow's id makes it happen once."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import stamina
import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from agents.runs import AGENT_RUN, scheduled_workflow_id
from agents.schedule import IsWorkingDay, Schedule, monday_to_friday, next_slot, slots_between
from agents.spec import AgentSpec, Slot
from services.clock import Now

MISFIRE_GRACE_S = 3600
START_ATTEMPTS = 6
START_WAIT_MAX_S = 60.0

log = structlog.get_logger(__name__)


class StartsWorkflows(Protocol):
    """The part of `Durable` that the clock needs."""

    async def start(self, name: str, workflow_id: str, arguments: dict[str, Any]) -> bool:
        """Start a workflow once per id; False when it had been started."""
        ...


@dataclass(frozen=True)
class ClockAccount:
    """An account as the clock sees it."""

    id: str
    time_zone: str
    is_working_day: IsWorkingDay = monday_to_friday


class SlotTrigger(BaseTrigger):  # type: ignore[misc]
    """Fires at a schedule's slots. Crontab is no way to say this: its Monday is 1, APScheduler's is 0."""

    __slots__ = ("account", "schedule")

    def __init__(self, schedule: Schedule, account: ClockAccount) -> None:
        self.schedule = schedule
        self.account = account

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """Return the first slot after the previous one, or after now."""
        after = previous_fire_time or now
        return next_slot(self.schedule, self.account.time_zone, after, self.account.is_working_day)


class Clock:
    """Starts agents at their slots, in each account's time zone, and catches up what a stop made them miss."""

    def __init__(self, durable: StartsWorkflows, agents: Sequence[AgentSpec[Any, Any]], now: Now) -> None:
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._durable = durable
        self._agents = agents
        self._now = now
        self._accounts: dict[str, ClockAccount] = {}
        self._latest: dict[tuple[str, str], datetime] = {}
        self.scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": MISFIRE_GRACE_S, "coalesce": True, "max_instances": 1},
        )

    async def start(self, accounts: Iterable[ClockAccount] = ()) -> None:
        """Begin to tick, and run the slots that were missed within each agent's grace."""
        self.scheduler.start()
        for account in accounts:
            await self.add_account(account)

    async def stop(self) -> None:
        """Start nothing more; workflows that run are not touched."""
        if self.scheduler.running:
            self.scheduler.shutdown(wait=False)

    async def add_account(self, account: ClockAccount) -> None:
        """Run all agents for an account from now on; one that is known gets its new time zone and holidays."""
        self._accounts[account.id] = account
        for spec in self._agents:
            self.scheduler.add_job(
                self._start_latest_slot,
                SlotTrigger(spec.schedule, account),
                args=[spec, account.id],
                id=_job_id(spec, account.id),
                replace_existing=True,
                misfire_grace_time=max(MISFIRE_GRACE_S, int(spec.grace.total_seconds())),
            )
        await self._catch_up(account.id)

    async def look(self) -> None:
        """Start the slots that are due and were not started: after a sleep or a step of the machine's clock."""
        for account_id in list(self._accounts):
            await self._catch_up(account_id)

    async def _catch_up(self, account_id: str) -> None:
        for spec in self._agents:
            await self._start_latest_slot(spec, account_id)

    def remove_account(self, account_id: str) -> None:
        """Run nothing more for an account."""
        if self._accounts.pop(account_id, None) is not None:
            for spec in self._agents:
                self.scheduler.remove_job(_job_id(spec, account_id))

    def every(self, name: str, interval: timedelta, function: Callable[[], Awaitable[None]]) -> None:
        """Run maintenance of the application itself (sync, clean-up) now and at an interval, one run at a time."""
        self.scheduler.add_job(
            function,
            IntervalTrigger(seconds=interval.total_seconds(), timezone=UTC),
            id=f"every:{name}",
            next_run_time=datetime.now(UTC),
            replace_existing=True,
        )

    def next_run(self, spec: AgentSpec[Any, Any], account_id: str) -> datetime | None:
        """Return when an agent runs next for an account; None when the account is not known."""
        account = self._accounts.get(account_id)
        if account is None:
            return None
        return next_slot(spec.schedule, account.time_zone, self._now(), account.is_working_day)

    async def _start_latest_slot(self, spec: AgentSpec[Any, Any], account_id: str) -> None:
        account = self._accounts.get(account_id)
        if account is None:
            return
        now = self._now()
        due = slots_between(spec.schedule, account.time_zone, now - spec.grace, now, account.is_working_day)
        if due and self._latest.get((spec.name, account_id)) != due[-1]:
            await self._start(spec, account, Slot(due[-1], account.time_zone))
            self._latest[spec.name, account_id] = due[-1]

    async def _start(self, spec: AgentSpec[Any, Any], account: ClockAccount, slot: Slot) -> None:
        workflow_id = scheduled_workflow_id(spec.name, account.id, slot)
        arguments = {"account_id": account.id, "agent": spec.name, "slot": slot.iso, "time_zone": slot.time_zone}
        # a slot comes once: a database that is restarting must not cost it
        async for attempt in stamina.retry_context(
            on=Exception, attempts=START_ATTEMPTS, timeout=None, wait_max=START_WAIT_MAX_S
        ):
            with attempt:
                is_new = await self._durable.start(AGENT_RUN, workflow_id, arguments)
        log.info("slot is due", workflow_id=workflow_id, started=is_new)


def _job_id(spec: AgentSpec[Any, Any], account_id: str) -> str:
    return f"{account_id}:{spec.name}"
