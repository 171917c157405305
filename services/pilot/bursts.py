"""Several wishes for an answer in a row get one: who waits while a newer one comes leaves the answer to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from db.tenancy import current_account_id


@dataclass
class Wish:
    """A wish for an answer. What earlier ones left to it: what was said, what was noted of it and written down.

    `is_over` is whether one of them said all that is to be said, such as that the fix helped.
    """

    said: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)
    written_down: list[str] = field(default_factory=list)
    is_over: bool = False
    newer: Wish | None = None
    overtaken: asyncio.Event = field(default_factory=asyncio.Event)

    def leave_to(self, newer: Wish) -> None:
        """Hand on what earlier wishes left here, and what came of this one."""
        newer.said[:0] = self.said
        newer.noted[:0] = self.noted
        newer.written_down[:0] = self.written_down
        newer.is_over = newer.is_over or self.is_over


class Bursts:
    """The newest wish of each session in this process; another process answers for itself."""

    def __init__(self) -> None:
        self._newest: dict[tuple[str, str], Wish] = {}

    @contextmanager
    def wish(self, session_id: str, *, joins: bool) -> Iterator[Wish]:
        """Make a wish; with `joins` it overtakes the one before it, and the next one overtakes it."""
        wish, key = Wish(), (current_account_id(), session_id)
        if joins:
            if (before := self._newest.get(key)) is not None:
                before.newer = wish
                before.overtaken.set()
            self._newest[key] = wish
        try:
            yield wish
        finally:
            if self._newest.get(key) is wish:
                del self._newest[key]
