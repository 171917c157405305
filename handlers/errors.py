"""The one place where an error becomes something to read."""

from __future__ import annotations

import asyncio

import structlog
from prometheus_client import Counter

from services.commands.types import Reply
from services.errors import FlowPilotError, VendorError

log = structlog.get_logger(__name__)
ERRORS = Counter("flowpilot_handler_errors", "Errors that people were shown", ["error"])

GONE_BUTTON = "This button is no longer in use, and nothing was changed. Run the command again for a fresh message."
GONE_FORM = "This form is no longer in use, and nothing was changed. Close it and open it again."
GONE_SHORTCUT = "This shortcut is no longer in use. An admin can update FlowPilot's app manifest."
INTERRUPTED = (
    "FlowPilot was restarted before this was finished. Look whether it has happened, and run it again if it has not."
)


def explain(error: BaseException, reference: str) -> Reply:
    """Return what the person is shown; anything unexpected is logged under the reference that they see."""
    ERRORS.labels(type(error).__name__).inc()
    if isinstance(error, FlowPilotError):
        level = log.warning if isinstance(error, VendorError) else log.info
        level("request refused", error=type(error).__name__, message=error.message)
        return Reply(f":warning: {error.message}" + (f"\n{error.hint}" if error.hint else ""))
    if isinstance(error, asyncio.CancelledError):
        return Reply(f":warning: {INTERRUPTED}")
    log.error("request failed", reference=reference, exc_info=error)
    return Reply(
        f":warning: Something went wrong on FlowPilot's side (reference `{reference}`). "
        "Look whether it has happened before you try again; if it goes on, give the reference to an admin."
    )
