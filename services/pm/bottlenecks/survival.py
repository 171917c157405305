"""How long stays last when some still go on: Kaplan-Meier, quantiles, and a tail beyond what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from services.pm.bottlenecks.features import Flags, Floats

TAIL_FROM = 0.5
"""The share still there below which the tail is fitted: quick stays say little of how the slow ones end."""
VAGUE = (float(np.log(86_400.0)), 1.5)
"""Where nothing was seen: half within a day, nine in ten within a week. Nothing is called unusual on this ground."""


@dataclass(frozen=True)
class SurvivalCurve:
    """The share still there after `seconds` (rising, at the ends that were seen); 1 before the first."""

    seconds: Floats
    shares: Floats

    def share_after(self, seconds: float) -> float:
        """Return the share that lasts longer than `seconds`."""
        place = int(np.searchsorted(self.seconds, seconds, side="right"))
        return 1.0 if place == 0 else float(self.shares[place - 1])

    def quantile(self, share: float) -> float:
        """Return the seconds by which `share` (0 to 1) have ended; infinity where the curve does not get there."""
        reached = np.flatnonzero(self.shares <= 1 - share + 1e-12)
        return float(self.seconds[reached[0]]) if len(reached) else float("inf")

    def quantile_or_tail(self, share: float) -> float:
        """Return the quantile, beyond the curve the tail's; infinity where nothing can be said (`tail`)."""
        seen = self.quantile(share)
        line = self.tail()
        if np.isfinite(seen) or line is None:
            return seen
        from scipy.special import ndtri

        return float(max(np.exp(min(line[0] + line[1] * ndtri(share), 700.0)), self.seconds[-1]))

    def tail_shares(self, seconds: Floats) -> Floats:
        """Return the share still there at ages beyond the curve: its tail, lowered to where the curve stopped."""
        from scipy.special import ndtr

        line = self.tail() or VAGUE
        last = float(self.shares[-1]) if len(self.shares) else 1.0
        tail = ndtr((line[0] - np.log(np.maximum(seconds, 1e-9))) / line[1])
        begin = float(ndtr((line[0] - np.log(max(float(self.seconds[-1]), 1e-9))) / line[1]))
        return np.asarray(last * np.minimum(tail / max(begin, 1e-300), 1.0))

    def tail(self) -> tuple[float, float] | None:
        """Fit the log-normal through the lower half: mean and spread of ln seconds; None where too little was seen.

        A line through (normal quantile of the share that ended, ln seconds) by least squares over the points at or
        below one half, over all points where fewer than two are. It needs two ends at different ages.
        """
        from scipy.special import ndtri

        usable = (self.shares > 0) & (self.shares < 1) & (self.seconds > 0)
        low = usable & (self.shares <= TAIL_FROM)
        chosen = low if np.unique(self.shares[low]).size >= 2 else usable
        if np.unique(self.shares[chosen]).size < 2:
            return None
        logs, normal = np.log(self.seconds[chosen]), ndtri(1 - self.shares[chosen])
        spread = float(np.cov(logs, normal)[0, 1] / np.var(normal, ddof=1))
        return (float(np.mean(logs) - spread * np.mean(normal)), spread) if spread > 0 else None


def kaplan_meier(seconds: Floats, ended: Flags) -> SurvivalCurve:
    """Estimate the share still there from lengths of which some (`ended` False) are lower bounds.

    Kaplan and Meier, 1958: at each age at which stays ended, the share shrinks by ends / at risk. Who is censored at
    the very age of an end was still at risk.
    """
    ends, counts = np.unique(seconds[ended], return_counts=True)
    at_risk = len(seconds) - np.searchsorted(np.sort(seconds), ends, side="left")
    return SurvivalCurve(ends, np.cumprod(1.0 - counts / at_risk, dtype=np.float64))
