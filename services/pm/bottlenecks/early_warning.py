"""The chance that a visit ends in the slowest tenth of its group, from what is known at a given age."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from services.pm.bottlenecks.curves import Curves
from services.pm.bottlenecks.features import VisitTable, weekday_and_hour
from services.pm.bottlenecks.pace import Pace, out_of_fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from services.pm.bottlenecks.features import Floats

    Ints = NDArray[np.int64]

FEATURES = (
    "age", "age of P90", "usual length", "spread", "status", "project", "priority", "assignee's pace", "team's pace",
    "project's pace", "weekday", "hour", "earlier visits", "returns",
)  # fmt: skip
CATEGORICAL = (4, 5, 6)
MAX_CATEGORIES = 250
MAX_VISITS = 30_000
"""Of a million visits a sample: more took longer and foretold no better."""
LANDMARKS = 3
YOUNGEST = 0.005
"""Landmarks are drawn between this part of the group's P90 and the P90 itself, evenly on the logarithm."""
MAX_WEIGHT = 20.0
MIN_ROWS = 500
PACED = ("assignee", "team", "project")


@dataclass(frozen=True)
class EarlyWarning:
    """A landmark model (van Houwelingen, 2007) by gradient boosting; without one, what the baseline alone says."""

    curves: Curves
    paces: dict[str, Pace]
    classifier: Any | None

    def risk(self, table: VisitTable, rows: Ints, ages: Floats) -> Floats:
        """Return each chance (0 to 1) at its age in seconds; 1 from the P90 on, as it is one of them then."""
        paces = np.stack([self.paces[name].of_codes(getattr(table, name)) for name in PACED], axis=1)
        alone = np.clip(0.1 / np.maximum(self.curves.share_after(rows, ages), 1e-9), 0.0, 1.0)
        found = alone
        if self.classifier is not None and len(table):
            found = self.classifier.predict_proba(features_at(table, self.curves, rows, ages, paces))[:, 1]
        return np.where(rows < 0, 0.0, np.where(ages >= self.curves.p90[rows], 1.0, found))


def features_at(table: VisitTable, curves: Curves, rows: Ints, ages: Floats, paces: Floats) -> Floats:
    """Return what is known of each visit at an age, columns as in `FEATURES`."""
    weekday, hour = weekday_and_hour(table.entered)
    logs = np.log(np.maximum(ages, 1.0))

    def category(codes: NDArray[np.int32]) -> Floats:
        return np.where((codes >= 0) & (codes < MAX_CATEGORIES), codes, np.nan).astype(np.float64)

    return np.column_stack(
        [
            logs,
            logs - np.log(curves.p90[rows]),
            np.log(curves.p90[rows]),
            curves.spread[rows],
            category(table.status),
            category(table.project),
            category(table.priority),
            paces,
            weekday,
            hour,
            np.minimum(table.earlier_visits, 100),
            np.minimum(table.returns, 30),
        ]
    )


def fit_early_warning(table: VisitTable, curves: Curves, rows: Ints, sizes: dict[str, int], now: float) -> EarlyWarning:
    """Fit on landmarks drawn from a bounded sample; visits whose end is unknown count through those like them."""
    hazard = -np.log(np.maximum(curves.share_after(rows, table.seconds), 1e-6))
    paces = {name: Pace.of(getattr(table, name), sizes[name], table.ended, hazard) for name in PACED}
    blind = np.stack(
        [out_of_fold(getattr(table, name), sizes[name], table.ended, hazard) for name in PACED], axis=1
    ) if len(table) else np.zeros((0, len(PACED)))  # fmt: skip
    generator = np.random.default_rng(0)
    chosen = np.arange(len(table))
    if len(table) > MAX_VISITS:
        chosen = np.sort(generator.choice(len(table), MAX_VISITS, replace=False))
    sample, limit = table.where(chosen), curves.p90[rows[chosen]]
    is_slow = sample.seconds > limit
    weight = _weights(sample, limit, now) * (is_slow | sample.ended)
    ages = limit[:, None] * np.exp(generator.uniform(np.log(YOUNGEST), 0.0, (len(sample), LANDMARKS)))
    there = (ages < sample.seconds[:, None]) & (weight > 0)[:, None]
    place, landmark = np.nonzero(there)
    if len(place) < MIN_ROWS or len(np.unique(is_slow[place])) < 2:
        return EarlyWarning(curves, paces, None)
    known = features_at(
        sample.where(place), curves, rows[chosen][place], ages[place, landmark], blind[chosen][place]
    )  # fmt: skip
    return EarlyWarning(curves, paces, _fit(known, is_slow[place], weight[place]))


def _fit(known: Floats, is_slow: NDArray[np.bool_], weight: Floats) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    classifier = HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=150,
        max_leaf_nodes=15,
        min_samples_leaf=40,
        l2_regularization=5.0,
        categorical_features=list(CATEGORICAL),
        early_stopping=False,
        random_state=0,
    )
    # one core: the others are for the people who wait for Slack meanwhile
    with threadpool_limits(1):
        return classifier.fit(known, is_slow, sample_weight=weight)


def _weights(table: VisitTable, limit: Floats, now: float) -> Floats:
    """Return the inverse chance that a visit's outcome could be seen by now (inverse probability of censoring).

    A visit is watched for as long as it is since it began; its outcome is known at its end or at the P90, whichever
    comes first. The chance is the share of the same status that has been watched that long, bounded by `MAX_WEIGHT`.
    """
    watched, needed = now - table.entered, np.minimum(table.seconds, limit)
    weight = np.ones(len(table))
    for status in np.unique(table.status):
        mine = table.status == status
        order = np.sort(watched[mine])
        share = 1 - np.searchsorted(order, needed[mine], side="left") / len(order)
        weight[mine] = np.minimum(1 / np.maximum(share, 1e-9), MAX_WEIGHT)
    return weight
