"""Learn from visits what is usual: baselines, early warning and the forest, in one pure step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from services.pm.bottlenecks import anomalies
from services.pm.bottlenecks.baselines import (
    STATUS_STRENGTH,
    Groups,
    Tuning,
    fit_hazards,
    statuses_of,
)
from services.pm.bottlenecks.curves import BaselineBook, Curves, history_days, leaning_of
from services.pm.bottlenecks.early_warning import EarlyWarning, fit_early_warning
from services.pm.bottlenecks.features import CATEGORIES, DAY_S, TableBuilder, VisitTable, Vocabulary, instant
from services.pm.bottlenecks.life_tables import life_table
from services.pm.bottlenecks.tuning import choose_tuning
from services.pm.bottlenecks.types import READY_DAYS, Anomaly, Baseline, ItemType, Visit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from services.pm.bottlenecks.features import Floats

    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class BottleneckModel:
    """What was learnt as of `trained_at`. Pure: assessing changes nothing, and needs no database."""

    trained_at: datetime
    tuning: Tuning
    book: BaselineBook
    early_warning: EarlyWarning
    forest: anomalies.Forest | None
    vocabularies: dict[str, Vocabulary]
    visits: int

    @property
    def history_days(self) -> int:
        """How many days the longest history of a project has."""
        return max(self.book.history_days.values(), default=0)

    @property
    def is_ready(self) -> bool:
        """Tell whether any project has the three months that it takes."""
        return self.history_days >= READY_DAYS

    def baseline(self, project: str, item_type: ItemType, status: str, priority: str) -> Baseline | None:
        """Return the narrowest baseline there is for a visit; None for a status that was never seen."""
        return self.book.baseline(item_type, project, status, priority)

    def assess(self, visit: Visit, now: datetime) -> Anomaly | None:
        """Tell how unusual a visit is as of `now`; None for a status that was never seen. See `assess_all`."""
        return self.assess_all([visit], now)[0]

    def assess_all(self, visits: Sequence[Visit], now: datetime) -> list[Anomaly | None]:
        """Assess many at once, in their order; an ended visit is judged by its length.

        In a project with under three months of history nothing is anomalous, and the one reason says so.
        """
        table = TableBuilder(self.vocabularies).build(visits)
        ages = np.where(table.ended, table.seconds, np.maximum(instant(now) - table.entered, 0.0))
        rows = self.book.curves.rows_of(table)
        known = np.flatnonzero(rows >= 0)
        found: list[Anomaly | None] = [None] * len(visits)
        if not len(known):
            return found
        table, rows, ages = table.where(known), rows[known], ages[known]
        scores, tails = self.book.curves.scores(rows, ages), self.book.curves.share_after(rows, ages)
        risks = self.early_warning.risk(table, rows, ages)
        isolation, pushed = self._strangeness(table, rows, ages)
        for place, index in enumerate(known.tolist()):
            found[index] = self._anomaly(
                visits[index],
                int(rows[place]),
                (float(ages[place]), float(scores[place]), float(tails[place]), float(risks[place])),
                None if isolation is None else float(isolation[place]),
                pushed[place] if pushed else "",
            )
        return found

    def _strangeness(self, table: VisitTable, rows: Ints, ages: Floats) -> tuple[Floats | None, list[str]]:
        if self.forest is None:
            return None, []
        known = anomalies.forest_features(table, self.book.curves, rows, ages, self.early_warning.paces)
        return self.forest.strangeness(known), self.forest.pushed_by(known)

    def _anomaly(
        self, visit: Visit, row: int, found: tuple[float, float, float, float], isolation: float | None, pushed: str
    ) -> Anomaly:
        seconds, score, tail, risk = found
        baseline = self.book.of_row(row)
        if baseline.project_key != visit.project_key:
            baseline = self._for_stranger(baseline, visit)
        quiet = anomalies.why_quiet(baseline, visit.project_key, self._status_sample(row))
        said = (quiet,) if quiet else anomalies.reasons(
            visit, baseline, seconds, score, tail, risk, isolation, pushed
        )  # fmt: skip
        unusual = not quiet and anomalies.is_anomalous(score, isolation)
        return Anomaly(visit, baseline, score, tail, risk, isolation, unusual, said)

    def _for_stranger(self, baseline: Baseline, visit: Visit) -> Baseline:
        """Give a status that is new in its project the wider baseline, with the project's own history."""
        return replace(baseline, history_days=self.book.days_of(visit.item_type, visit.project_key or "\0"))

    def _status_sample(self, row: int) -> int:
        while (wider := int(self.book.curves.wider[row])) >= 0:
            row = wider
        return self.book.counts[row][0]


def train(visits: Iterable[Visit], now: datetime, tuning: Tuning | None = None) -> BottleneckModel:
    """Learn from visits as they were known at `now`; the same visits in any order give the same baselines.

    Visits that a robot ended are left out, those that go on are counted as long as they were seen. `tuning` is chosen
    from the data where it is not given. CPU-bound: call it in a thread.
    """
    builder = TableBuilder()
    return train_table(builder.build(visits), builder.vocabularies, now, tuning)


def train_table(
    table: VisitTable, vocabularies: dict[str, Vocabulary], now: datetime, tuning: Tuning | None = None
) -> BottleneckModel:
    """Learn from visits in columns; see `train`."""
    at = instant(now)
    table = table.as_of(at)
    days = history_days(table, vocabularies, at)
    table = table.where(~table.automatic)
    groups = Groups.of(table)
    tuning = tuning or choose_tuning(table, groups, at)
    book = _book(table, groups, tuning, vocabularies, days, now)
    rows = groups.leaf + (len(book.curves.p90) - len(groups.keys[3]))
    sizes = {name: len(vocabularies[name]) for name in CATEGORIES}
    warning = fit_early_warning(table, book.curves, rows, sizes, at)
    sample = _bounded(table)
    known = anomalies.forest_features(
        table.where(sample), book.curves, rows[sample], table.seconds[sample], warning.paces
    )  # fmt: skip
    return BottleneckModel(now, tuning, book, warning, anomalies.fit_forest(known), vocabularies, len(table))


def _bounded(table: VisitTable) -> Ints:
    if len(table) <= anomalies.MAX_SAMPLE:
        return np.arange(len(table))
    return np.sort(np.random.default_rng(0).choice(len(table), anomalies.MAX_SAMPLE, replace=False))


def _book(
    table: VisitTable,
    groups: Groups,
    tuning: Tuning,
    vocabularies: dict[str, Vocabulary],
    days: dict[tuple[str, str], int],
    now: datetime,
) -> BaselineBook:
    at = instant(now)
    curves = Curves.of(groups, fit_hazards(table, groups, at, tuning))
    leaves = life_table(table, groups.leaf, len(groups.keys[3]), at - tuning.window_days * DAY_S)
    levels = [statuses_of(groups, leaves), leaves.grouped(groups.up[2]), leaves]
    leaning = leaning_of(levels, curves.p90, tuning.strength, STATUS_STRENGTH)
    counts = _counts(table, groups)
    return BaselineBook(curves, vocabularies, counts, leaning, days, now)


def _counts(table: VisitTable, groups: Groups) -> dict[int, tuple[int, int]]:
    """Count visits, and those that go on, by row of the curves."""
    place, counts, row = groups.leaf, [], 0
    for level in (3, 2, 1):
        size = len(groups.keys[level])
        counts.append((np.bincount(place, minlength=size), np.bincount(place[~table.ended], minlength=size)))
        if level > 1:
            place = groups.up[level - 1][place]
    found: dict[int, tuple[int, int]] = {}
    for visits, going_on in reversed(counts):
        for pair in zip(visits.tolist(), going_on.tolist(), strict=True):
            found[row] = pair
            row += 1
    return found
