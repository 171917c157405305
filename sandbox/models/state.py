"""What the model stand-ins hold: scripts, prompt caches, and what was asked of them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.core import Bus, SandboxClock
from sandbox.models.exchange import Answer, Exchange, RefusedError, Usage, count_tokens
from sandbox.models.prompt_cache import Breakpoint, PromptCache
from sandbox.models.script_words import script_answer
from sandbox.models.scripts import Script, generic_answer, load_scripts, play
from sandbox.models.sessions import session_answer

KEY_PREFIX = "sandbox-"
EMBEDDING_SIZES = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072}
OTHER_EMBEDDING_SIZE = 384


@dataclass(frozen=True)
class Served:
    """One request as it was answered."""

    exchange: Exchange
    answer: Answer
    usage: Usage


class ModelState:
    """One pretended model that speaks three vendors' protocols."""

    def __init__(self, clock: SandboxClock, bus: Bus, scripts: Sequence[Script] | None = None) -> None:
        self.clock = clock
        self.bus = bus
        self.cache = PromptCache(clock)
        self.scripts: list[Script] = list(load_scripts() if scripts is None else scripts)
        self.served: list[Served] = []
        self.pause_s = 0.0
        """How long a stream rests after each piece; a real model takes its time."""

    def add_script(self, script: Script) -> None:
        """Put a script before all others."""
        self.scripts.insert(0, script)

    def check_key(self, key: str) -> None:
        """Refuse any key that is not the sandbox's."""
        if not key.startswith(KEY_PREFIX):
            raise RefusedError(401, f"invalid API key: the sandbox accepts keys that start with {KEY_PREFIX!r}")

    def answer(self, exchange: Exchange, key: str, breakpoints: Sequence[Breakpoint]) -> Served:
        """Answer one request and account for its tokens."""
        known = session_answer(exchange) or script_answer(exchange)
        answer = self._scripted(exchange) or known or generic_answer(exchange)
        use = self.cache.use(f"{exchange.vendor}/{exchange.model}/{key}", breakpoints)
        usage = Usage(
            input=max(count_tokens(exchange.text), use.read + use.written_5m + use.written_1h),
            output=answer.tokens,
            cache_read=use.read,
            cache_write_5m=use.written_5m,
            cache_write_1h=use.written_1h,
        )
        served = Served(exchange, answer, usage)
        self.served.append(served)
        self.bus.publish("model", vendor=exchange.vendor, model=exchange.model, input=usage.input, output=usage.output)
        return served

    def _scripted(self, exchange: Exchange) -> Answer | None:
        for script in list(self.scripts):
            groups = script.groups(exchange)
            if groups is None:
                continue
            if script.times is not None:
                script.times -= 1
                if script.times <= 0:
                    self.scripts.remove(script)
            return play(script, groups, exchange)
        return None

    def embed(self, model: str, text: str, size: int | None = None) -> list[float]:
        """Return a unit vector by hashed words: the same words give the same vector, shared words a near one."""
        length = size or EMBEDDING_SIZES.get(model, OTHER_EMBEDDING_SIZE)
        vector = [0.0] * length
        for word in text.lower().split() or [""]:
            digest = hashlib.sha256(word.encode()).digest()
            vector[int.from_bytes(digest[:4], "big") % length] += 1.0 if digest[4] % 2 else -1.0
        norm = math.sqrt(sum(value * value for value in vector))
        if norm == 0:
            vector[0] = norm = 1.0
        return [value / norm for value in vector]
