"""Read sessions of the current account."""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from db.engine import Database
from db.models.pilot import AiSession, SessionSuggestedFix
from db.repositories import pilot as repository
from services.errors import InvalidInputError, NotFoundError
from services.pilot import storage
from services.pilot.types import FixDecision, Message, ResolvedCase, Session, SessionFilter, SessionPage

LARGEST_PAGE = 100
MOST_CASES = 5_000
"""Each process keeps them in memory, about 10 kB each; what was resolved longer ago is found by `/pilot list`."""


def no_such_session() -> NotFoundError:
    """Return the error for ids that are unknown, or another account's: the same, so that nothing is given away."""
    return NotFoundError("There is no such session.", hint="`/pilot list` shows yours.")


class SessionReading:
    """Read sessions; each reading is of one version."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, session_id: str) -> Session:
        """Return a session with everything in it, or raise `NotFoundError`."""
        async with self._database.transaction(write=False) as transaction:
            rows = await repository.load(transaction, session_id, to_change=False)
        if rows is None:
            raise no_such_session()
        return storage.session_of(rows)

    async def version(self, session_id: str) -> int:
        """Return a session's `state_version`, in one query."""
        async with self._database.transaction(write=False) as transaction:
            version = await repository.version(transaction, session_id)
        if version is None:
            raise no_such_session()
        return version

    async def in_thread(self, channel_id: str, thread_ts: str) -> Session | None:
        """Return the session that lives in a Slack thread."""
        async with self._database.transaction(write=False) as transaction:
            session_id = await repository.id_in_thread(transaction, channel_id, thread_ts)
            rows = await repository.load(transaction, session_id, to_change=False) if session_id else None
        return storage.session_of(rows) if rows else None

    async def list(
        self, wanted: SessionFilter | None = None, *, limit: int = 20, cursor: str | None = None
    ) -> SessionPage:
        """Return a page of sessions, last changed first; `limit` is at most 100."""
        limit = max(1, min(limit, LARGEST_PAGE))
        narrowing = _narrowing(wanted or SessionFilter())
        after = _place(cursor) if cursor else None
        async with self._database.transaction(write=False) as transaction:
            rows = await repository.find(transaction, narrowing, after=after, limit=limit + 1)
        shown = rows[:limit]
        next_cursor = _cursor(shown[-1]) if len(rows) > limit else None
        return SessionPage(tuple(storage.summary_of(row) for row in shown), next_cursor)

    async def messages(self, session_id: str, *, limit: int = 200, before_id: int | None = None) -> tuple[Message, ...]:
        """Return the newest turns of the conversation (before a certain one), oldest first."""
        async with self._database.transaction(write=False) as transaction:
            if await repository.version(transaction, session_id) is None:
                raise no_such_session()
            rows = await repository.messages(transaction, session_id, before_id=before_id, limit=limit)
        return tuple(storage.message_of(row) for row in rows)

    async def paths_chosen(self) -> dict[FixDecision, int]:
        """Count how often each path was chosen for a fix (FLP-5.1); those that never were are left out."""
        async with self._database.transaction(write=False) as transaction:
            counts = await repository.decisions(transaction)
        return {decision: counts[decision] for decision in FixDecision if decision in counts}

    async def ended_with(self, artifact: str, start: datetime, end: datetime) -> tuple[Session, ...]:
        """Return the sessions that ended from `start` to before `end` and still keep a document of that name."""
        async with self._database.transaction(write=False) as transaction:
            ids = await repository.ended_with(transaction, artifact, start, end)
        return tuple([await self.get(session_id) for session_id in ids])

    async def resolved_cases(self, since: datetime | None = None) -> tuple[ResolvedCase, ...]:
        """Return what the newest resolved sessions taught, those changed since an instant if given; oldest first."""
        async with self._database.transaction(write=False) as transaction:
            rows = await repository.resolved(transaction, since, MOST_CASES)
            ids = [row.id for row in rows]
            facts: dict[str, Sequence[str]] = defaultdict(tuple)
            for session_id, text in await repository.known_texts(transaction, ids):
                facts[session_id] = (*facts[session_id], text)
            fixes = {fix.session_id: fix for fix in await repository.standing_fixes(transaction, ids)}
        return tuple(_case(row, facts[row.id], fixes.get(row.id)) for row in rows)


def _case(row: AiSession, facts: Sequence[str], fix: SessionSuggestedFix | None) -> ResolvedCase:
    if fix is not None and fix.user_decision == "dismissed":
        fix = None
    return ResolvedCase(
        session_id=row.id,
        title=row.title,
        problem=row.problem,
        company=row.company,
        facts=tuple(facts),
        fix_title=fix.title if fix else "",
        fix_description=fix.description if fix else "",
        root_cause=fix.root_cause if fix else "",
        template_id=fix.template_id if fix else None,
        closed_at=row.closed_at,
    )


def _narrowing(wanted: SessionFilter) -> repository.Narrowing:
    return repository.Narrowing(**{name: getattr(wanted, name) for name in SessionFilter.__dataclass_fields__})


def _cursor(row: AiSession) -> str:
    return base64.urlsafe_b64encode(f"{row.updated_at.isoformat()} {row.id}".encode()).decode()


def _place(cursor: str) -> tuple[datetime, str]:
    try:
        at, _, session_id = base64.b64decode(cursor, altchars=b"-_", validate=True).decode().partition(" ")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or "\x00" in session_id:
            raise ValueError(cursor)
        moment = moment.astimezone(UTC)
    except (binascii.Error, ValueError, OverflowError) as error:
        raise InvalidInputError("This page does not exist (any more).", hint="Start at the first page.") from error
    return moment, session_id
