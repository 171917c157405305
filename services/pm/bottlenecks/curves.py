"""The fitted groups, looked up by name or by the row of a table, with the narrowest group that was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from services.pm.bottlenecks.baselines import Groups, Hazards, quantiles
from services.pm.bottlenecks.features import CATEGORIES, DAY_S, VisitTable, Vocabulary
from services.pm.bottlenecks.life_tables import BINS, EDGES
from services.pm.bottlenecks.types import Baseline, ItemType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from services.pm.bottlenecks.features import Floats
    from services.pm.bottlenecks.life_tables import LifeTable

    Ints = NDArray[np.int64]

NORMAL_P90 = 1.2816
"""The normal quantile of .9."""
CURVE_SHARES = (0.99, 0.975, *(round(0.95 - 0.05 * step, 2) for step in range(19)), 0.025, 0.01, 0.005, 0.002, 0.001)
LEANS_FROM = 0.2
"""A group that gets at least this part of its P90 from a wider one names it."""

_LOG_EDGES = np.log(np.maximum(EDGES, 0.5))


@dataclass(frozen=True)
class Curves:
    """Survival at `EDGES` of all groups: statuses, then statuses in projects, then those with a priority.

    `group` maps (item type, status, project or -1, priority or -1), as codes, to the row.
    """

    survival: Floats
    group: dict[tuple[int, int, int, int], int]
    median: Floats
    p90: Floats
    spread: Floats
    wider: Ints

    @staticmethod
    def of(groups: Groups, hazards: Hazards) -> Curves:
        """Stack the levels, and work out the quantiles."""
        from scipy.special import ndtri

        survival = np.vstack([hazards.survival(level) for level in (1, 2, 3)])
        keys: dict[tuple[int, int, int, int], int] = {}
        for level in (1, 2, 3):
            for key in groups.keys[level].tolist():
                keys[(*key, *(-1,) * (4 - len(key)))] = len(keys)
        statuses, projects = len(groups.keys[1]), len(groups.keys[2])
        wider = np.concatenate([np.full(statuses, -1), groups.up[1], groups.up[2] + statuses]).astype(np.int64)
        assert len(wider) == statuses + projects + len(groups.keys[3])
        median, p90 = quantiles(survival, 0.5), quantiles(survival, 0.9)
        spread = np.maximum(np.log(p90 / median), 0.05) / float(ndtri(0.9))
        return Curves(survival, keys, median, p90, spread, wider)

    def rows_of(self, table: VisitTable) -> Ints:
        """Return the narrowest group of each visit; -1 where even its status is unknown."""
        found = np.empty(len(table), np.int64)
        known: dict[tuple[int, int, int, int], int] = {}
        columns = (table.item_type.tolist(), table.status.tolist(), table.project.tolist(), table.priority.tolist())
        for place, key in enumerate(zip(*columns, strict=True)):
            row = known.get(key)
            if row is None:
                row = known[key] = self.row_of(key)
            found[place] = row
        return found

    def row_of(self, key: tuple[int, int, int, int]) -> int:
        """Return the row of (item type, status, project, priority), of the next wider group where it was not seen."""
        for narrow in (key, (*key[:3], -1), (*key[:2], -1, -1)):
            row = self.group.get(narrow)
            if row is not None:
                return row
        return -1

    def share_after(self, rows: Ints, seconds: Floats) -> Floats:
        """Return the share of each row's group that lasts longer than `seconds`, 1 for rows of -1."""
        place = np.clip(np.searchsorted(EDGES, seconds, side="right") - 1, 0, BINS - 2)
        logs = np.log(np.maximum(seconds, 0.5))
        part = np.clip((logs - _LOG_EDGES[place]) / (_LOG_EDGES[place + 1] - _LOG_EDGES[place]), 0.0, 1.0)
        begin, end = self.survival[rows, place], self.survival[rows, place + 1]
        return np.where(rows >= 0, begin + part * (end - begin), 1.0)

    def scores(self, rows: Ints, seconds: Floats) -> Floats:
        """Return robust deviations: the normal quantile of the share that is shorter, within ±4.75."""
        from scipy.special import ndtri

        return np.asarray(ndtri(np.clip(1 - self.share_after(rows, seconds), 1e-6, 1 - 1e-6)))


@dataclass(frozen=True)
class BaselineBook:
    """All baselines of a training, by the names of their groups."""

    curves: Curves
    vocabularies: dict[str, Vocabulary]
    counts: dict[int, tuple[int, int]]
    leaning: Floats
    history_days: dict[tuple[str, str], int]
    trained_at: datetime
    _made: dict[int, Baseline] = field(default_factory=dict)

    def baseline(self, item_type: ItemType, project: str, status: str, priority: str) -> Baseline | None:
        """Return the narrowest baseline; None where the status was never seen."""
        names = (item_type, status, project, priority)
        codes = [self.vocabularies[kind].get(name) for kind, name in zip(_KEY, names, strict=True)]
        row = self.curves.row_of((codes[0], codes[1], codes[2], codes[3]))
        return None if row < 0 else self.of_row(row)

    def of_row(self, row: int) -> Baseline:
        """Return the baseline of a row of the curves."""
        if row not in self._made:
            self._made[row] = self._make(row)
        return self._made[row]

    def all(self) -> list[Baseline]:
        """List every baseline, the widest first."""
        return [self.of_row(row) for row in range(len(self.curves.p90))]

    def days_of(self, item_type: ItemType, project: str) -> int:
        """Return how many days of history a project has; "" is the longest of all."""
        if project:
            return self.history_days.get((item_type, project), 0)
        return max((days for (kind, _), days in self.history_days.items() if kind == item_type), default=0)

    def _make(self, row: int) -> Baseline:
        item_type, status, project, priority = self._names(row)
        curves = self.curves
        seconds = [float(quantiles(curves.survival[row : row + 1], 1 - share)[0]) for share in CURVE_SHARES]
        points = {round(age, 1): share for age, share in zip(seconds, CURVE_SHARES, strict=True)}
        sample, censored = self.counts.get(row, (0, 0))
        return Baseline(
            project_key=project,
            item_type=ItemType(item_type),
            status=status,
            priority=priority,
            median_seconds=float(curves.median[row]),
            p90_seconds=float(curves.p90[row]),
            log_spread=float(curves.spread[row]),
            sample_size=sample,
            censored=censored,
            history_days=self.days_of(ItemType(item_type), project),
            trained_at=self.trained_at,
            curve=tuple(points.items()),
            borrowed_from=", ".join(self._wider_names(row)),
        )

    def _names(self, row: int) -> tuple[str, str, str, str]:
        key = self._keys()[row]
        named = [self.vocabularies[kind].names[code] if code >= 0 else "" for kind, code in zip(_KEY, key, strict=True)]
        return named[0], named[1], named[2], named[3]

    def _keys(self) -> Sequence[tuple[int, int, int, int]]:
        return list(self.curves.group)

    def _wider_names(self, row: int) -> list[str]:
        names = []
        while row >= 0 and self.leaning[row] >= LEANS_FROM:
            wider = int(self.curves.wider[row])
            if wider < 0:
                names.append("all statuses")
                break
            _, status, project, priority = self._names(wider)
            names.append(" · ".join(part for part in (project or "all projects", status, priority) if part))
            row = wider
        return names


_KEY = ("item_type", "status", "project", "priority")
assert set(_KEY) <= set(CATEGORIES)


def leaning_of(levels: Sequence[LifeTable], p90: Floats, strength: float, status_strength: float) -> Floats:
    """Return per row how much of what is known at its P90 is borrowed: strength / (at risk + strength)."""
    at_risk = np.vstack([level.at_risk for level in levels])
    place = np.clip(np.searchsorted(EDGES, p90, side="right") - 1, 0, BINS - 1)
    strengths = np.full(len(p90), strength)
    strengths[: len(levels[0].at_risk)] = status_strength
    return np.asarray(strengths / (at_risk[np.arange(len(p90)), place] + strengths))


def history_days(table: VisitTable, vocabularies: dict[str, Vocabulary], now: float) -> dict[tuple[str, str], int]:
    """Return per item type and project how long ago its first visit began, in whole days."""
    kinds, projects = vocabularies["item_type"].names, vocabularies["project"].names
    first = np.full((len(kinds), len(projects)), np.inf)
    np.minimum.at(first, (table.item_type, table.project), table.entered)
    return {
        (kinds[kind], projects[project]): int((now - first[kind, project]) // DAY_S)
        for kind, project in np.argwhere(np.isfinite(first)).tolist()
    }
