"""What the check prints, and how it compares."""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.client import Message, SandboxError, visible_text

HERE = "FlowPilot"
"""The conversation with the app."""


class Report:
    """Prints a JSON line per thing that happened and counts what failed."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.passed = 0

    def line(self, what: str, **details: Any) -> None:
        """Print one line."""
        sys.stdout.write(json.dumps({"what": what, **details}, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()

    async def step(self, what: str, work: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        """Do a step and print how it went; a step that fails does not stop the next."""
        started = time.monotonic()
        try:
            details = await work()
        except (SandboxError, AssertionError, TimeoutError, LookupError) as error:
            self.failed.append(what)
            self.line(what, ok=False, error=str(error) or "".join(traceback.format_exception(error))[-600:])
        else:
            self.passed += 1
            self.line(what, ok=True, seconds=round(time.monotonic() - started, 2), **details)


def expect(found: object, wanted: object, what: str = "") -> None:
    """Raise unless two things are equal."""
    if found != wanted:
        raise AssertionError(f"{what + ': ' if what else ''}found {found!r}, not {wanted!r}")


def expect_in(wanted: str, text: str) -> None:
    """Raise unless a text holds some words."""
    if wanted not in text:
        raise AssertionError(f"{wanted!r} is not in {text[:1500]!r}")


def expect_not_in(unwanted: str, text: str) -> None:
    """Raise if a text holds some words."""
    if unwanted in text:
        raise AssertionError(f"{unwanted!r} is in {text[:1500]!r}")


def short(message: Message) -> str:
    """Return the beginning of what a person reads of a message."""
    return " ".join(visible_text(message).split())[:200]
