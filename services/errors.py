"""Errors whose message is safe and helpful to show to the person."""

from __future__ import annotations


class FlowPilotError(Exception):
    """`message` says what is wrong, `hint` what to do; both are shown as they are, so they hold no secrets."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InvalidInputError(FlowPilotError):
    """What the person typed or chose cannot be used."""


class NotFoundError(FlowPilotError):
    """The thing named does not exist, or FlowPilot may not see it."""


class NotAllowedError(FlowPilotError):
    """The person's role does not allow this; the message names the role that does."""


class NotLinkedError(FlowPilotError):
    """The person's identity in another system is not known yet."""


class ConflictError(FlowPilotError):
    """The thing changed since it was shown; nothing was done."""


class NotConfiguredError(FlowPilotError):
    """A setting or a vendor is missing; the hint names it."""


class VendorError(FlowPilotError):
    """A vendor did not do what was asked. `outcome_unknown` when a write may have happened all the same."""

    def __init__(
        self, vendor: str, message: str, *, hint: str = "", status: int | None = None, outcome_unknown: bool = False
    ) -> None:
        super().__init__(message, hint=hint)
        self.vendor = vendor
        self.status = status
        self.outcome_unknown = outcome_unknown


class VendorUnavailableError(VendorError):
    """Down, timing out, or its circuit is open."""


class VendorRateLimitedError(VendorError):
    """Asked to wait longer than a person would."""

    def __init__(self, vendor: str, message: str, *, retry_after_s: float, hint: str = "") -> None:
        super().__init__(vendor, message, hint=hint, status=429)
        self.retry_after_s = retry_after_s


class VendorAuthError(VendorError):
    """The vendor refused our credentials."""


class VendorRejectedError(VendorError):
    """The vendor understood and said no (a 4xx); the message quotes it."""


class VendorNotFoundError(VendorRejectedError, NotFoundError):
    """The vendor knows no such thing."""
