"""How far back to look and how much to borrow, chosen by what each would have foretold inside the same data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from services.pm.bottlenecks.baselines import Groups, Tuning, hazards_of, statuses_of
from services.pm.bottlenecks.features import DAY_S, VisitTable
from services.pm.bottlenecks.life_tables import BINS, LifeTable, life_table

if TYPE_CHECKING:
    from services.pm.bottlenecks.features import Flags, Floats

WINDOWS_DAYS = (183.0, 365.0, float("inf"))
"""Half a year at least: what a shorter stretch shows is as much how the data was cut as how work goes (PM-5.2)."""

STRENGTHS = (20.0, 80.0, 320.0)
MIN_ENDS = 1_000
"""A window shorter than everything must hold so many ends: fewer are no ground to forget the rest."""
INNER_CUTS = (0.7, 0.8, 0.9)
"""Shares of the ends: at each, what was known then is judged by what came after, up to the next one."""
WINDOW_MARGIN = 3.0
"""In units of log-likelihood: a shorter window must be that much better to forget what is older."""
BINS_TOGETHER = 8
"""Ages within a factor of 1.9 are judged as one: expected against actual ends, not the very minute of each."""


def choose_tuning(table: VisitTable, groups: Groups, now: float) -> Tuning:
    """Choose the window by statuses, then the strength by the finest groups; nothing after `now` is looked at.

    The measure is the Poisson log-likelihood of the ends that came after a cut, given who was at risk: it is proper
    with censoring, and no visit has to be complete. It counts the slow half of each status only, as the quick half says
    nothing of when something is late.
    """
    ends = np.sort(table.until[table.ended])
    if len(ends) < MIN_ENDS:
        return Tuning()
    cuts = [float(ends[int(share * len(ends))]) for share in INNER_CUTS]
    replays = [_Replay(table, groups, cut, until) for cut, until in zip(cuts, [*cuts[1:], now], strict=True)]
    windows = [days for days in WINDOWS_DAYS if all(replay.allows(days) for replay in replays)]
    default = Tuning().strength
    scores = {days: sum(replay.score(days, default, 1) for replay in replays) for days in windows}
    window = max(days for days, score in scores.items() if score >= max(scores.values()) - WINDOW_MARGIN)
    strength = max(STRENGTHS, key=lambda size: sum(replay.score(window, size, 3) for replay in replays))
    return Tuning(window, strength)


class _Replay:
    """What was known at a cut, and what was seen from there to a later instant."""

    def __init__(self, table: VisitTable, groups: Groups, cut: float, until: float) -> None:
        before, later = table.as_of(cut), table.as_of(until)
        self._count = len(groups.keys[3])
        self._cut = cut
        self._before = before
        self._groups = Groups(groups.keys, groups.up, groups.leaf[table.entered < cut])
        self._history = life_table(before, self._groups.leaf, self._count)
        leaves = life_table(later, groups.leaf[table.entered < until], self._count, cut)
        self._seen = {1: statuses_of(groups, leaves), 3: leaves}
        self._recent: dict[float, LifeTable] = {float("inf"): self._history}

    def allows(self, window_days: float) -> bool:
        since = self._cut - window_days * DAY_S
        recent = np.count_nonzero(self._before.until[self._before.ended] > since)
        return bool(np.isinf(window_days) or recent >= MIN_ENDS)

    def score(self, window_days: float, strength: float, level: int) -> float:
        if window_days not in self._recent:
            since = self._cut - window_days * DAY_S
            self._recent[window_days] = life_table(self._before, self._groups.leaf, self._count, since)
        found = hazards_of(self._groups, self._recent[window_days], self._history, strength)
        slow = found.survival(1) <= 0.5
        if level == 3:
            slow = slow[self._groups.up[1]][self._groups.up[2]]
        return _poisson_score(self._seen[level], found.levels[level], slow)


def _poisson_score(seen: LifeTable, chances: Floats, chosen: Flags) -> float:
    actual = _together(np.where(chosen, seen.ends, 0.0))
    expected = _together(np.where(chosen, seen.at_risk * chances, 0.0))
    # an end that was held impossible costs much, not everything
    expected = np.maximum(expected, np.where(actual > 0, 1e-3, 1e-9))
    return float(np.sum(actual * np.log(expected) - expected))


def _together(values: Floats) -> Floats:
    return np.asarray(np.add.reduceat(values, np.arange(0, BINS, BINS_TOGETHER), axis=1))
