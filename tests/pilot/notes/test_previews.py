"""Previews are of the session as it is, in every process, and cost a model one call per version."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from db.engine import Database
from db.tenancy import account_scope
from sandbox.models.scripts import Script
from services.ai import AiTasks
from services.errors import NotFoundError
from services.pilot.notes import NoteKind, NotePreviews, NoteWriter, Origin, plain
from tests.ai.conftest import Vendors, calls_of, vendors
from tests.conftest import make_account
from tests.pilot.engine.conftest import Desk, make_desk

__all__ = ["vendors"]


@pytest.fixture
async def desk(database: Database, in_account: str) -> Desk:
    return await make_desk(database)


@pytest.fixture
async def ai(vendors: Vendors, database: Database) -> AsyncIterator[AiTasks]:
    tasks = AiTasks(vendors.settings(), database, vendors.sandbox.clock.now)
    yield tasks
    await tasks.close()


@pytest.mark.requirement("FLP-3.3")
async def test_two_replicas_show_every_change_at_once_and_another_account_sees_nothing(desk: Desk, ai: AiTasks) -> None:
    here, there = (NotePreviews(desk.sessions, NoteWriter(ai)) for _ in range(2))
    session = await desk.noted("The VPN is off")
    for replica in (here, there):
        assert "The VPN is off. [F1]" in plain(await replica.preview(session.id, NoteKind.RESOLUTION))

    changed = await desk.sessions.delete_fact(session.id, session.facts[0].id, desk.alice)

    for replica in (there, here):
        note = await replica.preview(session.id, NoteKind.RESOLUTION)
        assert note.state_version == changed.state_version
        assert "The VPN is off" not in plain(note)
        assert await replica.preview(session.id, NoteKind.RESOLUTION) is note
    with account_scope(await make_account(desk.database, "acc_other", "T0OTHER")), pytest.raises(NotFoundError):
        await here.preview(session.id, NoteKind.RESOLUTION)


async def test_a_model_is_asked_once_per_version_and_only_what_is_recorded_gets_written(
    desk: Desk, ai: AiTasks, vendors: Vendors
) -> None:
    session = await desk.noted("The VPN is off")
    session = await desk.sessions.add_note(session.id, "Webmail works", desk.alice)
    answer = [
        ("What we've confirmed", "Webmail works, but the VPN is off.", ["F2", "F1"]),
        ("What we've confirmed", "The VPN was switched off by Bob.", ["F1"]),
        ("Current hypothesis", "The VPN is broken.", ["F1"]),
    ]
    sentences = [{"section": section, "text": text, "cites": cites} for section, text, cites in answer]
    script = Script(when=[r"Task: pilot\.note"], steps=[{"answer": {"sentences": sentences}}])
    vendors.sandbox.models.add_script(script)
    previews = NotePreviews(desk.sessions, NoteWriter(ai))

    notes = await asyncio.gather(*(previews.written(session.id, NoteKind.ESCALATION) for _ in range(5)))

    assert all(note is notes[0] for note in notes)
    assert len(vendors.sandbox.models.served) == 1
    assert notes[0].answered_by.startswith("anthropic:")
    said = [each for _, each in notes[0].all_sentences() if each.origin is Origin.MODEL]
    assert [(each.text, each.cites) for each in said] == [("Webmail works, but the VPN is off.", ("F2", "F1"))]
    assert "Bob" not in plain(notes[0])
    assert (await previews.preview(session.id, NoteKind.ESCALATION)).answered_by == "rule-based"
    assert [call.task for call in await calls_of(desk.database)] == ["pilot.note"]
