"""The mirror's statements on a real Postgres, under row-level security."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from db.engine import Database
from db.migrate import upgrade
from db.models.pm import Project
from db.tenancy import account_scope
from services.mirror import Mirror
from services.vendors.jira import JiraClient
from tests.conftest import make_account
from tests.mirror.test_tempo_mirror import log, today
from tests.postgres import postgres_server, postgres_url
from tests.vendors.github_site import APP, running_github
from tests.vendors.site import ALICE, Site

__all__ = ["postgres_server", "postgres_url"]


@pytest.fixture
async def postgres(postgres_url: str) -> AsyncIterator[Database]:
    """A migrated Postgres database."""
    database = Database(postgres_url)
    await upgrade(database)
    yield database
    await database.close()


async def test_the_mirror_works_on_postgres_as_on_sqlite(site: Site, postgres: Database) -> None:
    ours, theirs = await make_account(postgres), await make_account(postgres, "acc_other", "T0OTHER")
    epic = site.create("APP", "Epic", "Epic")
    task = site.create("APP", "Task \x00 with a NUL", parent={"key": epic.key}, labels=["a"])
    sub = site.create("APP", "Part", "Sub-task", parent={"key": task.key})
    log(site, task.key, today(site))
    mirror = Mirror(postgres, site.jira, site.tempo, site.now)
    with account_scope(ours):
        await mirror.sync_jira()
        await mirror.sync_tempo()
        site.sandbox.jira.transition(ALICE, task, "11")
        assert (await mirror.sync_jira()).stored == 1
        row = await mirror.issue(sub.key)
        assert row is not None
        assert row.epic_key == epic.key
        assert len(await mirror.field_changes([str(task.id)], "status")) == 1
        assert [w.issue_key for w in await mirror.worklogs(today(site), today(site))] == [task.key]
        assert len(await mirror.schedule_days([ALICE], today(site), today(site) + timedelta(days=6))) == 7
        site.sandbox.jira.delete(ALICE, sub)
        assert (await mirror.census()).deleted == (sub.key,)
    with account_scope(theirs):
        assert await mirror.issues() == []
        await mirror.sync_jira()
        assert {issue.key for issue in await mirror.issues()} == {epic.key, task.key}


async def test_two_replicas_at_once_do_no_harm_on_postgres(site: Site, postgres: Database, postgres_url: str) -> None:
    epics = [site.create("APP", f"Epic {n}", "Epic") for n in range(5)]
    for n in range(200):
        task = site.create("APP", f"Task {n}", parent={"key": epics[n % 5].key})
        site.create("APP", f"Part {n}", "Sub-task", parent={"key": task.key})
    other = Database(postgres_url)
    replicas = [Mirror(database, site.jira, site.tempo, site.now) for database in (postgres, other)]
    with account_scope(await make_account(postgres)):
        await asyncio.gather(*(replica.sync_jira() for replica in replicas))
        assert len(await replicas[0].issues()) == 405
        assert await replicas[0].issues(orphans_only=True) == []
    await other.close()


async def test_pull_requests_are_mirrored_on_postgres_too(postgres: Database) -> None:
    account = await make_account(postgres)
    async with running_github() as site:
        jira = JiraClient.from_settings(site.settings)
        mirror = Mirror(postgres, jira, None, site.now, github=site.client)
        site.pull("APP-1 A title \x00 with a NUL")
        with account_scope(account):
            async with postgres.transaction() as session:
                session.add(Project(project_key="APP", name="The app", project_type="scope", github_repositories=[APP]))
            assert (await mirror.sync("github")).stored == 1
            site.github.close(site.bob, site.repository.pulls[1])
            await mirror.sync("github")
            (row,) = await mirror.pull_requests([APP.upper()])
            assert (row.is_open, row.jira_keys) == (False, ("APP-1",))
        await jira.close()
