"""SQL of epic assignment: suggestions, weekly compliance, what was written for them, cached embeddings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.models.alerts import AlertDelivery
from db.models.effects import Effect
from db.models.pm import CachedEmbedding, EpicAssignmentCompliance, EpicAssignmentSuggestion, Project
from db.repositories.mirror.upsert import in_parts, insert_into, table_of


async def projects_of_type(session: AsyncSession, project_type: str) -> Sequence[Project]:
    """Return the account's projects of a type, by key."""
    query = select(Project).where(Project.project_type == project_type).order_by(Project.project_key)
    return (await session.scalars(query)).all()


async def project(session: AsyncSession, project_key: str, *, lock: bool = False) -> Project | None:
    """Return a project by its key; with `lock` others wait until the transaction ends."""
    query = select(Project).where(Project.project_key == project_key)
    return await session.scalar(query.with_for_update() if lock else query)


async def undecided(
    session: AsyncSession, project_keys: Collection[str] | None = None
) -> Sequence[EpicAssignmentSuggestion]:
    """Return the suggestions that nobody has decided on."""
    query = select(EpicAssignmentSuggestion).where(EpicAssignmentSuggestion.decided_at.is_(None))
    if project_keys is not None:
        query = query.where(EpicAssignmentSuggestion.project_key.in_(list(project_keys)))
    return (await session.scalars(query.order_by(EpicAssignmentSuggestion.id))).all()


async def newest_of_ticket(session: AsyncSession, ticket_key: str) -> EpicAssignmentSuggestion | None:
    """Return the last suggestion for a ticket, decided or not."""
    query = select(EpicAssignmentSuggestion).where(EpicAssignmentSuggestion.ticket_key == ticket_key)
    return await session.scalar(query.order_by(EpicAssignmentSuggestion.id.desc()).limit(1))


async def by_id(session: AsyncSession, suggestion_id: int) -> EpicAssignmentSuggestion | None:
    """Return one suggestion of the current account."""
    return await session.scalar(select(EpicAssignmentSuggestion).where(EpicAssignmentSuggestion.id == suggestion_id))


async def newest_run(session: AsyncSession, project_key: str) -> Sequence[EpicAssignmentSuggestion]:
    """Return the suggestions of a project's newest run, decided or not."""
    newest = (
        select(func.max(EpicAssignmentSuggestion.suggested_at))
        .where(EpicAssignmentSuggestion.project_key == project_key)
        .scalar_subquery()
    )
    query = select(EpicAssignmentSuggestion).where(
        EpicAssignmentSuggestion.project_key == project_key, EpicAssignmentSuggestion.suggested_at == newest
    )
    return (await session.scalars(query.order_by(EpicAssignmentSuggestion.id))).all()


async def decided_between(
    session: AsyncSession, project_key: str, start: datetime, end: datetime
) -> Sequence[EpicAssignmentSuggestion]:
    """Return the suggestions of a project that led to an epic from `start` until before `end`."""
    query = select(EpicAssignmentSuggestion).where(
        EpicAssignmentSuggestion.project_key == project_key,
        EpicAssignmentSuggestion.actual_epic.is_not(None),
        EpicAssignmentSuggestion.decided_at >= start,
        EpicAssignmentSuggestion.decided_at < end,
    )
    return (await session.scalars(query)).all()


async def compliance(session: AsyncSession, project_key: str, week_start_date: date) -> EpicAssignmentCompliance | None:
    """Return a project's row of a week."""
    query = select(EpicAssignmentCompliance).where(
        EpicAssignmentCompliance.project_key == project_key,
        EpicAssignmentCompliance.week_start_date == week_start_date,
    )
    return await session.scalar(query)


async def effects_on(session: AsyncSession, operation: str, targets: Collection[str]) -> list[Effect]:
    """Return the writes of one operation to some targets, oldest first."""
    found: list[Effect] = []
    for part in in_parts(list(targets)):
        query = select(Effect).where(Effect.operation == operation, Effect.target.in_(part))
        found += (await session.scalars(query)).all()
    return sorted(found, key=lambda effect: effect.id)


async def message_at(session: AsyncSession, channel: str, ts: str) -> AlertDelivery | None:
    """Return the alert that a Slack message is."""
    query = select(AlertDelivery).where(AlertDelivery.channel_id == channel, AlertDelivery.message_ts == ts)
    return await session.scalar(query.limit(1))


async def newest_message(session: AsyncSession, key_prefix: str, recipient: str) -> AlertDelivery | None:
    """Return a recipient's last alert whose dedupe key starts so."""
    query = select(AlertDelivery).where(
        AlertDelivery.dedupe_key.startswith(key_prefix, autoescape=True), AlertDelivery.recipient == recipient
    )
    return await session.scalar(query.order_by(AlertDelivery.id.desc()).limit(1))


class DatabaseEmbeddingCache:
    """Vectors of one embedder, kept by content hash and shared by accounts, as no text is stored."""

    def __init__(self, database: Database, embedder: str, now: Callable[[], datetime]) -> None:
        self._database = database
        self._embedder = embedder
        self._now = now

    async def get_many(self, hashes: Sequence[str]) -> dict[str, bytes]:
        """Return what is known of `hashes`."""
        found: dict[str, bytes] = {}
        async with self._database.system_transaction(write=False) as session:
            for part in in_parts(hashes):
                query = select(CachedEmbedding.content_hash, CachedEmbedding.vector)
                rows = await session.execute(
                    query.where(CachedEmbedding.embedder == self._embedder, CachedEmbedding.content_hash.in_(part))
                )
                found.update(rows.all())
        return found

    async def put_many(self, vectors: Mapping[str, bytes]) -> None:
        """Keep vectors; one that another process stored meanwhile stays."""
        if not vectors:
            return
        created_at = self._now()
        rows = [
            {"embedder": self._embedder, "content_hash": name, "vector": vector, "created_at": created_at}
            for name, vector in vectors.items()
        ]
        async with self._database.system_transaction() as session:
            for part in in_parts(rows):
                statement = insert_into(session, table_of(CachedEmbedding)).on_conflict_do_nothing()
                await session.execute(statement, list(part))
