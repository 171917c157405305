"""One more replica of the application, in a process of its own, whose clock and slots the test moves.

`python -m tests.stories.replica SETTINGS_JSON`; prints "ready", then for each line that it reads (the seconds by which
its clock is ahead of the machine's) starts the slots that are due, and prints "started".
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from agents.clock import ClockAccount
from application.logs import configure_logs
from application.running import Application
from services.clock import utc_now
from services.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
START_S = 60.0


async def fire_due_slots(application: Application) -> None:
    """Do what the scheduler does when an agent's time has come, for every agent."""
    assert application.account is not None
    await application.clock.add_account(ClockAccount(application.account.id, application.account.time_zone))


class Replica:
    """The process, seen from the test."""

    def __init__(self, process: Process) -> None:
        self.process = process

    async def said(self, word: str) -> None:
        """Wait for a line."""
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), START_S)
        assert line.decode().strip() == word

    async def fire(self, now: datetime) -> None:
        """Set its clock and have it start what is due."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{(now - utc_now()).total_seconds()}\n".encode())
        await self.process.stdin.drain()
        await self.said("started")

    async def kill(self) -> None:
        """End it without warning."""
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def another_replica(settings: Settings, now: datetime) -> AsyncIterator[Replica]:
    """Start a replica with the same settings, and kill it at the end."""
    changed = {name: getattr(settings, name) for name in settings.model_fields_set}
    plain = {key: getattr(value, "get_secret_value", lambda value=value: value)() for key, value in changed.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.stories.replica",
        json.dumps(plain, default=str),
        str((now - utc_now()).total_seconds()),
        cwd=ROOT,
        stdin=PIPE,
        stdout=PIPE,
    )
    replica = Replica(process)
    try:
        await replica.said("ready")
        yield replica
    finally:
        if process.returncode is None:
            await replica.kill()


def say(word: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def main(settings: Settings, ahead_s: float) -> None:
    """Run until the input ends."""
    configure_logs(settings)
    ahead = timedelta(seconds=ahead_s)
    application = await Application.create(settings, lambda: utc_now() + ahead)
    await application.start()
    say("ready")
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for line in reader:
        ahead = timedelta(seconds=float(line))
        await fire_due_slots(application)
        say("started")
    await application.stop()


if __name__ == "__main__":
    asyncio.run(main(Settings.model_validate(json.loads(sys.argv[1])), float(sys.argv[2])))
