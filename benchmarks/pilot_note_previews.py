"""How quick previews of notes are: from cache with the version read from SQLite, and written anew."""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.pilot_note_sessions import MADE_AT, load_cases
from db.engine import Database
from db.migrate import upgrade
from db.tenancy import account_scope
from services.ai import AiTasks
from services.clock import utc_now
from services.pilot.notes import NoteKind, NotePreviews, NoteWriter, write_note
from services.pilot.types import Fact, FactSource
from services.settings import Settings
from tests.conftest import make_account
from tests.pilot.engine.conftest import make_desk

FACTS = 30


async def cached_preview_ms(rounds: int) -> dict[str, float]:
    """Return milliseconds of a preview from cache (median, p99) and of one after a change, for 30 facts."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'notes.sqlite'}")
        await upgrade(database)
        with account_scope(await make_account(database)):
            desk = await make_desk(database)
            ai = AiTasks(Settings(_env_file=None), database, utc_now)
            previews = NotePreviews(desk.sessions, NoteWriter(ai))
            session = await desk.sessions.open("Outlook keeps asking for the password", desk.alice)
            fresh, cached = [], []
            for number in range(FACTS):
                await desk.sessions.add_note(session.id, f"Client PC-{number} asks for the password", desk.alice)
                started = time.perf_counter()
                await previews.preview(session.id, NoteKind.RESOLUTION)
                fresh.append((time.perf_counter() - started) * 1000)
            for _ in range(rounds):
                started = time.perf_counter()
                await previews.preview(session.id, NoteKind.RESOLUTION)
                cached.append((time.perf_counter() - started) * 1000)
        await database.close()
    return {
        "cached_ms_median": round(statistics.median(cached), 2),
        "cached_ms_p99": round(statistics.quantiles(cached, n=100)[98], 2),
        "after_a_change_ms_median": round(statistics.median(fresh), 2),
    }


def note_of_500_facts_ms() -> float:
    """Return milliseconds of a note of 500 facts, written by rules."""
    facts = tuple(
        Fact(f"f{n}", n, f"Client PC-{n:04} has {n} of {n + 3} updates", FactSource.MANUAL, None, 1, MADE_AT, MADE_AT)
        for n in range(1, 501)
    )
    session = replace(load_cases()[0].session, facts=facts)
    started = time.perf_counter()
    write_note(session, NoteKind.RESOLUTION)
    return (time.perf_counter() - started) * 1000
