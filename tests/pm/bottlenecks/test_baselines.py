"""Baselines: what counts, how thin groups lean on wider ones, and what must not matter."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.pm.bottlenecks.baselines import Groups, Tuning, shrunk
from services.pm.bottlenecks.features import TableBuilder
from services.pm.bottlenecks.life_tables import EDGES, LifeTable, life_table
from services.pm.bottlenecks.survival import kaplan_meier
from services.pm.bottlenecks.training import BottleneckModel, train
from services.pm.bottlenecks.tuning import choose_tuning
from services.pm.bottlenecks.types import Baseline, ItemType, Visit
from tests.pm.bottlenecks.made_up import NOW, log_normal, visit

HOUR = 3600.0
EVER = Tuning()


def baseline(model: BottleneckModel, priority: str = "High", project: str = "SHOP", status: str = "QA") -> Baseline:
    found = model.baseline(project, ItemType.TICKET, status, priority)
    assert found is not None
    return found


def test_ends_and_numbers_at_risk_are_counted_by_age_and_only_within_the_window() -> None:
    # lengths of 1, 2 and 4 h, and one that goes on after 3 h; all began 10 h ago but the last
    visits = [visit(1, 10 / 24), visit(2, 10 / 24), visit(4, 10 / 24), visit(None, 3 / 24)]
    table = TableBuilder().build(visits)
    group = np.zeros(4, np.int64)
    found = life_table(table, group, 1)

    def at(hours: float) -> int:
        return int(np.searchsorted(EDGES, hours * HOUR, side="right")) - 1

    assert [found.ends[0, at(hours)] for hours in (1, 2, 3, 4)] == [1, 1, 0, 1]
    assert [found.at_risk[0, at(hours)] for hours in (0.5, 1, 2, 3, 4)] == [4, 4, 3, 1.5, 1]
    # a window of the last 7 h begins when the first three were 3 h old: two were over
    recent = life_table(table, group, 1, NOW.timestamp() - 7 * HOUR)
    assert recent.ends.sum() == 1
    assert [recent.at_risk[0, at(hours)] for hours in (1, 2, 3.5, 4)] == [1, 1, 1, 1]


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(60, 10**6), st.booleans()), min_size=5, max_size=80))
def test_a_status_with_its_own_data_has_the_quantiles_of_kaplan_meier(pairs: list[tuple[int, bool]]) -> None:
    lengths = np.array([one for one, _ in pairs], float)
    ended = np.array([one for _, one in pairs])
    exact = kaplan_meier(lengths, ended)
    table = TableBuilder().build([])
    zeros = np.zeros(len(pairs), np.int32)
    flags = np.zeros(len(pairs), bool)
    table = type(table)(*(zeros,) * 6, np.zeros(len(pairs)), lengths, ended, flags, zeros, zeros)
    found = life_table(table, zeros.astype(np.int64), 1)
    chances = np.divide(found.ends, found.at_risk, out=np.zeros_like(found.ends), where=found.at_risk > 0)[0]
    still = np.cumprod(1 - chances)
    for edge in np.unique(np.searchsorted(EDGES, lengths, side="right")):
        seen = exact.share_after(float(EDGES[edge]) - 1e-6)
        # those who go unseen within a bin count for half, so that few at risk may differ by a part of one
        assert still[edge - 1] == pytest.approx(seen, abs=0.5 / max(np.sum(lengths >= EDGES[edge - 1]), 1) + 1e-9)


@given(st.integers(0, 50), st.integers(0, 50), st.floats(0.01, 0.99), st.floats(0.1, 500))
def test_a_group_that_leans_lies_between_its_own_and_the_wider_one(
    ends: int, more: int, wider: float, strength: float
) -> None:
    at_risk = ends + more
    own = LifeTable(np.array([[float(ends)]]), np.array([[float(at_risk)]]))
    found = float(shrunk(own, np.array([[wider]]), strength)[0, 0])
    alone = ends / at_risk if at_risk else wider
    assert min(alone, wider) - 1e-9 <= found <= max(alone, wider) + 1e-9


@pytest.mark.requirement("PM-5.2")
def test_a_thin_group_borrows_and_says_from_whom_and_a_full_one_stands_alone() -> None:
    visits = log_normal(2_000, 8, priority="High") + log_normal(2_000, 24, priority="Low", seed=1)
    visits += log_normal(3, 400, priority="Highest", seed=2)
    model = train(visits, NOW, EVER)
    assert baseline(model, "High").median_seconds == pytest.approx(8 * HOUR, rel=0.1)
    assert baseline(model, "Low").p90_seconds == pytest.approx(24 * HOUR * np.exp(1.2816), rel=0.12)
    assert baseline(model, "Low").borrowed_from == ""
    thin = baseline(model, "Highest")
    assert thin.sample_size == 3
    assert thin.borrowed_from == "SHOP · QA"
    wider = baseline(model, "never seen")
    assert wider.name == "SHOP · QA"
    assert wider.sample_size == 4_003
    assert wider.p90_seconds < thin.p90_seconds < 400 * HOUR
    assert baseline(model, project="NEW").name == "all projects · QA"
    assert model.baseline("SHOP", ItemType.TICKET, "Nowhere", "High") is None
    assert model.baseline("SHOP", ItemType.PULL_REQUEST, "QA", "High") is None


@pytest.mark.requirement("PM-5.2")
def test_visits_that_go_on_count_and_closings_by_robots_do_not() -> None:
    finished = log_normal(600, 10)
    going_on = [visit(None, days, number=number) for number, days in enumerate(np.linspace(5, 40, 200))]
    robots = [visit(0.01, 60, automatic=True, number=number) for number in range(500)]
    alone, both, all_of_them = (
        baseline(train(visits, NOW, EVER))
        for visits in (finished, finished + going_on, finished + going_on + robots)
    )  # fmt: skip
    assert both.p90_seconds > 3 * alone.p90_seconds
    assert both.censored >= 200
    assert replace(all_of_them, curve=()) == replace(both, curve=())


def test_the_curve_falls_is_short_and_passes_through_median_and_p90() -> None:
    found = baseline(train(log_normal(500, 6), NOW, EVER))
    ages, shares = zip(*found.curve, strict=True)
    assert len(ages) <= 40
    assert list(ages) == sorted(ages)
    assert list(shares) == sorted(shares, reverse=True)
    assert {share: age for age, share in found.curve}[0.5] == pytest.approx(found.median_seconds, rel=1e-3)
    assert {share: age for age, share in found.curve}[0.1] == pytest.approx(found.p90_seconds, rel=1e-3)
    assert found.log_spread == pytest.approx(np.log(found.p90_seconds / found.median_seconds) / 1.28155, rel=1e-3)


def figures(visits: list[Visit], now_moved: timedelta = timedelta(0)) -> dict[str, tuple[float, float, int]]:
    model = train(visits, NOW + now_moved, EVER)
    return {one.name: (one.median_seconds, one.p90_seconds, one.sample_size) for one in model.book.all()}


@settings(max_examples=5)
@given(st.randoms(use_true_random=False), st.integers(-500, 500))
def test_neither_the_order_of_visits_nor_the_date_matters(shuffler: random.Random, days: int) -> None:
    visits = log_normal(60, 5) + log_normal(40, 9, priority="Low", seed=1) + log_normal(50, 3, status="UAT", seed=2)
    expected = figures(visits)
    shuffled = list(visits)
    shuffler.shuffle(shuffled)
    by = timedelta(days=days)
    moved = [
        replace(
            one, entered_at=one.entered_at + by, seen_at=one.seen_at + by,
            left_at=one.left_at + by if one.left_at else None,
        )
        for one in visits
    ]  # fmt: skip
    for found in (figures(shuffled), figures(moved, by)):
        assert found.keys() == expected.keys()
        for name, values in found.items():
            assert values == pytest.approx(expected[name], rel=1e-6)


def test_where_work_has_become_faster_the_window_is_short_and_where_nothing_changed_it_forgets_nothing() -> None:
    slow, fast = log_normal(6_000, 60, days=(300, 1_200)), log_normal(6_000, 6, seed=1, days=(1, 300))
    steady = log_normal(6_000, 20, days=(1, 1_200))

    def window(visits: list[Visit]) -> float:
        table = TableBuilder().build(visits)
        return choose_tuning(table, Groups.of(table), NOW.timestamp()).window_days

    assert window(slow + fast) == 183  # half a year at least
    assert window(steady) >= 365
    assert window(steady[:400]) == float("inf")


@pytest.mark.requirement("PM-5.2")
def test_nothing_that_came_after_the_training_is_known_to_it() -> None:
    visits = log_normal(800, 20, days=(1, 300))
    cut = NOW - timedelta(days=100)
    known = [
        replace(one, left_at=one.left_at if one.left_at and one.left_at <= cut else None, seen_at=cut)
        for one in visits
        if one.entered_at < cut
    ]
    assert baseline(train(visits, cut, EVER)) == baseline(train(known, cut, EVER))
