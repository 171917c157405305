"""Bring a database to the newest migration, and check that its role cannot see past row-level security."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from db.engine import Database

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 7_350_174
"""The advisory lock that lets one of several replicas migrate while the others wait."""


class UnsafeRoleError(RuntimeError):
    """The database role is a superuser or bypasses row-level security."""


def alembic_config() -> Config:
    """Return Alembic's configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection, revision: str) -> None:
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
