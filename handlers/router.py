"""A dictionary from what comes in to who handles it: the hundredth handler costs what the first does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from handlers.request import Kind, Request
from services.commands import Commands
from services.commands.types import Reply

Handler = Callable[[Request], Awaitable[Reply | None]]
Validator = Callable[[Request], Awaitable[Mapping[str, Any] | None]]
OptionsHandler = Callable[[Request], Awaitable[Mapping[str, Any]]]
LINK_ACTION = "link"
"""Base action id of buttons that only open a web page: Slack sends their clicks too, and nothing is to be done."""


@dataclass(frozen=True)
class Route:
    """Who handles one thing; for a view, who validates it before it closes."""

    handler: Handler | None = None
    validate: Validator | None = None
    options: OptionsHandler | None = None
    closes_all: bool = False


class Router:
    """Handlers by kind and id. Ids of actions and callbacks hold no colon: what follows one is the suffix."""

    def __init__(self) -> None:
        self._routes: dict[tuple[Kind, str], Route] = {(Kind.ACTION, LINK_ACTION): Route()}
        self.commands = Commands()
        self.thread_handler: Callable[[Request], Awaitable[bool]] | None = None
        """Told first of what is said to the app in a thread; true when the thread is its conversation."""

    def _add(self, kind: Kind, routed_by: str, route: Route) -> None:
        if ":" in routed_by:
            raise ValueError(f"{routed_by!r}: a colon starts the suffix, so it cannot be in what is routed by")
        if (kind, routed_by) in self._routes:
            raise ValueError(f"{kind} {routed_by!r} has a handler already")
        self._routes[kind, routed_by] = route

    def _decorator(self, kind: Kind, routed_by: str) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self._add(kind, routed_by, Route(handler))
            return handler

        return register

    def command(self, slash: str) -> Callable[[Handler], Handler]:
        """Handle a slash command whole; features declare theirs on `router.commands` instead."""
        return self._decorator(Kind.COMMAND, slash)

    def action(self, action_id: str) -> Callable[[Handler], Handler]:
        """Handle the use of an element whose action id is `action_id` or `action_id:…`."""
        return self._decorator(Kind.ACTION, action_id)

    def shortcut(self, callback_id: str) -> Callable[[Handler], Handler]:
        """Handle a global or message shortcut."""
        return self._decorator(Kind.SHORTCUT, callback_id)

    def event(self, type_: str) -> Callable[[Handler], Handler]:
        """Handle an event; edits, deletions and joins of messages are `message.<subtype>`."""
        return self._decorator(Kind.EVENT, type_)

    def view_closed(self, callback_id: str) -> Callable[[Handler], Handler]:
        """Handle a modal that was closed without submitting (it asked for `notify_on_close`)."""
        return self._decorator(Kind.VIEW_CLOSED, callback_id)

    def view(
        self, callback_id: str, *, validate: Validator | None = None, closes_all: bool = False
    ) -> Callable[[Handler], Handler]:
        """Handle a submitted modal after it closed.

        `validate` runs first, within 2 seconds, while the modal is open: what it returns is the `response_action`
        (see `errors`), and then the handler does not run. `closes_all` closes the modals below as well.
        """

        def register(handler: Handler) -> Handler:
            self._add(Kind.VIEW, callback_id, Route(handler, validate=validate, closes_all=closes_all))
            return handler

        return register

    def options(self, action_id: str) -> Callable[[OptionsHandler], OptionsHandler]:
        """Answer what is typed into an external select with `{"options": […]}` or `{"option_groups": […]}`."""

        def register(handler: OptionsHandler) -> OptionsHandler:
            self._add(Kind.OPTIONS, action_id, Route(options=handler))
            return handler

        return register

    def find(self, kind: Kind, routed_by: str) -> Route | None:
        """Return who handles that, or None."""
        return self._routes.get((kind, routed_by))

    def handled(self, kind: Kind) -> set[str]:
        """Return all that is routed by of a kind."""
        return {routed_by for each, routed_by in self._routes if each is kind}


def errors(**by_block: str) -> dict[str, Any]:
    """Return the answer of a validator that shows an error under inputs, by block id."""
    return {"response_action": "errors", "errors": by_block}
