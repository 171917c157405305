"""Serve the API: who asks, what is asked, one answer; every error is a problem document."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog
from aiohttp import web
from prometheus_client import Counter

from db.tenancy import account_scope
from handlers.api import facts, fixes, lane, library, messages, notes, scripts, sessions, suggestions, threads
from handlers.api.links import lead_to_threads
from handlers.api.openapi import docs_page, openapi_document
from handlers.api.problems import RefusedError, explained, problem_of, problem_response
from handlers.api.reading import bearer_token, read_body, read_ids, read_query, read_seen
from handlers.api.routing import PREFIX, Answer, Call, Route
from services.accounts.api_requests import ApiRequests, KeptAnswer
from services.accounts.tokens import Caller
from services.effects import Actor
from services.errors import FlowPilotError, NotAllowedError

if TYPE_CHECKING:
    from services.container import Services

PARTS = (sessions, messages, threads, lane, facts, fixes, scripts, suggestions, notes, library)
ALL_ROUTES: tuple[Route, ...] = tuple(route for part in PARTS for route in part.ROUTES)
PRIVATE = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
PAGE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "X-Content-Type-Options": "nosniff"}
CALLS = Counter("flowpilot_api_calls", "Calls of the HTTP API", ["operation", "status"])
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def serve_api(app: web.Application, services: Services) -> None:
    """Add the API, its document and the links to threads to the HTTP server."""
    api = web.Application(middlewares=[_answer_errors])
    document, page = openapi_document(ALL_ROUTES), docs_page(ALL_ROUTES)

    async def openapi(_request: web.Request) -> web.Response:
        return web.json_response(document)

    async def docs(_request: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html", headers=PAGE)

    api.router.add_get("/openapi.json", openapi, allow_head=False)
    api.router.add_get("/docs", docs, allow_head=False)
    for route in ALL_ROUTES:
        api.router.add_route(route.method, route.path, _served(route, services))
    app.add_subapp(PREFIX, api)
    lead_to_threads(app, services)


@web.middleware
async def _answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    reference = f"api-{uuid.uuid4().hex[:12]}"
    with structlog.contextvars.bound_contextvars(correlation_id=reference):
        try:
            return await handler(request)
        except Exception as error:  # noqa: BLE001 - the one place where errors of the API become answers
            return explained(error, reference)


def _served(route: Route, services: Services) -> Handler:
    async def serve(request: web.Request) -> web.Response:
        response = await _respond(request, route, services)
        CALLS.labels(route.name, str(response.status)).inc()
        return response

    return serve


async def _respond(request: web.Request, route: Route, services: Services) -> web.Response:
    try:
        caller = await services.api_tokens.caller(bearer_token(request))
    except FlowPilotError as error:
        return problem_response(problem_of(error), error)
    with account_scope(caller.account_id):
        seen = None
        try:
            ids, query = read_ids(request), read_query(request, route.query)
            seen = read_seen(request, route.precondition)
            body, content = await read_body(request, route)
            call = Call(services, caller, ids, query, body, seen)
            await _require_seen_exists(call)
            return await _once(request, route, call, content)
        except FlowPilotError as error:
            if isinstance(error, NotAllowedError):
                await _record_refusal(services, caller, route, request, error)
            return problem_response(problem_of(error, seen=seen), error)


async def _require_seen_exists(call: Call) -> None:
    """Refuse an If-Match that names a version which is yet to come: nobody can have seen that."""
    if call.seen is not None and call.seen > await call.services.pilot.version(call.session_id):
        raise RefusedError(412, "There is no such version of this session.", hint="Read it again.")


async def _once(request: web.Request, route: Route, call: Call, content: bytes) -> web.Response:
    """Do what is asked; under an Idempotency-Key only the first time."""
    name = request.headers.get("Idempotency-Key")
    if name is None or not route.repeats_once:
        return _response(_kept(route, await route.handler(call)))
    requests = ApiRequests(call.services.database, call.services.now)
    taken = await requests.begin(name, call.member.id, f"{route.name} {request.path}", content)
    if isinstance(taken, KeptAnswer):
        return _response(taken)
    async with requests.held(taken):
        try:
            answer = _kept(route, await route.handler(replace(call, taken=taken)))
        except FlowPilotError as error:
            # what was refused did nothing; anything else may have done something that the next attempt has to find
            is_refused = taken.attempt == 1 and problem_of(error).status < HTTPStatus.INTERNAL_SERVER_ERROR
            await (requests.drop(taken) if is_refused else requests.release(taken))
            raise
        except Exception:
            await requests.release(taken)
            raise
        await requests.finish(taken, answer)
    return _response(answer)


def _kept(route: Route, answer: Answer) -> KeptAnswer:
    headers = {}
    if answer.version is not None:
        headers["ETag"] = f'"{answer.version}"'
    if answer.location:
        headers["Location"] = answer.location
    return KeptAnswer(route.status, answer.content.model_dump_json(), headers)


def _response(answer: KeptAnswer) -> web.Response:
    headers = {**PRIVATE, **answer.headers}
    return web.Response(
        body=answer.body.encode(), status=answer.status, content_type="application/json", headers=headers
    )


async def _record_refusal(
    services: Services, caller: Caller, route: Route, request: web.Request, error: NotAllowedError
) -> None:
    """Put a refusal on the record, as Slack's are."""
    session_id = request.match_info.get("id")
    await services.audit.record(
        actor=Actor(caller.member.id, caller.member.display_name),
        action=f"api.{route.name}",
        target=f"session {session_id}" if session_id else "sessions",
        result="refused",
        reason=error.message,
    )
