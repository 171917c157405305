"""Pull requests."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.github import GithubPullRequest
from db.models.pm import Project
from db.repositories.mirror.upsert import insert_into, one_writer, stamped, table_of

_KEY = ("account_id", "repository", "number")


async def store_pulls(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert or update pull requests; a row never replaces one of a newer state, nor one that was read later."""
    if not rows:
        return
    await one_writer(session)
    table = table_of(GithubPullRequest)
    statement = insert_into(session, table)
    new, old = statement.excluded, table.c
    values: dict[str, Any] = {name: new[name] for name in rows[0] if name not in _KEY}
    is_newer = or_(
        new.updated_at > old.updated_at,
        and_(new.updated_at == old.updated_at, new.synced_at >= old.synced_at),
    )
    statement = statement.on_conflict_do_update(index_elements=_KEY, set_=values, where=is_newer)
    await session.execute(statement, stamped(rows))


async def pulls(
    session: AsyncSession,
    *,
    repositories: Collection[str] | None = None,
    open_only: bool = False,
    number: int | None = None,
    head_ref: str | None = None,
) -> Sequence[GithubPullRequest]:
    """Return pull requests, oldest first; repositories by name, whatever its case."""
    query = select(GithubPullRequest).order_by(GithubPullRequest.created_at, GithubPullRequest.id)
    if repositories is not None:
        query = query.where(func.lower(GithubPullRequest.repository).in_([name.lower() for name in repositories]))
    if open_only:
        query = query.where(GithubPullRequest.state == "open")
    if number is not None:
        query = query.where(GithubPullRequest.number == number)
    if head_ref is not None:
        query = query.where(GithubPullRequest.head_ref == head_ref)
    return (await session.scalars(query)).all()


async def open_state(session: AsyncSession, repository: str) -> dict[int, tuple[datetime, str | None]]:
    """Return (updated, state of the checks) of a repository's open pull requests, by number."""
    query = select(GithubPullRequest.number, GithubPullRequest.updated_at, GithubPullRequest.checks_state).where(
        func.lower(GithubPullRequest.repository) == repository.lower(), GithubPullRequest.state == "open"
    )
    return {number: (updated, checks) for number, updated, checks in (await session.execute(query)).all()}


async def remove(session: AsyncSession, repository: str, number: int) -> None:
    """Forget a pull request that GitHub does not show any more."""
    await session.execute(
        delete(GithubPullRequest).where(
            func.lower(GithubPullRequest.repository) == repository.lower(), GithubPullRequest.number == number
        )
    )


async def keep_only(session: AsyncSession, repositories: Collection[str]) -> None:
    """Forget the pull requests of all other repositories."""
    names = [name.lower() for name in repositories]
    await session.execute(delete(GithubPullRequest).where(func.lower(GithubPullRequest.repository).not_in(names)))


async def count_open(session: AsyncSession, repositories: Collection[str]) -> int:
    """Return how many pull requests of some repositories are open."""
    names = [name.lower() for name in repositories]
    query = select(func.count(GithubPullRequest.id)).where(
        GithubPullRequest.state == "open", func.lower(GithubPullRequest.repository).in_(names)
    )
    return await session.scalar(query) or 0


async def repositories(session: AsyncSession) -> list[str]:
    """Return the repositories of the account's projects, each once, in the projects' order."""
    rows = await session.scalars(select(Project.github_repositories).order_by(Project.project_key))
    names = [str(name).strip() for listed in rows for name in listed or []]
    return list({name.lower(): name for name in names if name}.values())
