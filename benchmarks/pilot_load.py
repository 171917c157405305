"""How FlowPilot sessions do when many are worked on at once, and when one has many facts.

    python -m benchmarks.pilot_load [--sessions 200] [--cases 300]

One process, SQLite, no model, no Slack: a session is opened, three turns are answered by playbooks, an answer is
promoted, and the note is previewed twice. First all of them as fast as they can go, then as people would: each says
something every ten seconds. Event-loop lag is by how much a wait of 10 ms took longer. Prints JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from benchmarks.pilot_many_facts import many_facts
from db.engine import Database
from db.migrate import upgrade
from db.tenancy import account_scope
from services.ai import AiTasks
from services.clock import utc_now
from services.pilot.notes import NoteKind, NotePreviews, NoteWriter
from services.pilot.types import ItemStatus, LaneKind, NewFix, NewItem
from services.settings import Settings
from tests.conftest import make_account
from tests.pilot.talking.conftest import NO_MODELS, Talk, make_talk

PROBLEMS = (
    "Outlook keeps asking for the password",
    "The VPN drops every few minutes",
    "Printer on the second floor does not print",
    "The laptop is very slow since Monday",
    "OneDrive does not sync any more",
    "No sound in Teams meetings",
    "The file server's disk is full",
    "Account locked out again and again",
)
TURNS = 3
THINKS_S = 10.0
LOOK_EVERY_S = 0.01


@dataclass
class Desk:
    """What the load works with, and the milliseconds that its parts took."""

    talk: Talk
    previews: NotePreviews
    took_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def timed(self, name: str, work: Any) -> Any:
        """Await `work` and note how long it took."""
        started = time.perf_counter()
        result = await work
        self.took_ms[name].append((time.perf_counter() - started) * 1000)
        return result


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    """Yield a desk on a fresh SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'load.sqlite'}")
        await upgrade(database)
        with account_scope(await make_account(database)):
            ai = AiTasks(Settings(_env_file=None, **NO_MODELS), database, utc_now)
            talk = await make_talk(database, ai)
            yield Desk(talk, NotePreviews(talk.sessions, NoteWriter(ai)))
            await ai.close()
        await database.close()


async def seed_cases(talk: Talk, count: int) -> None:
    """Resolve sessions, so that there is something to find that is like a problem."""
    chance = random.Random(4)
    for number in range(count):
        problem = chance.choice(PROBLEMS)
        session = await talk.sessions.open(f"{problem}, room {number}", talk.alice)
        await talk.sessions.add_note(session.id, f"Client PC-{number} is affected", talk.alice)
        await talk.sessions.suggest_fix(session.id, NewFix(f"Repair {number}", "Repair it.", f"Cause {number % 40}"))
        await talk.sessions.resolve(session.id, talk.alice)


async def work_one(desk: Desk, number: int, thinks: Callable[[], float] | None) -> None:
    """Work one session from its opening to the preview of its note."""
    talk, sessions = desk.talk, desk.talk.sessions
    if thinks:
        await asyncio.sleep(thinks())
    problem = f"{PROBLEMS[number % len(PROBLEMS)]}, site {number}"
    session = await desk.timed("open", sessions.open(problem, talk.alice))
    said = problem
    for turn in range(TURNS):
        await desk.timed("first turn" if turn == 0 else "later turn", talk.said(session.id, said))
        session = await sessions.get(session.id)
        waiting = [item for item in session.items if item.status is ItemStatus.OPEN]
        said = waiting[-1].options[0] if waiting and waiting[-1].options else "It is like that since Monday"
        if thinks:
            await asyncio.sleep(thinks())
    session = await sessions.add_items(session.id, [NewItem(LaneKind.QUESTION, "Which floor?")])
    item = session.items[-1] if session.items[-1].text == "Which floor?" else _question(session.items)
    await sessions.answer_item(session.id, item.id, "The second", talk.alice)
    await desk.timed("promote", sessions.promote(session.id, item.id, talk.alice))
    await desk.timed("preview, written", desk.previews.preview(session.id, NoteKind.RESOLUTION))
    await desk.timed("preview from cache", desk.previews.preview(session.id, NoteKind.RESOLUTION))


def _question(items: Sequence[Any]) -> Any:
    return next(item for item in items if item.text == "Which floor?")


async def lag_ms(until: asyncio.Event) -> list[float]:
    """Return by how many milliseconds short waits took longer than they should."""
    late = []
    while not until.is_set():
        started = time.perf_counter()
        await asyncio.sleep(LOOK_EVERY_S)
        late.append((time.perf_counter() - started - LOOK_EVERY_S) * 1000)
    return late


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return median, 95th percentile and the largest."""
    return {
        "p50": round(statistics.median(values), 1),
        "p95": round(statistics.quantiles(values, n=20)[18], 1),
        "most": round(max(values), 1),
    }


def resident_mib() -> float:
    """Return this process's resident set."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return round(next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024, 1)


async def at_once(desk: Desk, count: int, thinks: Callable[[], float] | None) -> dict[str, Any]:
    """Work `count` sessions at once."""
    desk.took_ms.clear()
    done, before = asyncio.Event(), resident_mib()
    watching = asyncio.create_task(lag_ms(done))
    started = time.perf_counter()
    await asyncio.gather(*(work_one(desk, number, thinks) for number in range(count)))
    seconds = time.perf_counter() - started
    done.set()
    turns = len(desk.took_ms["first turn"]) + len(desk.took_ms["later turn"])
    return {
        "sessions": count,
        "seconds": round(seconds, 2),
        "turns_per_s": round(turns / seconds, 1),
        "ms": {name: spread(values) for name, values in sorted(desk.took_ms.items())},
        "loop_lag_ms": spread(await watching),
        "rss_mib_before": before,
        "rss_mib_after": resident_mib(),
    }


async def measure(count: int, cases: int) -> dict[str, Any]:
    """Return everything."""
    async with desk() as place:
        await seed_cases(place.talk, cases)
        place.took_ms.clear()
        await work_one(place, 0, None)
        first = {name: round(values[0], 1) for name, values in sorted(place.took_ms.items())}
        flood = await at_once(place, count, None)
        pauses = random.Random(5)
        people = await at_once(place, count, lambda: pauses.uniform(0, 2 * THINKS_S))
        facts = await many_facts(place.talk, place.previews)
    alone = first | {"resolved_sessions_to_compare_with": cases}
    return {
        "benchmark": "pilot_load",
        "the_first_of_the_process_ms": alone,
        "as_fast_as_they_can": flood,
        "as_people_do": people,
        "facts_500": facts,
    }


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--cases", type=int, default=300)
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    print(json.dumps(asyncio.run(measure(arguments.sessions, arguments.cases)), indent=1))


if __name__ == "__main__":
    main()
