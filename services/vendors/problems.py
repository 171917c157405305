"""What went wrong with one attempt: which error it is, and whether another attempt may help."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from services.errors import (
    VendorAuthError,
    VendorError,
    VendorNotFoundError,
    VendorRateLimitedError,
    VendorRejectedError,
    VendorUnavailableError,
)

MAX_QUOTE = 500
DEFAULT_RATE_LIMIT_WAIT_S = 1.0
UNKNOWN_HINT = "It may have happened all the same: look before trying again."
RETRIABLE_STATUSES = frozenset({408, 500, 502, 503, 504})


class Effect(StrEnum):
    """What a call does, which decides what may be repeated."""

    READ = "read"
    REPEATABLE = "repeatable"
    """A write that leaves the same state when it is done twice (PUT, DELETE)."""
    ONCE = "once"
    """A write that must not be sent again once it may have reached the vendor."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked of whom, as far as an error has to tell it."""

    vendor: str
    effect: Effect
    missing: str = ""
    """What a 404 means, such as "issue ABC-1"."""
    auth_hint: str = ""

    @property
    def is_write(self) -> bool:
        """Tell whether the call changes something."""
        return self.effect is not Effect.READ

    @property
    def may_repeat(self) -> bool:
        """Tell whether the call may be sent again after it may have reached the vendor."""
        return self.effect is not Effect.ONCE


class AttemptFailedError(Exception):
    """One attempt failed with `error`; `wait_s` is how long the vendor asks to wait, if it says.

    `pauses_all` when that wait is for every call, not just for this one.
    """

    def __init__(
        self,
        error: VendorError,
        *,
        retry: bool,
        wait_s: float | None = None,
        is_vendor_down: bool = False,
        pauses_all: bool = False,
    ) -> None:
        super().__init__(error.message)
        self.error = error
        self.retry = retry
        self.wait_s = wait_s
        self.is_vendor_down = is_vendor_down
        self.pauses_all = pauses_all


def not_sent(target: Target, why: str) -> AttemptFailedError:
    """The vendor could not be reached at all: nothing happened, so anything may be tried again."""
    error = VendorUnavailableError(target.vendor, f"{target.vendor} cannot be reached: {why}.")
    return AttemptFailedError(error, retry=True, is_vendor_down=True)


def no_answer(target: Target, why: str) -> AttemptFailedError:
    """The call was sent and no answer came back: a write may have happened."""
    error = VendorUnavailableError(
        target.vendor,
        f"{target.vendor} {why}.",
        hint=UNKNOWN_HINT if target.is_write else "",
        outcome_unknown=target.is_write,
    )
    return AttemptFailedError(error, retry=target.may_repeat, is_vendor_down=True)


def unreadable(target: Target, status: int) -> AttemptFailedError:
    """The answer is not what the vendor's API gives, such as a log-in page."""
    error = VendorUnavailableError(
        target.vendor,
        f"{target.vendor} answered with something that is not its API's JSON (status {status}).",
        hint=UNKNOWN_HINT if target.is_write else f"Check the URL of {target.vendor} in the settings.",
        status=status,
        outcome_unknown=target.is_write,
    )
    return AttemptFailedError(error, retry=False)


def refused(target: Target, status: int, headers: Mapping[str, str], text: str) -> AttemptFailedError:
    """Map an answer that is not a success, quoting the vendor's own words."""
    words = quote(text)
    vendor = target.vendor
    if status == 401 or login_failed(headers):
        message = f"{vendor} does not accept FlowPilot's credentials (status {status})."
        return AttemptFailedError(VendorAuthError(vendor, message, hint=target.auth_hint, status=status), retry=False)
    if status == 429 or (status == 403 and _is_spent(headers)):
        return _rate_limited(target, headers)
    if status >= 500 or status == 408:
        return _broken(target, status, headers, words)
    if status == 404:
        thing = target.missing or "such thing"
        message = f"{vendor} knows no {thing}."
        hint = "Check the spelling, and whether FlowPilot's user there may see it."
        return AttemptFailedError(VendorNotFoundError(vendor, message, hint=hint, status=404), retry=False)
    said = f": {words}" if words else f" (status {status})."
    error = VendorRejectedError(vendor, f"{vendor} refused{said}", status=status)
    if 300 <= status < 400:
        error.hint = f"It points elsewhere: check the URL of {vendor} in the settings."
    return AttemptFailedError(error, retry=False)


def _rate_limited(target: Target, headers: Mapping[str, str]) -> AttemptFailedError:
    # a 429 says that nothing was done, so even a write that must not be repeated may be sent again
    wait_s = retry_after_s(headers, datetime.now(UTC))
    asked = DEFAULT_RATE_LIMIT_WAIT_S if wait_s is None else wait_s
    error = VendorRateLimitedError(
        target.vendor,
        f"{target.vendor} asks FlowPilot to slow down and to wait {max(1, round(asked))} s.",
        retry_after_s=asked,
        hint="Nothing was done. Try again later.",
    )
    pauses_all = "per-issue" not in headers.get("ratelimit-reason", "")
    return AttemptFailedError(error, retry=True, wait_s=asked, pauses_all=pauses_all)


def _broken(target: Target, status: int, headers: Mapping[str, str], words: str) -> AttemptFailedError:
    said = f": {words.rstrip('. ')}." if words else "."
    error = VendorUnavailableError(
        target.vendor,
        f"{target.vendor} has a problem (status {status}){said}",
        hint=UNKNOWN_HINT if target.is_write else "Try again in a while.",
        status=status,
        outcome_unknown=target.is_write,
    )
    retry = target.may_repeat and status in RETRIABLE_STATUSES
    wait_s = retry_after_s(headers, datetime.now(UTC))
    return AttemptFailedError(error, retry=retry, wait_s=wait_s, is_vendor_down=True)


def _is_spent(headers: Mapping[str, str]) -> bool:
    """Tell whether a 403 is GitHub's way of saying 429."""
    return "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"


def login_failed(headers: Mapping[str, str]) -> bool:
    """Tell whether Jira took us for an anonymous visitor: then its answers look fine and are empty."""
    reason = headers.get("x-seraph-loginreason", "")
    return "FAILED" in reason or "DENIED" in reason


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds to wait by `Retry-After` (seconds or a date) or `X-RateLimit-Reset`; None if unsaid.

    The reset is ISO in Jira's words; GitHub tells it as an epoch with every answer, so it counts when nothing is left.
    """
    value = headers.get("retry-after", "").strip()
    try:
        if re.fullmatch(r"\d+(\.\d+)?", value):
            return float(value)
        if value:
            return _seconds_until(parsedate_to_datetime(value), now)
        reset = headers.get("x-ratelimit-reset", "").strip()
        if reset.isdigit():
            is_spent = headers.get("x-ratelimit-remaining") == "0"
            return _seconds_until(datetime.fromtimestamp(int(reset), UTC), now) if is_spent else None
        return _seconds_until(datetime.fromisoformat(reset), now) if reset else None
    except ValueError:
        return None


def _seconds_until(instant: datetime, now: datetime) -> float:
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def quote(text: str) -> str:
    """Return the vendor's own words from an error body (Jira's, Tempo's, Google's shapes), or "" when it has none."""
    try:
        body = json.loads(text)
    except ValueError:
        stripped = text.strip()
        return "" if stripped.startswith("<") else stripped[:MAX_QUOTE]
    words = "; ".join(_words(body))
    return words if len(words) <= MAX_QUOTE else words[: MAX_QUOTE - 1] + "…"


def _words(body: Any) -> list[str]:
    if isinstance(body, str):
        return [body] if body else []
    if isinstance(body, list):
        return [word for item in body for word in _words(item)]
    if not isinstance(body, dict):
        return []
    words = _words(body.get("errorMessages")) + _words(body.get("message"))
    words += _words(body.get("error")) + _words(body.get("error_description"))
    errors = body.get("errors")
    if isinstance(errors, dict) and "message" not in errors:
        words += [f"{field}: {said}" for field, said in errors.items() if isinstance(said, str)]
    else:
        words += _words(errors)
    return words
