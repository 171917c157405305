"""What a handler is given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from services.accounts.types import AccountRef, MemberRef
from services.commands.types import Reply
from services.errors import InvalidInputError

if TYPE_CHECKING:
    from services.container import Services

Payload = dict[str, Any]
STOP_WORDS = frozenset({"stop", "stop it", "stop please", "please stop"})


class Kind(StrEnum):
    """The kinds of payload that Slack sends."""

    COMMAND = "command"
    ACTION = "action"
    VIEW = "view"
    VIEW_CLOSED = "view_closed"
    OPTIONS = "options"
    SHORTCUT = "shortcut"
    EVENT = "event"


class Responder(Protocol):
    """Where answers to one request go."""

    async def working(self, said: str = "") -> None:
        """Show that the work takes a moment, or how far it is; said again, it is changed in place."""
        ...

    async def answer(self, reply: Reply) -> None:
        """Show an answer; it takes the place of what `working` showed where Slack allows that."""
        ...

    async def done(self) -> None:
        """Take away what `working` showed, where no answer has taken its place and Slack allows that."""
        ...


@dataclass(frozen=True)
class Delivery:
    """One payload, sorted: `id` is what it is routed by, `suffix` what follows the colon of an action id."""

    kind: Kind
    id: str
    payload: Payload
    team_id: str
    user_id: str
    suffix: str = ""
    delivery_id: str = ""
    channel: str | None = None
    message_ts: str | None = None
    thread_ts: str | None = None
    text: str = ""
    trigger_id: str = ""
    response_url: str = ""
    view: Payload = field(default_factory=dict)

    @property
    def order_key(self) -> tuple[str, ...] | None:
        """What keeps its order: clicks of one person on one message or view, messages of one thread."""
        if self.kind in (Kind.ACTION, Kind.VIEW, Kind.VIEW_CLOSED):
            return (self.user_id, self.channel or "", self.message_ts or str(self.view.get("id", "")))
        if self.kind is Kind.EVENT and self.channel:
            # what somebody wants to stop must not keep their word for it waiting
            return None if self.asks_to_stop else (self.channel, self.thread_ts or self.user_id)
        return None

    @property
    def asks_to_stop(self) -> bool:
        """Tell whether somebody pressed Slack's Stop or one of ours (`feature.stop`), or wrote it in a thread."""
        if self.kind is not Kind.EVENT:
            return self.kind is Kind.ACTION and self.id.endswith(".stop")
        said = self.text.strip().rstrip(".!").lower()
        return self.id == "agent_session_stopped" or (self.thread_ts is not None and said in STOP_WORDS)


@dataclass(frozen=True)
class Request:
    """A delivery with everything that a handler needs to act on it."""

    services: Services
    account: AccountRef
    member: MemberRef
    delivery: Delivery
    correlation_id: str
    responder: Responder

    @property
    def kind(self) -> Kind:
        """The kind of payload."""
        return self.delivery.kind

    @property
    def payload(self) -> Payload:
        """Slack's payload as it came (for an event the whole envelope)."""
        return self.delivery.payload

    @property
    def event(self) -> Payload:
        """The event itself; empty for other kinds."""
        return self.delivery.payload.get("event") or {}

    @property
    def suffix(self) -> str:
        """What follows the colon of the action id: `3` of `epic.assign:3`."""
        return self.delivery.suffix

    @property
    def channel(self) -> str | None:
        """The conversation it happened in."""
        return self.delivery.channel

    @property
    def message_ts(self) -> str | None:
        """The message it is about: whose button was clicked, or the message itself."""
        return self.delivery.message_ts

    @property
    def thread_ts(self) -> str | None:
        """The thread it happened in."""
        return self.delivery.thread_ts

    @property
    def text(self) -> str:
        """What was typed after a slash command, or the text of a message, in Slack's escaped markup."""
        return self.delivery.text

    @property
    def trigger_id(self) -> str:
        """What opens a modal, once, within 3 seconds."""
        return self.delivery.trigger_id

    @property
    def view(self) -> Payload:
        """The modal or Home that it came from; empty elsewhere."""
        return self.delivery.view

    @property
    def action(self) -> Payload:
        """The element that was used; empty for other kinds."""
        actions = self.payload.get("actions") or [{}]
        return dict(actions[0])

    @property
    def value(self) -> str:
        """What was clicked or chosen (button, select, user, date…); for options what was typed."""
        if self.kind is Kind.OPTIONS:
            return str(self.payload.get("value") or "")
        return str(element_value(self.action) or "")

    @property
    def private_metadata(self) -> dict[str, Any]:
        """What the view carries, as JSON; empty when it carries nothing."""
        return _json_object(self.view.get("private_metadata"))

    def input(self, block_id: str) -> Any:
        """Return what the input in `block_id` of the view or message holds: text, a value, or a list of values."""
        state = self.view.get("state") or self.payload.get("state") or {}
        elements = (state.get("values") or {}).get(block_id) or {}
        return next((element_value(element) for element in elements.values()), None)

    def value_object(self) -> dict[str, Any]:
        """Return the clicked value as JSON; a value that is none raises `InvalidInputError`."""
        value = _json_object(self.value)
        if not value:
            raise InvalidInputError("That button is from an older version.", hint="Run the command again.")
        return value

    async def progress(self, said: str) -> None:
        """Say how far the work is, in the place of what was said before and of the answer to come."""
        await self.responder.working(said)

    async def reply(self, reply: Reply) -> None:
        """Answer before the handler is done, or more than once; the last answer is the handler's return value."""
        await self.responder.answer(reply)


def element_value(element: Mapping[str, Any]) -> Any:
    """Return what an interactive element holds, whatever its type; None when nothing is chosen."""
    if "selected_option" in element:
        return (element["selected_option"] or {}).get("value")
    if "selected_options" in element:
        return [option["value"] for option in element["selected_options"]]
    for key, value in element.items():
        if key.startswith("selected_"):
            return value
    if "files" in element:
        return [file["id"] for file in element["files"]]
    return element.get("value", element.get("rich_text_value"))


def _json_object(text: Any) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except (TypeError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
