"""The application from start to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import structlog

from agents.catalogue import AGENTS
from agents.clock import Clock, ClockAccount
from agents.runs import register_agent_runs
from agents.spec import AgentSpec
from application.build import build_services, close_services
from application.maintenance import Maintenance
from application.preparing import prepare_database
from db.tenancy import account_scope
from handlers import FEATURES, build_router
from handlers.api import serve_api
from handlers.connection import SlackConnection
from handlers.http import HttpServer
from handlers.pilot.streaming import close_left_over
from handlers.reports import serve_reports
from handlers.router import Router
from handlers.webhooks import receive_github, receive_jira
from services.accounts import AccountRef
from services.clock import Now, utc_now
from services.container import Services
from services.errors import NotConfiguredError
from services.memory import keep_startup_objects
from services.readiness import Readiness
from services.settings import Settings, missing_settings
from services.slack.sender import BotIdentity

log = structlog.get_logger(__name__)

Register = Callable[[Router], None]
MAINTENANCE_GRACE_S = 5.0
"""A sync that is cut goes on where it was at the next start, so a stop need not wait long for it."""


def require_settings(settings: Settings) -> None:
    """Raise `NotConfiguredError` that names every required setting that is missing and where to get it."""
    if missing := missing_settings(settings):
        lines = "\n".join(f"  {name}: {where}" for name, where in missing.items())
        raise NotConfiguredError(
            f"These settings are missing:\n{lines}\n", hint="Set them in .env, or try everything with `make demo`."
        )


class Application:
    """Everything that runs, started and stopped in order; only `scheduled` agents run by themselves."""

    def __init__(
        self,
        services: Services,
        *,
        features: Sequence[Register] = FEATURES,
        scheduled: Sequence[AgentSpec[Any, Any]] = AGENTS,
    ) -> None:
        self.services = services
        self.readiness = Readiness()
        self.http = HttpServer(services.settings, self.readiness)
        self.slack = SlackConnection(services, build_router(features))
        self.clock = Clock(services.durable, scheduled, services.now)
        self.maintenance = Maintenance(services)
        self.account: AccountRef | None = None
        self.url = ""

    @classmethod
    async def create(
        cls, settings: Settings, now: Now = utc_now, *, scheduled: Sequence[AgentSpec[Any, Any]] = AGENTS
    ) -> Application:
        """Build an application; a required setting that is missing raises `NotConfiguredError` with its name."""
        require_settings(settings)
        return cls(await build_services(settings, now), scheduled=scheduled)

    async def start(self) -> AccountRef:
        """Start everything and return the account of the Slack workspace; what fails stops what had started."""
        try:
            return await self._start()
        except BaseException:
            await self.stop(0)
            raise

    async def _start(self) -> AccountRef:
        services = self.services
        await prepare_database(services.database)
        self.readiness.add("database", self._database_answers)
        self.readiness.add("slack", self.slack.is_connected)
        self.readiness.add("durable work", self._durable_is_launched)
        receive_jira(self.http.app, services)
        receive_github(self.http.app, services)
        serve_reports(self.http.app, services)
        serve_api(self.http.app, services)
        self.url = await self.http.start()
        register_agent_runs(services, AGENTS)
        identity = await self._connect()
        self.account = await services.accounts.account(identity.team_id, identity.team_name)
        await self._settle()
        services.accounts.on_change(self._account_changed)
        await self.clock.start([await self._for_clock(account) for account in await services.accounts.all_accounts()])
        self.maintenance.start(self.clock)
        keep_startup_objects()
        log.info("ready", url=self.url, team=identity.team_name, account=self.account.id)
        return self.account

    async def _connect(self) -> BotIdentity:
        """Connect to Slack while durable work is launched; an error waits for the other one to end as well."""
        # a stop could not take apart what is still being put together
        identity, launched = await asyncio.gather(
            self.slack.start(), self.services.durable.launch(), return_exceptions=True
        )
        if isinstance(identity, BaseException):
            raise identity
        if isinstance(launched, BaseException):
            raise launched
        return identity

    async def _settle(self) -> None:
        """Finish what an earlier process left half done, before anything new begins."""
        services = self.services
        for account in await services.accounts.all_accounts():
            with account_scope(account.id):
                if services.database.is_sqlite:
                    # no other process can be in the middle of a write or of a post
                    await services.effects.recover(older_than=timedelta())
                    await services.alerts.recover()
                else:
                    await services.effects.recover()
                    await services.alerts.flush_digests()
                await close_left_over(services)

    async def _account_changed(self, account: AccountRef) -> None:
        await self.clock.add_account(await self._for_clock(account))

    async def _for_clock(self, account: AccountRef) -> ClockAccount:
        with account_scope(account.id):
            await self.services.working_days.refresh(account.id, account.time_zone, ask_tempo=False)
        return ClockAccount(account.id, account.time_zone, self.services.working_days.of(account.id))

    async def _database_answers(self) -> bool:
        await self.services.database.check()
        return True

    async def _durable_is_launched(self) -> bool:
        return self.services.durable.is_launched

    async def stop(self, grace_s: float | None = None) -> None:
        """Take nothing new, finish what runs within the grace (`shutdown_grace_s`), close everything."""
        grace_s = self.services.settings.shutdown_grace_s if grace_s is None else grace_s
        await self.clock.stop()
        await self.maintenance.stop(min(grace_s, MAINTENANCE_GRACE_S))
        await self.slack.stop(grace_s)
        await self.http.stop()
        await self.services.durable.shutdown(grace_s)
        await self.services.homes.close()
        await self.services.pilot_lanes.close()
        await close_services(self.services)
        log.info("stopped")


async def run_until_stopped(application: Application, on_ready: Callable[[Application], None]) -> None:
    """Start, call `on_ready`, and stop cleanly at SIGTERM or Ctrl-C."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    await application.start()
    on_ready(application)
    await stopped.wait()
    await application.stop()
