"""What is called unusual, by whom, and how it explains itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pm.bottlenecks.anomalies import is_anomalous, length_in_words
from services.pm.bottlenecks.baselines import Tuning
from services.pm.bottlenecks.training import BottleneckModel, train
from services.pm.bottlenecks.types import Anomaly
from tests.pm.bottlenecks.made_up import NOW, log_normal, visit


@pytest.fixture(scope="module")
def model() -> BottleneckModel:
    visits = log_normal(1_500, 10) + log_normal(1_500, 10, status="UAT", assignee="bob", seed=1)
    visits += log_normal(40, 10, project="FRESH", days=(1, 60), seed=2)
    return train(visits, NOW, Tuning())


def going_on(model: BottleneckModel, hours: float, *, project: str = "SHOP", status: str = "QA") -> Anomaly:
    found = model.assess(visit(None, hours / 24, project=project, status=status), NOW)
    assert found is not None
    return found


@pytest.mark.requirement("PM-5.3")
def test_the_score_is_in_deviations_of_the_logarithm_and_above_two_is_unusual(model: BottleneckModel) -> None:
    for deviations in (0.5, 1.0, 1.5, 2.2):
        found = going_on(model, 10 * np.exp(deviations))
        assert found.score == pytest.approx(deviations, abs=0.2)
    assert not going_on(model, 10).is_anomalous
    late = going_on(model, 10 * np.exp(2.6))
    assert late.is_anomalous
    assert late.tail_share < 0.023
    assert late.risk == 1.0


@pytest.mark.requirement("PM-5.3")
def test_a_finding_says_what_was_expected_what_is_how_unusual_and_by_which_baseline(model: BottleneckModel) -> None:
    expected, actual, *_ = going_on(model, 24 * 6).reasons
    assert "nine in ten within 36 h" in expected or "nine in ten within 35" in expected
    assert "SHOP · QA · High: 1,500 visits" in expected
    assert "there for 6 d" in actual
    assert "robust deviations" in actual
    assert any("chance that it ends in the slowest tenth" in line for line in going_on(model, 20).reasons)


@pytest.mark.requirement("PM-5.2", "PM-5.3")
def test_a_project_with_under_three_months_of_history_is_quiet_and_says_so(model: BottleneckModel) -> None:
    for project, days in (("FRESH", 58), ("UNHEARD", 0)):
        found = going_on(model, 24 * 30, project=project)
        assert not found.is_anomalous
        assert found.reasons == (f"{project} has {days} days of history; baselines need 90.",)


def test_a_status_that_was_hardly_ever_seen_is_quiet_and_one_that_never_was_has_no_answer() -> None:
    model = train(log_normal(300, 10) + log_normal(5, 1, status="Rare", seed=3), NOW, Tuning())
    rare = going_on(model, 24 * 30, status="Rare")
    assert (rare.is_anomalous, rare.reasons) == (False, ("Rare was seen 5 times; baselines need 30.",))
    assert model.assess(visit(None, 9, status="Never"), NOW) is None


@pytest.mark.requirement("PM-5.3")
def test_the_forest_knows_the_strange_and_names_the_feature_that_pushed_it(model: BottleneckModel) -> None:
    usual, odd = going_on(model, 10), going_on(model, 24 * 60)
    assert usual.isolation is not None
    assert odd.isolation is not None
    assert usual.isolation < 0.9 < odd.isolation
    assert odd.reasons[-1].endswith("past visits, most for its age.")


@given(st.floats(-4, 4), st.none() | st.floats(0, 1))
def test_the_forest_never_decides_alone(score: float, isolation: float | None) -> None:
    if score <= 1.28:
        assert not is_anomalous(score, isolation)
    if score > 2:
        assert is_anomalous(score, isolation)


def test_lengths_are_said_in_few_words() -> None:
    said = [length_in_words(seconds) for seconds in (40, 1500, 12_600, 86_400, 9.5 * 86_400, 1_234 * 86_400)]
    assert said == ["40 s", "25 min", "3.5 h", "24 h", "9.5 d", "1,234 d"]
