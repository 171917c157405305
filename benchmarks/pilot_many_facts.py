"""How a session does that has 500 facts: promoting one more, its lane, its note."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable
from typing import Any

from blocks.pilot import draw_lane
from services.pilot.notes import NoteKind, NotePreviews
from services.pilot.types import LaneKind, NewItem
from tests.pilot.talking.conftest import Talk

FACTS, LAST = 500, 30


async def many_facts(talk: Talk, previews: NotePreviews) -> dict[str, float]:
    """Return milliseconds, medians over the last thirty facts."""
    sessions = talk.sessions
    session = await sessions.open("The whole site is down", talk.alice)
    for number in range(FACTS - LAST):
        await sessions.add_note(session.id, f"Client PC-{number:04} has {number} of {number + 3} updates", talk.alice)
    asked = [NewItem(LaneKind.QUESTION, f"How many updates does client PC-{n:04} miss?") for n in range(LAST)]
    session = await sessions.add_items(session.id, asked)
    promoting, reading, drawing, writing, cached = [], [], [], [], []
    for number, item in enumerate(session.items):
        await sessions.answer_item(session.id, item.id, str(number + 2), talk.alice)
        promoting.append(await _ms(sessions.promote(session.id, item.id, talk.alice)))
        reading.append(await _ms(sessions.get(session.id)))
        now = await sessions.get(session.id)
        started = time.perf_counter()
        draw_lane(now, None)
        drawing.append((time.perf_counter() - started) * 1000)
        writing.append(await _ms(previews.preview(session.id, NoteKind.RESOLUTION)))
        cached.append(await _ms(previews.preview(session.id, NoteKind.RESOLUTION)))
    if len((await sessions.get(session.id)).known) != FACTS:
        raise RuntimeError("not all answers became facts")
    parts = {"promote": promoting, "read": reading, "draw_lane": drawing, "note": writing, "note_from_cache": cached}
    return {f"{name}_ms_median": round(statistics.median(values), 2) for name, values in parts.items()}


async def _ms(work: Awaitable[Any]) -> float:
    started = time.perf_counter()
    await work
    return (time.perf_counter() - started) * 1000
