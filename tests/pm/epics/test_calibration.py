"""How confidence is corrected and checked."""

from __future__ import annotations

import numpy as np
import pytest

from services.pm.epics.calibration import Calibration, expected_calibration_error, fit_calibration, reliability
from services.pm.epics.features import FEATURES
from services.pm.epics.ranker import Choices, default_weights, fit_weights


def _choices(count: int, share_right: float, seed: int) -> Choices:
    """Let the first of two epics look better by far, but be right only in a share of cases."""
    random = np.random.default_rng(seed)
    values = np.zeros((count, 3, len(FEATURES)))
    values[:, 0, FEATURES.index("epic_similarity")] = 2.0
    values[:, 2, FEATURES.index("none")] = 1.0
    chosen = np.where(random.random(count) < share_right, 0, 1).astype(np.intp)
    return Choices(values, np.ones((count, 3), bool), chosen)


def test_confidence_that_is_right_as_often_as_it_says_has_no_error() -> None:
    table = reliability([0.75] * 4 + [0.5] * 2, [True, True, True, False, True, False])
    assert [(row.lower, row.count, row.share_right) for row in table] == [(0.5, 2, 0.5), (0.7, 4, 0.75)]
    assert expected_calibration_error(table) == 0.0


def test_the_error_is_the_gap_weighed_by_how_many_suggestions_have_it() -> None:
    table = reliability([0.9] * 3 + [0.1], [False, False, False, False])
    assert expected_calibration_error(table) == pytest.approx((3 * 0.9 + 0.1) / 4)
    assert expected_calibration_error([]) == 0.0


def test_full_confidence_counts_in_the_last_step() -> None:
    [row] = reliability([1.0], [True])
    assert (row.lower, row.upper) == (0.9, 1.0)


def test_predictions_that_prove_too_sure_make_later_ones_more_modest() -> None:
    surprised = fit_calibration([[], [_choices(80, 0.5, 1)]])
    assert surprised.scale < 0.8
    assert fit_calibration([]) == Calibration()


def test_calibration_never_changes_the_order_of_epics() -> None:
    utilities = np.array([[2.0, -1.0, 0.5, 0.0]])
    corrected = Calibration(0.4, 1.5).apply(utilities)
    assert list(np.argsort(corrected[0, :3])) == list(np.argsort(utilities[0, :3]))


def test_weights_stay_at_the_defaults_without_choices_and_move_with_them() -> None:
    assert list(fit_weights([])) == list(default_weights())
    place = FEATURES.index("epic_similarity")
    assert fit_weights([_choices(200, 0.1, 2)])[place] < default_weights()[place] < 99
    assert fit_weights([_choices(200, 1.0, 3)])[place] > default_weights()[place]
