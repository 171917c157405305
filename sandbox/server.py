"""The sandbox's one HTTP server, and how a sandbox is put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from aiohttp import web

from sandbox import connectwise, control, github, google, jira, mail, models, page, slack, tempo
from sandbox.core import Bus, CallLog, Faults, Sandbox, SandboxClock
from sandbox.jira.state import JiraState
from sandbox.middleware import vendor_middleware
from sandbox.models.state import ModelState
from sandbox.slack.state import SlackState
from sandbox.tempo.state import TempoState
from sandbox.world import populate

Setup = Callable[[web.Application, Sandbox], None]
SETUPS: tuple[Setup, ...] = (
    slack.setup,
    jira.setup,
    tempo.setup,
    github.setup,
    connectwise.setup,
    models.setup,
    mail.setup,
    google.setup,
    page.setup,
)
UPLOAD_LIMIT_BYTES = 200 * 1024 * 1024


class SandboxServer:
    """Serve a sandbox on a loopback address; port 0 picks a free one."""

    def __init__(
        self, sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0, setups: Sequence[Setup] = SETUPS
    ) -> None:
        self.sandbox = sandbox
        self._setups = setups
        self._host, self._port = host, port
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> str:
        """Listen and return the base URL."""
        self._runner = web.AppRunner(build_app(self.sandbox, self._setups), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://{self._host}:{port}"
        self.sandbox.slack.base_url = self.url
        return self.url

    async def stop(self) -> None:
        """Close everything."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


def build_app(sandbox: Sandbox, setups: Sequence[Setup] = SETUPS) -> web.Application:
    """Return the web application: the control API and what each of `setups` adds (all vendors and the page)."""
    app = web.Application(middlewares=[vendor_middleware(sandbox)], client_max_size=UPLOAD_LIMIT_BYTES)
    control.setup(app, sandbox)
    for setup in setups:
        setup(app, sandbox)
    return app


def create_sandbox(import_dir: Path | None = None, empty: bool = False) -> Sandbox:
    """Put a sandbox together: with the world, with imported issues besides, or `empty`."""
    clock, bus, faults = SandboxClock(), Bus(), Faults()
    jira_state = JiraState(clock, bus)
    sandbox = Sandbox(
        slack=SlackState(clock, bus, faults),
        jira=jira_state,
        tempo=TempoState(clock, bus, jira_state),
        models=ModelState(clock, bus),
        clock=clock,
        bus=bus,
        faults=faults,
        calls=CallLog(),
    )
    if not empty:
        populate(sandbox, import_dir)
    return sandbox
