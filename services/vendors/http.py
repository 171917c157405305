"""The one way out to vendors over HTTP: timeouts, retries, pace, circuit breaker, metrics, errors."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx2
import stamina
import structlog
from aiolimiter import AsyncLimiter
from prometheus_client import Counter, Gauge, Histogram

from services.errors import VendorRateLimitedError
from services.vendors.circuit import Circuit, OnCircuit
from services.vendors.problems import (
    AttemptFailedError,
    Effect,
    Target,
    login_failed,
    no_answer,
    not_sent,
    refused,
    unreadable,
)

log = structlog.get_logger(__name__)

INTERACTIVE_PATIENCE_S = 30.0
_patience_s: ContextVar[float] = ContextVar("vendor_patience_s", default=INTERACTIVE_PATIENCE_S)

CALLS = Counter("flowpilot_vendor_calls", "Attempts sent to a vendor.", ["vendor", "effect", "status"])
SECONDS = Histogram("flowpilot_vendor_call_seconds", "Time a vendor took to answer an attempt.", ["vendor"])
CIRCUIT_OPEN = Gauge("flowpilot_vendor_circuit_open", "1 while a vendor's circuit is open.", ["vendor"])

_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Let calls inside wait up to `seconds` in all for a vendor; a person's call waits `INTERACTIVE_PATIENCE_S`."""
    token = _patience_s.set(seconds)
    try:
        yield
    finally:
        _patience_s.reset(token)


@dataclass(frozen=True, slots=True)
class Policy:
    """How one vendor is treated: `calls` per `per_s` seconds, attempts, waits, when its circuit opens."""

    calls: float
    per_s: float
    attempts: int = 4
    connect_timeout_s: float = 5.0
    timeout_s: float = 25.0
    backoff_initial_s: float = 0.25
    backoff_max_s: float = 5.0
    backoff_jitter_s: float = 0.5
    failures_to_open: int = 8
    open_for_s: float = 30.0
    in_flight: int | None = None
    """How many calls may be under way at once; None for any number."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a vendor answered; `value` is the decoded body of a success."""

    status: int
    headers: Mapping[str, str]
    text: str = ""
    value: Any = None


Send = Callable[[Target], Awaitable[Answer]]
"""One attempt; raises `AttemptFailedError` when there is no answer."""


class VendorHttp:
    """Calls to one vendor. `secrets` are blotted out of whatever it is quoted with."""

    def __init__(
        self,
        vendor: str,
        base_url: str,
        *,
        headers: Mapping[str, str],
        policy: Policy,
        auth_hint: str = "",
        secrets: tuple[str, ...] = (),
        on_circuit: OnCircuit | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.vendor = vendor
        self.base_url = base_url.rstrip("/")
        self.policy = policy
        self._headers = {"Accept": "application/json", **headers}
        self._auth_hint = auth_hint
        self._secrets = tuple(secret for secret in secrets if secret)
        self._on_circuit = on_circuit
        self._limiter = AsyncLimiter(policy.calls, policy.per_s)
        self._slots = asyncio.Semaphore(policy.in_flight) if policy.in_flight else nullcontext()
        self._circuit = Circuit(
            vendor,
            failures_to_open=policy.failures_to_open,
            open_for_s=policy.open_for_s,
            on_change=self._circuit_changed,
            monotonic=monotonic,
        )
        self._paused_until = 0.0
        self._client: httpx2.AsyncClient | None = None

    @property
    def is_resting(self) -> bool:
        """Tell whether the circuit is open."""
        return self._circuit.is_open

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def request(
        self,
        method: str,
        path: str,
        *,
        effect: Effect = Effect.READ,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        missing: str = "",
        gone_is_done: bool = False,
    ) -> Any:
        """Send one call (`body` as JSON, or a `form`) and return its decoded JSON (None for an empty body).

        Raises the `VendorError` kinds; `missing` names what a 404 means; `gone_is_done` takes a 404 on a second attempt
        (of a delete) as success.
        """

        async def send(target: Target) -> Answer:
            return await self._send(target, method, path, params=params, json=body, data=form, headers=headers)

        return await self.guarded(send, effect=effect, missing=missing, gone_is_done=gone_is_done)

    async def guarded(
        self, send: Send, *, effect: Effect = Effect.READ, missing: str = "", gone_is_done: bool = False
    ) -> Any:
        """Run `send` under the vendor's pace, circuit and retries; for clients that bring their own transport."""
        target = Target(self.vendor, effect, missing, self._auth_hint)
        policy = self.policy
        waits = _Waits(_patience_s.get(), policy.backoff_jitter_s)
        attempts = stamina.retry_context(
            on=waits.next_wait,
            attempts=policy.attempts,
            timeout=waits.patience_s,
            wait_initial=policy.backoff_initial_s,
            wait_max=policy.backoff_max_s,
            wait_jitter=policy.backoff_jitter_s,
        )
        try:
            async for attempt in attempts:
                with attempt:
                    try:
                        answer = await self._attempt(target, send, attempt.num)
                    except AttemptFailedError as failure:
                        if gone_is_done and attempt.num > 1 and failure.error.status == 404:
                            return None
                        raise
                    return answer.value
        except AttemptFailedError as failure:
            raise failure.error from failure.__cause__
        raise AssertionError("unreachable: stamina re-raises the last failure")

    async def _attempt(self, target: Target, send: Send, number: int) -> Answer:
        with self._circuit.admit():
            await self._wait_for_turn()
            started = time.monotonic()
            status = "none"
            try:
                async with self._slots:
                    answer = await send(target)
                status = str(answer.status)
                if not 200 <= answer.status < 300 or login_failed(answer.headers):
                    raise refused(target, answer.status, answer.headers, self._blot(answer.text))
            except AttemptFailedError as failure:
                self._failed(failure)
                raise
            else:
                self._circuit.succeeded()
                return answer
            finally:
                elapsed_s = time.monotonic() - started
                CALLS.labels(self.vendor, target.effect, status).inc()
                SECONDS.labels(self.vendor).observe(elapsed_s)
                log.debug(
                    "vendor_call",
                    vendor=self.vendor,
                    effect=target.effect,
                    status=status,
                    attempt=number,
                    ms=round(elapsed_s * 1000),
                )

    def _failed(self, failure: AttemptFailedError) -> None:
        if failure.is_vendor_down:
            self._circuit.failed()
        else:
            self._circuit.succeeded()
        if failure.pauses_all and failure.wait_s is not None:
            self._paused_until = max(self._paused_until, time.monotonic() + failure.wait_s)
        log.warning("vendor_call_failed", vendor=self.vendor, problem=failure.error.message, retry=failure.retry)

    async def _wait_for_turn(self) -> None:
        left_s = self._paused_until - time.monotonic()
        if left_s > _patience_s.get():
            raise VendorRateLimitedError(
                self.vendor,
                f"{self.vendor} asked FlowPilot to wait {round(left_s)} s more.",
                retry_after_s=left_s,
                hint="Nothing was done. Try again later.",
            )
        if left_s > 0:
            await asyncio.sleep(left_s)
        await self._limiter.acquire()

    async def _send(
        self, target: Target, method: str, path: str, *, headers: Mapping[str, str] | None, **content: Any
    ) -> Answer:
        async with _transport_problems(target, self.policy.timeout_s):
            response = await self._connection().request(
                method, self.base_url + path, headers={**_correlation_header(), **(headers or {})}, **content
            )
        if not response.is_success:
            return Answer(response.status_code, response.headers, response.text)
        try:
            value = response.json() if response.content.strip() else None
        except ValueError as error:
            raise unreadable(target, response.status_code) from error
        return Answer(response.status_code, response.headers, "", value)

    def _connection(self) -> httpx2.AsyncClient:
        if self._client is None:
            timeout = httpx2.Timeout(self.policy.timeout_s, connect=self.policy.connect_timeout_s)
            self._client = httpx2.AsyncClient(
                headers=self._headers, timeout=timeout, follow_redirects=False, verify=_trusted_authorities()
            )
        return self._client

    def _blot(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        return text

    def _circuit_changed(self, vendor: str, is_open: bool) -> None:
        CIRCUIT_OPEN.labels(vendor).set(int(is_open))
        log.warning("vendor_circuit", vendor=vendor, is_open=is_open)
        if self._on_circuit is not None:
            self._on_circuit(vendor, is_open)


@cache
def _trusted_authorities() -> ssl.SSLContext:
    """Return what every client checks certificates with; reading the authorities takes longer than a call."""
    return httpx2.create_ssl_context()


class _Waits:
    """Decides how long to wait before the next attempt, and when that is too long."""

    def __init__(self, patience_s: float, jitter_s: float) -> None:
        self.patience_s = patience_s
        self._jitter_s = jitter_s
        self._deadline = time.monotonic() + patience_s

    def next_wait(self, error: Exception) -> bool | float:
        """Return seconds, True for the usual backoff, False for no further attempt."""
        if not isinstance(error, AttemptFailedError) or not error.retry:
            return False
        if error.wait_s is None:
            return True
        wait_s = error.wait_s + random.uniform(0, self._jitter_s)
        return wait_s if time.monotonic() + error.wait_s <= self._deadline else False


@asynccontextmanager
async def _transport_problems(target: Target, timeout_s: float) -> AsyncIterator[None]:
    """Turn transport errors into failed attempts; the timeout covers the whole answer, however slowly it drips."""
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except _NOT_SENT as error:
        raise not_sent(target, _why(error)) from error
    except (httpx2.TimeoutException, TimeoutError) as error:
        raise no_answer(target, f"did not answer within {timeout_s:g} s") from error
    except httpx2.TransportError as error:
        raise no_answer(target, "dropped the connection") from error


def _why(error: Exception) -> str:
    if isinstance(error, httpx2.PoolTimeout):
        return "too many calls at once"
    return "the connection took too long" if isinstance(error, httpx2.ConnectTimeout) else "no connection"


def _correlation_header() -> dict[str, str]:
    known = structlog.contextvars.get_contextvars().get("correlation_id")
    return {"X-Correlation-Id": str(known or uuid.uuid4().hex)}
