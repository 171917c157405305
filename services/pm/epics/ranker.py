"""Choose among a ticket's open epics: a conditional logit, held near default weights while little is known.

The model is McFadden's (Conditional logit analysis of qualitative choice behavior, 1974): the chance of an epic is the
exponential of its weighted features, divided by the sum over all open epics and over "none of them". Weights are the
most probable ones under a normal prior centred on the defaults, so that no history at all gives the defaults.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.pm.epics.features import FEATURES, FeatureBlock
from services.pm.epics.history import Flags, Floats, Integers

DEFAULT_WEIGHTS = {
    "epic_similarity": 2.0,
    "child_similarity": 2.5,
    "idle_time": -2.5,
    "same_reporter": 1.0,
    "same_component": 0.7,
    "none": 0.5,
}
"""Weights without history."""

PRIOR_STRENGTH = 1.0
"""Inverse variance of the prior on each weight: about as much as a handful of links says."""

NONE = -1
"""The choice of a ticket whose epic was not open, or not there yet."""


@dataclass(frozen=True)
class Choices:
    """Tickets, their options (epics, and "none" as the last), and which option was right."""

    values: Floats
    available: Flags
    chosen: Integers


def default_weights() -> Floats:
    """Give the default weights in the order of `FEATURES`."""
    return np.array([DEFAULT_WEIGHTS[name] for name in FEATURES])


def with_none(block: FeatureBlock) -> tuple[Floats, Flags]:
    """Add the option "none of them" as the last column."""
    count = block.values.shape[0]
    none = np.zeros((count, 1, len(FEATURES)))
    none[:, 0, FEATURES.index("none")] = 1.0
    return np.concatenate([block.values, none], axis=1), np.concatenate(
        [block.available, np.ones((count, 1), bool)], axis=1
    )


def probabilities(utilities: Floats, available: Flags) -> Floats:
    """Turn utilities into chances per row; 0 for what is not available."""
    masked = np.where(available, utilities, -np.inf)
    shifted = np.exp(masked - masked.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def fit_weights(choices: Sequence[Choices]) -> Floats:
    """Find the most probable weights given past choices; the defaults when there are none."""
    from scipy.optimize import minimize

    prior = default_weights()
    choices = [part for part in choices if len(part.chosen)]
    if not choices:
        return prior

    def loss(weights: Floats) -> tuple[float, Floats]:
        value = 0.5 * PRIOR_STRENGTH * float(np.sum((weights - prior) ** 2))
        gradient = PRIOR_STRENGTH * (weights - prior)
        for part in choices:
            chances = probabilities(part.values @ weights, part.available)
            rows = np.arange(len(part.chosen))
            value -= float(np.log(np.maximum(chances[rows, part.chosen], 1e-12)).sum())
            gradient += np.einsum("nm,nmf->f", chances, part.values) - part.values[rows, part.chosen].sum(axis=0)
        return value, gradient

    return np.asarray(minimize(loss, prior, jac=True, method="L-BFGS-B").x)
