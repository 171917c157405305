"""When to redraw what changes often: once it has been quiet for a while, but not later than a limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

QUIET_S = 0.5
"""FLP-3.3: refresh is debounced by 500 ms."""
LONGEST_WAIT_S = 2.0
"""Somebody who types on without a pause still sees it move."""


@dataclass
class _Waiting:
    first: float
    last: float


class Debounce:
    """Decides, does nothing itself: `touch` on each change, `due` for what to redraw now.

    `clock` returns seconds that only grow (a running loop's `time`).
    """

    def __init__(
        self, clock: Callable[[], float], *, quiet_s: float = QUIET_S, longest_wait_s: float = LONGEST_WAIT_S
    ) -> None:
        self._clock = clock
        self._quiet_s = quiet_s
        self._longest_wait_s = longest_wait_s
        self._waiting: dict[str, _Waiting] = {}

    def touch(self, key: str) -> float:
        """Note a change, and return in how many seconds to ask `due`."""
        now = self._clock()
        waiting = self._waiting.setdefault(key, _Waiting(now, now))
        waiting.last = now
        return self._at(waiting) - now

    def due(self) -> list[str]:
        """Return the keys whose time has come, the longest waiting first, and forget them."""
        now = self._clock()
        ready = sorted((w.first, key) for key, w in self._waiting.items() if self._at(w) <= now)
        for _, key in ready:
            del self._waiting[key]
        return [key for _, key in ready]

    def next_in(self) -> float | None:
        """Return in how many seconds the next key is due, None when none is waiting."""
        times = [self._at(waiting) for waiting in self._waiting.values()]
        return max(0.0, min(times) - self._clock()) if times else None

    def forget(self, key: str) -> None:
        """Drop a key: it was redrawn for another reason."""
        self._waiting.pop(key, None)

    def _at(self, waiting: _Waiting) -> float:
        return min(waiting.last + self._quiet_s, waiting.first + self._longest_wait_s)
