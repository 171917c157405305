"""Slack: Web API, Socket Mode, and what people do in it."""

from __future__ import annotations

from aiohttp import web

from sandbox.core import Sandbox
from sandbox.slack.control import SlackControl
from sandbox.slack.web import SlackWeb

__all__ = ["setup"]


def setup(app: web.Application, sandbox: Sandbox) -> None:
    """Add Slack's own addresses and the control API's Slack section."""
    app.add_routes(SlackWeb(sandbox.slack).routes())
    app.add_routes(SlackControl(sandbox.slack).routes())

    async def stop(_: web.Application) -> None:
        await sandbox.slack.hub.stop()

    app.on_shutdown.append(stop)
