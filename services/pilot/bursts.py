"""Several wishes for an answer in a row get one: who waits while a newer one comes leaves the answer to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from time import monotonic

from db.tenancy import current_account_id


@dataclass
class Wish:
    """A wish for an answer. What earlier ones left to it: what was said, what was noted of it and written down.

    `is_over` is whether one of them said all that is to be said, such as that the fix helped; `after_s` how long before
    it the last one came.
    """

    said: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)
    written_down: list[str] = field(default_factory=list)
    is_over: bool = False
    after_s: float = inf
    newer: Wish | None = None
    overtaken: asyncio.Event = field(default_factory=asyncio.Event)

    def leave_to(self, newer: Wish) -> None:
        """Hand on what earlier wishes left here, and what came of this one."""
        newer.said[:0] = self.said
        newer.noted[:0] = self.noted
        newer.written_down[:0] = self.written_down
        newer.is_over = newer.is_over or self.is_over


class Bursts:
    """The newest wish of each session in this process; another process answers for itself.

    Of wishes that came longer than `remembered_s` ago nothing is known any more.
    """

    def __init__(self, remembered_s: float) -> None:
        self._remembered_s = remembered_s
        self._newest: dict[tuple[str, str], Wish] = {}
        self._came: dict[tuple[str, str], float] = {}

    @contextmanager
    def wish(self, session_id: str, *, joins: bool) -> Iterator[Wish]:
        """Make a wish; with `joins` it overtakes the one before it, and the next one overtakes it."""
        key = (current_account_id(), session_id)
        wish = Wish(after_s=self._since_last(key))
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

    def _since_last(self, key: tuple[str, str]) -> float:
        now = monotonic()
        self._came = {each: at for each, at in self._came.items() if now - at <= self._remembered_s}
        last = self._came.get(key, -inf)
        self._came[key] = now
        return now - last
