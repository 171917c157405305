"""Learning: the early warning, the nightly training, another replica, and real incidents."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks.bottlenecks_data import INCIDENTS, incident_visits, made_up_changelogs
from db.engine import Database
from services.mirror.types import FieldChangeRow, IssueRow, PullRequestRow, ReviewStatus, ReviewStay
from services.pm.bottlenecks.baselines import Tuning
from services.pm.bottlenecks.store import BottleneckLearning, last_slot
from services.pm.bottlenecks.training import BottleneckModel, train
from services.pm.bottlenecks.types import ItemType, Visit
from tests.pm.bottlenecks.made_up import NOW, log_normal, visit

HOUR = timedelta(hours=1)


def risk_at(model: BottleneckModel, visits: list[Visit], hours: float) -> list[float]:
    found = model.assess_all([replace(one, left_at=one.entered_at + hours * HOUR) for one in visits], NOW)
    return [one.risk for one in found if one is not None]


@pytest.mark.requirement("PM-5.3")
def test_who_is_slow_is_warned_of_earlier_than_the_age_alone_would() -> None:
    def crowd(seed: int, count: int) -> list[Visit]:
        slow = log_normal(count // 5, 40, seed=seed, assignee="slow")
        return slow + log_normal(count, 8, seed=seed + 1, assignee="quick")

    model = train(crowd(0, 2_000), NOW, Tuning())
    later = [one for one in crowd(10, 600) if one.left_at and one.seconds > 4 * 3600]
    limit = model.book.baseline(ItemType.TICKET, "SHOP", "QA", "High")
    assert limit is not None
    is_slow = [one.seconds > limit.p90_seconds for one in later]
    assert roc_auc_score(is_slow, risk_at(model, later, 4)) > 0.6
    slow, quick = (
        risk_at(model, [visit(None, 0.5, assignee=who)], 4)[0] for who in ("slow", "quick")
    )  # fmt: skip
    assert slow > 1.5 * quick


@dataclass
class Company:
    """The mirror, the projects, the people and the clock as learning sees them."""

    issues_held: list[IssueRow]
    changes_held: list[FieldChangeRow]
    at: datetime
    pulls: list[PullRequestRow] = field(default_factory=list)
    read_at: datetime | None = None
    reads: int = 0

    async def freshness(self, source: str) -> Any:
        return SimpleNamespace(last_success_at=self.read_at)

    async def issues(self, keys: list[str]) -> list[IssueRow]:
        self.reads += 1
        return [issue for issue in self.issues_held if issue.project_key in keys]

    async def field_changes(self, ids: list[str]) -> list[FieldChangeRow]:
        return [change for change in self.changes_held if change.jira_id in set(ids)]

    async def pull_requests(self) -> list[PullRequestRow]:
        return self.pulls

    async def projects(self) -> list[Any]:
        return [SimpleNamespace(key="P0", github_repositories=("Acme/Shop",))]

    async def team_members(self) -> list[Any]:
        return []

    async def all_accounts(self) -> list[Any]:
        return [SimpleNamespace(id="acc_test", time_zone="America/New_York")]

    def now(self) -> datetime:
        return self.at


class Learner(BottleneckLearning):
    """Learning whose mirror lists its projects itself, as it has no tables."""

    def __init__(self, database: Database, company: Company) -> None:
        held = cast(Any, company)
        super().__init__(database, held, held, held, company.now)


@pytest.fixture
async def company(database: Database, in_account: str) -> Company:
    issues, changes = next(made_up_changelogs(4_000, projects=1))
    from db.models.mirror import JiraIssue

    async with database.transaction() as session:
        one = issues[0]
        session.add(
            JiraIssue(
                jira_id=one.jira_id, key=one.key, project_key=one.project_key, issue_type="Task", hierarchy_level=0,
                summary="", description="", status=one.status, status_category="new", labels=[], components=[],
                links=[], created_at=one.created_at, updated_at=one.created_at, synced_at=NOW,
            )
        )  # fmt: skip
    stays = (ReviewStay(ReviewStatus.NO_REVIEWER, NOW - timedelta(days=100), None),)
    pull = PullRequestRow(
        "acme/shop", 7, "", "", "dev", False, "open", False, ReviewStatus.NO_REVIEWER, NOW, None, "", "", (), (), (),
        NOW, NOW, None, None, NOW, stays,
    )  # fmt: skip
    return Company(issues, changes, NOW, [pull])


@pytest.mark.requirement("PM-5.2")
async def test_a_night_s_training_is_kept_once_a_night_and_another_replica_learns_the_same(
    database: Database, company: Company
) -> None:
    learning = Learner(database, company)
    assert not (await learning.readiness()).is_ready
    assert "not been learnt yet" in (await learning.readiness()).message
    company.at += timedelta(days=1)
    assert not await learning.retrain_if_due()  # Jira was never read
    company.read_at = company.at
    assert await learning.retrain_if_due()
    assert not await learning.retrain_if_due()
    state = await learning.readiness()
    assert state.is_ready
    assert (state.trained_at, state.history_days > 500) == (company.at, True)
    stored = await learning.baselines("P0")
    model = await learning.model()
    assert len(stored) == 6 * 5 + 1  # six statuses, each of them also by four priorities; pull requests have none
    for one in stored:
        same = model.baseline("P0", one.item_type, one.status, one.priority)
        assert same is not None
        if one.item_type is ItemType.TICKET:
            assert replace(same, borrowed_from="") == one
    assert any(one.item_type is ItemType.PULL_REQUEST for one in stored)
    reads = company.reads
    assert await learning.model() is model
    assert company.reads == reads

    company.at += timedelta(hours=3)
    elsewhere = Learner(database, company)
    rebuilt = await elsewhere.model()
    assert rebuilt.trained_at == model.trained_at
    assert rebuilt.book.all() == model.book.all()
    probe = visit(None, 9, project="P0", status="QA", priority="High")
    assert rebuilt.assess(probe, company.at) == model.assess(probe, company.at)

    company.at += timedelta(days=1)
    assert await elsewhere.retrain_if_due()
    assert (await learning.model()).trained_at == company.at
    assert len(await learning.baselines()) == len(model.book.all()) - 1


def test_training_is_due_at_two_in_the_morning_of_the_account_also_when_clocks_change() -> None:
    zone = ZoneInfo("America/New_York")

    def slot(*when: int) -> datetime:
        return last_slot(datetime(*when, tzinfo=UTC), zone).astimezone(UTC)  # type: ignore[misc,arg-type]

    assert slot(2026, 7, 2, 6, 0) == datetime(2026, 7, 2, 6, 0, tzinfo=UTC)
    assert slot(2026, 7, 2, 5, 59) == datetime(2026, 7, 1, 6, 0, tzinfo=UTC)
    assert slot(2026, 11, 1, 12, 0) == datetime(2026, 11, 1, 7, 0, tzinfo=UTC)
    # 2:00 does not exist on this day
    assert slot(2026, 3, 8, 12, 0) == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


def test_of_nothing_nothing_is_learnt_and_nothing_breaks() -> None:
    model = train([], NOW)
    assert not model.is_ready
    assert model.assess(visit(None, 9), NOW) is None
    one = train([visit(2, 120)], NOW)
    found = one.assess(visit(None, 60), NOW)
    assert found is not None
    assert not found.is_anomalous
    assert np.isfinite(found.baseline.p90_seconds)


@pytest.mark.requirement("PM-5.2", "PM-5.3")
@pytest.mark.skipif(not INCIDENTS.exists(), reason="the real incidents are not beside this repository")
def test_on_real_incidents_counting_what_goes_on_is_nearer_to_the_truth_than_finished_visits_are() -> None:
    visits = [one for one in incident_visits() if one.status == "Queued/Awaiting Assignment"]
    cut = datetime(2012, 4, 19, 12, tzinfo=UTC)
    model = train(visits, cut, Tuning(30.0))
    later = [one for one in visits if one.entered_at >= cut]
    finished = np.quantile([one.seconds for one in visits if one.left_at and one.left_at < cut], 0.9)
    predicted = np.array([found.baseline.p90_seconds for found in model.assess_all(later, NOW) if found])
    lengths = np.array([one.seconds for one in later if model.baseline(one.project_key, one.item_type, one.status, "")])
    share, naive = float(np.mean(lengths > predicted)), float(np.mean(lengths > finished))
    assert 0.05 < share < 0.15
    assert abs(share - 0.1) < abs(naive - 0.1) + 0.05
