"""How fast people, teams and projects move things on, beside what is usual for the group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from services.pm.bottlenecks.features import Codes, Flags, Floats

PRIOR = 5.0
"""Ends that everybody is lent at the usual pace."""
FOLDS = 5


@dataclass(frozen=True)
class Pace:
    """Per code: ends that were seen, and ends that the baselines expected of the same visits at the same ages."""

    ends: Floats
    expected: Floats

    @staticmethod
    def of(codes: Codes, size: int, ended: Flags, cumulative_hazard: Floats) -> Pace:
        """Count both; expected ends are -ln S(length so far), which is fair to visits that go on."""
        return Pace(
            np.bincount(codes, ended, minlength=size).astype(np.float64),
            np.bincount(codes, cumulative_hazard, minlength=size).astype(np.float64),
        )

    def of_codes(self, codes: NDArray[np.int32]) -> Floats:
        """Return ln of (ends / expected), drawn to 0 by `PRIOR`; above 0 is faster than usual, unknown codes are 0."""
        known = np.log((self.ends + PRIOR) / (self.expected + PRIOR))
        return np.where(codes >= 0, known[np.maximum(codes, 0)], 0.0) if len(known) else np.zeros(len(codes))

    def without(self, other: Pace) -> Pace:
        """Leave some visits out."""
        return Pace(self.ends - other.ends, self.expected - other.expected)


def out_of_fold(codes: Codes, size: int, ended: Flags, cumulative_hazard: Floats) -> Floats:
    """Return each visit's pace of its code as the other folds know it, so that no visit explains itself."""
    whole = Pace.of(codes, size, ended, cumulative_hazard)
    found = np.zeros(len(codes))
    fold = np.random.default_rng(0).integers(0, FOLDS, len(codes))
    for one in range(FOLDS):
        mine = fold == one
        own = Pace.of(codes[mine], size, ended[mine], cumulative_hazard[mine])
        found[mine] = whole.without(own).of_codes(codes[mine])
    return found
