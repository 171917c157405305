"""A vendor that answers as it is told."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from services.vendors.http import Policy, VendorHttp
from tests.vendors.site import QUICK

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def vendor(
    *answers: web.Response | Answer,
    policy: Policy = QUICK,
    headers: dict[str, str] | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> AsyncIterator[tuple[VendorHttp, list[web.Request], list[bool]]]:
    """Serve the answers in order, the last one for ever; yield the edge, the requests seen, the circuit's changes."""
    seen: list[web.Request] = []
    changes: list[bool] = []

    async def serve(request: web.Request) -> web.StreamResponse:
        seen.append(request)
        answer = answers[min(len(seen), len(answers)) - 1]
        if isinstance(answer, web.Response):
            return web.Response(status=answer.status, headers=answer.headers, body=answer.body)
        return await answer(request)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    http = VendorHttp(
        "Acme",
        f"http://127.0.0.1:{runner.addresses[0][1]}",
        headers=headers or {},
        policy=policy,
        auth_hint="Check ACME_TOKEN.",
        secrets=("s3cret-token",),
        on_circuit=lambda _vendor, is_open: changes.append(is_open),
        monotonic=monotonic,
    )
    try:
        yield http, seen, changes
    finally:
        await http.close()
        await runner.cleanup()


def says(status: int, words: str = "", **headers: str) -> web.Response:
    """Return an answer in Jira's shape."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.json_response({"errorMessages": [words] if words else [], "errors": {}}, status=status, headers=named)
