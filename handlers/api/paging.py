"""Pages of lists: a cursor is the place of the last thing shown, so what comes and goes meanwhile breaks no page."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import TypeVar

from handlers.api.models import Listing
from services.errors import InvalidInputError

Item = TypeVar("Item")
Place = list[str | int | float]


def page_of(items: Sequence[Item], place: Callable[[Item], Place], asked: Listing) -> tuple[list[Item], str | None]:
    """Return a page of `items`, which are in the order of their places, and the cursor of the next; None at the end."""
    left = list(items)
    if asked.cursor is not None:
        after = _place(asked.cursor)
        try:
            left = [each for each in items if place(each) > after]
        except TypeError as error:
            raise _no_such_page() from error
    shown = left[: asked.limit]
    return shown, _cursor(place(shown[-1])) if len(left) > asked.limit else None


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _place(cursor: str) -> Place:
    try:
        place = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _no_such_page() from error
    if not isinstance(place, list):
        raise _no_such_page()
    return place


def _no_such_page() -> InvalidInputError:
    return InvalidInputError("This page does not exist (any more).", hint="Start at the first page.")
