"""The application on Postgres does what it does on SQLite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, make_url

from db.tenancy import account_scope
from sandbox.client import blocks_text, visible_text
from tests.postgres import fresh_database, postgres_server, postgres_url
from tests.stories.stage import Stage, staged
from tests.stories.test_epic_assignment import epic_in_jira, message_after_run

__all__ = ["postgres_server", "postgres_url"]

pytestmark = pytest.mark.xdist_group("postgres")
APP = "FlowPilot"
KEY = "SHOP-165"


@pytest.fixture
async def stage(tmp_path: Path, postgres_url: str) -> AsyncIterator[Stage]:
    """The application in the world, with a fresh Postgres database."""
    async with staged(tmp_path, database_url=postgres_url) as stage:
        yield stage


@pytest.mark.requirement("SYS-4")
async def test_hours_epics_tickets_undo_home_and_trail_work_on_postgres(
    stage: Stage, postgres_url: str, tmp_path: Path
) -> None:
    priya, bob, alice = (stage.person(key) for key in ("priya", "bob", "alice"))
    await priya.types("/pm run time-tracking")
    await priya.sees(rf"Week of Nov 9 to 15.*<@{bob.id}>: sent")
    await bob.sees(r"You logged \*9 h 30 min\* of \*32 h\*", APP)

    easy = stage.story("orphans")["easy"]
    ticket = next(key for key in easy if key.startswith("SHOP"))
    message = await message_after_run(stage, priya)
    await priya.clicks(f"epic_assign:{ticket}", message, APP)
    await priya.sees(f"Assigned to \\*{easy[ticket][0]}\\*.*by <@U0PRIYA>", APP)
    assert await epic_in_jira(stage, ticket) == easy[ticket][0]

    await alice.types(f"/ticket move {KEY} to qa")
    await alice.sees(f"Moved .*{KEY}.* to .*QA")
    await alice.types(f"/ticket move {KEY} to in progress")
    await alice.sees(f"Moved .*{KEY}.* to .*In Progress")
    await alice.types(f"/ticket move {KEY} to Code Review")
    receipt = await alice.sees(f"Moved .*{KEY}.* to .*Code Review.*Undo")
    await alice.clicks("Undo", receipt)
    assert "Undo" not in visible_text(await alice.sees("Taken back: .*Moved .*by Alice"))
    assert (await stage.issue(KEY))["status"] == "In Progress"

    home = await priya.home(containing="Run now")
    assert "Last run" in blocks_text(home["blocks"])

    services = stage.application.services
    with account_scope(stage.account.id):
        assert (await services.audit.verify()).is_intact
        actions = {line.action for line in await services.audit.lines(target=KEY)}
    assert "jira.transition" in actions
    assert not list(tmp_path.rglob("*.sqlite")), "nothing is kept beside Postgres"
    with psycopg.connect(plain(postgres_url)) as connection:
        (hidden,) = connection.execute("select count(*) from effects").fetchone() or (None,)
    assert hidden == 0, "without an account row-level security shows nothing"


@pytest.mark.requirement("SYS-4")
async def test_durable_work_may_live_in_a_database_of_its_own(
    tmp_path: Path, postgres_server: URL, postgres_url: str
) -> None:
    with fresh_database(postgres_server) as another:
        async with staged(tmp_path, database_url=postgres_url, durable_database_url=another) as stage:
            await stage.person("priya").types("/pm run time-tracking")
            await stage.person("priya").sees("Week of Nov 9 to 15")
        assert tables(another, "workflow_status") == 1
    assert tables(postgres_url, "workflow_status") == 0, "the workflows are in the other one"


def tables(url: str, name: str) -> int:
    """Return how many tables of a database have that name, in whatever schema."""
    with psycopg.connect(plain(url)) as connection:
        (count,) = connection.execute("select count(*) from pg_tables where tablename = %s", [name]).fetchone() or (0,)
    return int(count)


def plain(url: str) -> str:
    """Return the URL as psycopg itself takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
