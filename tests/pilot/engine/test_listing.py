"""Lists of sessions, and that long sessions cost no more queries than short ones."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from services.errors import InvalidInputError
from services.pilot.types import Session, SessionFilter, SessionStatus
from tests.pilot.engine.conftest import Desk


async def test_lists_come_in_pages_last_changed_first_and_can_be_narrowed(desk: Desk) -> None:
    work = desk.sessions
    ids = [(await work.open(f"Problem {n}", desk.alice, company="Acme" if n % 2 else "Byte")).id for n in range(5)]
    await work.add_note(ids[0], "Changed last", desk.alice)
    found: list[str] = []
    cursor = None
    for _ in range(3):
        page = await work.list(limit=2, cursor=cursor)
        found, cursor = [*found, *(session.id for session in page.sessions)], page.next_cursor
    assert (found, cursor) == ([ids[0], *ids[:0:-1]], None)
    await work.close(ids[1], desk.alice)
    open_at_acme = SessionFilter(statuses=(SessionStatus.OPEN,), company="Acme", text="problem 3")
    assert [session.id for session in (await work.list(open_at_acme)).sessions] == [ids[3]]
    with pytest.raises(InvalidInputError):
        await work.list(cursor="nonsense")


async def test_a_change_takes_as_many_queries_with_many_facts_as_with_few(desk: Desk) -> None:
    statements: list[str] = []

    @event.listens_for(desk.database.engine.sync_engine, "before_cursor_execute")
    def count(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    async def queries_of_a_note(session: Session, text: str) -> int:
        statements.clear()
        await desk.sessions.add_note(session.id, text, desk.alice)
        return len(statements)

    session = await desk.noted()
    few = await queries_of_a_note(session, "one more")
    for n in range(40):
        await desk.sessions.add_note(session.id, f"Note {n}", desk.alice)
    assert await queries_of_a_note(session, "the last") == few
