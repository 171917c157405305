"""What stops a start is said in a sentence that names the setting, and nothing stays running."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, make_url

from tests.postgres import postgres_server, postgres_url
from tests.shell.test_app import finish, sandbox_url, start, variables

__all__ = ["postgres_server", "postgres_url", "sandbox_url", "variables"]

pytestmark = [pytest.mark.xdist_group("postgres"), pytest.mark.requirement("SYS-2")]


async def refused(folder: Path, variables: dict[str, str], command: str = "run") -> str:
    """Start, and return what it said when it ended with exit code 1."""
    code, output, errors = await finish(await start(folder, variables, command))
    assert (code, output) == (1, ""), errors
    assert "Traceback" not in errors
    assert "never retrieved" not in errors
    return errors


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody else listens at."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.parametrize(("setting", "value"), [("SLACK_BOT_TOKEN", "xoxb-wrong"), ("SLACK_APP_TOKEN", "xapp-wrong")])
async def test_a_slack_token_that_is_refused(
    tmp_path: Path, variables: dict[str, str], setting: str, value: str
) -> None:
    said = await refused(tmp_path, {**variables, setting: value})
    assert f"Check {setting}" in said
    assert value not in said


async def test_a_port_that_is_taken(tmp_path: Path, variables: dict[str, str], taken_port: int) -> None:
    said = await refused(tmp_path, {**variables, "HTTP_PORT": str(taken_port)})
    assert str(taken_port) in said
    assert "HTTP_PORT" in said


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("postgresql://flowpilot:hunter2@127.0.0.1:1/flowpilot", "127.0.0.1:1/flowpilot"),
        ("mysql://flowpilot:hunter2@127.0.0.1/flowpilot", "postgresql://"),
        ("hunter2", "postgresql://"),
    ],
)
async def test_a_database_that_is_not_there(tmp_path: Path, variables: dict[str, str], url: str, named: str) -> None:
    said = await refused(tmp_path, {**variables, "DATABASE_URL": url})
    assert "DATABASE_URL" in said
    assert named in said
    assert "hunter2" not in said


async def test_a_data_folder_that_cannot_be(tmp_path: Path, variables: dict[str, str]) -> None:
    (tmp_path / "file").touch()
    assert "DATA_DIR" in await refused(tmp_path, {**variables, "DATA_DIR": str(tmp_path / "file" / "data")})


@pytest.mark.requirement("SYS-8")
async def test_a_database_role_that_sees_every_account(
    tmp_path: Path, variables: dict[str, str], postgres_server: URL, postgres_url: str
) -> None:
    superuser = postgres_server.set(database=make_url(postgres_url).database)
    url = superuser.render_as_string(hide_password=False)
    said = await refused(tmp_path, {**variables, "DATABASE_URL": url})
    assert "DATABASE_URL is not safe" in said
    assert "nobypassrls" in said
    with psycopg.connect(url) as connection:
        tables = connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
    assert tables == (0,), "nothing was made that would belong to the wrong role"


async def test_a_database_role_that_may_not_make_what_is_needed(
    tmp_path: Path, variables: dict[str, str], postgres_server: URL, postgres_url: str
) -> None:
    url = make_url(postgres_url)
    admin = postgres_server.set(database=url.database).render_as_string(hide_password=False)
    given = {**variables, "DATABASE_URL": postgres_url}
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"alter database {url.database} owner to current_user")
        connection.execute("revoke create on schema public from public")
        said = await refused(tmp_path, given)
        assert "DATABASE_URL may not change the database" in said
        connection.execute(f"grant create on schema public to {url.username}")
        said = await refused(tmp_path, given)
        assert f"grant create on database {url.database} to {url.username}" in said


async def test_jira_refusing_its_token_is_said_and_slack_works_on(tmp_path: Path, variables: dict[str, str]) -> None:
    process = await start(tmp_path, {**variables, "JIRA_API_TOKEN": "wrong"}, "run", "--once")
    assert process.stderr is not None
    said = ""
    async with asyncio.timeout(60):
        while "JIRA_API_TOKEN" not in said:
            line = (await process.stderr.readline()).decode()
            assert line, f"it ended: {said}"
            said += line
    process.terminate()
    code, output, errors = await finish(process)
    assert (code, "Traceback" in errors) == (0, False)
    assert '"ready": true' in output
