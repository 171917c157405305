"""Migrated SQLite files, copied from one that each test process migrates once; tests/db proves the migrations."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from db.engine import Database
from db.migrate import upgrade, upgrade_blocking


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder, ThreadPoolExecutor(1) as beside_the_loop:
        path = Path(folder) / "migrated.sqlite"
        beside_the_loop.submit(upgrade_blocking, f"sqlite+aiosqlite:///{path}").result()
        return path.read_bytes()


def lay_down(path: Path) -> None:
    """Put a migrated SQLite file where none is yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(_migrated())


async def make_ready(database: Database) -> None:
    """Migrate a database that nobody has used yet."""
    if database.is_sqlite:
        assert database.url.database
        lay_down(Path(database.url.database))
    else:
        await upgrade(database)
