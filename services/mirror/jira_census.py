"""Counting Jira's issues against the mirror: what was deleted, moved, or never seen."""

from __future__ import annotations

from datetime import timedelta

from db.engine import Database
from db.repositories.mirror import issues as repository
from db.repositories.mirror import states
from services.clock import Now
from services.mirror.jira_store import JiraStore
from services.mirror.scope import Scope, Scopes
from services.mirror.types import Census, Source
from services.vendors.jira import JiraClient


class JiraCensus:
    """Lists all ids (5000 a call) and puts right what differs."""

    def __init__(self, database: Database, jira: JiraClient, now: Now, store: JiraStore, scopes: Scopes) -> None:
        self._database = database
        self._jira = jira
        self._now = now
        self._store = store
        self._scopes = scopes

    async def run(self) -> Census:
        """Compare and put right. Nothing is called deleted on the word of a search: each is asked for by its id."""
        scope = await self._scopes.current()
        started_at = self._now()
        there = {ref.id: ref.key async for page in self._jira.search_ids(scope.jql) for ref in page}
        async with self._database.transaction(write=False) as session:
            known = await repository.live_keys(session)
        absent = [jira_id for jira_id in known if jira_id not in there]
        added = [jira_id for jira_id in there if jira_id not in known]
        moved = [jira_id for jira_id, key in known.items() if there.get(jira_id, key) != key]
        batch = await self._store.take([*absent, *added, *moved])
        gone = set(batch.missing) & set(absent)
        if gone:
            # a token that expired gets empty answers from some endpoints; this one says so
            await self._jira.myself()
        outside = {i.id for i in batch.issues if i.id not in there and not _belongs(scope, i.project_key)}
        async with self._database.transaction() as session:
            await repository.mark_deleted(session, gone, started_at)
            await repository.orphan_children(session, gone)
            await repository.relink(session)
            # these were just read, so they are later than the start
            await repository.mark_deleted(session, outside, self._now())
            mirrored = await repository.count_live(session)
            state = await states.state(session, Source.JIRA)
            await states.save_state(
                session,
                Source.JIRA,
                last_census_at=self._now(),
                counts={**state.counts, "census": [len(there), mirrored]},
            )
        age = max(timedelta(0), self._now() - (state.last_success_at or started_at))
        return Census(
            source=Source.JIRA,
            there=len(there),
            mirrored=mirrored,
            age=age,
            added=tuple(there[jira_id] for jira_id in added),
            moved=tuple(known[jira_id] for jira_id in moved),
            deleted=tuple(sorted(known[jira_id] for jira_id in gone | outside)),
        )


def _belongs(scope: Scope, project_key: str) -> bool:
    # with a JQL of somebody's own only the search can tell, and it did not find the issue
    return scope.project_keys is not None and scope.covers(project_key)
