"""GraphQL as GitHub answers it: checked against the schema, paged, weighed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.github.conftest import Stand
from tests.sandbox.vendor_server import SHARED

HEALTH = SHARED / "vendor" / "pr_health.graphql"
SEARCH = """
query($q: String!, $after: String, $first: Int = 25) {
  search(type: ISSUE, query: $q, first: $first, after: $after) {
    issueCount pageInfo { hasNextPage endCursor } nodes { ... on PullRequest { number } }
  }
}"""


def numbers(answer: dict[str, Any]) -> list[int | None]:
    """Return the numbers of the hits; None for one that failed."""
    return [node and node["number"] for node in answer["data"]["search"]["nodes"]]


@pytest.mark.skipif(not HEALTH.exists(), reason="../shared with the health query is not there")
async def test_the_usual_health_query_of_pull_requests_is_answered(stand: Stand) -> None:
    github, pull = stand.github, stand.pull
    github.request(stand.bob, pull, [stand.alice.login])
    github.review(stand.alice, pull, "REQUEST_CHANGES", "A test is missing")
    github.remark(stand.alice, pull, "Here", path="src/basket.py")
    github.check(pull.repository, pull.head_sha, "tests", "failure")
    answer: Any = await stand.graphql(HEALTH.read_text(), q="repo:harborline/app is:pr is:open")
    assert "errors" not in answer
    assert answer["data"]["rateLimit"]["cost"] >= 1
    (node,) = answer["data"]["search"]["nodes"]
    assert (node["number"], node["reviewDecision"], node["author"]) == (1, "CHANGES_REQUESTED", {"login": "bob-brown"})
    assert [r["author"]["login"] for r in node["latestReviews"]["nodes"]] == ["alice-ames"]
    assert node["commits"]["nodes"][0]["commit"]["statusCheckRollup"]["state"] == "FAILURE"
    kinds = [item["__typename"] for item in node["timelineItems"]["nodes"]]
    assert kinds == ["ReviewRequestedEvent", "PullRequestReview", "PullRequestReview"]


async def test_searches_are_paged_by_cursor_and_by_update(stand: Stand) -> None:
    for number in range(2, 31):
        stand.github.open_pull(stand.bob, stand.pull.repository, f"APP-{number} More", f"feature/{number}")
    everything = "repo:harborline/app is:pr sort:created-asc"
    first: Any = await stand.graphql(SEARCH, q=everything)
    page = first["data"]["search"]["pageInfo"]
    assert (first["data"]["search"]["issueCount"], page["hasNextPage"]) == (30, True)
    second: Any = await stand.graphql(SEARCH, q=everything, after=page["endCursor"])
    assert numbers(first) + numbers(second) == list(range(1, 31))
    later: Any = await stand.graphql(SEARCH, q="repo:harborline/app is:pr updated:>=2100-01-01T00:00:00Z")
    elsewhere: Any = await stand.graphql(SEARCH, q="repo:harborline/unknown is:pr")
    assert numbers(later) == numbers(elsewhere) == []


async def test_what_github_refuses_is_refused(stand: Stand) -> None:
    async def said(query: str, **variables: object) -> str:
        answer: Any = await stand.graphql(query, **variables)
        return str(answer["errors"][0]["message"])

    assert "Cannot query field 'colour'" in await said("{ viewer { colour } }")
    assert "exceeds the `first` limit of 100" in await said(SEARCH, q="is:pr", first=101)
    unbounded = '{ search(type: ISSUE, query: "is:pr") { issueCount } }'
    assert "You must provide a `first` or `last` value" in await said(unbounded)
    assert "valid cursor" in await said(SEARCH, q="is:pr", after="nonsense")
    huge = (
        '{ search(type: ISSUE, query: "is:pr", first: 100) { nodes { ... on PullRequest { reviewThreads(first: 100) '
        "{ nodes { comments(first: 100) { nodes { id } } } } } } } }"
    )
    assert "exceeds the maximum limit of 500,000" in await said(huge)
    missing = '{ repository(owner: "harborline", name: "nothing") { id } }'
    assert "Could not resolve to a Repository" in await said(missing)
    assert "Syntax Error" in await said("{ viewer {")
    stand.github.graphql.limit = 0
    answer: Any = await stand.graphql("{ viewer { login } }")
    assert answer["errors"][0]["type"] == "RATE_LIMITED"


async def test_a_timeout_and_a_failing_node_can_be_arranged(stand: Stand) -> None:
    stand.github.open_pull(stand.bob, stand.pull.repository, "APP-2 More", "feature/2")
    stand.github.timeout_above = 1
    slow: Any = await stand.graphql(SEARCH, q="repo:harborline/app")
    assert (slow["data"], "result of a timeout" in slow["errors"][0]["message"]) == (None, True)
    stand.github.timeout_above, stand.github.broken = None, {("harborline/app", 1)}
    partial: Any = await stand.graphql(SEARCH, q="repo:harborline/app sort:created-asc")
    assert numbers(partial) == [None, 2]
    assert partial["errors"][0]["path"] == ["search", "nodes", 0]
