"""The Socket Mode connection: up, kept up, down."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import structlog
from prometheus_client import Gauge
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from handlers.answering import PATIENCE_S
from handlers.intake import Intake, build_slack_app
from handlers.router import Router
from services.errors import VendorAuthError
from services.slack.api import Method, SlackApi
from services.slack.sender import BotIdentity

if TYPE_CHECKING:
    from services.container import Services

log = structlog.get_logger(__name__)
CONNECTED = Gauge("flowpilot_slack_connected", "1 while the Socket Mode connection is up")

PING_INTERVAL_S = 5.0


async def socket_url(api: SlackApi, app_token: str) -> str:
    """Return a fresh address to connect to; `VendorAuthError` names SLACK_APP_TOKEN when that is refused."""

    async def once() -> dict[str, Any]:
        answer = await api.client.apps_connections_open(app_token=app_token)
        return {"url": answer["url"]}

    try:
        return str((await api.attempts(Method.CONNECTIONS_OPEN, once))["url"])
    except VendorAuthError as error:
        raise VendorAuthError(
            error.vendor,
            error.message,
            hint="Check SLACK_APP_TOKEN (xapp-…, with connections:write: Basic Information > App-Level Tokens).",
        ) from error


class SlackConnection:
    """What Slack sends us, from connecting to draining."""

    def __init__(
        self,
        services: Services,
        router: Router,
        *,
        ping_interval_s: float = PING_INTERVAL_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._services = services
        self.intake = Intake(services, router, patience_s=patience_s)
        self.app = build_slack_app(services, self.intake)
        self._ping_interval_s = ping_interval_s
        self._handler: AsyncSocketModeHandler | None = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def client(self) -> SocketModeClient | None:
        """slack_sdk's socket client, once started."""
        return self._handler.client if self._handler else None

    async def start(self) -> BotIdentity:
        """Check both tokens, connect, and return who the bot is; raises `VendorError` for a token that is refused."""
        sender = self._services.slack
        identity = self.intake.identity = await sender.who_am_i()
        token = self._services.settings.slack_app_token.get_secret_value()
        handler = AsyncSocketModeHandler(
            self.app,
            token,
            web_client=sender.api.client,
            proxy=sender.api.client.proxy,
            ping_interval=self._ping_interval_s,
        )
        # the socket client would read the proxy from the environment again, NO_PROXY or not
        handler.client.proxy = sender.api.client.proxy
        self._handler = handler
        try:
            # asked for here because the client retries a refused token for ever, without telling anyone
            handler.client.wss_uri = await socket_url(sender.api, token)
        except BaseException:
            await self.stop(0)
            raise
        await handler.client.connect()  # type: ignore[no-untyped-call]
        self._watcher = asyncio.get_running_loop().create_task(self._watch(handler.client))
        log.info("connected to slack", team=identity.team_name, bot=identity.user_id)
        return identity

    async def _watch(self, client: SocketModeClient) -> None:
        """Note when the connection comes and goes; have a fresh address asked for while it is down."""
        was_connected = True
        while True:
            is_connected = await client.is_connected()
            CONNECTED.set(is_connected)
            if is_connected != was_connected:
                log.warning("slack connection", connected=is_connected)
                was_connected = is_connected
            if not is_connected:
                # a ticket is good for one attempt; the client's own loop would try the used one for ever
                client.wss_uri = None
            await asyncio.sleep(min(1.0, self._ping_interval_s))

    async def is_connected(self) -> bool:
        """Tell whether Slack can reach us now."""
        return self._handler is not None and await self._handler.client.is_connected()

    async def stop(self, grace_s: float | None = None) -> None:
        """Take nothing new, finish what runs within the grace (`shutdown_grace_s`), close the socket."""
        if self._watcher is not None:
            self._watcher.cancel()
        if self._handler is not None:
            self._handler.client.auto_reconnect_enabled = False
            await self._handler.client.close()  # type: ignore[no-untyped-call]
        await self.intake.pool.drain(self._services.settings.shutdown_grace_s if grace_s is None else grace_s)
        CONNECTED.set(0)
