"""The sandbox's pull requests as the mirror sees them: every story with the facts it was made with."""

from __future__ import annotations

from datetime import datetime

import pytest

from db.engine import Database
from db.models.pm import Project
from sandbox import github as sandbox_github
from sandbox.server import SandboxServer, create_sandbox
from services.mirror import Mirror
from services.vendors.github import GithubClient
from services.vendors.jira import JiraClient
from tests.vendors.settings import settings_for
from tests.vendors.site import QUICK


@pytest.mark.requirement("PM-5.1")
async def test_the_mirror_tells_every_story_of_a_pull_request_as_it_was_made(
    database: Database, in_account: str
) -> None:
    sandbox = create_sandbox()
    assert sandbox.world is not None
    async with database.transaction() as session:
        for plan in sandbox.world.projects:
            names = list(plan.github_repositories)
            session.add(
                Project(project_key=plan.key, name=plan.name, project_type=plan.type, github_repositories=names)
            )
    server = SandboxServer(sandbox, setups=[sandbox_github.setup])
    url = await server.start()
    settings = settings_for(url, github_api_url=f"{url}/github/api/v3", github_token="github-sandbox")
    client, jira = GithubClient.from_settings(settings, policy=QUICK), JiraClient.from_settings(settings)
    mirror = Mirror(database, jira, None, sandbox.clock.now, github=client)
    report = await mirror.sync("github")
    rows = {row.reference: row for row in await mirror.pull_requests()}
    stories = {s.id: s for s in sandbox.world.stories if "pull_request" in s.facts}
    assert set(stories) == {"changes-no-push", "no-reviewer", "stuck-review-pr", "active-pr", "bot-pr"}
    for story in stories.values():
        row = rows[story.facts["pull_request"]]
        told = (row.review_status, row.status_since, row.author_login, row.is_bot)
        since = datetime.fromisoformat(story.facts["since"])
        assert told == (story.facts["status"], since, story.facts["author"], story.facts.get("is_bot", False)), story.id
    stuck = sandbox.world.story("stuck-review").facts["key"]
    assert rows[stories["stuck-review-pr"].facts["pull_request"]].jira_keys == (stuck,)
    assert (await mirror.freshness("github")).summary.startswith("GitHub 5, mirror 5")
    assert (report.stored, len(rows)) == (77, 77)
    ended = [row for row in rows.values() if not row.is_open]
    assert len(ended) == 72
    assert all(row.stays and row.stays[-1].status == "Approved, not merged" for row in ended)
    await client.close()
    await jira.close()
    await server.stop()
