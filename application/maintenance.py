"""What the application does for itself, again and again: sync, digests, settling, clean-up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from agents.clock import Clock, ClockAccount
from db.tenancy import account_scope, current_account_id
from handlers.pilot.streaming import close_left_over
from handlers.session_ends import tell_left_over
from services.container import Services
from services.errors import FlowPilotError, NotConfiguredError, VendorError
from services.mirror.types import Source
from services.slack.directory import SlackProfiles

SLOTS_EVERY = timedelta(seconds=20)
DIGESTS_EVERY = timedelta(minutes=5)
SETTLE_EVERY = timedelta(minutes=2)
CUT_OFF_EVERY = timedelta(minutes=1)
LEARNING_EVERY = timedelta(minutes=30)
LEAVERS_EVERY = timedelta(hours=1)
CLEAN_UP_EVERY = timedelta(hours=6)
WORKING_DAYS_EVERY = timedelta(hours=24)
FINISHED_WORK_IS_KEPT = timedelta(days=45)

Job = Callable[[], Awaitable[object]]
log = structlog.get_logger(__name__)


class Maintenance:
    """The application's own jobs; a stop lets those that run finish, within a bound."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._running: dict[str, asyncio.Task[None]] = {}

    def start(self, clock: Clock) -> None:
        """Add every job to the clock, which is also told of working days that changed."""
        services = self._services

        jobs: list[tuple[str, timedelta, Job]] = [
            ("sync", timedelta(seconds=services.settings.sync_interval_s), lambda: sync_account(services)),
            ("digests", DIGESTS_EVERY, services.alerts.flush_digests),
            ("settle", SETTLE_EVERY, services.effects.recover),
            ("cut-off answers", CUT_OFF_EVERY, lambda: close_left_over(services)),
            ("untold ends", CUT_OFF_EVERY, lambda: tell_left_over(services)),
            ("leavers", LEAVERS_EVERY, lambda: end_tokens_of_leavers(services)),
            ("bottleneck baselines", LEARNING_EVERY, services.bottleneck_learning.retrain_if_due),
            ("stuck work", DIGESTS_EVERY, services.bottlenecks.settle_moved),
            ("reports", DIGESTS_EVERY, services.report_sending.catch_up),
            ("working days", WORKING_DAYS_EVERY, lambda: refresh_working_days(services, clock)),
        ]
        for name, interval, job in jobs:
            clock.every(name, interval, self._starter(name, partial(_in_every_account, services, name, job)))
        clock.every("slots", SLOTS_EVERY, self._starter("slots", lambda: _look_for_slots(clock)))
        clock.every("clean-up", CLEAN_UP_EVERY, self._starter("clean-up", lambda: _clean_up(services)))

    def _starter(self, name: str, job: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], Awaitable[None]]:
        """Return what starts the job unless it still runs; the scheduler would cancel what it had to wait for."""

        async def start() -> None:
            if name not in self._running:
                task = self._running[name] = asyncio.get_running_loop().create_task(job())
                task.add_done_callback(lambda _: self._running.pop(name))

        return start

    async def stop(self, grace_s: float) -> None:
        """Wait for what runs, then cancel it."""
        if not self._running:
            return
        _, late = await asyncio.wait(self._running.values(), timeout=grace_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


async def _look_for_slots(clock: Clock) -> None:
    try:
        await clock.look()
    except Exception:
        log.exception("maintenance failed", job="slots")


async def _clean_up(services: Services) -> None:
    try:
        await services.durable.garbage_collect(FINISHED_WORK_IS_KEPT)
    except Exception:
        log.exception("maintenance failed", job="clean-up")


async def refresh_working_days(services: Services, clock: Clock) -> None:
    """Read the current account's calendar anew; the clock works out its slots again where a day has changed."""
    accounts = {account.id: account for account in await services.accounts.all_accounts()}
    account = accounts[current_account_id()]
    if await services.working_days.refresh(account.id, account.time_zone):
        await clock.add_account(ClockAccount(account.id, account.time_zone, services.working_days.of(account.id)))


async def end_tokens_of_leavers(services: Services) -> None:
    """Revoke API tokens of people of the current account who left the workspace."""
    profiles = SlackProfiles(services.slack.api)

    async def has_left(slack_user_id: str) -> bool:
        try:
            return (await profiles.profile(slack_user_id)).has_left
        except VendorError as error:
            # one whom Slack does not tell of must not keep the others' tokens alive
            log.warning("not known whether somebody left", user=slack_user_id, why=error.message)
            return False

    if ended := await services.api_tokens.end_for_leavers(has_left):
        log.info("tokens of leavers ended", number=ended)


async def sync_account(services: Services) -> None:
    """Bring the current account's mirror up to date; what is not configured is left out."""
    clients = {Source.JIRA: services.jira, Source.TEMPO: services.tempo, Source.GITHUB: services.github}
    for source, client in clients.items():
        if client is None:
            continue
        try:
            report = await services.mirror.sync(source)
        except NotConfiguredError as error:
            log.info("not mirrored", source=source, reason=str(error))
        except VendorError as error:
            # one vendor that is down must not keep the others from being read
            log.warning("not mirrored", source=source, reason=str(error))
        else:
            log.info("mirrored", source=source, report=str(report))


async def _in_every_account(services: Services, what: str, work: Job) -> None:
    for account in await services.accounts.all_accounts():
        with account_scope(account.id), structlog.contextvars.bound_contextvars(job=what, account=account.id):
            try:
                await work()
            except FlowPilotError as error:
                log.warning("maintenance failed", error=str(error))
            except Exception:
                log.exception("maintenance failed")
