"""Prompt caches as the vendors account for them: the same prefix within its lifetime is read, not processed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.core import SandboxClock
from sandbox.models.exchange import count_tokens

MINIMUM_TOKENS = 1024
"""Shorter prefixes are processed without a cache and without an error, as at Anthropic and OpenAI."""

FIVE_MINUTES = timedelta(minutes=5)
ONE_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Breakpoint:
    """A place up to which the caller wants the prompt kept, and for how long."""

    text: str
    lifetime: timedelta = FIVE_MINUTES


@dataclass(frozen=True)
class CacheUse:
    """Tokens read from and written to the cache by one request."""

    read: int = 0
    written_5m: int = 0
    written_1h: int = 0


class PromptCache:
    """Prefixes by hash, with the instant they lapse; reading one renews it."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._entries: dict[str, tuple[datetime, timedelta]] = {}

    def use(self, scope: str, breakpoints: Sequence[Breakpoint]) -> CacheUse:
        """Read the longest known prefix and write the longer ones; `scope` keeps keys, vendors and models apart."""
        longest_first = sorted(
            (b for b in breakpoints if count_tokens(b.text) >= MINIMUM_TOKENS), key=lambda b: len(b.text), reverse=True
        )
        if not longest_first:
            return CacheUse()
        now = self._clock.now()
        read = next((count_tokens(b.text) for b in longest_first if self._is_alive(self._key(scope, b), now)), 0)
        for point in longest_first:
            self._entries[self._key(scope, point)] = (now + point.lifetime, point.lifetime)
        longest = longest_first[0]
        written = count_tokens(longest.text) - read
        if longest.lifetime >= ONE_HOUR:
            return CacheUse(read=read, written_1h=written)
        return CacheUse(read=read, written_5m=written)

    def _is_alive(self, key: str, now: datetime) -> bool:
        entry = self._entries.get(key)
        return entry is not None and entry[0] >= now

    @staticmethod
    def _key(scope: str, point: Breakpoint) -> str:
        return hashlib.sha256(f"{scope}\0{point.text}".encode()).hexdigest()
