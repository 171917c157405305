"""The mirror of pull requests: whole, then what changed, counted each time, whatever GitHub does meanwhile."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import select

from db.engine import Database
from db.models.pm import Project
from handlers.webhooks import receive_github
from sandbox.github.payloads import webhook_payload
from services.container import Services
from services.effects import Actor, AuditTrail, Effects, EffectStatus, Intent
from services.effects.github import github_operations
from services.errors import NotConfiguredError, NotFoundError, VendorError, VendorUnavailableError
from services.mirror import Mirror
from services.mirror.types import ReviewStatus, Source
from services.vendors.jira import JiraClient
from tests.vendors.github_site import APP, GithubSite, running_github

PRIYA = Actor(None, "Priya *Shah* @bob-brown")


@pytest.fixture
async def site() -> AsyncIterator[GithubSite]:
    async with running_github() as running:
        yield running


@pytest.fixture
async def mirror(site: GithubSite, database: Database, in_account: str) -> AsyncIterator[Mirror]:
    """A mirror for a project that names the repository."""
    async with database.transaction() as session:
        session.add(Project(project_key="APP", name="The app", project_type="scope", github_repositories=[APP]))
    jira = JiraClient.from_settings(site.settings)
    yield Mirror(database, jira, None, site.now, github=site.client)
    await jira.close()


async def open_numbers(mirror: Mirror) -> list[int]:
    """Return the numbers of the open pull requests in the mirror."""
    return [row.number for row in await mirror.pull_requests(open_only=True)]


@pytest.mark.requirement("PM-5.1")
async def test_pull_requests_are_mirrored_with_what_they_wait_for(site: GithubSite, mirror: Mirror) -> None:
    waits = site.pull("APP-1 Keep the basket", days=6, head="feature/app-1-basket")
    site.github.request(site.bob, waits, ["alice-ames"], at=site.ago(days=5))
    site.github.review(site.alice, waits, "REQUEST_CHANGES", "A test is missing", at=site.ago(days=4))
    merged = site.pull("APP-2 Empty baskets", days=9)
    site.github.review(site.alice, merged, "APPROVE", at=site.ago(days=8))
    site.github.merge(site.bob, merged, at=site.ago(days=7))
    bot = site.github.add_account("dependabot[bot]", type_="Bot")
    site.github.open_pull(bot, site.repository, "Bump it", "dependabot/pip/it", at=site.ago(days=2))
    report = await mirror.sync("github")
    assert (report.found, report.stored, report.is_first) == (3, 3, True)
    rows = {row.number: row for row in await mirror.pull_requests()}
    assert (rows[1].review_status, rows[1].status_since) == (ReviewStatus.CHANGES_REQUESTED, site.ago(days=4))
    assert (rows[1].jira_keys, rows[1].reference, rows[1].is_bot) == (("APP-1",), "harborline/app#1", False)
    assert [(event.kind, event.login) for event in rows[1].events] == [
        ("commit", "bob-brown"),
        ("review", "alice-ames"),
    ]
    assert (rows[2].review_status, rows[2].is_open) == (ReviewStatus.MERGED, False)
    assert [stay.status.value for stay in rows[2].stays] == ["No reviewer", "Approved, not merged"]
    assert (rows[3].is_bot, rows[3].author_login) == (True, "dependabot[bot]")
    assert [row.number for row in await mirror.pull_requests(["Harborline/App"], open_only=True)] == [1, 3]
    assert [row.number for row in await mirror.pull_requests(jira_keys=["app-2"])] == [2]
    assert (await mirror.freshness("github")).summary == "GitHub 2, mirror 2, oldest <1 min"


async def test_a_later_pass_brings_changes_only_and_notices_what_was_closed(site: GithubSite, mirror: Mirror) -> None:
    for number in range(30):
        site.pull(f"APP-{number} More", days=40 - number)
    await mirror.sync_github()
    site.sandbox.clock.advance(timedelta(hours=1))
    site.github.close(site.bob, site.repository.pulls[30])
    site.github.merge(site.bob, site.repository.pulls[29])
    # a check that flips leaves no stamp: only the count of the open ones shows it
    site.github.check(site.repository, site.repository.pulls[1].head_sha, "build", "failure", at=site.now())
    report = await mirror.sync_github()
    assert (report.is_first, report.found) == (False, 2)
    assert await open_numbers(mirror) == list(range(1, 29))
    assert (await mirror.pull_requests(open_only=True))[0].review_status is ReviewStatus.CHECKS_FAILING
    # closed behind the search's back: the census has it read again
    site.repository.pulls[2].state, site.repository.pulls[2].closed = "closed", site.now()
    census = await mirror.census(Source.GITHUB)
    assert (str(census), census.deleted) == ("GitHub 27, mirror 27, oldest <1 min", ("harborline/app#2",))


async def test_a_pass_that_is_cut_goes_on_where_it_was(site: GithubSite, mirror: Mirror) -> None:
    for number in range(60):
        site.pull(f"APP-{number} More", days=90 - number)
    searches = 0

    def down_at_the_third(event: dict[str, Any]) -> None:
        nonlocal searches
        if event["type"] == "call" and event["path"].endswith("/graphql"):
            searches += 1
            if searches == 3:  # the listing, then two pages
                site.fail("drop", times=6, path="graphql")

    site.sandbox.bus.on_event(down_at_the_third)
    with pytest.raises(VendorUnavailableError):
        await mirror.sync_github()
    assert len(await mirror.pull_requests()) == 50
    freshness = await mirror.freshness("github")
    assert (freshness.is_stale, "GitHub" in str(freshness.error)) == (True, True)
    site.sandbox.faults.clear()
    report = await mirror.sync_github()
    assert report.found == 11  # ten that were missing, and the last one again
    assert len(await mirror.pull_requests()) == 60
    assert (await mirror.freshness("github")).error is None


async def test_one_is_read_afresh_and_one_that_is_gone_is_forgotten(site: GithubSite, mirror: Mirror) -> None:
    pull = site.pull()
    site.pull("APP-2 Another")
    await mirror.sync_github()
    site.github.request(site.bob, pull, ["alice-ames"])
    row = await mirror.refresh_pull_request(APP, 1)
    assert (row.review_status, row.requested_reviewers) == (ReviewStatus.REVIEW_REQUESTED, ("alice-ames",))
    del site.repository.pulls[2]
    with pytest.raises(NotFoundError, match="shows no pull request"):
        await mirror.refresh_pull_request(APP, 2)
    assert await open_numbers(mirror) == [1]
    site.sandbox.clock.advance(timedelta(minutes=1))
    site.github.broken = {(APP, 1)}
    site.github.comment(site.alice, pull, "Hello")
    report = await mirror.sync_github()
    # the search fails to give it, with an error beside the rest; the count has it read by itself
    assert report.failed == ("harborline/app: 1",)
    assert (await mirror.pull_requests())[0].events[-1].kind == "comment"


async def test_without_a_token_or_repositories_it_says_what_to_set(
    site: GithubSite, database: Database, mirror: Mirror
) -> None:
    jira = JiraClient.from_settings(site.settings)
    bare = Mirror(database, jira, None, site.now)
    with pytest.raises(NotConfiguredError, match="GitHub is not set up"):
        await bare.sync("github")
    assert await bare.pull_requests() == []
    site.pull()
    site.github.pull(APP, 1).repository.owner.login = "Harborline"  # as it was renamed: the answer says how
    await _name_repositories(database, APP, "harborline/gone")
    await mirror.sync_github()
    assert [row.repository for row in await mirror.pull_requests()] == ["Harborline/app"]
    assert (await mirror.freshness("github")).error == "GitHub shows FlowPilot no repository harborline/gone."
    site.github.add_repository("harborline/other", [site.alice])
    await _name_repositories(database, "harborline/other")
    await mirror.sync_github()
    assert await mirror.pull_requests() == []
    await _name_repositories(database, "harborline/gone")
    with pytest.raises(NotConfiguredError, match="none of the repositories: harborline/gone"):
        await mirror.sync_github()
    await _name_repositories(database)
    with pytest.raises(NotConfiguredError, match="No project names a GitHub repository"):
        await mirror.sync_github()
    await jira.close()


async def _name_repositories(database: Database, *names: str) -> None:
    async with database.transaction() as session:
        (project,) = (await session.scalars(select(Project))).all()
        project.github_repositories = list(names)


@pytest.fixture
async def door(site: GithubSite, database: Database, mirror: Mirror, account_id: str) -> AsyncIterator[str]:
    """The address at which the application takes GitHub's webhooks."""

    async def all_accounts() -> list[Any]:
        return [SimpleNamespace(id=account_id)]

    services = SimpleNamespace(
        settings=site.settings.model_copy(
            update={"github_webhook_secret": type(site.settings.github_token)("hook-secret")}
        ),
        database=database,
        now=site.now,
        accounts=SimpleNamespace(all_accounts=all_accounts),
        mirror=mirror,
    )
    app = web.Application()
    receive_github(app, cast("Services", services))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks/github/{account_id}"
    await runner.cleanup()


async def test_webhooks_are_checked_taken_once_and_in_any_order(site: GithubSite, mirror: Mirror, door: str) -> None:
    pull = site.pull()
    await mirror.sync_github()
    told: list[tuple[str, dict[str, Any]]] = []
    site.github.listeners.append(lambda event: told.append((event.name, webhook_payload(site.github, event))))
    site.github.request(site.bob, pull, ["alice-ames"])
    site.github.review(site.alice, pull, "APPROVE")
    commit = site.github.push(site.bob, pull, "One more")
    site.github.check(site.repository, commit.sha, "build", "failure")

    async def deliver(
        name: str, payload: dict[str, Any], delivery: str, secret: str = "hook-secret"
    ) -> tuple[int, str]:
        body = json.dumps(payload).encode()
        headers = {
            "X-GitHub-Event": name,
            "X-GitHub-Delivery": delivery,
            "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        }
        async with aiohttp.ClientSession() as http, http.post(door, data=body, headers=headers) as response:
            answer = await response.json()
            return response.status, str(answer.get("outcome", ""))

    assert await deliver(*told[0], "d1", "wrong") == (401, "")
    # the newest first: what GitHub has now is read, whatever the payload says
    reads = len(site.calls("graphql"))
    outcomes = [await deliver(name, payload, f"d{n}") for n, (name, payload) in enumerate(reversed(told))]
    assert set(outcomes) == {(200, "stored")}
    assert len(site.calls("graphql")) == reads + len(told)
    (row,) = await mirror.pull_requests()
    assert (row.review_status, row.checks_state) == (ReviewStatus.CHECKS_FAILING, "failure")
    assert await deliver(*told[0], "d0") == (200, "repeated")
    assert await deliver("ping", {"repository": {"full_name": APP}}, "d20") == (200, "ignored")
    other = {"repository": {"full_name": "harborline/other"}, "pull_request": {"number": 1}}
    assert await deliver("pull_request", other, "d21") == (200, "ignored")
    site.fail("drop", times=10)
    assert await deliver(*told[0], "d22") == (200, "later")


@pytest.mark.requirement("TRUST-1")
async def test_a_comment_and_a_request_for_review_happen_once_and_can_be_taken_back(
    site: GithubSite, database: Database, mirror: Mirror
) -> None:
    pull = site.pull()
    await mirror.sync_github()
    effects = Effects(database, AuditTrail(database, site.now), site.now)
    effects.register(github_operations(site.client, mirror.refresh_pull_request))

    def intent(operation: str, key: str, **arguments: Any) -> Intent:
        return Intent(operation, f"{APP}#1", arguments, PRIYA, "it is stuck", key)

    # the answer is lost: the comment is found by its mark and not written again
    site.fail("drop_after", method="POST", path="/comments")
    said = await effects.perform(intent("github.comment", "k1", markdown="@alice-ames could you look at this?"))
    assert (said.status, len(pull.comments)) == (EffectStatus.DONE, 1)
    assert said.summary == "Commented on *harborline/app#1*: “@alice-ames could you look at this?”"
    assert said.url == f"{site.url}/github/harborline/app/pull/1#issuecomment-{pull.comments[0].id}"
    assert "via FlowPilot for Priya \\*Shah\\* @\u200bbob-brown" in pull.comments[0].body
    assert (await effects.perform(intent("github.comment", "k1", markdown="again"))).repeated
    asked = await effects.perform(intent("github.request_reviewers", "k2", reviewers=["alice-ames"]))
    assert asked.summary == "Asked *alice-ames* to review *harborline/app#1*"
    assert (await mirror.pull_requests())[0].requested_reviewers == ("alice-ames",)
    again = await effects.perform(intent("github.request_reviewers", "k3", reviewers=["Alice-Ames"]))
    assert (again.status, again.undo_until) == (EffectStatus.UNCHANGED, None)
    for receipt in (said, asked):
        assert (await effects.undo(receipt.effect_id, PRIYA)).status is EffectStatus.DONE
    assert (pull.comments, pull.requested) == ([], [])
    with pytest.raises(VendorError, match="pull request author"):
        await effects.perform(intent("github.request_reviewers", "k4", reviewers=["bob-brown"]))
