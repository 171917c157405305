"""Make confidences mean what they say, and measure whether they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.pm.epics.history import Floats
from services.pm.epics.ranker import Choices, fit_weights, probabilities

BLOCKS = 5
"""Past choices are cut into this many periods; each is predicted from the ones before it."""

PRIOR_STRENGTH = 25.0
"""Inverse variance of the prior that no calibration is needed."""


@dataclass(frozen=True)
class Calibration:
    """`scale` (at most 1) makes every confidence more modest; `none_shift` above 0 makes "none of them" likelier."""

    scale: float = 1.0
    none_shift: float = 0.0

    def apply(self, utilities: Floats) -> Floats:
        """Correct utilities whose last column is "none of them"."""
        corrected = utilities * self.scale
        corrected[:, -1] += self.none_shift
        return corrected


def fit_calibration(periods: Sequence[Sequence[Choices]]) -> Calibration:
    """Fit Platt's two numbers, on a whole choice, to predictions of each period from the periods before it.

    Weights learnt from few choices are small, so early predictions are too modest; were that "corrected" by a scale
    above 1, the larger weights learnt from all choices would be corrected twice and prove too sure. Hence at most 1.
    """
    from scipy.optimize import minimize

    predicted = [
        (part.values @ fit_weights([choices for period in periods[:index] for choices in period]), part)
        for index in range(1, len(periods))
        for part in periods[index]
        if len(part.chosen)
    ]
    if not predicted:
        return Calibration()

    def loss(parameters: Floats) -> float:
        calibration = Calibration(float(parameters[0]), float(parameters[1]))
        value = 0.5 * PRIOR_STRENGTH * ((calibration.scale - 1.0) ** 2 + calibration.none_shift**2)
        for utilities, part in predicted:
            chances = probabilities(calibration.apply(utilities), part.available)
            value -= float(np.log(np.maximum(chances[np.arange(len(part.chosen)), part.chosen], 1e-12)).sum())
        return value

    found = minimize(loss, np.array([1.0, 0.0]), method="L-BFGS-B", bounds=[(0.2, 1.0), (-3.0, 3.0)]).x
    return Calibration(float(found[0]), float(found[1]))


@dataclass(frozen=True)
class ReliabilityBin:
    """Suggestions whose confidence lies between two bounds: how sure they were, and how many were right."""

    lower: float
    upper: float
    count: int
    mean_confidence: float
    share_right: float


def reliability(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> list[ReliabilityBin]:
    """Compare confidence with truth in equal steps; empty steps are left out."""
    confidence, truth = np.asarray(confidences, dtype=float), np.asarray(right, dtype=float)
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    table = []
    for index in range(bins):
        inside = place == index
        if inside.any():
            means = float(confidence[inside].mean()), float(truth[inside].mean())
            table.append(ReliabilityBin(index / bins, (index + 1) / bins, int(inside.sum()), *means))
    return table


def expected_calibration_error(table: Sequence[ReliabilityBin]) -> float:
    """Average the gap between confidence and truth over all suggestions (Naeini et al., 2015); 0 is perfect."""
    total = sum(row.count for row in table)
    return sum(row.count * abs(row.mean_confidence - row.share_right) for row in table) / total if total else 0.0
