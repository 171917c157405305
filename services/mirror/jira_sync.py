"""Bringing the mirror of Jira up to date: everything the first time, then what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from db.engine import Database
from db.models.mirror import MirrorState
from db.repositories.mirror import issues as repository
from db.repositories.mirror import states
from services.clock import Now
from services.mirror.jira_store import BATCH, JiraStore
from services.mirror.scope import Scope, Scopes
from services.mirror.types import Source, SyncReport
from services.vendors.jira import JiraClient
from services.vendors.jira.search import jql_time
from services.vendors.types import JiraIssueDetail, JiraIssueRef

OVERLAP = timedelta(minutes=5)
"""How far behind the watermark is searched again: Jira's index lags some seconds behind writes."""
CENSUS_OVERLAP = timedelta(hours=26)
"""Once a day, so that a longer lag of the index is made good."""
MAX_RETRIED = 500


@dataclass(slots=True)
class _Pass:
    is_first: bool
    started_at: datetime
    """By Jira's clock, like the watermark."""
    found: int = 0
    unchanged: int = 0
    stored: int = 0
    failed: list[str] = field(default_factory=list)


class JiraSync:
    """One pass over what changed since the watermark, oldest change first, so that a crash loses no ground."""

    def __init__(self, database: Database, jira: JiraClient, now: Now, store: JiraStore, scopes: Scopes) -> None:
        self._database = database
        self._jira = jira
        self._now = now
        self._store = store
        self._scopes = scopes
        self._knows_epic_link = False

    async def run(self, *, wide: bool = False) -> SyncReport:
        """Do one pass; `wide` searches a day back. Raises the `VendorError` kinds; then the next pass goes on."""
        scope = await self._scopes.current()
        await self._learn_epic_link()
        server_time = (await self._jira.server_info()).server_time or self._now()
        async with self._database.transaction() as session:
            state = await states.state(session, Source.JIRA)
        is_complete = state.last_success_at is not None
        since = _since(state, server_time, CENSUS_OVERLAP if wide and is_complete else OVERLAP)
        done = _Pass(is_first=since is None or not is_complete, started_at=server_time)
        await self._again(state, done)
        async for page in self._jira.search_ids(_query(scope, since), with_updated=not done.is_first):
            await self._take_page(page, done)
        await self._finish(scope, done, is_reset=since is None and state.watermark is not None)
        return SyncReport(
            Source.JIRA, done.found, done.stored, done.unchanged, 0, tuple(done.failed), is_first=done.is_first
        )

    async def _learn_epic_link(self) -> None:
        if not self._knows_epic_link:
            self._jira.use_epic_link_field(await self._jira.find_epic_link_field())
            self._knows_epic_link = True

    async def _again(self, state: MirrorState, done: _Pass) -> None:
        """Take the issues that could not be read last time."""
        ids = [str(issue_id) for issue_id in state.counts.get("failed", [])][:MAX_RETRIED]
        if ids:
            batch = await self._store.take(ids)
            done.stored += len(batch.issues)
            done.failed += batch.failed

    async def _take_page(self, page: Sequence[JiraIssueRef], done: _Pass) -> None:
        done.found += len(page)
        changed = await self._changed(page)
        done.unchanged += len(page) - len(changed)
        for start in range(0, len(changed), BATCH):
            batch = await self._store.take(changed[start : start + BATCH])
            done.stored += len(batch.issues)
            done.failed += batch.failed
            if done.is_first:
                await self._advance(batch.issues, done.started_at)

    async def _changed(self, page: Sequence[JiraIssueRef]) -> list[str]:
        """Return the ids whose history is not complete up to Jira's `updated`; all where that was not asked for."""
        stamps: dict[str, datetime | None] = {}
        if any(ref.updated_at is not None for ref in page):
            async with self._database.transaction(write=False) as session:
                stamps = await repository.history_stamps(session, [ref.id for ref in page])
        return [ref.id for ref in page if not _is_complete(stamps.get(ref.id), ref.updated_at)]

    async def _advance(self, issues: Sequence[JiraIssueDetail], started_at: datetime) -> None:
        # an issue that changed since the search began stands out of order: its stamp would skip what is not read yet
        stamps = [issue.updated_at for issue in issues if issue.updated_at < started_at]
        if stamps:
            async with self._database.transaction() as session:
                await states.advance_watermark(session, Source.JIRA, max(stamps))

    async def _finish(self, scope: Scope, done: _Pass, *, is_reset: bool) -> None:
        counts: dict[str, Any] = {"found": done.found, "stored": done.stored, "failed": done.failed[:MAX_RETRIED]}
        if scope.unknown_projects:
            counts["unknown_projects"] = list(scope.unknown_projects)
        async with self._database.transaction() as session:
            if is_reset:
                await states.save_state(session, Source.JIRA, watermark=done.started_at)
            await states.advance_watermark(session, Source.JIRA, done.started_at)
            if census := (await states.state(session, Source.JIRA)).counts.get("census"):
                counts["census"] = census
            await states.save_state(session, Source.JIRA, last_success_at=self._now(), last_error=None, counts=counts)


def _since(state: MirrorState, server_time: datetime, overlap: timedelta) -> datetime | None:
    """Return from when on to search; None for everything, also when Jira's clock went back behind the watermark."""
    if state.watermark is None or state.watermark > server_time + OVERLAP:
        return None
    return state.watermark - overlap


def _query(scope: Scope, since: datetime | None) -> str:
    condition = f" AND updated >= {jql_time(since)}" if since else ""
    return f"{scope.jql}{condition} ORDER BY updated ASC"


def _is_complete(known: datetime | None, updated: datetime | None) -> bool:
    return known is not None and updated is not None and known >= updated
