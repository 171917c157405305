"""Steps: run once per workflow, retried as told, with an outcome that reads the same live and replayed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import stamina
import structlog

from services.durable.types import JsonObject, as_json
from services.errors import FlowPilotError, VendorRateLimitedError, VendorUnavailableError

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Retry:
    """How often and how patiently a step is tried again, with jitter, on which errors."""

    attempts: int = 5
    wait_initial_s: float = 1.0
    wait_max_s: float = 60.0
    on: tuple[type[Exception], ...] = (VendorUnavailableError, VendorRateLimitedError)


NO_RETRY = Retry(attempts=1)


class StepFailedError(FlowPilotError):
    """A step failed for good; `kind` names the class of the original error, whose message is kept if it is safe."""

    def __init__(self, step: str, kind: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.step = step
        self.kind = kind


def error_fields(name: str, error: Exception) -> dict[str, str]:
    """Return what `StepFailedError` is made of; the text of an unforeseen error goes to the log only."""
    if isinstance(error, FlowPilotError):
        return {"kind": type(error).__name__, "message": error.message, "hint": error.hint}
    log.error("step failed", step=name, exc_info=error)
    return {"kind": type(error).__name__, "message": f"The step “{name}” failed.", "hint": ""}


async def attempt(name: str, function: Callable[[], Awaitable[Any]], retry: Retry) -> JsonObject:
    """Run `function` and return what became of it as JSON, so that no exception crosses the engine.

    The engine stores an exception as its name and text only: a replayed one would have another class than a live one.
    """
    try:
        async for trial in stamina.retry_context(
            on=retry.on,
            attempts=retry.attempts,
            timeout=None,
            wait_initial=retry.wait_initial_s,
            wait_max=retry.wait_max_s,
        ):
            with trial:
                return {"result": as_json(await function())}
    except Exception as error:  # noqa: BLE001 - nothing is lost: it is stored, and raised again by `unwrap`
        return {"error": error_fields(name, error)}
    raise AssertionError("a retried block ends in a result or an error")


def unwrap(name: str, outcome: JsonObject) -> Any:
    """Return the stored result of a step, or raise its `StepFailedError`."""
    if error := outcome.get("error"):
        raise StepFailedError(name, error["kind"], error["message"], hint=error["hint"])
    return outcome["result"]
