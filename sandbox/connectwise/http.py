"""What all of ConnectWise's endpoints share: keys, clientId, bodies, lists in pages, errors."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.connectwise.conditions import compiled, held
from sandbox.connectwise.errors import ConnectWiseError, Json, bad_request, unauthorized
from sandbox.connectwise.render import Renderer, present
from sandbox.connectwise.state import ConnectWiseState, number_of
from sandbox.core import Sandbox

COMPANY, PUBLIC_KEY, PRIVATE_KEY = "harborline", "connectwise-public", "connectwise-sandbox"
CLIENT_ID = "5c0a3b58-0f3e-4a3c-9a57-2f5b8f6d9c01"
PAGE_SIZE, PAGE_SIZE_MOST = 25, 1000
LIST_PARAMETERS = {"conditions", "orderBy", "fields", "page", "pageSize"}
VERSIONS = ("application/json", "*/*", "application/vnd.connectwise.com+json")


@dataclass
class CwCall:
    """One request, signed in."""

    request: web.Request
    state: ConnectWiseState
    body: Any = None

    @property
    def render(self) -> Renderer:
        """Return what renders for the caller's origin."""
        return Renderer(str(self.request.url.origin()))

    def number(self, name: str) -> int:
        """Return a number of the path."""
        return number_of(self.request.match_info[name], name)

    def object(self) -> Json:
        """Return the body, an object."""
        if not isinstance(self.body, dict):
            raise bad_request("The request body must be a JSON object")
        return self.body

    def one(self, value: Json) -> web.Response:
        """Answer with one object, as far as `fields` asks for it."""
        self.allow({"fields"})
        return answer(self._masked(value))

    def listed(self, values: Iterable[Json]) -> web.Response:
        """Answer with a page of those that fit `conditions`."""
        self.allow(LIST_PARAMETERS)
        found = self._ordered(self._fitting(values))
        page, size = self._whole("page", 1), self._whole("pageSize", PAGE_SIZE)
        if not 1 <= size <= PAGE_SIZE_MOST:
            raise bad_request(f"pageSize must be between 1 and {PAGE_SIZE_MOST}")
        if page < 1:
            raise bad_request("page must be greater than 0")
        first = (page - 1) * size
        headers = {}
        if first + size < len(found):
            last = -(-len(found) // size)
            here = self.request.url
            links = ((page + 1, "next"), (last, "last"))
            headers["Link"] = ", ".join(f'<{here.update_query(page=n)}>; rel="{name}"' for n, name in links)
        return answer([self._masked(each) for each in found[first : first + size]], headers=headers)

    def counted(self, values: Iterable[Json]) -> web.Response:
        """Answer with the number of those that fit `conditions`."""
        self.allow({"conditions"})
        return answer({"count": len(self._fitting(values))})

    def allow(self, names: set[str]) -> None:
        """Refuse what this stand-in would otherwise take and ignore."""
        unknown = sorted(set(self.request.query) - names)
        if unknown:
            raise bad_request(f"{unknown[0]} is not supported here")

    def _fitting(self, values: Iterable[Json]) -> list[Json]:
        test = compiled(self.request.query.get("conditions", ""))
        return [each for each in values if test(each)]

    def _ordered(self, values: list[Json]) -> list[Json]:
        wanted = [part.split() for part in self.request.query.get("orderBy", "").split(",") if part.strip()]
        for name, *direction in reversed(wanted):
            if direction not in ([], ["asc"], ["desc"]):
                raise bad_request("orderBy is invalid")
            is_descending = direction == ["desc"]
            values.sort(key=lambda each: _sortable(held(each, name)), reverse=is_descending)
        return values

    def _masked(self, value: Json) -> Json:
        names = [name.strip() for name in self.request.query.get("fields", "").split(",") if name.strip()]
        if not names:
            return dict(present(value))
        shown: Json = {}
        for name in names:
            _pick(shown, value, name.split("/"))
        return dict(present(shown))

    def _whole(self, name: str, default: int) -> int:
        return number_of(self.request.query.get(name, str(default)), name)


def _sortable(value: Any) -> tuple[bool, Any]:
    return value is not None, value.casefold() if isinstance(value, str) else value if value is not None else 0


def _pick(shown: Json, value: Any, path: list[str]) -> None:
    """Copy what a path names; ConnectWise says nothing about one that names nothing."""
    name, *rest = path
    if not isinstance(value, dict) or value.get(name) is None:
        return
    if rest and isinstance(value[name], dict):
        _pick(shown.setdefault(name, {}), value[name], rest)
    else:
        shown[name] = value[name]


Endpoint = Callable[[CwCall], web.StreamResponse]
Route = tuple[str, str, Endpoint]


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Return JSON, or nothing for nothing."""
    if body is None:
        return web.Response(status=status)
    return web.json_response(body, status=status, headers=headers)


def sign_in(request: web.Request) -> None:
    """Raise unless company, keys, clientId and version are right."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        user, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        user = secret = ""
    company, _, public_key = user.partition("+")
    if scheme != "Basic" or not company:
        raise unauthorized("Unauthorized")
    if company != COMPANY:
        raise unauthorized("Cannot route. Codebase/company is invalid.")
    if (public_key, secret) != (PUBLIC_KEY, PRIVATE_KEY):
        raise unauthorized("The public or private key is invalid.")
    if request.headers.get("clientId") != CLIENT_ID:
        raise unauthorized("The clientId header is missing or not registered.")
    accepted = request.headers.get("Accept", "*/*").partition(";")[0].strip()
    if accepted not in VERSIONS:
        raise ConnectWiseError(406, "NotAcceptable", f"{accepted} is not offered")


def handler(sandbox: Sandbox, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return an aiohttp handler of an endpoint."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            sign_in(request)
            raw = await request.read() if request.can_read_body else b""
            try:
                body = json.loads(raw) if raw.strip() else None
            except ValueError:
                raise bad_request("The request body is not valid JSON") from None
            return endpoint(CwCall(request, sandbox.connectwise, body))
        except ConnectWiseError as error:
            return answer(error.body(), error.status)

    return handle
