"""Bringing the mirror of GitHub's pull requests up to date: what was updated, then the open ones counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from db.engine import Database
from db.repositories.mirror import pull_requests as repository
from db.repositories.mirror import states
from services.clock import Now
from services.errors import NotConfiguredError, VendorNotFoundError
from services.mirror.github_rows import stored_pull
from services.mirror.types import Census, Source, SyncReport
from services.vendors.github import GithubClient, GithubListing, GithubPull
from services.vendors.values import parse_time

OVERLAP = timedelta(minutes=10)
"""How far behind the watermark is searched again: GitHub's search lags behind writes."""
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Pass:
    is_first: bool = False
    found: int = 0
    stored: int = 0
    closed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    there: int = 0
    seen: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


class GithubSync:
    """One pass over the repositories of the account's projects.

    Each repository has a watermark of its own (by GitHub's stamps), kept page by page: a crash loses no ground, and a
    repository that is added later is read from its beginning.
    """

    def __init__(self, database: Database, github: GithubClient, now: Now) -> None:
        self._database = database
        self._github = github
        self._now = now

    async def run(self) -> SyncReport:
        """Do one pass; raises the `VendorError` kinds, and `NotConfiguredError` when no project names a repository."""
        done = _Pass()
        names = await self._repositories()
        for name in names:
            try:
                await self._take_repository(name, done)
            except VendorNotFoundError:
                done.unknown.append(name)
        if len(done.unknown) == len(names):
            raise NotConfiguredError(
                f"GitHub shows FlowPilot none of the repositories: {', '.join(names)[:200]}.",
                hint="Check their spelling in the projects, and which repositories GITHUB_TOKEN covers.",
            )
        await self._finish(names, done)
        return SyncReport(
            Source.GITHUB, done.found, done.stored, 0, len(done.closed), tuple(done.failed), is_first=done.is_first
        )

    async def census(self) -> Census:
        """Count the open pull requests of each repository against the mirror, and put right what differs."""
        done = _Pass()
        for name in await self._repositories():
            try:
                await self._count(name, done)
            except VendorNotFoundError:
                done.unknown.append(name)
        mirrored = await self._save_census(done)
        async with self._database.transaction() as session:
            state = await states.state(session, Source.GITHUB)
        age = max(timedelta(0), self._now() - (state.last_success_at or self._now()))
        return Census(Source.GITHUB, done.there, mirrored, age, added=tuple(done.added), deleted=tuple(done.closed))

    async def _repositories(self) -> list[str]:
        async with self._database.transaction(write=False) as session:
            names = await repository.repositories(session)
        if not names:
            raise NotConfiguredError(
                "No project names a GitHub repository.",
                hint="Add them to the projects: the column github_repositories of the import, as owner/name.",
            )
        return names

    async def _take_repository(self, name: str, done: _Pass) -> None:
        started_at = self._now()
        since = await self._watermark(name)
        done.is_first = done.is_first or since is None
        # asked first: to GitHub's search an unknown repository is an empty one, and so is the old name of a renamed one
        listing = await self._github.open_pulls(name)
        read_at = self._now()
        async for page in self._github.updated_pulls(listing.repository, since - OVERLAP if since else None):
            await self.store(page.pulls, read_at)
            done.found += len(page.pulls) + page.failed
            done.stored += len(page.pulls)
            if page.failed:
                done.failed.append(f"{name}: {page.failed}")
            if page.pulls:
                await self._advance(name, min(page.pulls[-1].updated_at, started_at))
            read_at = self._now()
        await self._put_right(listing, done)

    async def _count(self, name: str, done: _Pass) -> None:
        await self._put_right(await self._github.open_pulls(name), done)

    async def _put_right(self, listing: GithubListing, done: _Pass) -> None:
        """Read again what the listing shows otherwise: closed, never seen, changed, or with other results of checks."""
        name = listing.repository
        done.seen.append(name)
        done.there += len(listing.open)
        async with self._database.transaction(write=False) as session:
            known = await repository.open_state(session, name)
        for number in sorted(set(known) - set(listing.open)):
            # it may have been opened while we listed: only GitHub itself says that one is closed
            if not await self.read(name, number):
                done.closed.append(f"{name}#{number}")
        for number, (updated, checks) in sorted(listing.open.items()):
            held = known.get(number)
            if held is not None and held[0] >= updated and held[1] == checks:
                continue
            if held is None:
                done.added.append(f"{name}#{number}")
            done.stored += 1
            await self.read(name, number)

    async def read(self, name: str, number: int) -> bool:
        """Read one pull request and store it; tell whether it is open. One that GitHub does not show is forgotten."""
        read_at = self._now()
        try:
            pull = await self._github.pull(name, number)
        except VendorNotFoundError:
            async with self._database.transaction() as session:
                await repository.remove(session, name, number)
            return False
        await self.store([pull], read_at)
        return pull.state == "open"

    async def store(self, pulls: Sequence[GithubPull], read_at: datetime) -> None:
        """Store pull requests that were read at `read_at`."""
        async with self._database.transaction() as session:
            keys = frozenset(await states.project_keys(session))
            rows = [stored_pull(pull, read_at=read_at, project_keys=keys) for pull in pulls]
            await repository.store_pulls(session, rows)

    async def _watermark(self, name: str) -> datetime | None:
        async with self._database.transaction() as session:
            state = await states.state(session, Source.GITHUB)
        stamp = state.counts.get("watermarks", {}).get(name.lower())
        return parse_time(stamp) if stamp else None

    async def _advance(self, name: str, to: datetime) -> None:
        async with self._database.transaction() as session:
            state = await states.state(session, Source.GITHUB)
            marks: dict[str, Any] = dict(state.counts.get("watermarks", {}))
            held = marks.get(name.lower())
            if held is None or parse_time(held) < to:
                marks[name.lower()] = to.isoformat()
                await states.save_state(session, Source.GITHUB, counts={**state.counts, "watermarks": marks})

    async def _finish(self, names: Sequence[str], done: _Pass) -> None:
        await self._save_census(done)
        now = self._now()
        problem = f"GitHub shows FlowPilot no repository {', '.join(done.unknown)}." if done.unknown else None
        async with self._database.transaction() as session:
            # what no project names any more would look stuck for ever; added again, it is read from its beginning
            await repository.keep_only(session, [*done.seen, *done.unknown])
            state = await states.state(session, Source.GITHUB)
            held = {name.lower() for name in names}
            marks = {name: stamp for name, stamp in state.counts.get("watermarks", {}).items() if name in held}
            await states.advance_watermark(session, Source.GITHUB, now)
            await states.save_state(
                session,
                Source.GITHUB,
                last_success_at=now,
                last_error=problem,
                counts={**state.counts, "watermarks": marks},
            )

    async def _save_census(self, done: _Pass) -> int:
        async with self._database.transaction() as session:
            mirrored = await repository.count_open(session, done.seen)
            state = await states.state(session, Source.GITHUB)
            counts = {**state.counts, "census": [done.there, mirrored], "failed": done.failed}
            counts["unknown_repositories"] = done.unknown
            await states.save_state(session, Source.GITHUB, last_census_at=self._now(), counts=counts)
        return mirrored
