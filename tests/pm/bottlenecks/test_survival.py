"""Kaplan-Meier by hand and by law."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pm.bottlenecks.survival import kaplan_meier

LENGTHS = st.lists(st.integers(1, 1_000), min_size=1, max_size=60)
SEEN = st.lists(st.tuples(st.integers(1, 1_000), st.booleans()), min_size=1, max_size=60)


def curve(pairs: list[tuple[int, bool]]) -> tuple[list[float], list[float]]:
    found = kaplan_meier(np.array([one for one, _ in pairs], float), np.array([ended for _, ended in pairs]))
    return found.seconds.tolist(), found.shares.tolist()


def test_the_leukaemia_trial_of_the_textbooks_comes_out_as_in_the_textbooks() -> None:
    # weeks in remission on 6-MP (Freireich, 1963); + is still in remission
    entries = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
    weeks = re.findall(r"\d+\+?", entries)
    seconds, shares = curve([(int(one.rstrip("+")), not one.endswith("+")) for one in weeks])
    assert seconds == [6, 7, 10, 13, 16, 22, 23]
    assert [round(share, 3) for share in shares] == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]


@given(LENGTHS, st.floats(0.05, 0.95))
def test_with_nothing_censored_it_is_the_share_that_really_lasted_longer(lengths: list[int], share: float) -> None:
    values = np.array(lengths, float)
    found = kaplan_meier(values, np.ones(len(values), bool))
    for at in (0, *lengths):
        assert found.share_after(at) == pytest.approx(float(np.mean(values > at)))
    assert found.quantile(share) == sorted(lengths)[int(np.ceil(share * len(lengths) - 1e-9)) - 1]


@given(SEEN)
def test_quantiles_rise_and_shares_fall_whatever_was_censored(pairs: list[tuple[int, bool]]) -> None:
    found = kaplan_meier(np.array([one for one, _ in pairs], float), np.array([ended for _, ended in pairs]))
    assert all(np.diff(found.shares) <= 0)
    quantiles = [found.quantile_or_tail(share) for share in (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)]
    assert quantiles == sorted(quantiles)


@given(SEEN)
def test_knowing_that_a_stay_went_on_never_makes_stays_look_shorter(pairs: list[tuple[int, bool]]) -> None:
    lengths, ended = np.array([one for one, _ in pairs], float), np.array([one for _, one in pairs])
    censored, naive = kaplan_meier(lengths, ended), kaplan_meier(lengths, np.ones(len(lengths), bool))
    assert censored.quantile(0.9) >= naive.quantile(0.9)


def test_the_tail_of_a_log_normal_that_was_cut_off_is_found_again() -> None:
    lengths = np.random.default_rng(3).lognormal(np.log(3600), 1.5, 20_000)
    seen = np.minimum(lengths, 2 * 3600.0)
    found = kaplan_meier(seen, lengths <= 2 * 3600)
    assert found.quantile(0.9) == float("inf")
    assert found.quantile_or_tail(0.9) == pytest.approx(3600 * np.exp(1.5 * 1.2816), rel=0.1)


def test_of_one_end_no_tail_is_made_up() -> None:
    assert kaplan_meier(np.array([5.0, 9.0]), np.array([True, False])).quantile_or_tail(0.9) == float("inf")
    assert kaplan_meier(np.array([5.0]), np.array([False])).quantile_or_tail(0.5) == float("inf")
