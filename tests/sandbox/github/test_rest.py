"""What GitHub is strict about over REST, its webhooks, and PyGithub, unmodified, against it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import Any

from aiohttp import web
from github import Auth, Github, GithubException

from sandbox.core import Fault
from tests.sandbox.github.conftest import Stand
from tests.sandbox.vendor_server import Client

REPO = "/repos/harborline/app"
PACE: dict[str, Any] = {"seconds_between_requests": 0, "seconds_between_writes": 0}


async def test_credentials_versions_and_limits_are_checked(stand: Stand) -> None:
    stranger = Client(stand.session, stand.api.base, "Bearer wrong")
    refused = await stranger.get("/user")
    assert (refused.status, refused.body["message"], refused.body["status"]) == (401, "Bad credentials", "401")
    assert (await stand.api.get("/user")).body["login"] == "flowpilot-machine"
    headers = {"Authorization": "Bearer github-sandbox", "X-GitHub-Api-Version": "2020-01-01"}
    async with stand.session.get(f"{stand.api.base}/user", headers=headers) as response:
        assert response.status == 400
    headers["X-GitHub-Api-Version"] = "2026-03-10"
    async with stand.session.get(f"{stand.api.base}{REPO}/pulls/1", headers=headers) as response:
        assert "merge_commit_sha" not in await response.json()
    stand.github.core.limit = stand.github.core.used
    spent = await stand.api.get("/user")
    assert (spent.status, spent.headers["X-RateLimit-Remaining"]) == (403, "0")


async def test_what_is_known_already_costs_nothing_and_long_lists_are_paged(stand: Stand) -> None:
    first = await stand.api.get(f"{REPO}/pulls/1")
    used = stand.github.core.used
    headers = {"Authorization": stand.api.authorization, "If-None-Match": first.headers["Etag"]}
    async with stand.session.get(f"{stand.api.base}{REPO}/pulls/1", headers=headers) as response:
        assert (response.status, stand.github.core.used) == (304, used)
    for number in range(2, 5):
        stand.github.open_pull(stand.bob, stand.pull.repository, f"APP-{number} More", f"feature/{number}")
    page = await stand.api.get(f"{REPO}/pulls", per_page=2)
    assert [pull["number"] for pull in page.body] == [4, 3]
    assert 'rel="next"' in page.headers["Link"]


async def test_the_latest_review_of_each_reviewer_decides(stand: Stand) -> None:
    github, pull = stand.github, stand.pull
    mei = github.add_account("mei-tanaka", "Mei Tanaka")
    pull.repository.collaborators[mei.login] = mei
    github.request(stand.bob, pull, ["alice-ames", "mei-tanaka"])
    github.review(stand.alice, pull, "REQUEST_CHANGES", "A test is missing")
    assert ([one.login for one in pull.requested], pull.decision()) == (["mei-tanaka"], "CHANGES_REQUESTED")
    github.review(mei, pull, "APPROVE")
    assert pull.decision() == "CHANGES_REQUESTED"
    github.review(stand.alice, pull, "COMMENT", "Nearly")
    assert pull.decision() == "CHANGES_REQUESTED"
    github.review(stand.alice, pull, "APPROVE")
    assert pull.decision() == "APPROVED"
    github.dismiss(stand.bob, pull, pull.reviews[-1], "Changed since")
    assert {review.state for review in pull.latest_reviews()} == {"APPROVED", "DISMISSED"}


async def test_webhooks_are_signed_and_come_twice_or_late_on_demand(stand: Stand) -> None:
    received: asyncio.Queue[tuple[str, str, Any]] = asyncio.Queue()

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        digest = hmac.new(b"hook-secret", body, hashlib.sha256).hexdigest()
        assert request.headers["X-Hub-Signature-256"] == f"sha256={digest}"
        payload = await request.json()
        received.put_nowait(
            (request.headers["X-GitHub-Event"], request.headers["X-GitHub-Delivery"], payload.get("action", ""))
        )
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    config = {"url": f"http://127.0.0.1:{runner.addresses[0][1]}/hook", "secret": "hook-secret"}
    body = {"name": "web", "events": ["pull_request", "issue_comment"], "config": config}
    assert (await stand.api.post(f"{REPO}/hooks", body)).status == 201
    assert (await received.get())[0] == "ping"
    stand.sandbox.faults.add(Fault("github", "event_duplicate", path="/webhook/issue_comment"))
    stand.github.comment(stand.alice, stand.pull, "Hello")
    first, again = await received.get(), await received.get()
    assert first == again
    assert (first[0], first[2]) == ("issue_comment", "created")
    stand.sandbox.faults.add(Fault("github", "event_out_of_order"))
    stand.github.close(stand.bob, stand.pull)
    stand.github.reopen(stand.bob, stand.pull)
    assert [(await received.get())[2] for _ in range(2)] == ["reopened", "closed"]
    await runner.cleanup()


async def test_pygithub_reads_and_writes_it_unmodified(stand: Stand) -> None:
    def work() -> dict[str, Any]:
        url = f"{stand.url}/github/api/v3"
        with Github(base_url=url, auth=Auth.Token("github-sandbox"), retry=None, **PACE) as client:
            repository = client.get_repo("harborline/app")
            pull = repository.get_pull(1)
            pull.create_review_request(reviewers=["alice-ames"])
            comment = pull.create_issue_comment("Anything in the way?")
            review = pull.create_review(body="Looks good", event="APPROVE")
            seen: dict[str, Any] = {
                "login": client.get_user().login,
                "open": [one.number for one in repository.get_pulls(state="open")],
                "asked": [one.login for one in pull.get_review_requests()[0]],
                "comments": [one.body for one in pull.get_issue_comments()],
                "review": review.state,
                "checks": [run.conclusion for run in repository.get_commit(pull.head.sha).get_check_runs()],
                "status": repository.get_commit(pull.head.sha).get_combined_status().state,
                "events": [one.event for one in pull.as_issue().get_timeline()],
                "found": [one.number for one in client.search_issues("repo:harborline/app is:pr is:open")],
            }
            comment.delete()
            pull.delete_review_request(reviewers=["alice-ames"])
            seen["merged"] = pull.merge().merged
            try:
                repository.get_pull(99)
            except GithubException as error:
                seen["missing"] = error.status
            return seen

    seen = await asyncio.to_thread(work)
    assert seen == {
        "login": "flowpilot-machine",
        "open": [1],
        "asked": ["alice-ames"],
        "comments": ["Anything in the way?"],
        "review": "APPROVED",
        "checks": ["success", "success"],
        "status": "pending",
        "events": ["committed", "review_requested", "commented", "reviewed"],
        "found": [1],
        "merged": True,
        "missing": 404,
    }
    assert (stand.pull.comments, stand.pull.requested, stand.pull.state) == ([], [], "closed")
