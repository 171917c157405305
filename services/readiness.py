"""Whether the application can work right now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[bool]]
CHECK_TIMEOUT_S = 3.0


class Readiness:
    """Named checks; whatever must work before work is sent here adds one."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def add(self, name: str, check: Check) -> None:
        """Add a check; it may raise, which means no."""
        self._checks[name] = check

    async def state(self) -> dict[str, bool]:
        """Run all checks at once, each for at most `CHECK_TIMEOUT_S`, and return their answers by name."""
        answers = await asyncio.gather(*(self._run(name, check) for name, check in self._checks.items()))
        return dict(zip(self._checks, answers, strict=True))

    async def _run(self, name: str, check: Check) -> bool:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                return await check()
        except Exception:
            log.warning("readiness check failed", check=name, exc_info=True)
            return False
