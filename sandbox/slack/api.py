"""The Web API's method table, and what a method gets to see of a call."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from sandbox.slack.errors import SlackError
from sandbox.slack.model import BOT_USER_ID, Channel, Json

if TYPE_CHECKING:
    from sandbox.slack.state import SlackState

Item = TypeVar("Item")
TokenKind = Literal["bot", "app", "none"]
# What every method may answer, whatever its own page says.
COMMON_ERRORS = frozenset(
    {
        "not_authed",
        "invalid_auth",
        "not_allowed_token_type",
        "missing_scope",
        "invalid_arguments",
        "invalid_arg_name",
        "invalid_cursor",
        "ratelimited",
        "internal_error",
        "fatal_error",
        "unknown_method",
        "invalid_post_type",
        "json_not_object",
        "invalid_json",
    }
)
NEVER_IMPLIED = frozenset({"chat:write.public"})
CONVERSATION_KINDS = frozenset({"channels", "groups", "im", "mpim"})


@dataclass(frozen=True)
class Method:
    """One method: what it needs, how often it may be called (tier), what it may refuse with."""

    name: str
    run: Callable[[Call], Json]
    required: tuple[str, ...]
    scopes: tuple[str, ...]
    tier: int
    errors: frozenset[str]
    token: TokenKind
    may_be_empty: tuple[str, ...] = ()


METHODS: dict[str, Method] = {}


def method(
    name: str,
    *,
    required: str = "",
    scopes: str = "",
    tier: int = 3,
    errors: str = "",
    token: TokenKind = "bot",  # noqa: S107
    may_be_empty: str = "",
) -> Callable[[Callable[[Call], Json]], Callable[[Call], Json]]:
    """Register a method; lists are words in a string, any one of `scopes` suffices.

    What is required must not be empty, save what `may_be_empty` names.
    """

    def register(run: Callable[[Call], Json]) -> Callable[[Call], Json]:
        needs, refuses = tuple(required.split()), frozenset(errors.split())
        METHODS[name] = Method(
            name, run, needs, tuple(scopes.split()), tier, refuses, token, tuple(may_be_empty.split())
        )
        return run

    return register


@dataclass
class Call:
    """One call of a method: its arguments from query, form and JSON together."""

    state: SlackState
    method: Method
    arguments: Json

    def has_scope(self, scope: str) -> bool:
        """Tell whether the app was granted a scope."""
        granted = self.state.app.scopes
        return scope not in NEVER_IMPLIED if granted is None else scope in granted

    def demand_scopes(self, scopes: tuple[str, ...]) -> None:
        """Refuse with missing_scope unless one of these was granted."""
        if scopes and not any(self.has_scope(scope) for scope in scopes):
            provided = ",".join(sorted(self.state.app.scopes or ()))
            raise SlackError("missing_scope", needed=",".join(scopes), provided=provided)

    def text(self, name: str, default: str = "") -> str:
        """Return a string argument; numbers count as strings, as in a form."""
        value = self.arguments.get(name)
        if value is None:
            return default
        if isinstance(value, bool | dict | list):
            raise SlackError("invalid_arguments", [f"[ERROR] must provide a string [json-pointer:/{name}]"])
        return str(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a yes or no."""
        value = self.arguments.get(name, default)
        return value.lower() in ("true", "1") if isinstance(value, str) else bool(value)

    def number(self, name: str, default: int) -> int:
        """Return a whole number."""
        try:
            return int(self.arguments.get(name) or default)
        except (TypeError, ValueError):
            raise SlackError("invalid_arguments", [f"[ERROR] must be an integer [json-pointer:/{name}]"]) from None

    def structure(self, name: str, kind: type[Item]) -> Item | None:
        """Return an argument that is JSON, given as text (in a form) or as it is; None when it is not there."""
        value = self.arguments.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                value = None
        if not isinstance(value, kind):
            what = "an array" if kind is list else "an object"
            raise SlackError("invalid_arguments", [f"[ERROR] must provide {what} [json-pointer:/{name}]"])
        return value

    def words(self, name: str) -> list[str]:
        """Return a list given as JSON, as a list or with commas."""
        value = self.arguments.get(name)
        if isinstance(value, str) and not value.startswith("["):
            return [word.strip() for word in value.split(",") if word.strip()]
        return [str(word) for word in self.structure(name, list) or []]

    def channel(self, name: str = "channel", *, member: bool = False, active: bool = False) -> Channel:
        """Return the conversation named by an argument, as far as the app's scopes reach."""
        channel = self.state.channel(self.text(name), BOT_USER_ID)
        self.demand_kind(channel.kind)
        if member and BOT_USER_ID not in channel.members:
            raise SlackError("not_in_channel")
        if active and channel.is_archived:
            raise SlackError("is_archived")
        return channel

    def demand_kind(self, kind: str) -> None:
        """Demand the scope for one kind of conversation where the method's scopes go by kind."""
        families = {scope.partition(":")[0] for scope in self.method.scopes}
        if families & CONVERSATION_KINDS:
            self.demand_scopes(tuple(s for s in self.method.scopes if s.partition(":")[0] == kind))

    def page(self, items: list[Item], default: int = 100, maximum: int = 1000) -> tuple[list[Item], Json]:
        """Return the page asked for, and the answer's response_metadata."""
        limit = self.number("limit", default)
        if limit < 1:
            raise SlackError("invalid_arguments", ["[ERROR] `limit` must be at least 1 [json-pointer:/limit]"])
        start = _position(self.text("cursor"))
        end = start + min(limit, maximum)
        cursor = base64.b64encode(f"next:{end}".encode()).decode() if end < len(items) else ""
        return items[start:end], {"next_cursor": cursor}


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, position = base64.b64decode(cursor, validate=True).decode().partition(":")
        if word == "next" and int(position) > 0:
            return int(position)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        pass
    raise SlackError("invalid_cursor")


def arguments_given(call_arguments: dict[str, Any], method_: Method) -> None:
    """Refuse with invalid_arguments when a required argument is not there."""
    given = {name for name, value in call_arguments.items() if value is not None}
    given -= {name for name in given - {*method_.may_be_empty} if call_arguments[name] == ""}
    missing = [name for name in method_.required if name not in given]
    if missing:
        raise SlackError("invalid_arguments", [f"[ERROR] missing required field: {name}" for name in missing])
