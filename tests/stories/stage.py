"""The whole application against the sandbox, over real sockets, at a moment of the test's choice."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from application.demo import demo_settings, sandbox_access, set_up
from application.running import Application
from sandbox.client import Person, SandboxClient
from sandbox.core import Fault, Sandbox
from sandbox.server import SandboxServer
from services.accounts import AccountRef
from services.settings import Settings
from services.slack.pace import Rate
from tests.sandbox.copies import copied_world
from tests.stories.prepared import Prepared, prepare, take_up

WEDNESDAY = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)
"""Wednesday, half past ten in New York: nobody's quiet hours."""
UNPACED = Rate(1_000, 1.0)
"""Messages to a channel a second: the sandbox's Slack takes as many as come."""


@dataclass
class Stage:
    """Sandbox, application and the people in front of them."""

    sandbox: Sandbox
    client: SandboxClient
    settings: Settings
    application: Application
    account: AccountRef

    def person(self, key: str) -> Person:
        """Return one of the world's people."""
        return self.client.person(key)

    async def issue(self, key: str) -> dict[str, Any]:
        """Return an issue as Jira holds it."""
        return await self.client.issue(key)

    def story(self, story_id: str) -> dict[str, Any]:
        """Return what is true of one of the world's stories."""
        assert self.sandbox.world is not None
        return dict(self.sandbox.world.story(story_id).facts)

    def fault(self, vendor: str, kind: str, **rest: Any) -> None:
        """Arm a fault."""
        self.sandbox.faults.add(Fault(vendor=vendor, kind=kind, **rest))

    def advance(self, by: timedelta) -> None:
        """Move the time of the sandbox and of the application on."""
        self.sandbox.clock.advance(by)


@asynccontextmanager
async def staged(folder: Path, *, now: datetime = WEDNESDAY, **changes: Any) -> AsyncIterator[Stage]:
    """Run the world of `now` and the application in it; `changes` are settings that differ from the demo's."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sandbox = copied_world(now)
    # Postgres is made ready as in real life; so is the first SQLite of a moment
    is_copied = "database_url" not in changes
    prepared = Prepared.of(now) if is_copied else None
    if prepared is not None:
        prepared.lay_down(folder / "data")
        sandbox.clock.set(prepared.at)
    server = SandboxServer(sandbox)
    url = await server.start()
    settings = demo_settings(url, folder / "data", access=await sandbox_access(url)).model_copy(update=changes)
    application = await Application.create(settings, sandbox.clock.now)
    application.services.slack.api.pace.channel_rate = UNPACED  # tests/intake proves the pace
    account = await application.start()
    try:
        if prepared is not None:
            await take_up(application, account, url)
        elif is_copied:
            await prepare(application, account, url, now=now, folder=folder / "data")
        else:
            await set_up(application, account, url)
        async with SandboxClient(url) as client:
            yield Stage(sandbox, client, settings, application, account)
    finally:
        await application.stop(5)
        await server.stop()
        structlog.reset_defaults()
