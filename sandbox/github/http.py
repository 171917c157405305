"""What all of GitHub's endpoints share: credentials, versions, limits, bodies, pages, errors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import web

from sandbox.core import Sandbox
from sandbox.github.errors import GithubError
from sandbox.github.model import Account, PullRequest, Repository
from sandbox.github.render_pull import PullRenderer
from sandbox.github.state import GithubState
from sandbox.github.store import RateLimit

TOKEN = "github-sandbox"  # noqa: S105 - known to everybody: it guards nothing but a sandbox
SITE, API = "/github", "/github/api/v3"
VERSIONS = ("2022-11-28", "2026-03-10")
Item = TypeVar("Item")


@dataclass
class GithubCall:
    """One authenticated request to the REST API."""

    request: web.Request
    state: GithubState
    render: PullRenderer
    actor: Account
    body: Any = None

    @property
    def full_name(self) -> str:
        """Return owner/name of the path."""
        return f"{self.request.match_info['owner']}/{self.request.match_info['repo']}"

    def repository(self) -> Repository:
        """Return the repository of the path."""
        return self.state.repository(self.full_name)

    def number(self, name: str = "number") -> int:
        """Return a number of the path; GithubError 404 for anything else."""
        text = self.request.match_info[name]
        if not text.isdigit():
            raise GithubError(404, "Not Found")
        return int(text)

    def pull(self) -> PullRequest:
        """Return the pull request of the path."""
        return self.state.pull(self.full_name, self.number())

    def object(self) -> dict[str, Any]:
        """Return the body, an object."""
        if self.body is None:
            return {}
        if not isinstance(self.body, dict):
            raise GithubError(400, "Body should be a JSON object")
        return self.body

    def text(self, name: str, default: str = "") -> str:
        """Return a text of the body; GithubError 422 for anything else."""
        value = self.object().get(name, default)
        if value is None:
            return default
        if not isinstance(value, str):
            raise GithubError(
                422,
                f"Invalid request.\n\nFor 'properties/{name}', {json.dumps(value)} is not a string.",
            )
        return value

    def names(self, name: str) -> list[str]:
        """Return a list of texts of the body; GithubError 422 for anything else."""
        value = self.object().get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise GithubError(422, f"Invalid request.\n\nFor 'properties/{name}', it is not an array of strings.")
        return value


Endpoint = Callable[[GithubCall], Awaitable[web.Response]]
Route = tuple[str, str, Endpoint]


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Return JSON."""
    return web.json_response(body, status=status, headers=headers)


def paged(call: GithubCall, items: Sequence[Item]) -> tuple[Sequence[Item], dict[str, str]]:
    """Return the asked page (30 a page, 100 at most) and the Link header that leads on."""
    query = call.request.query

    def whole(name: str, default: int) -> int:
        text = query.get(name, "")
        return max(1, int(text)) if text.isdigit() else default

    size, page = min(100, whole("per_page", 30)), whole("page", 1)
    last = max(1, -(-len(items) // size))
    links = []
    for rel, number, is_there in (
        ("prev", page - 1, page > 1),
        ("next", page + 1, page < last),
        ("last", last, page < last),
        ("first", 1, page > 1),
    ):
        if is_there:
            links.append(f'<{call.request.url.update_query(page=number)}>; rel="{rel}"')
    return items[(page - 1) * size : page * size], {"Link": ", ".join(links)} if links else {}


class Edge:
    """Turns endpoints into aiohttp handlers for one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def add(self, app: web.Application, routes: list[Route]) -> None:
        """Serve REST routes."""
        for method, path, endpoint in routes:
            app.router.add_route(method, f"{API}/{path}", self.handler(endpoint))

    def handler(self, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Return an aiohttp handler."""

        async def handle(request: web.Request) -> web.StreamResponse:
            state = self.sandbox.github
            limit = state.core
            try:
                actor, version = authenticated(state, request), version_of(request)
                if limit.remaining <= 0:
                    raise exhausted(actor)
                response = await endpoint(await self._call(request, actor, version))
            except GithubError as error:
                response = answer(error.body(), error.status, error.headers)
                version = VERSIONS[0]
            if request.method == "GET" and response.status == 200:
                response = _cached(request, response)
            if response.status not in (304, 401):
                limit.take()
            response.headers.update(limit_headers(limit, "core"))
            response.headers["X-GitHub-Api-Version-Selected"] = version
            response.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
            return response

        return handle

    async def _call(self, request: web.Request, actor: Account, version: str) -> GithubCall:
        state = self.sandbox.github
        state.base_url = f"{request.url.origin()}{SITE}"
        raw = await request.read() if request.can_read_body else b""
        try:
            body = json.loads(raw) if raw.strip() else None
        except ValueError:
            raise GithubError(400, "Problems parsing JSON") from None
        return GithubCall(request, state, PullRenderer(state.base_url, version), actor, body)


def authenticated(state: GithubState, request: web.Request) -> Account:
    """Return who asks: the machine user, or the person of a token `github-sandbox-LOGIN`."""
    if not request.headers.get("User-Agent"):
        raise GithubError(
            403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent"
        )
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "token"):
        if token == TOKEN:
            return state.service
        known = state.accounts.get(token.removeprefix(f"{TOKEN}-").casefold())
        if token.startswith(f"{TOKEN}-") and known is not None:
            return known
    raise GithubError(401, "Bad credentials" if scheme else "Requires authentication")


def version_of(request: web.Request) -> str:
    """Return the API's version that is asked for; GithubError 400 for one that there is not."""
    version = request.headers.get("X-GitHub-Api-Version", VERSIONS[0])
    if version not in VERSIONS:
        raise GithubError(400, f'The provided API version "{version}" is not supported.')
    return version


def exhausted(actor: Account) -> GithubError:
    """Return GitHub's refusal when the hour's calls are used up."""
    return GithubError(403, f"API rate limit exceeded for user ID {actor.id}.")


def limit_headers(limit: RateLimit, resource: str) -> dict[str, str]:
    """Return the headers that tell of the limit."""
    return {
        "X-RateLimit-Limit": str(limit.limit),
        "X-RateLimit-Remaining": str(limit.remaining),
        "X-RateLimit-Used": str(limit.used),
        "X-RateLimit-Reset": str(int(limit.reset.timestamp())),
        "X-RateLimit-Resource": resource,
    }


def _cached(request: web.Request, response: web.Response) -> web.Response:
    """Add the ETag; what the client has already costs it nothing."""
    body = response.body if isinstance(response.body, bytes) else b""
    tag = f'W/"{hashlib.sha256(body).hexdigest()}"'
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return response
