"""The HTTP server: health, readiness, metrics, and where webhooks come in."""

from __future__ import annotations

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

from services.errors import NotConfiguredError
from services.readiness import Readiness
from services.settings import Settings

BODY_LIMIT_BYTES = 5 * 1024 * 1024
SLACK_PATH = "/slack/events"


class HttpServer:
    """Serve on `http_host:http_port`; features add their webhooks to `app.router` before `start`."""

    def __init__(self, settings: Settings, readiness: Readiness) -> None:
        self._settings = settings
        self._readiness = readiness
        self._runner: web.AppRunner | None = None
        self.app = web.Application(client_max_size=BODY_LIMIT_BYTES)
        self.app.router.add_get("/healthz", _healthz)
        self.app.router.add_get("/readyz", self._readyz)
        self.app.router.add_get("/metrics", _metrics)

    def receive_slack(self, slack_app: AsyncApp) -> None:
        """Take Slack's payloads by HTTP too; raises `NotConfiguredError` without SLACK_SIGNING_SECRET to check them."""
        if not self._settings.slack_signing_secret.get_secret_value():
            raise NotConfiguredError(
                "SLACK_SIGNING_SECRET is missing.", hint="It is on your Slack app's page: Basic Information."
            )

        async def receive(request: web.Request) -> web.Response:
            return await to_aiohttp_response(await slack_app.async_dispatch(await to_bolt_request(request)))

        self.app.router.add_post(SLACK_PATH, receive)

    async def _readyz(self, _request: web.Request) -> web.Response:
        state = await self._readiness.state()
        is_ready = bool(state) and all(state.values())
        return web.json_response({"ready": is_ready, "checks": state}, status=200 if is_ready else 503)

    async def start(self) -> str:
        """Listen and return the base URL; port 0 takes a free one, a taken one raises `NotConfiguredError`."""
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=self._settings.shutdown_grace_s)
        await self._runner.setup()
        wanted = self._settings.http_host, self._settings.http_port
        try:
            await web.TCPSite(self._runner, *wanted).start()
        except OSError as error:
            raise NotConfiguredError(
                f"FlowPilot cannot listen at {wanted[0]}:{wanted[1]}: {error.strerror or error}.",
                hint="Set HTTP_PORT to a free port (0 takes any) and HTTP_HOST to an address of this machine.",
            ) from error
        host, port = self._runner.addresses[0][:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    async def stop(self) -> None:
        """Finish open requests and stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


async def _healthz(_request: web.Request) -> web.Response:
    return web.json_response({"ok": True})


async def _metrics(_request: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
