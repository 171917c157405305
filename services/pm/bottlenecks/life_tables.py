"""Ends and numbers at risk by age, for many groups at once, in a window of the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from services.pm.bottlenecks.features import Floats, VisitTable

YEAR_S = 365.25 * 86_400
EDGES: Floats = np.concatenate([[0.0], np.geomspace(1.0, 20 * YEAR_S, 250)])
"""Ages in seconds at which bins begin; 8.5 % apart, so that a quantile is known to a few percent."""
BINS = len(EDGES)


@dataclass(frozen=True)
class LifeTable:
    """Per group (row) and age (column): how many stays ended, and how many were there to end."""

    ends: Floats
    at_risk: Floats

    def grouped(self, parent: NDArray[np.int64]) -> LifeTable:
        """Add rows up to the wider groups that they belong to; the rows are in the order of those."""
        if not len(parent):
            return self
        begin = np.flatnonzero(np.diff(parent, prepend=-1))
        return LifeTable(np.add.reduceat(self.ends, begin), np.add.reduceat(self.at_risk, begin))


def life_table(table: VisitTable, group: NDArray[np.int64], groups: int, since: float = -np.inf) -> LifeTable:
    """Count ends and numbers at risk from an instant on (seconds since the epoch).

    What happened before `since` is left out: a stay that had begun is at risk only from the age that it had then
    (period analysis: Brenner and Gefeller, 1996). Within a bin, those who come late or go unseen count for half.
    """
    seen = table.until > since
    if not seen.all():
        table, group = table.where(seen), group[seen]
    begin = np.maximum(since - table.entered, 0.0)
    first, last = _bins(begin), _bins(table.seconds)
    size = groups * BINS

    def count(bins: NDArray[np.int64], chosen: NDArray[np.bool_]) -> Floats:
        counted = np.bincount(group[chosen] * BINS + bins[chosen], minlength=size)
        return counted.reshape(groups, BINS).astype(np.float64)

    everybody = np.ones(len(table), dtype=bool)
    came, late = count(first, everybody), count(first, begin > 0)
    went, unseen = count(last, everybody), count(last, ~table.ended)
    ends = went - unseen
    there = np.cumsum(came, axis=1) - np.cumsum(went, axis=1) + went
    return LifeTable(ends, np.maximum(there - (late + unseen) / 2, ends))


def _bins(ages: Floats) -> NDArray[np.int64]:
    return np.searchsorted(EDGES, ages, side="right").astype(np.int64) - 1
