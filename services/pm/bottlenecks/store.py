"""The account's baselines: learnt from the mirror every night, kept, and rebuilt wherever they are needed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from db.engine import Database
from db.repositories import pm_baselines as repository
from db.tenancy import current_account_id
from services.clock import Now
from services.mirror.types import Source
from services.pm.bottlenecks.types import READY_DAYS, Baseline, ItemType
from services.pm.bottlenecks.visits import People, pull_request_visits, robots_among, ticket_visits
from services.pm.hours import team_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.models.pm import BottleneckBaseline
    from services.accounts import Accounts
    from services.mirror import Mirror
    from services.mirror.types import FieldChangeRow, IssueRow, PullRequestRow
    from services.pm import ProjectManagement
    from services.pm.bottlenecks.features import TableBuilder, VisitTable
    from services.pm.bottlenecks.training import BottleneckModel
    from services.pm.bottlenecks.types import Visit

TRAINED_AT_HOUR = 2
"""Local hour of the nightly training."""
IDS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Learning:
    """How far learning is: `message` is for people, and says what is missing where it is not ready."""

    trained_at: datetime | None
    baselines: int
    history_days: int

    @property
    def is_ready(self) -> bool:
        """Tell whether any project has three months of history."""
        return self.history_days >= READY_DAYS

    @property
    def message(self) -> str:
        """Say it in a line."""
        if self.trained_at is None:
            return "What is usual has not been learnt yet: that happens at night, once Jira is mirrored."
        if not self.is_ready:
            days = "1 day" if self.history_days == 1 else f"{self.history_days} days"
            return f"There are {days} of history; what is usual can be said from {READY_DAYS} days on."
        return f"{self.baselines:,} baselines from {self.history_days:,} days of history."


class BottleneckLearning:
    """Trains, keeps the baselines, and holds each account's model with the stamp of its training.

    Only the baselines are stored. A model that a replica does not have is learnt again from the mirror as it was known
    at the stored stamp, so that nothing has to be unpickled.
    """

    def __init__(self, database: Database, mirror: Mirror, pm: ProjectManagement, accounts: Accounts, now: Now) -> None:
        self._database = database
        self._mirror = mirror
        self._pm = pm
        self._accounts = accounts
        self._now = now
        self._started_at = now()
        self._models: dict[str, BottleneckModel] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def retrain(self) -> BottleneckModel:
        """Learn from the mirror as it is now, and put the new baselines in the place of the old in one transaction."""
        async with self._lock():
            return await self._learn(self._now(), keep=True)

    async def retrain_if_due(self) -> bool:
        """Learn when the last 2:00 of the account's clock is later than the last training; tell whether it did.

        Where nothing was ever learnt, the application's start counts as one: a start is for answering people, and the
        first who needs the model has it learnt. Before Jira was ever mirrored there is nothing to learn from.
        """
        learning = await self.readiness()
        last = learning.trained_at or self._started_at
        if last >= last_slot(self._now(), await self._zone()) or not await self._is_mirrored():
            return False
        await self.retrain()
        return True

    async def model(self) -> BottleneckModel:
        """Return the model of the newest training; learns where there is none, or none of this account here."""
        async with self._lock():
            stamp = (await self.readiness()).trained_at
            held = self._models.get(current_account_id())
            if held is not None and held.trained_at == stamp:
                return held
            return await self._learn(stamp or self._now(), keep=stamp is None and await self._is_mirrored())

    async def readiness(self) -> Learning:
        """Tell when baselines were learnt and whether there is history enough; reads the stored ones only."""
        async with self._database.transaction(write=False) as session:
            return Learning(*await repository.last_training(session))

    async def baselines(self, project_key: str | None = None) -> list[Baseline]:
        """Return the stored baselines; `project_key` keeps those of one project, "" those of all together."""
        async with self._database.transaction(write=False) as session:
            return [_baseline(row) for row in await repository.baselines(session, project_key)]

    def _lock(self) -> asyncio.Lock:
        return self._locks.setdefault(current_account_id(), asyncio.Lock())

    async def _is_mirrored(self) -> bool:
        return (await self._mirror.freshness(Source.JIRA)).last_success_at is not None

    async def _zone(self) -> ZoneInfo:
        accounts = {account.id: account for account in await self._accounts.all_accounts()}
        return ZoneInfo(accounts[current_account_id()].time_zone)

    async def _learn(self, at: datetime, *, keep: bool) -> BottleneckModel:
        from services.pm.bottlenecks.training import train_table

        builder, table = await self._visits(at)
        model = await asyncio.to_thread(train_table, table, builder.vocabularies, at)
        if keep:
            rows = await asyncio.to_thread(_rows, model)
            async with self._database.transaction() as session:
                await repository.replace_baselines(session, rows)
        self._models[current_account_id()] = model
        return model

    async def _visits(self, at: datetime) -> tuple[TableBuilder, VisitTable]:
        """Read the mirror project by project; of each only numbers stay."""
        from services.pm.bottlenecks.features import TableBuilder, concatenated

        async with self._database.transaction(write=False) as session:
            projects = await repository.mirrored_projects(session)
        teams = team_names(await self._pm.team_members())
        builder, parts = TableBuilder(), []
        seen_at = await self._seen_at(Source.JIRA, at)
        for key in projects:
            issues, changes = await self._project(key)
            parts.append(await asyncio.to_thread(_ticket_table, builder, issues, changes, seen_at, teams))
        pulls = await self._pull_requests(at)
        parts.append(await asyncio.to_thread(builder.build, pulls))
        return builder, concatenated(parts)

    async def _project(self, key: str) -> tuple[list[IssueRow], list[FieldChangeRow]]:
        issues = await self._mirror.issues([key])
        changes: list[FieldChangeRow] = []
        for start in range(0, len(issues), IDS_AT_ONCE):
            ids = [issue.jira_id for issue in issues[start : start + IDS_AT_ONCE]]
            changes += await self._mirror.field_changes(ids)
        return issues, changes

    async def _pull_requests(self, at: datetime) -> list[Visit]:
        projects = {
            repository.casefold(): project.key
            for project in await self._pm.projects()
            for repository in project.github_repositories
        }
        people = People(
            {login: one.team for one in await self._pm.team_members() if (login := one.member.github_login)}
        )
        seen_at = await self._seen_at(Source.GITHUB, at)
        pulls = await self._mirror.pull_requests()
        return [
            visit for pull in pulls for visit in pull_request_visits(pull, project_of(pull, projects), seen_at, people)
        ]

    async def _seen_at(self, source: Source, at: datetime) -> datetime:
        freshness = await self._mirror.freshness(source)
        return min(at, freshness.last_success_at or at)


def project_of(pull: PullRequestRow, projects: dict[str, str]) -> str:
    """Return a pull request's project: its repository's in `projects` (names in lower case), else its first key's."""
    found = projects.get(pull.repository.casefold(), "")
    return found or (pull.jira_keys[0].rpartition("-")[0] if pull.jira_keys else "")


def last_slot(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the latest instant at which training was due."""
    local = now.astimezone(zone)
    slot = local.replace(hour=TRAINED_AT_HOUR, minute=0, second=0, microsecond=0)
    return slot if slot <= local else (slot - timedelta(days=1))


def _ticket_table(
    builder: TableBuilder,
    issues: Sequence[IssueRow],
    changes: Sequence[FieldChangeRow],
    seen_at: datetime,
    teams: dict[str, str],
) -> VisitTable:
    people = People(teams, robots_among(issues, changes, teams))
    return builder.build(ticket_visits(issues, changes, seen_at, people))


def _rows(model: BottleneckModel) -> list[dict[str, Any]]:
    """Return what is stored; visits without a priority or project lie behind the wider baseline of the same name."""
    by_name: dict[tuple[str, ...], dict[str, Any]] = {}
    for one in model.book.all():
        by_name.setdefault((one.project_key, one.item_type, one.status, one.priority), _row(one))
    return list(by_name.values())


def _row(baseline: Baseline) -> dict[str, Any]:
    return {
        "project_key": baseline.project_key,
        "item_type": baseline.item_type.value,
        "status": baseline.status,
        "priority": baseline.priority,
        "median_seconds": baseline.median_seconds,
        "p90_seconds": baseline.p90_seconds,
        "log_spread": baseline.log_spread,
        "sample_size": baseline.sample_size,
        "censored": baseline.censored,
        "curve": [list(point) for point in baseline.curve],
        "history_days": baseline.history_days,
        "last_trained": baseline.trained_at,
    }


def _baseline(row: BottleneckBaseline) -> Baseline:
    return Baseline(
        project_key=row.project_key,
        item_type=ItemType(row.item_type),
        status=row.status,
        priority=row.priority,
        median_seconds=row.median_seconds,
        p90_seconds=row.p90_seconds,
        log_spread=row.log_spread,
        sample_size=row.sample_size,
        censored=row.censored,
        history_days=row.history_days,
        trained_at=row.last_trained,
        curve=tuple((seconds, share) for seconds, share in row.curve),
    )
