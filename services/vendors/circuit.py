"""A circuit breaker: stop asking a vendor that is down, and try again with one call at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services.errors import VendorUnavailableError

OnCircuit = Callable[[str, bool], None]
"""Called with (vendor, is_open) once per change; must not raise."""


class Circuit:
    """Opens after `failures_to_open` failures in a row; after `open_for_s` one probe decides whether it closes."""

    def __init__(
        self,
        vendor: str,
        *,
        failures_to_open: int,
        open_for_s: float,
        on_change: OnCircuit | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._vendor = vendor
        self._failures_to_open = failures_to_open
        self._open_for_s = open_for_s
        self._on_change = on_change
        self._monotonic = monotonic
        self._failures = 0
        self._opened_at: float | None = None
        self._is_probing = False

    @property
    def is_open(self) -> bool:
        """Tell whether calls are refused (also while a probe is on its way)."""
        return self._opened_at is not None

    @contextmanager
    def admit(self) -> Iterator[None]:
        """Let one call through; raises `VendorUnavailableError` while the circuit is open."""
        is_probe = self._opened_at is not None
        if self._opened_at is not None:
            left_s = self._opened_at + self._open_for_s - self._monotonic()
            if left_s > 0 or self._is_probing:
                raise VendorUnavailableError(
                    self._vendor,
                    f"{self._vendor} has failed {self._failures} times in a row, so FlowPilot gives it a rest.",
                    hint=f"The next try is in {max(1, round(left_s))} s.",
                )
            self._is_probing = True
        try:
            yield
        finally:
            if is_probe:
                self._is_probing = False

    def succeeded(self) -> None:
        """Note that the vendor answered."""
        self._failures = 0
        if self._opened_at is not None:
            self._opened_at = None
            self._tell(is_open=False)

    def failed(self) -> None:
        """Note that the vendor did not answer, or with a 5xx."""
        self._failures += 1
        if self._opened_at is not None:
            self._opened_at = self._monotonic()
        elif self._failures >= self._failures_to_open:
            self._opened_at = self._monotonic()
            self._tell(is_open=True)

    def _tell(self, *, is_open: bool) -> None:
        if self._on_change is not None:
            self._on_change(self._vendor, is_open)
