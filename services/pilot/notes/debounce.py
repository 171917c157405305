"""When to redraw what changes often: the first change at once, those that follow it together, when it is quiet."""

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
    is_first_in_quiet: bool


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
        self._redrawn: dict[str, float] = {}

    def touch(self, key: str) -> float:
        """Note a change, and return in how many seconds to ask `due`: 0 where nothing was redrawn lately."""
        now = self._clock()
        waiting = self._waiting.get(key)
        if waiting is None:
            redrawn = self._redrawn.get(key)
            is_first = redrawn is None or now - redrawn >= self._quiet_s
            waiting = self._waiting[key] = _Waiting(now, now, is_first)
        waiting.last = now
        return max(0.0, self._at(waiting) - now)

    def due(self) -> list[str]:
        """Return the keys whose time has come, the longest waiting first, and forget them."""
        now = self._clock()
        ready = sorted((w.first, key) for key, w in self._waiting.items() if self._at(w) <= now)
        self._redrawn = {key: at for key, at in self._redrawn.items() if now - at < self._quiet_s}
        for _, key in ready:
            del self._waiting[key]
            self._redrawn[key] = now
        return [key for _, key in ready]

    def next_in(self) -> float | None:
        """Return in how many seconds the next key is due, None when none is waiting."""
        times = [self._at(waiting) for waiting in self._waiting.values()]
        return max(0.0, min(times) - self._clock()) if times else None

    def forget(self, key: str) -> None:
        """Drop a key: it was redrawn for another reason."""
        self._waiting.pop(key, None)

    def _at(self, waiting: _Waiting) -> float:
        if waiting.is_first_in_quiet:
            return waiting.first
        return min(waiting.last + self._quiet_s, waiting.first + self._longest_wait_s)
