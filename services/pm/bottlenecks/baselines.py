"""What is usual: the ages at which visits end, per project, status and priority, thin groups leaning on wider ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from services.pm.bottlenecks.features import DAY_S, VisitTable, codes_of
from services.pm.bottlenecks.life_tables import BINS, EDGES, LifeTable, life_table
from services.pm.bottlenecks.survival import SurvivalCurve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from services.pm.bottlenecks.features import Floats

    Ints = NDArray[np.int64]

STATUS_STRENGTH = 10.0
"""Pseudo-visits by which a status leans on all statuses: few, as statuses have little in common."""
MIN_AT_RISK = 5.0
"""Below this many at risk the widest curve is continued by its tail instead of single visits."""


@dataclass(frozen=True)
class Tuning:
    """How far back to look, and how many pseudo-visits of the wider group join each group."""

    window_days: float = float("inf")
    strength: float = 20.0


@dataclass(frozen=True)
class Groups:
    """The groups that occur: leaves are (item type, status, project, priority); `up` leads to the next wider level.

    Level 0 is all statuses of an item type, 1 a status, 2 a status in a project, 3 also a priority.
    """

    keys: tuple[Ints, Ints, Ints, Ints]
    up: tuple[Ints, Ints, Ints]
    leaf: Ints

    @staticmethod
    def of(table: VisitTable) -> Groups:
        """Find the groups, and the leaf of each visit."""
        leaves, leaf = codes_of([table.item_type, table.status, table.project, table.priority])
        keys = [leaves]
        ups: list[Ints] = []
        for width in (3, 2, 1):
            wider, place = np.unique(keys[0][:, :width], axis=0, return_inverse=True)
            keys.insert(0, wider)
            ups.insert(0, place.reshape(-1))
        return Groups((keys[0], keys[1], keys[2], keys[3]), (ups[0], ups[1], ups[2]), leaf)


@dataclass(frozen=True)
class Hazards:
    """Per level and group: the chance to end within each age's bin for those that are still there."""

    levels: tuple[Floats, Floats, Floats, Floats]

    def survival(self, level: int) -> Floats:
        """Return the share still there at each of `EDGES`, a row per group; it begins at 1 and falls."""
        still = np.cumprod(1 - self.levels[level], axis=1)
        return np.hstack([np.ones((len(still), 1)), still[:, :-1]])


def shrunk(own: LifeTable, wider: Floats, strength: float) -> Floats:
    """Mix a group's own chances to end with the wider group's.

    (ends + strength x wider chance) / (at risk + strength), at every age: the posterior mean under a beta process whose
    guess is the wider group (Hjort, 1990). The effective sample size is the number at risk at that age, so that a group
    with many quick visits and few slow ones keeps its own head and borrows the tail; censored visits count as long as
    they were seen. The outcome lies between the group's own chance and the wider one.
    """
    return np.asarray((own.ends + strength * wider) / (own.at_risk + strength))


def fit_hazards(table: VisitTable, groups: Groups, now: float, tuning: Tuning) -> Hazards:
    """Fit all levels as of `now`. A status leans on its own whole history, and that on all statuses."""
    count = len(groups.keys[3])
    recent = life_table(table, groups.leaf, count, now - tuning.window_days * DAY_S)
    history = recent if np.isinf(tuning.window_days) else life_table(table, groups.leaf, count)
    return hazards_of(groups, recent, history, tuning.strength)


def hazards_of(groups: Groups, recent: LifeTable, history: LifeTable, strength: float) -> Hazards:
    """Mix the levels from the widest down; `recent` is the window's table of the leaves, `history` that of all time."""
    projects = recent.grouped(groups.up[2])
    statuses = projects.grouped(groups.up[1])
    ever = statuses_of(groups, history)
    root = _with_tail(ever.grouped(groups.up[0]))
    status = shrunk(ever, root[groups.up[0]], STATUS_STRENGTH)
    if history is not recent:
        status = shrunk(statuses, status, strength)
    project = shrunk(projects, status[groups.up[1]], strength)
    return Hazards((root, status, project, shrunk(recent, project[groups.up[2]], strength)))


def statuses_of(groups: Groups, leaves: LifeTable) -> LifeTable:
    """Add the leaves up to their statuses."""
    return leaves.grouped(groups.up[2]).grouped(groups.up[1])


def _with_tail(table: LifeTable) -> Floats:
    """Return the chances of the widest groups, beyond what was seen those of the log-normal through the lower half."""
    chances = np.divide(table.ends, table.at_risk, out=np.zeros_like(table.ends), where=table.at_risk > 0)
    for row, at_risk in zip(chances, table.at_risk, strict=True):
        known = max(int(np.count_nonzero(np.cumsum(at_risk[::-1] >= MIN_AT_RISK))), 1)
        shares = np.cumprod(1 - row[:known])
        curve = SurvivalCurve(EDGES[1 : known + 1], shares[: len(EDGES[1 : known + 1])])
        beyond = curve.tail_shares(EDGES[known:])
        row[known:] = 1.0
        if len(beyond) > 1:
            row[known:-1] = 1 - np.divide(beyond[1:], beyond[:-1], out=np.zeros(len(beyond) - 1), where=beyond[:-1] > 0)
    return np.asarray(np.clip(chances, 0.0, 1.0))


def quantiles(survival: Floats, share: float) -> Floats:
    """Return per row the seconds by which `share` have ended, between two edges on the logarithm of age."""
    reached = survival <= 1 - share
    after = np.where(reached.any(axis=1), reached.argmax(axis=1), BINS - 1)
    rows = np.arange(len(survival))
    upper, lower = survival[rows, after - 1], survival[rows, after]
    part = np.clip(np.divide(upper - (1 - share), upper - lower, out=np.ones(len(rows)), where=upper > lower), 0.0, 1.0)
    logs = np.log(np.maximum(EDGES, 0.5))
    return np.asarray(np.exp(logs[after - 1] + part * (logs[after] - logs[after - 1])))
