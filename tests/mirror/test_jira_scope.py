"""Which of Jira's issues are mirrored, and for whom."""

from __future__ import annotations

import pytest

from db.engine import Database
from db.models.pm import Project
from db.tenancy import account_scope
from services.errors import NotConfiguredError
from services.mirror import Mirror
from tests.conftest import make_account
from tests.mirror.conftest import keys
from tests.vendors.site import ALICE, Site


async def test_only_the_accounts_projects_are_mirrored(site: Site, mirror: Mirror, database: Database) -> None:
    app, ops = site.create("APP", "Ours"), site.create("OPS", "Not ours")
    async with database.transaction() as session:
        for key in ("APP", "GONE"):
            session.add(Project(project_key=key, name=key, project_type="scope", stakeholder_member_ids=[]))
    await mirror.sync_jira()
    assert await keys(mirror) == [app.key]
    assert ops.key not in await keys(mirror)


async def test_no_visible_project_is_said(site: Site, mirror: Mirror) -> None:
    site.sandbox.jira.projects.clear()
    with pytest.raises(NotConfiguredError, match="Browse projects"):
        await mirror.sync_jira()
    assert "none of the projects" in str((await mirror.freshness("jira")).error)


async def test_a_scope_of_ones_own(site: Site, database: Database, in_account: str) -> None:
    wanted = site.create("APP", "Wanted", labels=["mirror"])
    site.create("APP", "Unwanted")
    mirror = Mirror(database, site.jira, None, site.now, scope_jql="project = APP AND labels = mirror")
    await mirror.sync_jira()
    assert await keys(mirror) == [wanted.key]
    site.sandbox.jira.edit(ALICE, wanted, {"labels": []})
    census = await mirror.census()
    assert census.deleted == (wanted.key,)
    assert await keys(mirror) == []


async def test_accounts_do_not_see_each_others_mirror(site: Site, mirror: Mirror, database: Database) -> None:
    issue = site.create("APP", "Ours")
    await mirror.sync_jira()
    other = await make_account(database, "acc_other", "T0OTHER")
    with account_scope(other):
        assert await keys(mirror) == []
        assert await mirror.issue(issue.key) is None
        assert (await mirror.freshness("jira")).last_success_at is None
        await mirror.sync_jira()
        assert await keys(mirror) == [issue.key]
    assert await keys(mirror) == [issue.key]
