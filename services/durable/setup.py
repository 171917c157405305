"""How the engine is set: JSON only, no network but its database, bounded, quiet."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from services.errors import NotConfiguredError

if TYPE_CHECKING:
    from dbos import DBOSConfig

MAX_THREADS = 32
SQLITE_POOL_SIZE = 5
POSTGRES_POOL_SIZE = 10

# logged by us already with account and workflow, or the usual course of a cancellation
_REPEATED = (
    "Exception encountered in asynchronous workflow",
    "Asyncio task cancelled for workflow or step",
)


class PickleRefusedError(RuntimeError):
    """A row of the durable database is pickled; unpickling it could run code."""


def _refuse_pickle(*_: Any, **__: Any) -> NoReturn:
    raise PickleRefusedError("pickled data in the durable-work database is refused: only JSON is stored there")


def refuse_pickle() -> None:
    """Make the engine's pickle serializer unusable; a row decides by itself which serializer reads it."""
    from dbos._serialization import DefaultSerializer

    DefaultSerializer.serialize = _refuse_pickle  # type: ignore[method-assign]
    DefaultSerializer.deserialize = _refuse_pickle  # type: ignore[method-assign]


def _is_worth_logging(record: logging.LogRecord) -> bool:
    message = record.getMessage()
    return not (message.startswith(_REPEATED) or "Waiting for the " in message)


def quiet_logging() -> None:
    """Send the engine's warnings to the application's log instead of its own console handler."""
    logger = logging.getLogger("dbos")
    if not any(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
        # it adds a console handler of its own and stops propagating only when it finds none
        logger.addHandler(logging.NullHandler())
        logger.addFilter(_is_worth_logging)


def use_write_ahead_log(path: Path) -> None:
    """Create the SQLite file with readers that do not block the writer; the mode stays with the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def engine_config(
    url: URL, *, name: str, application_version: str, executor_id: str, poll_interval_s: float
) -> DBOSConfig:
    """Return the engine's configuration. No conductor key, no OTLP: it speaks to its database only."""
    from dbos import DBOSPortableJSONSerializer

    is_sqlite = url.get_backend_name() == "sqlite"
    return {
        "name": name,
        "system_database_url": url.render_as_string(hide_password=False),
        "sys_db_pool_size": SQLITE_POOL_SIZE if is_sqlite else POSTGRES_POOL_SIZE,
        "max_executor_threads": MAX_THREADS,
        "application_version": application_version,
        "executor_id": executor_id,
        "serializer": DBOSPortableJSONSerializer(),
        "enable_otlp": False,
        "log_level": "WARNING",
        "notification_listener_polling_interval_sec": poll_interval_s,
    }


def refusal(url: URL, error: DBAPIError) -> NotConfiguredError:
    """Return the error that says why the engine's database cannot be used, and what to do."""
    reason = str(error.orig).strip().splitlines()[0].rstrip(".")
    hint = "Check DURABLE_DATABASE_URL (or DATABASE_URL, DATA_DIR)."
    if "permission denied" in reason:
        hint += f" Its role makes schemas of its own there: grant create on database {url.database} to {url.username}."
    return NotConfiguredError(
        f"The durable-work database {url.render_as_string()} cannot be used: {reason}.", hint=hint
    )
