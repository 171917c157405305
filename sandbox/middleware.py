"""What happens to every vendor call: only from this machine, faults as armed, a line in the call log."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.connectwise.errors import failure_body as connectwise_failure
from sandbox.core import Call, Fault, Sandbox
from sandbox.github.errors import failure_body as github_failure

# What a vendor's handler read and answered, for the call log, where the bodies themselves would not say it.
REQUEST_READ: web.RequestKey[Any] = web.RequestKey("request_read", object)
ANSWER_GIVEN: web.RequestKey[Any] = web.RequestKey("answer_given", object)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Middleware = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]
VENDORS = {
    "/slack/": "slack",
    "/jira/": "jira",
    "/tempo/": "tempo",
    "/github/": "github",
    "/connectwise/": "connectwise",
    "/google/": "google",
    "/anthropic/": "models",
    "/openai/": "models",
    "/gemini/": "models",
}
HTTP_FAULTS = frozenset({"status", "status_after", "latency", "timeout", "timeout_after", "drop", "drop_after"})
OWN_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
KEPT_BYTES = 20_000
SLACK_ERRORS = {429: "ratelimited", 503: "service_unavailable"}


def vendor_of(path: str) -> str:
    """Return whose address this is, or nothing."""
    return next((vendor for prefix, vendor in VENDORS.items() if path.startswith(prefix)), "")


def vendor_middleware(sandbox: Sandbox) -> Any:
    """Return the middleware."""

    @web.middleware
    async def handle(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not _is_local(request.remote) or not _is_own_page(request):
            raise web.HTTPForbidden(text="the sandbox answers this machine and its own page only")
        vendor = vendor_of(request.path)
        if not vendor or request.path == "/slack/socket":
            return await handler(request)
        started = time.perf_counter()
        response: web.StreamResponse | None = None
        try:
            response = await _with_faults(sandbox, vendor, request, handler)
            return response
        except web.HTTPException as refused:
            response = refused
            raise
        finally:
            call = _log(sandbox, vendor, request, response, (time.perf_counter() - started) * 1000)
            sandbox.bus.publish("call", **line_of(call))

    return handle


def _is_local(peer: str | None) -> bool:
    return peer is None or ipaddress.ip_address(peer.partition("%")[0]).is_loopback


def _is_own_page(request: web.Request) -> bool:
    """Tell whether a request is a program's, or comes from a page of this server (and not from a site elsewhere)."""
    name = request.host.rpartition(":")[0] or request.host
    if name.strip("[]") not in OWN_NAMES:
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin.partition("://")[2] == request.host


async def _with_faults(sandbox: Sandbox, vendor: str, request: web.Request, handler: Handler) -> web.StreamResponse:
    fault = sandbox.faults.take(vendor, request.method, request.path_qs, HTTP_FAULTS)
    if fault is None:
        return await handler(request)
    sandbox.bus.publish("fault", vendor=vendor, kind=fault.kind, path=request.path)
    if fault.kind == "latency":
        await asyncio.sleep(fault.latency_s)
        return await handler(request)
    if fault.kind.endswith("_after"):
        await handler(request)
    if fault.kind.startswith("status"):
        return failure(vendor, request.path, fault)
    if fault.kind.startswith("timeout"):
        await _until_gone(request)
    return _cut(request)


async def _until_gone(request: web.Request) -> None:
    """Hold the connection until the client gives up."""
    # aiohttp lets nobody wait for a client to go away unless every handler is cancelled then.
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110
        await asyncio.sleep(0.05)


def _cut(request: web.Request) -> web.StreamResponse:
    transport: Any = request.transport
    if transport is not None:
        transport.abort()
    return web.Response(status=500)


def failure(vendor: str, path: str, fault: Fault) -> web.Response:
    """Return the vendor's own kind of answer with the fault's status."""
    wait_s = fault.retry_after_s
    if wait_s is None and fault.status == 429:
        wait_s = 1
    headers = {"Retry-After": f"{wait_s:g}"} if wait_s is not None else {}
    words = f"Fault injected: {fault.status}"
    body: Any
    if vendor == "slack":
        body = {"ok": False, "error": SLACK_ERRORS.get(fault.status, "internal_error")}
    elif vendor == "jira":
        body = {"errorMessages": [words], "errors": {}}
    elif vendor == "tempo":
        body = {"errors": [{"message": words}]}
    elif vendor == "google":
        status = {403: "PERMISSION_DENIED", 429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}.get(fault.status, "INTERNAL")
        body = {"error": {"code": fault.status, "message": words, "status": status}}
    elif vendor == "connectwise":
        body = connectwise_failure(fault.status, words)
    elif vendor == "github":
        body = github_failure(fault.status, wait_s is not None)
    elif path.startswith("/anthropic/"):
        kind = {429: "rate_limit_error", 529: "overloaded_error"}.get(fault.status, "api_error")
        body = {"type": "error", "error": {"type": kind, "message": words}}
    elif path.startswith("/gemini/"):
        status = {429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}.get(fault.status, "INTERNAL")
        body = {"error": {"code": fault.status, "message": words, "status": status}}
    else:
        kind = "rate_limit_exceeded" if fault.status == 429 else "server_error"
        body = {"error": {"message": words, "type": kind, "param": None, "code": kind}}
    return web.json_response(body, status=fault.status, headers=headers)


def _log(
    sandbox: Sandbox, vendor: str, request: web.Request, response: web.StreamResponse | None, elapsed_ms: float
) -> Call:
    return sandbox.calls.add(
        vendor,
        request.method,
        request.path,
        query={name: value for name, value in request.query.items() if name not in ("token", "key")},
        status=response.status if response is not None else 0,
        ms=round(elapsed_ms, 2),
        at=sandbox.clock.now().isoformat(),
        request=request.get(REQUEST_READ) or _json_of(request._read_bytes, request.content_type),
        response=request.get(ANSWER_GIVEN) or _body_of(response),
    )


def _body_of(response: web.StreamResponse | None) -> Any:
    body = getattr(response, "body", None)
    return _json_of(body, response.content_type) if response is not None and isinstance(body, bytes) else None


def _json_of(content: bytes | None, content_type: str) -> Any:
    if not content or not content_type.endswith("json") or len(content) > KEPT_BYTES:
        return None
    try:
        return json.loads(content)
    except ValueError:
        return None


def line_of(call: Call) -> dict[str, Any]:
    """Return a call as the bus tells it: without its bodies."""
    return {
        "n": call.n,
        "vendor": call.vendor,
        "method": call.method,
        "path": call.path,
        "status": call.status,
        "ms": call.ms,
        "at": call.at,
    }
