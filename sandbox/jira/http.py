"""What all of Jira's endpoints share: credentials, bodies, paging, errors."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from sandbox.core import Sandbox
from sandbox.jira.adf import adf_from_text
from sandbox.jira.errors import JiraError
from sandbox.jira.jql.search import Asker
from sandbox.jira.model import Issue
from sandbox.jira.render import Json, Renderer
from sandbox.jira.state import JiraState
from sandbox.jira.store import SERVICE_ACCOUNT

CREDENTIALS = "flowpilot@sandbox.test:jira-sandbox"
BAD_PAYLOAD = "Invalid request payload. Refer to the REST API documentation and try again."
VERSIONS = {"3": "3", "2": "2", "latest": "2"}


@dataclass
class JiraCall:
    """One request to the REST API, authenticated."""

    request: web.Request
    state: JiraState
    render: Renderer
    body: Any = None
    actor: str = SERVICE_ACCOUNT
    query: dict[str, list[str]] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """Return a query argument."""
        values = self.query.get(name)
        return values[0] if values else default

    def listed(self, name: str) -> list[str]:
        """Return a query argument that may be repeated or comma separated."""
        return [part for value in self.query.get(name, []) for part in value.split(",") if part]

    def number(self, name: str, default: int) -> int:
        """Return a whole number from the query; JiraError 400 for anything else."""
        text = self.text(name, str(default))
        if not text.lstrip("-").isdigit():
            raise JiraError(400, f"Failed to convert value '{text}' of parameter '{name}'.")
        return int(text)

    def issue(self) -> Issue:
        """Return the issue of the path."""
        return self.state.issue(self.request.match_info["issue"])

    def id(self, name: str = "id") -> int:
        """Return a numeric id of the path; anything else is not found."""
        text = self.request.match_info[name]
        if not text.isdigit():
            raise JiraError(404, f"The id '{text}' is not valid.")
        return int(text)

    def object(self, *allowed: str) -> dict[str, Any]:
        """Return the body, an object; JiraError 400 for members Jira does not know, when `allowed` names them."""
        if not isinstance(self.body, dict) or (allowed and not set(self.body) <= set(allowed)):
            raise JiraError(400, BAD_PAYLOAD)
        return self.body

    def asker(self) -> Asker:
        """Return who asks, for JQL."""
        return Asker(self.actor, self.zone, self.now)

    @property
    def zone(self) -> ZoneInfo:
        """Return the caller's time zone."""
        return self.render.zone

    @property
    def now(self) -> datetime:
        """Return the site's time."""
        return self.state.clock.now()


Endpoint = Callable[[JiraCall], Awaitable[web.StreamResponse]]
Route = tuple[str, str, Endpoint]


def answer(body: Any, status: int = 200) -> web.Response:
    """Return JSON."""
    return web.json_response(body, status=status)


def no_content() -> web.Response:
    """Return 204."""
    return web.Response(status=204)


def page(call: JiraCall, items: Sequence[Any], default: int = 50, most: int = 1000) -> tuple[Json, Sequence[Any]]:
    """Return startAt, maxResults and total, and the slice they stand for."""
    start = max(0, call.number("startAt", 0))
    size = min(call.number("maxResults", default), most)
    if size < 0:
        raise JiraError(400, "The maxResults parameter must not be negative.")
    return {"startAt": start, "maxResults": size, "total": len(items)}, items[start : start + size]


def page_bean(call: JiraCall, items: Sequence[Any], default: int = 50, most: int = 1000) -> tuple[Json, Sequence[Any]]:
    """Return a page with self, isLast and nextPage."""
    head, chosen = page(call, items, default, most)
    here = call.request.url
    head = {"self": str(here), **head, "isLast": head["startAt"] + len(chosen) >= len(items)}
    if not head["isLast"]:
        following = head["startAt"] + len(chosen)
        head["nextPage"] = str(here.update_query(startAt=following, maxResults=head["maxResults"]))
    return head, chosen


class Edge:
    """Turns endpoints into aiohttp handlers for one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def add(self, app: web.Application, routes: list[Route]) -> None:
        """Serve routes under every version of the API."""
        for method, path, endpoint in routes:
            app.router.add_route(method, f"/jira/rest/api/{{version:2|3|latest}}/{path}", self.handler(endpoint))

    def handler(self, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Return an aiohttp handler."""

        async def handle(request: web.Request) -> web.StreamResponse:
            if not authorized(request):
                return unauthorized()
            try:
                return await endpoint(await self._call(request))
            except JiraError as error:
                return answer(error.body(), error.status)

        return handle

    async def _call(self, request: web.Request) -> JiraCall:
        state = self.sandbox.jira
        version = VERSIONS[request.match_info.get("version", "3")]
        base = f"{request.url.origin()}/jira"
        state.base_url = base
        body: Any = None
        if request.can_read_body and not request.content_type.startswith("multipart/"):
            body = _parsed(await request.read())
            if version == "2":
                body = _with_documents(body)
        query = {name: request.query.getall(name) for name in request.query}
        return JiraCall(request, state, Renderer(state, base, version), body, query=query)


def _parsed(raw: bytes) -> Any:
    if not raw.strip():
        return None
    try:
        return json.loads(raw)
    except ValueError:
        raise JiraError(400, BAD_PAYLOAD) from None


def _with_documents(body: Any) -> Any:
    """Turn the plain texts that v2 takes into documents."""
    if isinstance(body, list):
        return [_with_documents(item) for item in body]
    if not isinstance(body, dict):
        return body
    rich = ("body", "description")
    return {
        name: adf_from_text(value) if name in rich and isinstance(value, str) else _with_documents(value)
        for name, value in body.items()
    }


def authorized(request: web.Request) -> bool:
    """Tell whether the request carries the sandbox's Basic credentials."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        return b64decode(credentials, validate=True).decode() == CREDENTIALS
    except ValueError:
        return False


def unauthorized() -> web.Response:
    """Return Jira's 401."""
    response = answer(
        {"message": "Client must be authenticated to access this resource.", "status-code": 401}, status=401
    )
    response.headers["WWW-Authenticate"] = 'OAuth realm="https%3A%2F%2Fsandbox.test"'
    response.headers["X-Seraph-LoginReason"] = "AUTHENTICATED_FAILED"
    return response
