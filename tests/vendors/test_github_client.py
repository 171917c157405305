"""What the GitHub client asks, and how it reads the answers, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.errors import (
    InvalidInputError,
    VendorAuthError,
    VendorNotFoundError,
    VendorRateLimitedError,
    VendorRejectedError,
    VendorUnavailableError,
)
from services.vendors.github import GithubClient
from services.vendors.github.base import graphql_url, site_url
from services.vendors.github.types import Happened
from services.vendors.http import patience
from services.vendors.problems import retry_after_s
from tests.sandbox.test_contract import CONTRACT, load
from tests.vendors.github_site import APP, GithubSite, running_github
from tests.vendors.settings import settings_for
from tests.vendors.site import QUICK


@pytest.fixture
async def site() -> AsyncIterator[GithubSite]:
    async with running_github() as running:
        yield running


async def numbers(site: GithubSite) -> list[list[int]]:
    """Return the numbers of all pull requests, page by page."""
    return [[pull.number for pull in page.pulls] async for page in site.client.updated_pulls(APP, None)]


async def test_a_pull_request_comes_with_all_that_its_health_needs(site: GithubSite) -> None:
    github, pull = site.github, site.pull(days=5)
    github.request(site.bob, pull, ["alice-ames"], at=site.ago(days=4))
    github.review(site.alice, pull, "REQUEST_CHANGES", "A test is missing", at=site.ago(days=3))
    github.comment(github.service, pull, "Anything in the way?", at=site.ago(days=2))
    github.check(site.repository, pull.head_sha, "build", "success", at=site.ago(days=1))
    failed = github.check(site.repository, pull.head_sha, "tests", "failure", at=site.ago(hours=2))
    found = await site.client.pull("Harborline/APP", 1)
    assert (found.repository, found.number, found.author_login, found.state) == (APP, 1, "bob-brown", "open")
    assert (found.review_decision, found.checks_state) == ("CHANGES_REQUESTED", "failure")
    assert found.checks_since == failed.completed
    assert [one.kind for one in found.activity] == [
        Happened.COMMIT,
        Happened.REQUESTED,
        Happened.REVIEW,
        Happened.COMMENT,
    ]
    assert (found.activity[2].login, found.activity[2].verdict) == ("alice-ames", "CHANGES_REQUESTED")
    # FlowPilot's own comment is nobody's work
    assert (found.activity[3].is_bot, found.is_whole) == (True, True)
    with pytest.raises(VendorNotFoundError, match="GitHub knows no pull request harborline/app#9"):
        await site.client.pull(APP, 9)
    with pytest.raises(VendorNotFoundError, match="GitHub knows no repository harborline/nothing"):
        await site.client.open_pulls("harborline/nothing")
    with pytest.raises(InvalidInputError):
        await site.client.pull("harborline/../app", 1)


async def test_many_are_read_twenty_five_a_call_and_fewer_where_github_is_too_slow(site: GithubSite) -> None:
    for number in range(60):
        site.pull(f"APP-{number} More", days=60 - number)
    assert [len(page) for page in await numbers(site)] == [25, 25, 10]
    site.github.timeout_above = 8
    pages = await numbers(site)
    assert max(len(page) for page in pages) == 6
    assert [number for page in pages for number in page] == list(range(1, 61))
    assert len((await site.client.open_pulls(APP)).open) == 60
    site.github.timeout_above = 0
    with pytest.raises(VendorUnavailableError, match="took too long"):
        await numbers(site)
    assert site.opened == []


async def test_a_node_that_fails_does_not_hold_up_the_others(site: GithubSite) -> None:
    for _ in range(3):
        site.pull()
    site.github.broken = {(APP, 2)}
    (page,) = [page async for page in site.client.updated_pulls(APP, None)]
    assert ([pull.number for pull in page.pulls], page.failed, page.total) == ([1, 3], 1, 3)


async def test_gateway_timeouts_and_lost_answers_are_asked_again(site: GithubSite) -> None:
    site.pull()
    site.fail("status", status=502, path="graphql", times=2)
    site.fail("drop", path="graphql")
    assert await numbers(site) == [[1]]
    site.fail("status_after", status=500, path="graphql")
    assert (await site.client.pull(APP, 1)).number == 1


async def test_limits_are_respected_by_whatever_name(site: GithubSite) -> None:
    site.pull()
    site.fail("status", status=403, retry_after_s=0.01)
    assert await site.client.requested_reviewers(APP, 1) == ()
    site.fail("status", status=403, retry_after_s=600)
    with patience(1), pytest.raises(VendorRateLimitedError):
        await site.client.requested_reviewers(APP, 1)
    site.github.graphql.limit = 0
    with pytest.raises(VendorRateLimitedError, match="used up"):
        await site.client.pull(APP, 1)


async def test_comments_and_requests_for_reviews_are_written_and_taken_back(site: GithubSite) -> None:
    pull = site.pull()
    made = await site.client.add_comment(APP, 1, "Anything in the way?")
    assert [(one.id, one.body) for one in await site.client.comments(APP, 1)] == [(made.id, "Anything in the way?")]
    site.fail("drop_after", method="DELETE")
    await site.client.delete_comment(APP, made.id)
    with pytest.raises(VendorNotFoundError):
        await site.client.comment(APP, made.id)
    await site.client.request_reviewers(APP, 1, ["alice-ames"])
    assert await site.client.requested_reviewers(APP, 1) == ("alice-ames",)
    await site.client.remove_reviewers(APP, 1, ["alice-ames"])
    assert pull.requested == []
    with pytest.raises(VendorRejectedError, match="cannot be requested from pull request author"):
        await site.client.request_reviewers(APP, 1, ["bob-brown"])


async def test_a_comment_that_may_have_arrived_is_not_sent_again(site: GithubSite) -> None:
    pull = site.pull()
    site.fail("status_after", status=500, method="POST")
    with pytest.raises(VendorUnavailableError) as caught:
        await site.client.add_comment(APP, 1, "Once")
    assert caught.value.outcome_unknown
    assert len(pull.comments) == 1


async def test_metadata_comes_through_the_library(site: GithubSite) -> None:
    found = await site.client.repository(APP)
    assert (found.full_name, found.default_branch, found.may_write) == (APP, "main", True)
    assert await site.client.possible_reviewers(APP) == ("alice-ames", "bob-brown")
    with pytest.raises(VendorNotFoundError, match="GitHub knows no repository"):
        await site.client.repository("harborline/nothing")
    site.fail("status", status=503, times=1)
    assert (await site.client.repository(APP)).full_name == APP


async def test_wrong_credentials_say_what_to_check(site: GithubSite) -> None:
    settings = settings_for(site.url, github_api_url=f"{site.url}/github/api/v3", github_token="ghp_wrong")
    client = GithubClient.from_settings(settings, policy=replace(QUICK, attempts=1))
    with pytest.raises(VendorAuthError) as caught:
        await client.viewer()
    assert "GITHUB_TOKEN" in caught.value.hint
    await client.close()


def test_addresses_follow_from_the_api_url() -> None:
    own = settings_for("http://x", github_api_url="https://api.github.com")
    enterprise = settings_for("http://x", github_api_url="https://git.example.com/api/v3/")
    given = settings_for("http://x", github_graphql_url="https://elsewhere.example/graphql/")
    assert graphql_url(own) == "https://api.github.com/graphql"
    assert graphql_url(enterprise) == "https://git.example.com/api/graphql"
    assert graphql_url(given) == "https://elsewhere.example/graphql"
    assert site_url("https://api.github.com") == "https://github.com"
    assert site_url("https://git.example.com/api/v3/") == "https://git.example.com"


def test_githubs_reset_counts_when_nothing_is_left() -> None:
    now = datetime(2026, 11, 21, 10, tzinfo=UTC)
    reset = {"x-ratelimit-reset": str(int(now.timestamp()) + 90)}
    assert retry_after_s({**reset, "x-ratelimit-remaining": "0"}, now) == 90
    assert retry_after_s({**reset, "x-ratelimit-remaining": "4000"}, now) is None
    assert retry_after_s({**reset, "retry-after": "7"}, now) == 7


@pytest.mark.skipif(not CONTRACT.exists(), reason="../shared with the vendors' API descriptions is not there")
async def test_what_is_sent_over_rest_keeps_githubs_description(site: GithubSite) -> None:
    site.pull()
    made = await site.client.add_comment(APP, 1, "Hello")
    await site.client.comments(APP, 1, since=site.ago(hours=1))
    await site.client.request_reviewers(APP, 1, ["alice-ames"])
    await site.client.requested_reviewers(APP, 1)
    await site.client.repository(APP)
    await site.client.possible_reviewers(APP)
    await site.client.delete_comment(APP, made.id)
    contract = load("github.json")
    checked = 0
    for call in site.calls("/api/v3/"):
        path = call.path.removeprefix("/github/api/v3")
        if contract.op(call.method, path)[1] is not None:
            assert contract.request(call.method, path, query=call.query, body=call.request) == [], call.path
            checked += 1
    assert checked >= 6
