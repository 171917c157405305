"""A sandbox that serves the model vendors alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from aiohttp import web

from sandbox import models
from sandbox.core import Bus, CallLog, Faults, Sandbox, SandboxClock
from sandbox.middleware import vendor_middleware
from sandbox.models.state import ModelState


@asynccontextmanager
async def model_sandbox() -> AsyncIterator[tuple[Sandbox, str]]:
    """Yield the sandbox and its base URL."""
    clock, bus = SandboxClock(), Bus()
    absent = cast(Any, None)
    sandbox = Sandbox(absent, absent, absent, ModelState(clock, bus), clock, bus, Faults(), CallLog())
    app = web.Application(middlewares=[vendor_middleware(sandbox)])
    models.setup(app, sandbox)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield sandbox, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
