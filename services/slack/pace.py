"""One thing after another in each lane, at the rate that Slack allows there."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiolimiter import AsyncLimiter

LANES_KEPT = 2_000


@dataclass(frozen=True)
class Rate:
    """At most `calls` in `per_s` seconds; a quiet lane may use them all at once."""

    calls: float
    per_s: float


# about one message a second per channel, with room for a short burst; tiers as Slack documents them, a minute
CHANNEL_RATE = Rate(4, 4.0)
TIER_RATES = {2: Rate(20, 60.0), 3: Rate(50, 60.0), 4: Rate(100, 60.0)}


class _Lane:
    def __init__(self, rate: Rate | None) -> None:
        self.lock = asyncio.Lock()
        self.limiter = AsyncLimiter(rate.calls, rate.per_s) if rate else None
        self.users = 0


class Pace:
    """Queues by lane; a turn is held over the whole call, so that order and a `Retry-After` hold for all behind it."""

    def __init__(self, channel_rate: Rate = CHANNEL_RATE) -> None:
        self.channel_rate = channel_rate
        self._lanes: OrderedDict[str, _Lane] = OrderedDict()

    @asynccontextmanager
    async def turn(self, lane: str, rate: Rate | None = None) -> AsyncIterator[None]:
        """Wait for this call's turn in `lane`, first come first served, no faster than `rate`."""
        place = self._lane(lane, rate)
        place.users += 1
        try:
            async with place.lock:
                if place.limiter:
                    await place.limiter.acquire()
                yield
        finally:
            place.users -= 1

    def has_room(self, lane: str, rate: Rate, *, spare: float = 0) -> bool:
        """Tell whether a call in `lane` would go at once, with room for `spare` others."""
        limiter = self._lane(lane, rate).limiter
        return limiter is None or limiter.has_capacity(1 + spare)

    def _lane(self, name: str, rate: Rate | None) -> _Lane:
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = _Lane(rate)
            self._forget_idle()
        self._lanes.move_to_end(name)
        return lane

    def _forget_idle(self) -> None:
        for name in list(self._lanes)[: max(0, len(self._lanes) - LANES_KEPT)]:
            if self._lanes[name].users == 0:
                del self._lanes[name]
