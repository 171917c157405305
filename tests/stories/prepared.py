"""The database of an application that was set up in the world of a moment: made by the first stage, then copied."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from application.demo import make_reachable, set_up
from application.running import Application
from db.tenancy import account_scope
from services.accounts import AccountRef
from services.mirror.types import Source

DATABASES = ("flowpilot.sqlite", "durable.sqlite")
LONGEST_SYNC_S = 60.0


@dataclass(frozen=True)
class Prepared:
    """What the first stage of a moment left in its databases, and when."""

    files: dict[str, bytes]
    at: datetime

    _known: ClassVar[dict[datetime, Prepared]] = {}

    @classmethod
    def of(cls, now: datetime) -> Prepared | None:
        """Return what is known of a moment."""
        return cls._known.get(now)

    def lay_down(self, folder: Path) -> None:
        """Put the databases where an application finds them when it starts."""
        folder.mkdir(parents=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)


async def prepare(application: Application, account: AccountRef, url: str, *, now: datetime, folder: Path) -> None:
    """Set the application up and keep what that made for the next stage of `now`."""
    await set_up(application, account, url)
    await _rest(application)
    files = {name: _copy_of(folder / name, folder / f"copy-of-{name}") for name in DATABASES}
    Prepared._known[now] = Prepared(files, application.services.now())


async def take_up(application: Application, account: AccountRef, url: str) -> None:
    """Do what setting up does beside the database, for an application that started on a copy of one."""
    await make_reachable(application, account, url)
    with account_scope(account.id):
        for source in (Source.JIRA, Source.TEMPO, Source.GITHUB):
            await application.services.mirror.sync(source)
    await _rest(application)


async def _rest(application: Application) -> None:
    """Wait for what every start does at once, which would meet the faults that a test arms."""
    await application.maintenance.stop(LONGEST_SYNC_S)


def _copy_of(path: Path, target: Path) -> bytes:
    connection = sqlite3.connect(path)
    try:
        connection.execute("vacuum into ?", (str(target),))
    finally:
        connection.close()
    content = target.read_bytes()
    target.unlink()
    return content
