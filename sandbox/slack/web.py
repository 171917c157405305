"""Slack's HTTP edge: the Web API, the socket, response URLs, uploads and downloads."""

from __future__ import annotations

import json
import logging
import math
from typing import Any, cast

from aiohttp import WSMsgType, web

from sandbox.middleware import ANSWER_GIVEN, REQUEST_READ
from sandbox.slack import api_assistant, api_chat, api_conversations, api_files, api_items, api_people, api_views
from sandbox.slack.api import COMMON_ERRORS, METHODS, Call, Method, arguments_given
from sandbox.slack.errors import SlackError
from sandbox.slack.model import Json
from sandbox.slack.state import SlackState

BOT_TOKEN = "xoxb-sandbox"  # noqa: S105
APP_TOKEN = "xapp-sandbox"  # noqa: S105
MODULES = (api_assistant, api_chat, api_conversations, api_files, api_items, api_people, api_views)
UNEXPLAINED = frozenset({"api.test"})
LOG = logging.getLogger(__name__)


class SlackWeb:
    """The handlers of Slack's own addresses."""

    def __init__(self, state: SlackState) -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.route("*", "/slack/api/{method}", self.call),
            web.get("/slack/socket", self.socket),
            web.post("/slack/hooks/{kind}/{team}/{number}/{secret}", self.hook),
            web.post("/slack/upload/{ticket}", self.upload),
            web.get("/slack/files/{id}/{name}", self.download),
        ]

    async def call(self, request: web.Request) -> web.Response:
        """Answer a call of the Web API."""
        try:
            arguments = await read_arguments(request)
            request[REQUEST_READ] = {k: v for k, v in arguments.items() if k != "token"}
            answer = self._run(request, arguments)
        except SlackError as error:
            answer = error.answer()
            if error.code == "ratelimited":
                wait_s = max(1, math.ceil(error.fields.get("wait_s", 1)))
                body = {"ok": False, "error": "ratelimited"}
                return _answer(request, body, 429, {"Retry-After": str(wait_s)})
        scopes = ",".join(sorted(self._state.app.scopes or ()))
        return _answer(request, answer, 200, {"X-OAuth-Scopes": scopes} if scopes else {})

    def _run(self, request: web.Request, arguments: Json) -> Json:
        method = METHODS.get(request.match_info["method"])
        if method is None:
            raise SlackError("unknown_method", req_method=request.match_info["method"])
        _authenticate(method, _token(request, arguments))
        arguments.pop("token", None)
        call = Call(self._state, method, arguments)
        call.demand_scopes(method.scopes)
        wait_s = self._state.limits.wait_s(method.name, method.tier)
        if wait_s and self._state.enforce_rate_limits:
            raise SlackError("ratelimited", wait_s=wait_s)
        arguments_given(arguments, method)
        try:
            return {"ok": True, **method.run(call)}
        except SlackError as error:
            if error.code not in method.errors | COMMON_ERRORS and method.name not in UNEXPLAINED:
                LOG.exception("%s refused with an error that its documentation does not know", method.name)
                raise SlackError("internal_error", [f"undocumented error {error.code}"]) from error
            raise

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """Serve a Socket Mode connection."""
        if not self._state.hub.redeem(request.query.get("ticket", "")):
            return web.Response(status=403, text="invalid ticket")
        socket = web.WebSocketResponse(heartbeat=30.0)
        await socket.prepare(request)
        connection = await self._state.hub.open(SocketPeer(request, socket))
        if connection is None:
            await socket.close()
            return socket
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._state.hub.received(frame.data)
        finally:
            self._state.hub.closed(connection)
        return socket

    async def hook(self, request: web.Request) -> web.Response:
        """Take an answer to a command or an action."""
        key = f"{request.match_info['number']}/{request.match_info['secret']}"
        try:
            body = json.loads(await request.text())
        except ValueError:
            return web.Response(status=400, text="invalid_payload")
        request[REQUEST_READ] = body
        try:
            self._state.hooks.answer(key, body)
        except SlackError as error:
            status = 404 if error.code in ("no_service", "expired_url", "used_url") else 400
            return web.json_response(error.answer(), status=status)
        return web.Response(text="ok")

    async def upload(self, request: web.Request) -> web.Response:
        """Take the bytes of a file, raw or as a form."""
        if request.content_type == "multipart/form-data":
            form = await request.post()
            field = next((value for value in form.values() if isinstance(value, web.FileField)), None)
            content = field.file.read() if field else b""
        else:
            content = await request.read()
        file = self._state.files.receive(request.match_info["ticket"], content)
        if file is None:
            return web.Response(status=400, text="upload refused: unknown address, or not as long as announced")
        return web.Response(text=f"OK - {file.length}")

    async def download(self, request: web.Request) -> web.Response:
        """Give the bytes of a file to who holds the bot's token."""
        if _token(request, {}) != BOT_TOKEN:
            return web.Response(status=302, headers={"Location": "https://slack.com/signin"})
        try:
            file = self._state.files.find(request.match_info["id"])
        except SlackError:
            return web.Response(status=404)
        return web.Response(body=file.content, content_type=file.mimetype)


class SocketPeer:
    """A connection as the hub knows it."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        self._request, self._socket = request, socket

    async def send_str(self, data: str) -> None:
        """Send one text frame."""
        await self._socket.send_str(data)

    async def close(self) -> None:
        """Close politely."""
        await self._socket.close()

    def abort(self) -> None:
        """Cut the connection."""
        transport: Any = self._request.transport
        if transport is not None:
            transport.abort()


async def read_arguments(request: web.Request) -> Json:
    """Merge a call's arguments from query, form and JSON."""
    arguments: Json = dict(request.query)
    if request.content_type == "application/json" and request.can_read_body:
        try:
            body = json.loads(await request.text())
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        return arguments | body
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        form = await request.post()
        arguments |= {name: value for name, value in form.items() if isinstance(value, str)}
    return arguments


def _token(request: web.Request, arguments: Json) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else str(arguments.get("token") or "")


def _authenticate(method: Method, token: str) -> None:
    if method.token == "none":  # noqa: S105
        return
    if not token:
        raise SlackError("not_authed")
    if token not in (BOT_TOKEN, APP_TOKEN):
        raise SlackError("invalid_auth")
    if token != (APP_TOKEN if method.token == "app" else BOT_TOKEN):  # noqa: S105
        raise SlackError("not_allowed_token_type")


def _answer(request: web.Request, body: Json, status: int, headers: dict[str, str]) -> web.Response:
    request[ANSWER_GIVEN] = body
    return web.json_response(cast(Any, body), status=status, headers=headers)
