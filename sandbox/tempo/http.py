"""What all of Tempo's endpoints share: the token, bodies, dates, pages, errors."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from aiohttp import web

from sandbox.core import Sandbox
from sandbox.jira.store import SERVICE_ACCOUNT
from sandbox.tempo.state import TempoState

Json = dict[str, Any]
CREDENTIALS = "tempo-sandbox"
MOST = 5000
UNAUTHORIZED = (
    "<!doctype html><html><head><title>401 Unauthorized</title></head><body><h1>Unauthorized</h1></body></html>"
)


class TempoError(Exception):
    """What Tempo answers instead."""

    def __init__(self, status: int, *messages: str) -> None:
        super().__init__("; ".join(messages))
        self.status = status
        self.messages = messages

    def body(self) -> Json:
        """Return Tempo's errors."""
        return {"errors": [{"message": message} for message in self.messages]}


@dataclass
class TempoCall:
    """One request, authenticated."""

    request: web.Request
    state: TempoState
    body: Any = None
    actor: str = SERVICE_ACCOUNT

    @property
    def site(self) -> str:
        """Return the address of the Jira site."""
        return f"{self.request.url.origin()}/jira"

    def link(self, path: str) -> str:
        """Return the address of a resource."""
        return f"{self.request.url.origin()}/tempo/4/{path}"

    def object(self) -> Json:
        """Return the body, an object."""
        if not isinstance(self.body, dict):
            raise TempoError(400, "Request body is missing or not valid JSON")
        return self.body

    def day(self, name: str, required: bool = False) -> date | None:
        """Return a date from the query."""
        text = self.request.query.get(name)
        if text is None:
            if required:
                raise TempoError(400, f"Required parameter '{name}' is not present.")
            return None
        return day_of(text, name)

    def days(self) -> tuple[date, date]:
        """Return the required `from` and `to`."""
        start, end = self.day("from", required=True), self.day("to", required=True)
        assert start is not None
        assert end is not None
        if end < start:
            raise TempoError(400, "Parameter 'from' must not be after parameter 'to'.")
        return start, end

    def numbers(self, name: str) -> list[int]:
        """Return whole numbers from a repeated query argument."""
        return [number_of(text, name) for text in self.request.query.getall(name, [])]

    def number(self, name: str, default: int) -> int:
        """Return a whole number from the query."""
        return number_of(self.request.query.get(name, str(default)), name)

    def account(self, name: str = "account") -> str:
        """Return the account of the path; TempoError 404 when Jira does not know it."""
        account = self.request.match_info[name]
        if account not in self.state.jira.users:
            raise TempoError(404, f"User with account id {account} was not found")
        return account

    def id(self, name: str = "id") -> int:
        """Return the number of the path."""
        text = self.request.match_info[name]
        if not text.isdigit():
            raise TempoError(400, f"Parameter '{name}' is not a number.")
        return int(text)


def number_of(value: Any, name: str) -> int:
    """Return a whole number, not negative."""
    if isinstance(value, bool) or not str(value).isdigit():
        raise TempoError(400, f"Parameter '{name}' is not a valid number.")
    return int(value)


def day_of(text: Any, name: str) -> date:
    """Read yyyy-MM-dd."""
    try:
        if len(str(text)) != len("yyyy-MM-dd"):
            raise ValueError(text)
        return date.fromisoformat(str(text))
    except ValueError:
        raise TempoError(400, f"Parameter '{name}' is not a valid date: expected format is yyyy-MM-dd") from None


def moment_of(text: Any, name: str) -> datetime:
    """Read yyyy-MM-dd, with THH:mm:ss and Z if given, in UTC."""
    for form in ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"):
        try:
            return datetime.strptime(str(text), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise TempoError(400, f"Parameter '{name}' is not valid: expected format is yyyy-MM-dd['T'HH:mm:ss]['Z']")


Endpoint = Callable[[TempoCall], Awaitable[web.StreamResponse]]
Route = tuple[str, str, Endpoint]


def answer(body: Any, status: int = 200) -> web.Response:
    """Return JSON."""
    return web.json_response(body, status=status)


def page(call: TempoCall, items: Sequence[Any], default: int = 50) -> tuple[Json, Sequence[Any]]:
    """Return the page's head with absolute next and previous, and the slice it stands for."""
    offset, limit = call.number("offset", 0), call.number("limit", default)
    if limit < 1 or limit > MOST:
        raise TempoError(400, f"Parameter 'limit' must be between 1 and {MOST}.")
    shown = items[offset : offset + limit]
    here = call.request.url
    metadata: Json = {"count": len(shown), "offset": offset, "limit": limit}
    if offset + limit < len(items):
        metadata["next"] = str(here.update_query(offset=offset + limit, limit=limit))
    if offset:
        metadata["previous"] = str(here.update_query(offset=max(0, offset - limit), limit=limit))
    return {"self": str(here), "metadata": metadata}, shown


def whole(call: TempoCall, results: list[Json]) -> web.Response:
    """Return all results as one unpaged answer."""
    return answer({"self": str(call.request.url), "metadata": {"count": len(results)}, "results": results})


def handler(sandbox: Sandbox, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return an aiohttp handler of an endpoint."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {CREDENTIALS}":
            return web.Response(status=401, text=UNAUTHORIZED, content_type="text/html")
        try:
            raw = await request.read() if request.can_read_body else b""
            try:
                body = json.loads(raw) if raw.strip() else None
            except ValueError:
                raise TempoError(400, "Request body is missing or not valid JSON") from None
            return await endpoint(TempoCall(request, sandbox.tempo, body))
        except TempoError as error:
            return answer(error.body(), error.status)

    return handle
