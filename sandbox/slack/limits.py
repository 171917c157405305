"""How often each method was called, and when that is too often."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100, 5: 600}
MINUTE_S = 60.0
POST_INTERVAL_S = 1.0


def _no_calls() -> deque[float]:
    return deque(maxlen=max(PER_MINUTE.values()))


class Limits:
    """A sliding minute per method, and a second per conversation posted to; times in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._calls: defaultdict[str, deque[float]] = defaultdict(_no_calls)
        self._posts: dict[str, float] = {}

    def wait_s(self, method: str, tier: int) -> float:
        """Count a call; return 0, or the seconds to wait when its tier is used up."""
        calls, now = self._calls[method], self._now()
        while calls and now - calls[0] >= MINUTE_S:
            calls.popleft()
        if len(calls) >= PER_MINUTE[tier]:
            return MINUTE_S - (now - calls[0])
        calls.append(now)
        return 0.0

    def post_wait_s(self, channel: str) -> float:
        """Count a message; return 0, or the seconds to wait when the last one there was less than a second ago."""
        now = self._now()
        waited = now - self._posts.get(channel, float("-inf"))
        if waited < POST_INTERVAL_S:
            return POST_INTERVAL_S - waited
        self._posts[channel] = now
        return 0.0
