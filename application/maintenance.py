"""What the application does for itself, again and again: sync, digests, settling, clean-up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from agents.clock import Clock
from db.tenancy import account_scope
from services.container import Services
from services.errors import FlowPilotError, NotConfiguredError
from services.mirror.types import Source

DIGESTS_EVERY = timedelta(minutes=5)
SETTLE_EVERY = timedelta(minutes=2)
CLEAN_UP_EVERY = timedelta(hours=6)
FINISHED_WORK_IS_KEPT = timedelta(days=45)

log = structlog.get_logger(__name__)


def start_maintenance(services: Services, clock: Clock) -> None:
    """Add every maintenance job to the clock."""

    async def sync() -> None:
        await _in_every_account(services, "sync", lambda: sync_account(services))

    async def digests() -> None:
        await _in_every_account(services, "digests", lambda: _ignoring(services.alerts.flush_digests()))

    async def settle() -> None:
        await _in_every_account(services, "settle", lambda: _ignoring(services.effects.recover()))

    async def clean_up() -> None:
        await services.durable.garbage_collect(FINISHED_WORK_IS_KEPT)

    clock.every("sync", timedelta(seconds=services.settings.sync_interval_s), sync)
    clock.every("digests", DIGESTS_EVERY, digests)
    clock.every("settle", SETTLE_EVERY, settle)
    clock.every("clean-up", CLEAN_UP_EVERY, clean_up)


async def sync_account(services: Services) -> None:
    """Bring the current account's mirror up to date; what is not configured is left out."""
    for source in (Source.JIRA, Source.TEMPO):
        if source is Source.TEMPO and services.tempo is None:
            continue
        try:
            report = await services.mirror.sync(source)
        except NotConfiguredError as error:
            log.info("not mirrored", source=source, reason=error.message)
        else:
            log.info("mirrored", source=source, report=str(report))


async def _ignoring(work: Awaitable[object]) -> None:
    await work


async def _in_every_account(services: Services, what: str, work: Callable[[], Awaitable[None]]) -> None:
    for account in await services.accounts.all_accounts():
        with account_scope(account.id), structlog.contextvars.bound_contextvars(job=what, account=account.id):
            try:
                await work()
            except FlowPilotError as error:
                log.warning("maintenance failed", error=error.message)
            except Exception:
                log.exception("maintenance failed")
