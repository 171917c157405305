"""The one door to the mirror: keeping it up to date, and asking it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.models.mirror import JiraIssue, MirrorState
from db.repositories.mirror import issues as issue_repository
from db.repositories.mirror import states
from db.repositories.mirror import worklogs as worklog_repository
from db.tenancy import current_account_id
from services.clock import Now
from services.errors import FlowPilotError, NotConfiguredError, VendorNotFoundError
from services.mirror.jira_census import JiraCensus
from services.mirror.jira_store import JiraStore
from services.mirror.jira_sync import JiraSync
from services.mirror.pull_requests import GithubWebhook, PullRequests
from services.mirror.rows import change_row, issue_row, schedule_day, worklog_row
from services.mirror.schedules import Schedules
from services.mirror.scope import Scopes
from services.mirror.tempo_sync import TempoSync
from services.mirror.types import (
    Census,
    FieldChangeRow,
    Freshness,
    IssueRow,
    PullRequestRow,
    ScheduleDay,
    Source,
    SyncReport,
    WorklogRow,
    age_in_words,
)
from services.mirror.webhooks import JiraEvent, JiraWebhooks
from services.vendors.github import GithubClient
from services.vendors.http import patience
from services.vendors.jira import JiraClient
from services.vendors.tempo import TempoClient

Result = TypeVar("Result")
Part = TypeVar("Part")
BACKGROUND_PATIENCE_S = 900.0
CENSUS_EVERY = timedelta(hours=24)
STALE_AFTER = timedelta(minutes=15)
WORKLOG_DAYS_BACK = 400


class Mirror:
    """The mirror of the current account. Reads never call a vendor, except where they say so."""

    def __init__(
        self,
        database: Database,
        jira: JiraClient,
        tempo: TempoClient | None,
        now: Now,
        *,
        github: GithubClient | None = None,
        scope_jql: str | None = None,
        stale_after: timedelta = STALE_AFTER,
        worklog_days_back: int = WORKLOG_DAYS_BACK,
    ) -> None:
        self._database = database
        self._now = now
        self._jira = jira
        self._stale_after = stale_after
        scopes = Scopes(database, jira, scope_jql)
        self._store = JiraStore(database, jira, now)
        self._jira_sync = JiraSync(database, jira, now, self._store, scopes)
        self._jira_census = JiraCensus(database, jira, now, self._store, scopes)
        self._webhooks = JiraWebhooks(database, jira, now, self._store, scopes)
        self._tempo_sync = TempoSync(database, tempo, now, days_back=worklog_days_back) if tempo else None
        self._schedules = Schedules(database, tempo, now) if tempo else None
        self._pull_requests = PullRequests(database, github, now)
        self._locks: dict[tuple[str, Source], asyncio.Lock] = {}

    async def sync(self, source: Source | str) -> SyncReport:
        """Bring a source up to date, once a day with a census. Raises the `VendorError` kinds, and remembers why."""
        passes = {Source.JIRA: self.sync_jira, Source.TEMPO: self.sync_tempo, Source.GITHUB: self.sync_github}
        return await passes[Source(source)]()

    async def sync_jira(self) -> SyncReport:
        """Bring issues up to date: all of them the first time, then what changed."""
        async with self._one_at_a_time(Source.JIRA):
            due = await self._is_census_due(Source.JIRA)
            report = await self._remembering(Source.JIRA, self._jira_sync.run(wide=due))
            if due:
                census = await self._remembering(Source.JIRA, self._jira_census.run())
                report = _with_deleted(report, len(census.deleted))
            return report

    async def sync_tempo(self, from_date: date | None = None) -> SyncReport:
        """Bring worklogs up to date; `from_date` reads all from that day on again."""
        tempo = self._tempo_or_error(self._tempo_sync)
        async with self._one_at_a_time(Source.TEMPO):
            due = await self._is_census_due(Source.TEMPO)
            report = await self._remembering(Source.TEMPO, tempo.run(from_date))
            if due and not report.is_first:
                census = await self._remembering(Source.TEMPO, tempo.census())
                report = _with_deleted(report, len(census.deleted))
            return report

    async def sync_github(self) -> SyncReport:
        """Bring pull requests up to date, and count the open ones, which a pass does each time."""
        async with self._one_at_a_time(Source.GITHUB):
            return await self._remembering(Source.GITHUB, self._pull_requests.sync())

    async def census(self, source: Source | str = Source.JIRA) -> Census:
        """Count a source against the mirror and put right what differs.

        As text: "Jira 800, mirror 800, oldest 2 min".
        """
        source = Source(source)
        if source is Source.GITHUB:
            run = self._pull_requests.census
        else:
            run = self._jira_census.run if source is Source.JIRA else self._tempo_or_error(self._tempo_sync).census
        async with self._one_at_a_time(source):
            return await self._remembering(source, run())

    async def refresh_issue(self, key: str) -> IssueRow:
        """Read one issue from Jira now and store it; `VendorNotFoundError` when Jira knows none (any more)."""
        read_at = self._now()
        try:
            issue = await self._jira.issue(key)
        except VendorNotFoundError:
            await self.forget_issue(key)
            raise
        await self._store.keep(issue, read_at)
        async with self._database.transaction(write=False) as session:
            stored = await issue_repository.issue_of_id(session, issue.id)
        assert stored is not None
        return issue_row(stored)

    async def forget_issue(self, key: str) -> None:
        """Mark an issue as gone; its worklogs and history stay."""
        async with self._database.transaction() as session:
            known = await issue_repository.issue_of_key(session, key)
            if known is not None:
                await issue_repository.mark_deleted(session, [known.jira_id], self._now())

    async def handle_webhook(self, kind: str, payload: dict[str, Any]) -> JiraEvent:
        """Take what a Jira webhook (already authenticated) brings; `kind` is its webhookEvent."""
        return await self._webhooks.handle(kind, payload)

    async def pull_requests(
        self,
        repositories: Collection[str] | None = None,
        *,
        open_only: bool = False,
        jira_keys: Collection[str] | None = None,
    ) -> list[PullRequestRow]:
        """Return mirrored pull requests, oldest first; `jira_keys` keeps those that name one in branch or title."""
        return await self._pull_requests.listed(repositories, open_only=open_only, jira_keys=jira_keys)

    async def refresh_pull_request(self, repository: str, number: int) -> PullRequestRow:
        """Read one pull request from GitHub now and store it; `NotFoundError` when GitHub shows none (any more)."""
        return await self._pull_requests.refresh(repository, number)

    async def handle_github_webhook(self, kind: str, payload: dict[str, Any]) -> GithubWebhook:
        """Take what a GitHub webhook (already authenticated) brings; `kind` is its X-GitHub-Event."""
        return await self._pull_requests.handle_webhook(kind, payload)

    @property
    def epic_link_field(self) -> str | None:
        """The site's Epic Link custom field, which counts as an epic beside `parent`; known after the first sync."""
        return self._jira.epic_link_field

    async def freshness(self, source: Source | str) -> Freshness:
        """Tell how old a source's mirror is, and what went wrong last."""
        async with self._database.transaction(write=False) as session:
            return await self.freshness_in(session, source)

    async def freshness_in(self, session: AsyncSession, source: Source | str) -> Freshness:
        """Tell the same within the caller's transaction."""
        state = await states.state_or_none(session, Source(source))
        return _freshness(Source(source), state, self._now(), self._stale_after)

    async def issue(self, key: str) -> IssueRow | None:
        """Return a mirrored issue; None when the mirror has none with this key (`refresh_issue` asks Jira)."""
        async with self._database.transaction(write=False) as session:
            found = await issue_repository.issue_of_key(session, key)
        return issue_row(found) if found is not None else None

    async def issues(
        self,
        project_keys: Collection[str] | None = None,
        *,
        keys: Collection[str] | None = None,
        orphans_only: bool = False,
        open_only: bool = False,
    ) -> list[IssueRow]:
        """Return mirrored issues, oldest first; an orphan is a standard issue with neither parent nor epic."""
        conditions: list[ColumnElement[bool]] = []
        if project_keys is not None:
            conditions.append(JiraIssue.project_key.in_(list(project_keys)))
        if keys is not None:
            conditions.append(JiraIssue.key.in_([key.upper() for key in keys]))
        if orphans_only:
            conditions += [
                JiraIssue.hierarchy_level == 0,
                JiraIssue.epic_key.is_(None),
                JiraIssue.parent_jira_id.is_(None),
            ]
        if open_only:
            conditions.append(JiraIssue.status_category != "done")
        return await self._select(*conditions)

    async def epics(self, project_keys: Collection[str] | None = None) -> list[IssueRow]:
        """Return the epics, by level and not by the type's name."""
        conditions: list[ColumnElement[bool]] = [JiraIssue.hierarchy_level == 1]
        if project_keys is not None:
            conditions.append(JiraIssue.project_key.in_(list(project_keys)))
        return await self._select(*conditions)

    async def children(self, epic_key: str) -> list[IssueRow]:
        """Return all issues of an epic, sub-tasks of its issues included."""
        return await self._select(JiraIssue.epic_key == epic_key.upper())

    async def _select(self, *conditions: ColumnElement[bool]) -> list[IssueRow]:
        async with self._database.transaction(write=False) as session:
            return [issue_row(row) for row in await issue_repository.issues(session, *conditions)]

    async def field_changes(
        self, jira_ids: Sequence[str] | None = None, field: str | None = None
    ) -> list[FieldChangeRow]:
        """Return changes of status, assignee, parent and priority, oldest first; None for all issues or fields."""
        async with self._database.transaction(write=False) as session:
            found = await issue_repository.field_changes(session, jira_ids, field)
        return [change_row(row) for row in found]

    async def worklogs(
        self, from_date: date, to_date: date, account_ids: Collection[str] | None = None
    ) -> list[WorklogRow]:
        """Return the worklogs of some days, both ends included; `account_ids` are Jira's, None for everybody."""
        async with self._database.transaction(write=False) as session:
            found = await worklog_repository.worklogs(session, from_date, to_date, account_ids)
        return [worklog_row(*row) for row in found]

    async def compare_worklogs(self, from_date: date, to_date: date) -> int:
        """Hold the worklogs of some days against Tempo, put right what differs, and return how many were gone."""
        tempo = self._tempo_or_error(self._tempo_sync)
        async with self._one_at_a_time(Source.TEMPO):
            _, gone = await self._remembering(Source.TEMPO, tempo.compare(from_date, to_date))
        return len(gone)

    async def refresh_worklogs(self, jira_account_id: str, from_date: date, to_date: date) -> list[WorklogRow]:
        """Read a person's worklogs of some days from Tempo now, store and return them."""
        await self._tempo_or_error(self._tempo_sync).take_person(jira_account_id, from_date, to_date)
        return await self.worklogs(from_date, to_date, [jira_account_id])

    async def schedule_days(self, account_ids: Collection[str], from_date: date, to_date: date) -> list[ScheduleDay]:
        """Return what is required of people day by day, leave taken off; asks Tempo where it is not known freshly."""
        return await self._tempo_or_error(self._schedules).days(account_ids, from_date, to_date)

    async def known_schedule_days(
        self, account_ids: Collection[str], from_date: date, to_date: date
    ) -> list[ScheduleDay]:
        """Return what is known of people's days, however old or incomplete, without asking Tempo."""
        async with self._database.transaction(write=False) as session:
            found = await worklog_repository.days(session, list(account_ids), from_date, to_date)
        return [schedule_day(row) for row in found]

    def _one_at_a_time(self, source: Source) -> asyncio.Lock:
        return self._locks.setdefault((current_account_id(), source), asyncio.Lock())

    async def _is_census_due(self, source: Source) -> bool:
        async with self._database.transaction(write=False) as session:
            state = await states.state_or_none(session, source)
        return state is None or state.last_census_at is None or self._now() - state.last_census_at >= CENSUS_EVERY

    async def _remembering(self, source: Source, work: Awaitable[Result]) -> Result:
        """Wait patiently for a pass; what goes wrong is kept for `freshness`, and raised."""
        try:
            with patience(BACKGROUND_PATIENCE_S):
                return await work
        except Exception as error:
            said = str(error) if isinstance(error, FlowPilotError) else f"unexpected: {type(error).__name__}"
            async with self._database.transaction() as session:
                await states.state(session, source)
                await states.save_state(session, source, last_error=said)
            raise

    def _tempo_or_error(self, part: Part | None) -> Part:
        if part is None:
            raise NotConfiguredError(
                "Tempo is not set up.", hint="Set TEMPO_API_TOKEN (Tempo > Settings > API Integration) and TEMPO_URL."
            )
        return part


def _with_deleted(report: SyncReport, deleted: int) -> SyncReport:
    return replace(report, deleted=report.deleted + deleted)


def _freshness(source: Source, state: MirrorState | None, now: datetime, stale_after: timedelta) -> Freshness:
    if state is None or state.last_success_at is None:
        return Freshness(source, None, None, True, state.last_error if state else None, "")
    age = max(timedelta(0), now - state.last_success_at)
    there, mirrored = state.counts.get("census") or (None, None)
    counted = f"{source.label} {there}, mirror {mirrored}, " if there is not None else ""
    summary = f"{counted}oldest {age_in_words(age)}"
    return Freshness(source, state.last_success_at, age, age > stale_after, state.last_error, summary)
