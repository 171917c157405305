"""A help desk with two engineers, somebody who only looks, and another account next door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.engine import Database
from db.models.accounts import Member
from db.tenancy import account_scope
from services.accounts.types import MemberRef, Role
from services.effects import AuditTrail
from services.pilot.sessions import PilotSessions
from services.pilot.types import LaneItem, LaneKind, NewItem, Session
from tests.conftest import make_account
from tests.databases import make_ready
from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]

HERE, NEXT_DOOR = "acc_test", "acc_next_door"


class Ticking:
    """A clock that moves on by a second with each look."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the present and move on."""
        self.at += timedelta(seconds=1)
        return self.at


@dataclass
class Desk:
    """What the tests work with."""

    database: Database
    sessions: PilotSessions
    audit: AuditTrail
    alice: MemberRef
    bob: MemberRef
    victor: MemberRef

    async def open(self, problem: str = "Outlook keeps asking for the password") -> Session:
        """Open a session of Alice's."""
        return await self.sessions.open(problem, self.alice)

    async def asked(self, text: str, kind: LaneKind = LaneKind.QUESTION) -> tuple[Session, LaneItem]:
        """Open a session in which something is asked."""
        session = await self.open()
        session = await self.sessions.add_items(session.id, [NewItem(kind, text)])
        return session, session.items[-1]

    async def noted(self, text: str = "The VPN is off") -> Session:
        """Open a session with one note of Alice's."""
        session = await self.open()
        return await self.sessions.add_note(session.id, text, self.alice)

    async def actions(self, session: Session) -> list[str]:
        """Return what the audit trail says that people did in a session."""
        return [line.action for line in await self.audit.lines(target=f"session {session.id}")]


async def _member(database: Database, name: str, role: Role) -> MemberRef:
    async with database.transaction() as session:
        row = Member(slack_user_id=f"U{name}", display_name=name, role=role, created_at=datetime.now(UTC))
        session.add(row)
        await session.flush()
    return MemberRef(row.id, row.slack_user_id, name, role, "UTC")


async def make_desk(database: Database) -> Desk:
    """Set up the desk in the current account."""
    now = Ticking()
    audit = AuditTrail(database, now)
    return Desk(
        database,
        PilotSessions(database, audit, now),
        audit,
        await _member(database, "Alice", Role.ENGINEER),
        await _member(database, "Bob", Role.LEAD),
        await _member(database, "Victor", Role.VIEWER),
    )


def restarted(desk: Desk) -> Desk:
    """Return the desk as another process sees it."""
    database = Database(desk.database.url.render_as_string(hide_password=False))
    return replace(desk, database=database, sessions=PilotSessions(database, desk.audit, Ticking()))


@pytest.fixture
async def desk(database: Database, in_account: str) -> Desk:
    """A desk on SQLite."""
    return await make_desk(database)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.xdist_group("postgres"))])
async def either(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk on SQLite and one on Postgres; the other account exists too."""
    is_postgres = request.param == "postgres"
    url = request.getfixturevalue("postgres_url") if is_postgres else f"sqlite+aiosqlite:///{tmp_path / 'desk.sqlite'}"
    database = Database(url, pool_size=6)
    await make_ready(database)
    await make_account(database, NEXT_DOOR, "T0NEXT")
    with account_scope(await make_account(database, HERE)):
        yield await make_desk(database)
    await database.close()
