"""The database made ready, or a sentence that says what to do about it."""

from __future__ import annotations

from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, ProgrammingError

from db.engine import Database
from db.migrate import UnsafeRoleError, refuse_unsafe_role, upgrade
from services.errors import NotConfiguredError
from services.settings import Settings


def open_database(settings: Settings) -> Database:
    """Return the application's database, not connected yet; `NotConfiguredError` where there can be none."""
    try:
        return Database(settings.database)
    except (ArgumentError, ImportError) as error:
        # the error itself is not shown: it may quote the password
        raise NotConfiguredError(
            "DATABASE_URL is no address of a database that FlowPilot knows.",
            hint="It looks like postgresql://user:password@host:5432/flowpilot; empty, a file in DATA_DIR is used.",
        ) from error
    except OSError as error:
        raise NotConfiguredError(
            f"There is no folder for the database {settings.database}: {error.strerror}.",
            hint="Set DATA_DIR (or DATABASE_URL) to a place that FlowPilot may write to.",
        ) from error


async def prepare_database(database: Database) -> None:
    """Check the role and migrate; raises `NotConfiguredError` that names DATABASE_URL and what is wrong with it."""
    try:
        # first the role: tables that a superuser made would not be the application's own afterwards
        await refuse_unsafe_role(database)
    except UnsafeRoleError as error:
        raise NotConfiguredError(f"DATABASE_URL is not safe: {error}.") from error
    except DBAPIError as error:
        raise _unreachable(database, error) from error
    await migrate(database)


async def migrate(database: Database) -> None:
    """Bring the database to this version; raises `NotConfiguredError` when it cannot be reached or changed."""
    try:
        await upgrade(database)
    except OperationalError as error:
        raise _unreachable(database, error) from error
    except ProgrammingError as error:
        if "permission denied" not in str(error.orig) and "must be owner" not in str(error.orig):
            raise
        raise NotConfiguredError(
            f"The role of DATABASE_URL may not change the database {_shown(database)}: {_first_line(error)}.",
            hint="Let it own the database: alter database … owner to …",
        ) from error


def _unreachable(database: Database, error: DBAPIError) -> NotConfiguredError:
    setting = "DATABASE_URL (empty: a file in DATA_DIR)" if database.is_sqlite else "DATABASE_URL"
    return NotConfiguredError(
        f"The database {_shown(database)} cannot be reached: {_first_line(error)}.",
        hint=f"Check {setting}, and that the server runs and knows the role and its password."
        if not database.is_sqlite
        else f"Check {setting}, and that the folder is there and can be written to.",
    )


def _shown(database: Database) -> str:
    return database.url.render_as_string(hide_password=True)


def _first_line(error: DBAPIError) -> str:
    lines = str(error.orig).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error.orig).__name__
