"""Reading issues from Jira into the mirror, by batches: one transaction each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from db.engine import Database
from db.repositories.mirror import issues as repository
from services.clock import Now
from services.errors import VendorNotFoundError, VendorRejectedError
from services.mirror.rows import stored_change, stored_issue
from services.vendors.jira import JiraClient
from services.vendors.jira.search import in_chunks
from services.vendors.types import JiraIssueDetail

BATCH = 1000
"""Issues per transaction, and per call for their changelogs."""
FETCH_PER_TASK = 100
CONCURRENT_FETCHES = 4


@dataclass(slots=True)
class Batch:
    """What became of a batch of ids."""

    issues: list[JiraIssueDetail] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


class JiraStore:
    """Fetches issues with their history, and stores them."""

    def __init__(self, database: Database, jira: JiraClient, now: Now) -> None:
        self._database = database
        self._jira = jira
        self._now = now

    async def take(self, ids: Sequence[str]) -> Batch:
        """Fetch and store issues by id; what Jira fails to give is in `failed`, what it does not know in `missing`."""
        total = Batch()
        for start in range(0, len(ids), BATCH):
            batch = await self._take_batch(list(ids[start : start + BATCH]))
            total.issues += batch.issues
            total.missing += batch.missing
            total.failed += batch.failed
        return total

    async def _take_batch(self, ids: list[str]) -> Batch:
        read_at = self._now()
        batch = await self._fetch(ids)
        # after the issues: so the changes are at least as new as they are
        changes = await self._jira.bulk_changelogs([issue.id for issue in batch.issues]) if batch.issues else []
        async with self._database.transaction() as session:
            rows = [stored_issue(issue, read_at=read_at, has_history=True) for issue in batch.issues]
            await repository.store_issues(session, rows)
            await repository.store_changes(session, [stored_change(change) for change in changes])
            await repository.relink(session)
        return batch

    async def _fetch(self, ids: list[str]) -> Batch:
        gate = asyncio.Semaphore(CONCURRENT_FETCHES)
        batch = Batch()

        async def fetch(part: list[str]) -> None:
            async with gate:
                result = await self._jira.bulk_fetch(part)
            batch.issues += result.issues
            batch.missing += result.missing
            for issue_id in result.errors:
                await self._fetch_alone(issue_id, batch)

        try:
            async with asyncio.TaskGroup() as group:
                for part in in_chunks(ids, FETCH_PER_TASK):
                    group.create_task(fetch(part))
        except ExceptionGroup as errors:
            # they all say the same: the vendor does not answer
            raise errors.exceptions[0] from errors
        return batch

    async def _fetch_alone(self, issue_id: str, batch: Batch) -> None:
        try:
            batch.issues.append(await self._jira.issue(issue_id))
        except VendorNotFoundError:
            batch.missing.append(issue_id)
        except (VendorRejectedError, KeyError, ValueError):
            batch.failed.append(issue_id)

    async def keep(self, issue: JiraIssueDetail, read_at: datetime) -> None:
        """Store one issue that was read without its history; the next pass completes that."""
        async with self._database.transaction() as session:
            await repository.store_issues(session, [stored_issue(issue, read_at=read_at, has_history=False)])
            await repository.relink(session)
