"""Bring a database to the newest migration, and check that its role cannot see past row-level security."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from db.engine import Database

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 7_350_174
"""The advisory lock that lets one of several replicas migrate while the others wait."""


class UnsafeRoleError(RuntimeError):
    """The database role is a superuser or bypasses row-level security."""


def alembic_config() -> Config:
    """Return Alembic's configuration without an ini file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def newest_revision() -> str:
    """Return the number of the newest migration, with which its file's name begins."""
    return max(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py")).partition("_")[0]


def _is_newest(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    return bool(connection.execute(text("select version_num from alembic_version")).scalar() == newest_revision())


def _upgrade(connection: Connection, revision: str) -> None:
    if revision == "head" and _is_newest(connection):
        return  # most starts: Alembic need not even be loaded, which would stay in memory
    from alembic import command

    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
    else:
        connection.execute(text("BEGIN IMMEDIATE"))  # the driver opens no transaction of its own
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def upgrade(database: Database, revision: str = "head") -> None:
    """Migrate forwards; several replicas may call it at once."""
    async with database.engine.begin() as connection:
        await connection.run_sync(_upgrade, revision)


async def refuse_unsafe_role(database: Database) -> None:
    """Raise `UnsafeRoleError` on Postgres when the role could read every account's rows."""
    if database.is_sqlite:
        return
    async with database.engine.connect() as connection:
        query = text("select rolname, rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        name, is_unsafe = (await connection.execute(query)).one()
    if is_unsafe:
        raise UnsafeRoleError(
            f"The database role {name!r} is a superuser or has BYPASSRLS, so accounts would not be isolated. "
            f"Use a role made with: create role flowpilot login nosuperuser nobypassrls password '…'"
        )


def upgrade_blocking(url: str) -> None:
    """Migrate the database at `url` (for the shell)."""

    async def run() -> None:
        database = Database(url)
        try:
            await upgrade(database)
        finally:
            await database.close()

    asyncio.run(run())
