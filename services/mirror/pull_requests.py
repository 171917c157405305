"""Pull requests in the mirror: asking, refreshing one, and GitHub's webhooks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from db.engine import Database
from db.repositories.mirror import pull_requests as repository
from services.clock import Now
from services.errors import NotConfiguredError, NotFoundError
from services.mirror.github_rows import pull_row
from services.mirror.github_sync import GithubSync
from services.mirror.types import Census, PullRequestRow, SyncReport
from services.vendors.github import GithubClient

Json = Mapping[str, Any]
PULL_EVENTS = frozenset(
    {"pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_review_thread"}
)
CHECK_EVENTS = frozenset({"check_run", "check_suite"})
Outcome = Literal["stored", "ignored"]


@dataclass(frozen=True, slots=True)
class GithubWebhook:
    """What a webhook was about, and what the mirror did with it."""

    kind: str
    outcome: Outcome
    repository: str = ""
    numbers: tuple[int, ...] = ()


class PullRequests:
    """The mirrored pull requests of the current account."""

    def __init__(self, database: Database, github: GithubClient | None, now: Now) -> None:
        self._database = database
        self._sync = GithubSync(database, github, now) if github is not None else None

    def _github(self) -> GithubSync:
        if self._sync is None:
            raise NotConfiguredError(
                "GitHub is not set up.", hint="Set GITHUB_TOKEN: a fine-grained token that covers the repositories."
            )
        return self._sync

    async def sync(self) -> SyncReport:
        """Do one pass; raises the `VendorError` kinds and `NotConfiguredError`."""
        return await self._github().run()

    async def census(self) -> Census:
        """Count the open ones against GitHub and put right what differs."""
        return await self._github().census()

    async def listed(
        self,
        repositories: Collection[str] | None = None,
        *,
        open_only: bool = False,
        jira_keys: Collection[str] | None = None,
    ) -> list[PullRequestRow]:
        """Return mirrored pull requests, oldest first; `jira_keys` keeps those that name one of them."""
        async with self._database.transaction(write=False) as session:
            rows = [
                pull_row(r) for r in await repository.pulls(session, repositories=repositories, open_only=open_only)
            ]
        if jira_keys is None:
            return rows
        wanted = {key.upper() for key in jira_keys}
        return [row for row in rows if wanted.intersection(row.jira_keys)]

    async def refresh(self, name: str, number: int) -> PullRequestRow:
        """Read one from GitHub now and store it; `NotFoundError` when GitHub shows none (any more)."""
        await self._github().read(name, number)
        async with self._database.transaction(write=False) as session:
            found = await repository.pulls(session, repositories=[name], number=number)
        if not found:
            raise NotFoundError(f"GitHub shows no pull request {name}#{number}.")
        return pull_row(found[0])

    async def handle_webhook(self, kind: str, payload: Json) -> GithubWebhook:
        """Read again what a webhook is about: its payload may be late, what GitHub has now is not."""
        name = str((payload.get("repository") or {}).get("full_name") or "")
        async with self._database.transaction(write=False) as session:
            ours = {known.lower() for known in await repository.repositories(session)}
        if self._sync is None or name.lower() not in ours:
            return GithubWebhook(kind, "ignored", name)
        numbers = await self._concerned(kind, name, payload)
        for number in numbers:
            await self._sync.read(name, number)
        return GithubWebhook(kind, "stored" if numbers else "ignored", name, numbers)

    async def _concerned(self, kind: str, name: str, payload: Json) -> tuple[int, ...]:
        if kind in PULL_EVENTS:
            return _numbers([payload.get("pull_request")])
        if kind == "issue_comment":
            issue = payload.get("issue") or {}
            return _numbers([issue]) if issue.get("pull_request") else ()
        if kind in CHECK_EVENTS:
            return _numbers((payload.get(kind) or {}).get("pull_requests") or [])
        branches = []
        if kind == "push":
            branches = [str(payload.get("ref") or "").removeprefix("refs/heads/")]
        elif kind == "status":
            branches = [str(branch.get("name")) for branch in payload.get("branches") or []]
        return tuple([number for branch in branches for number in await self._of_branch(name, branch)])

    async def _of_branch(self, name: str, branch: str) -> list[int]:
        async with self._database.transaction(write=False) as session:
            rows = await repository.pulls(session, repositories=[name], open_only=True, head_ref=branch)
        return [row.number for row in rows]


def _numbers(raw: list[Any]) -> tuple[int, ...]:
    found = [one.get("number") for one in raw if isinstance(one, dict)]
    return tuple(dict.fromkeys(number for number in found if isinstance(number, int)))
