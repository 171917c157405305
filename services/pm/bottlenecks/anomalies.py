"""What is unusual: by robust deviation from the baseline, and by an Isolation Forest over the seed's features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from services.pm.bottlenecks.features import VisitTable, weekday_and_hour
from services.pm.bottlenecks.types import READY_DAYS, Baseline, Visit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from services.pm.bottlenecks.curves import Curves
    from services.pm.bottlenecks.features import Floats
    from services.pm.bottlenecks.pace import Pace

    Ints = NDArray[np.int64]

UNUSUAL_SCORE = 2.0
"""PM-5.3: more than two robust deviations, so that 2.3 % of usual visits get there."""
SLOW_SCORE = 1.2816
"""The slowest tenth: with a forest that finds the visit strange, that is enough."""
STRANGE = 0.97
"""The share of past visits that must be less strange, for the forest to have a say."""
MIN_SAMPLE = 30
"""A status needs so many visits anywhere before anything is called unusual in it."""
FOREST_FEATURES = ("project", "status", "priority", "assignee", "team", "weekday", "age")
MAX_SAMPLE = 20_000


@dataclass(frozen=True)
class Forest:
    """An Isolation Forest (Liu, Ting and Zhou, 2008), with the scores of what it was fitted on to compare with."""

    model: Any
    known_scores: Floats
    usual: Floats

    def strangeness(self, known: Floats) -> Floats:
        """Return per row the share (0 to 1) of past visits that are less strange."""
        return np.asarray(np.searchsorted(self.known_scores, -self.model.score_samples(known)) / len(self.known_scores))

    def pushed_by(self, known: Floats) -> list[str]:
        """Return per row the feature without which (the median in its place) it would be least strange."""
        if not len(known):
            return []
        count = len(FOREST_FEATURES)
        variants = np.repeat(known, count, axis=0)
        for column in range(count):
            variants[column::count, column] = self.usual[column]
        without = -self.model.score_samples(variants).reshape(len(known), count)
        return [FOREST_FEATURES[place] for place in without.argmin(axis=1)]


def forest_features(table: VisitTable, curves: Curves, rows: Ints, ages: Floats, paces: dict[str, Pace]) -> Floats:
    """Turn the seed's features into numbers that mean slow or fast, columns as in `FOREST_FEATURES`.

    Project and priority are how much longer half of the visits take than in the next wider group, the status is how
    long they take at all, assignee and team are their paces, the age is the score.
    """
    log_median = np.log(curves.median)
    levels = [rows]
    for _ in range(2):
        wider = curves.wider[levels[-1]]
        levels.append(np.where(wider >= 0, wider, levels[-1]))
    leaf, middle, widest = (log_median[level] for level in levels)
    weekday, _ = weekday_and_hour(table.entered)
    return np.column_stack(
        [
            middle - widest,
            widest,
            leaf - middle,
            paces["assignee"].of_codes(table.assignee),
            paces["team"].of_codes(table.team),
            weekday,
            curves.scores(rows, ages),
        ]
    )


def fit_forest(known: Floats) -> Forest | None:
    """Fit on a bounded sample; None where there is too little to call anything strange."""
    if len(known) < MIN_SAMPLE * 10:
        return None
    from sklearn.ensemble import IsolationForest

    if len(known) > MAX_SAMPLE:
        known = known[np.sort(np.random.default_rng(0).choice(len(known), MAX_SAMPLE, replace=False))]
    model = IsolationForest(n_estimators=100, max_samples=256, random_state=0).fit(known)
    return Forest(model, np.sort(-model.score_samples(known)), np.median(known, axis=0))


def is_anomalous(score: float, isolation: float | None) -> bool:
    """Combine both: far beyond the baseline, or in its slowest tenth and strange in all as well.

    The forest never decides alone: most of what is merely rare is not late.
    """
    return score > UNUSUAL_SCORE or (score > SLOW_SCORE and isolation is not None and isolation >= STRANGE)


def why_quiet(baseline: Baseline, project: str, status_sample: int) -> str:
    """Say why nothing is called unusual here; "" where it may be."""
    if baseline.history_days < READY_DAYS:
        days = _counted(baseline.history_days, "day")
        return f"{project or 'This project'} has {days} of history; baselines need {READY_DAYS}."
    if status_sample < MIN_SAMPLE:
        return f"{baseline.status} was seen {_counted(status_sample, 'time')}; baselines need {MIN_SAMPLE}."
    return ""


def reasons(
    visit: Visit,
    baseline: Baseline,
    seconds: float,
    score: float,
    tail: float,
    risk: float,
    isolation: float | None,
    pushed: str,
) -> tuple[str, ...]:
    """Explain a finding: what was expected and where that is from, what is, how unusual, and what else is strange."""
    seen = f"{_counted(baseline.sample_size, 'visit')}, {baseline.censored:,} still there"
    borrowed = f"; leans on {baseline.borrowed_from}" if baseline.borrowed_from else ""
    lines = [
        f"Half leave {visit.status} within {length_in_words(baseline.median_seconds)}, nine in ten within "
        f"{length_in_words(baseline.p90_seconds)} ({baseline.name}: {seen}{borrowed}).",
        f"This one has been there for {length_in_words(seconds)}, longer than {_percent(1 - tail)} of them: "
        f"{score:.1f} robust deviations.",
    ]
    if seconds < baseline.p90_seconds:
        lines.append(f"The chance that it ends in the slowest tenth is {_percent(risk)}.")
    if isolation is not None and isolation >= STRANGE:
        lines.append(f"Stranger than {_percent(isolation)} of past visits, most for its {pushed}.")
    return tuple(lines)


def length_in_words(seconds: float) -> str:
    """Return "40 s", "25 min", "3.5 h" or "12 d"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f}".removesuffix(".0") + " h"
    return (
        f"{seconds / 86_400:.1f}".removesuffix(".0") + " d" if seconds < 10 * 86_400 else f"{seconds / 86_400:,.0f} d"
    )


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _percent(share: float) -> str:
    shown = f"{share * 100:.0f}"
    return "more than 99 %" if shown == "100" and share < 1 else f"{shown} %"
