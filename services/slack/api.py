"""One way to Slack's Web API: pace, Retry-After, repeats only where they do no harm, errors in plain words."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog
from prometheus_client import Counter
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from services.errors import VendorError, VendorRateLimitedError, VendorUnavailableError
from services.settings import Settings
from services.slack.errors import VENDOR, SlackPostError, refusal
from services.slack.pace import TIER_RATES, Pace, Rate

log = structlog.get_logger(__name__)
CALLS = Counter("flowpilot_slack_calls", "Calls of Slack's Web API", ["method", "outcome"])

CALL_TIMEOUT_S = 30.0
PATIENCE_S = 600.0
REPEATS = 3


class Method(StrEnum):
    """Every Web API method that FlowPilot calls; the manifest's scopes are checked against this list."""

    AUTH_TEST = "auth.test"
    CHAT_APPEND_STREAM = "chat.appendStream"
    CHAT_DELETE = "chat.delete"
    CHAT_GET_PERMALINK = "chat.getPermalink"
    CHAT_POST_EPHEMERAL = "chat.postEphemeral"
    CHAT_POST_MESSAGE = "chat.postMessage"
    CHAT_START_STREAM = "chat.startStream"
    CHAT_STOP_STREAM = "chat.stopStream"
    CHAT_UPDATE = "chat.update"
    CONNECTIONS_OPEN = "apps.connections.open"
    CONVERSATIONS_HISTORY = "conversations.history"
    CONVERSATIONS_OPEN = "conversations.open"
    CONVERSATIONS_REPLIES = "conversations.replies"
    FILES_COMPLETE_UPLOAD = "files.completeUploadExternal"
    FILES_GET_UPLOAD_URL = "files.getUploadURLExternal"
    FILES_INFO = "files.info"
    PINS_ADD = "pins.add"
    SET_STATUS = "assistant.threads.setStatus"
    SET_SUGGESTED_PROMPTS = "assistant.threads.setSuggestedPrompts"
    USERS_INFO = "users.info"
    VIEWS_OPEN = "views.open"
    VIEWS_PUBLISH = "views.publish"
    VIEWS_PUSH = "views.push"
    VIEWS_UPDATE = "views.update"


GET_METHODS = frozenset(
    {
        Method.CHAT_GET_PERMALINK,
        Method.CONVERSATIONS_HISTORY,
        Method.CONVERSATIONS_REPLIES,
        Method.FILES_INFO,
        Method.USERS_INFO,
    }
)
# a second call leaves Slack as the first did; a trigger_id is single-use, so opening a view is not among them
REPEATABLE = GET_METHODS | {
    Method.AUTH_TEST,
    Method.CHAT_UPDATE,
    Method.CONVERSATIONS_OPEN,
    Method.FILES_GET_UPLOAD_URL,
    Method.SET_STATUS,
    Method.SET_SUGGESTED_PROMPTS,
    Method.VIEWS_PUBLISH,
}
NOT_SENT_ERRORS = (aiohttp.ClientConnectorError, aiohttp.InvalidURL)


@dataclass(frozen=True)
class Turn:
    """Which queue a call waits in, and how fast that queue moves."""

    lane: str
    rate: Rate | None = None


TIER_3 = TIER_RATES[3]
EDITS = "updates"
"""The queue that edits of messages wait in."""


def proxy_for(url: str) -> str | None:
    """Return the proxy for a Slack URL by the environment, NO_PROXY and loopback included (slack_sdk ignores them)."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in {"localhost", "127.0.0.1", "::1"} or urllib.request.proxy_bypass(host):
        return None
    return urllib.request.getproxies().get(parts.scheme)


def build_session() -> aiohttp.ClientSession:
    """Return the aiohttp session that all calls to Slack share; call it inside the running loop."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=CALL_TIMEOUT_S), connector=aiohttp.TCPConnector(limit=50)
    )


def build_web_client(settings: Settings, session: aiohttp.ClientSession) -> AsyncWebClient:
    """Return slack_sdk's client; its own retries are off, since they repeat a post that may have arrived."""
    client = AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        session=session,
        timeout=int(CALL_TIMEOUT_S),
        retry_handlers=[],
    )
    client.proxy = proxy_for(settings.slack_api_url)
    return client


class SlackApi:
    """Call methods; raises `VendorError` kinds only. `sleep` waits out a `Retry-After`."""

    def __init__(
        self,
        client: AsyncWebClient,
        pace: Pace | None = None,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.client = client
        self.pace = pace or Pace()
        self._sleep = sleep

    async def call(
        self, method: Method, turn: Turn | None = None, *, patience_s: float = PATIENCE_S, **arguments: Any
    ) -> dict[str, Any]:
        """Call `method` and return its answer; arguments that are None are left out.

        Waits for its turn and for Retry-After, up to `patience_s`; repeats after a failure only what is repeatable.
        """
        given = {name: value for name, value in arguments.items() if value is not None}
        turn = turn or Turn(method.value)
        if turn.rate is None and turn.lane == method.value:
            return await self._attempts(method, given, patience_s)
        async with self.pace.turn(turn.lane, turn.rate):
            return await self._attempts(method, given, patience_s)

    async def _attempts(self, method: Method, arguments: dict[str, Any], patience_s: float) -> dict[str, Any]:
        async def once() -> dict[str, Any]:
            if method in GET_METHODS:
                response = await self.client.api_call(method.value, http_verb="GET", params=arguments)
            else:
                response = await self.client.api_call(method.value, json=arguments)
            return dict(response.data) if isinstance(response.data, dict) else {}

        return await self.attempts(method, once, patience_s)

    async def attempts(
        self, method: Method, once: Callable[[], Awaitable[dict[str, Any]]], patience_s: float = PATIENCE_S
    ) -> dict[str, Any]:
        """Run `once` until it is answered, with the retry rules of `method`."""
        started = monotonic()
        failures = 0
        while True:
            try:
                answer = await once()
            except SlackApiError as error:
                left_s = patience_s - (monotonic() - started)
                waited = await self._after_refusal(method, error, left_s, failures)
                failures += 0 if waited else 1
            except (aiohttp.ClientError, TimeoutError, SlackClientError) as error:
                failures += 1
                was_sent = not isinstance(error, NOT_SENT_ERRORS)
                if failures >= REPEATS or (was_sent and method not in REPEATABLE):
                    CALLS.labels(method.value, "no_answer").inc()
                    raise _no_answer(method, was_sent) from error
                await self._sleep(0.2 * 2**failures)
            else:
                CALLS.labels(method.value, "ok").inc()
                return answer

    async def _after_refusal(self, method: Method, error: SlackApiError, left_s: float, failures: int) -> bool:
        """Wait and return if the call may be made again (True: it did not count); else raise the error in words."""
        response: Any = error.response
        status = int(getattr(response, "status_code", getattr(response, "status", 0)) or 0)
        data = getattr(response, "data", None)
        body: dict[str, Any] = data if isinstance(data, dict) else {}
        code = str(body.get("error", ""))
        if status == 429 or code in {"ratelimited", "rate_limited"}:
            CALLS.labels(method.value, "rate_limited").inc()
            retry_after_s = _retry_after_s(getattr(response, "headers", {}))
            if retry_after_s > left_s:
                raise VendorRateLimitedError(VENDOR, "Slack asks to wait too long.", retry_after_s=retry_after_s)
            await self._sleep(retry_after_s)
            return True
        if not code or status >= 500:
            if method in REPEATABLE and failures + 1 < REPEATS:
                await self._sleep(0.2 * 2 ** (failures + 1))
                return False
            CALLS.labels(method.value, "server_error").inc()
            raise _no_answer(method, was_sent=True, status=status) from error
        CALLS.labels(method.value, code).inc()
        messages = (body.get("response_metadata") or {}).get("messages") or []
        log.warning("slack refused", method=method.value, code=code, messages=messages)
        raise refusal(code, [str(m) for m in messages], str(body.get("needed", ""))) from error


def _retry_after_s(headers: Any) -> float:
    values = {str(name).lower(): value for name, value in dict(headers or {}).items()}
    try:
        return max(0.0, float(values.get("retry-after", 1)))
    except (TypeError, ValueError):
        return 1.0


def _no_answer(method: Method, was_sent: bool, status: int | None = None) -> VendorError:
    what = f"answered {status}" if status else "did not answer"
    if was_sent and method not in REPEATABLE:
        hint = "It may have arrived all the same: look before you try again."
        return SlackPostError(f"Slack {what}.", hint=hint, outcome_unknown=True)
    return VendorUnavailableError(VENDOR, f"Slack {what}.", hint="Try again in a minute.", status=status)
