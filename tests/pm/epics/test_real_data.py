"""Epic suggestion on real issues, in time order; needs the data that `benchmarks` measures with."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.epic_replay import accuracy, honesty, replay_at_creation
from benchmarks.real_epics import DEFAULT_DATA, RealIssues, load
from services.pm.epics.suggest import EpicSuggester
from services.pm.epics.tfidf import TfidfEmbedder
from services.pm.epics.types import TicketText

pytestmark = pytest.mark.skipif(
    not (DEFAULT_DATA / "issues.csv.gz").exists(), reason="the real issues are not beside this repository"
)


@pytest.fixture(scope="module")
def data() -> RealIssues:
    return load(Path(DEFAULT_DATA))


@pytest.mark.requirement("PM-6.2")
def test_the_right_epic_comes_first_more_often_than_text_and_recency_alone_find_it(data: RealIssues) -> None:
    epics = {epic.key: epic for epic in data.epics}
    periods = [(0, 85), (85, 170), (170, 255), (255, len(data.linked))]
    answers = replay_at_creation(data, TfidfEmbedder(), periods)

    def is_open(ticket: TicketText) -> bool:
        return ticket.epic_key in epics and epics[ticket.epic_key].is_open(ticket.created_at)

    found = accuracy(answers, is_open)
    assert found["links"] > 200
    assert found["top_1"] > 0.845
    assert found["top_3"] > 0.923
    judged = honesty(answers, lambda ticket: True)
    assert judged["suggested"] > 100
    assert judged["suggested_right"] > 0.85
    assert judged["expected_calibration_error"] < 0.1


def test_tickets_that_belong_to_another_product_are_not_suggested_for(data: RealIssues) -> None:
    now = data.tickets[-1].created_at
    suggester = EpicSuggester().fit(data.tickets, data.epics, now)
    strangers = [ticket for ticket in data.tickets if ticket.project_key == "AC"][-500:]
    moved = [type(t)(t.key, "TIMOB", t.summary, t.description, now) for t in strangers]
    confident = [suggestion for suggestion in suggester.suggest(moved, now) if suggestion.is_confident()]
    assert len(confident) <= 5
