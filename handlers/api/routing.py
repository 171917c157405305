"""Routes declared once: the server, the checks and the OpenAPI document come from the same declaration."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from handlers.api.models import UUID_PATTERN
from services.accounts.api_requests import TakenUp
from services.accounts.tokens import Caller
from services.accounts.types import MemberRef

if TYPE_CHECKING:
    from services.container import Services

PREFIX = "/api/v1"
ID_PATTERNS = {"template_id": r"^(builtin:[a-z0-9-]{1,28}|" + UUID_PATTERN.strip("^$") + ")$"}
"""How ids in addresses are written; all others are UUIDs."""
Model = TypeVar("Model", bound=BaseModel)


class Precondition(StrEnum):
    """Whether a route reads If-Match: the `state_version` that the caller saw."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True)
class Call:
    """One request, checked: `seen` is the version of If-Match, None for none and for `*`.

    `taken` is the request under its Idempotency-Key, None without one.
    """

    services: Services
    caller: Caller
    ids: Mapping[str, str]
    query: BaseModel
    body: BaseModel
    seen: int | None
    taken: TakenUp | None = None

    @property
    def operation_id(self) -> str | None:
        """The id under which what is made can be found again by a later attempt; None without an Idempotency-Key."""
        return self.taken.operation_id if self.taken else None

    @property
    def is_again(self) -> bool:
        """Tell whether an attempt before this one died, wherever it had got to."""
        return self.taken is not None and self.taken.attempt > 1

    @property
    def member(self) -> MemberRef:
        """Who asks."""
        return self.caller.member

    @property
    def session_id(self) -> str:
        """Which session the address names."""
        return self.ids["id"]

    def asked(self, model: type[Model]) -> Model:
        """Return what was sent, as the model that the route declares."""
        for part in (self.body, self.query):
            if isinstance(part, model):
                return part
        raise TypeError(f"this route takes no {model.__name__}")


@dataclass(frozen=True)
class Answer:
    """What to send: `version` becomes the ETag, `location` names what was made."""

    content: BaseModel
    version: int | None = None
    location: str = ""


Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True)
class Route:
    """One operation. `repeats_once` are those that take an Idempotency-Key."""

    method: str
    path: str
    name: str
    summary: str
    gives: type[BaseModel]
    handler: Handler
    takes: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    status: int = 200
    precondition: Precondition = Precondition.NONE
    repeats_once: bool = False
    tag: str = ""

    @property
    def body_is_optional(self) -> bool:
        """Tell whether the body may be left out: all of its fields may."""
        return self.takes is not None and not any(each.is_required() for each in self.takes.model_fields.values())


class Routes:
    """The operations of one part of the API."""

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self._routes: list[Route] = []

    def __iter__(self) -> Iterator[Route]:
        """Go through them in the order of their declaration."""
        return iter(self._routes)

    def route(
        self, method: str, path: str, summary: str, gives: type[BaseModel], **rest: Any
    ) -> Callable[[Handler], Handler]:
        """Declare the function below as the operation of that name."""

        def declare(handler: Handler) -> Handler:
            name = getattr(handler, "__name__", path)
            self._routes.append(Route(method, path, name, summary, gives, handler, tag=self._tag, **rest))
            return handler

        return declare
