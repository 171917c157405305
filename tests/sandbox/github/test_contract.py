"""Every answer and every webhook of the stand-in for GitHub, held against GitHub's own API description."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.github.events import GithubEvent
from sandbox.github.payloads import ping_payload, webhook_payload
from tests.sandbox.github.conftest import Stand
from tests.sandbox.test_contract import CONTRACT, EXTRACTS, Checked, load

pytestmark = pytest.mark.skipif(
    not CONTRACT.exists(), reason="../shared with the vendors' API descriptions is not there"
)
REPO = "/repos/harborline/app"
HOOK_NAMES = {
    ("check_run", "created"): "check-run-created",
    ("check_run", "completed"): "check-run-completed",
    ("check_suite", "completed"): "check-suite-completed",
    ("push", ""): "push",
    ("status", ""): "status",
}


async def test_what_is_read_keeps_the_contract(stand: Stand) -> None:
    github, pull = stand.github, stand.pull
    github.request(stand.bob, pull, [stand.alice.login])
    github.remark(stand.alice, pull, "What if it is empty?", path="src/basket.py", line=3)
    github.comment(stand.bob, pull, "Good question")
    github.set_status(stand.bob, pull.repository, pull.head_sha, "lint", "pending")
    check = Checked(stand.api, load("github.json"))
    for path in (
        "/user",
        "/rate_limit",
        "/orgs/harborline/repos",
        REPO,
        f"{REPO}/collaborators",
        f"{REPO}/pulls",
        f"{REPO}/pulls/1",
        f"{REPO}/pulls/1/commits",
        f"{REPO}/pulls/1/reviews",
        f"{REPO}/pulls/1/comments",
        f"{REPO}/pulls/1/requested_reviewers",
        f"{REPO}/issues/1",
        f"{REPO}/issues/1/comments",
        f"{REPO}/issues/1/timeline",
        f"{REPO}/commits/{pull.head_sha}",
        f"{REPO}/commits/{pull.head_sha}/check-runs",
        f"{REPO}/commits/{pull.head_sha}/status",
        f"{REPO}/commits/{pull.head_sha}/statuses",
        f"{REPO}/hooks",
    ):
        await check(200, "GET", path)
    found = await check(200, "GET", f"{REPO}/pulls", state="all", sort="updated", direction="desc", per_page=1)
    assert [each["number"] for each in found.body] == [1]
    await check(200, "GET", "/search/issues", q="repo:harborline/app is:pr is:open")
    await check(404, "GET", f"{REPO}/pulls/99")
    await check(404, "GET", "/repos/harborline/nothing")
    await check(404, "GET", f"{REPO}/pulls/1/merge")


async def test_what_is_written_keeps_the_contract(stand: Stand) -> None:
    check = Checked(stand.api, load("github.json"))
    body = {"title": "APP-2 Empty baskets", "head": "feature/APP-2", "base": "main", "body": "For APP-2."}
    made = await check(201, "POST", f"{REPO}/pulls", body)
    await check(422, "POST", f"{REPO}/pulls", body)
    pull = f"{REPO}/pulls/{made.body['number']}"
    await check(200, "PATCH", pull, {"title": "APP-2 Empty baskets, again"})
    await check(201, "POST", f"{pull}/requested_reviewers", {"reviewers": ["alice-ames"]})
    await check(422, "POST", f"{pull}/requested_reviewers", {"reviewers": ["stranger"]})
    assert (await stand.api.call("DELETE", f"{pull}/requested_reviewers", {"reviewers": ["alice-ames"]})).status == 200
    comments = f"{REPO}/issues/{made.body['number']}/comments"
    comment = await check(201, "POST", comments, {"body": "Seen"})
    assert (await stand.api.delete(f"{REPO}/issues/comments/{comment.body['id']}")).status == 204
    alice = Checked(stand.as_("alice-ames"), load("github.json"))
    await alice(200, "POST", f"{pull}/reviews", {"event": "REQUEST_CHANGES", "body": "A test is missing"})
    await alice(422, "POST", f"{pull}/reviews", {"event": "REQUEST_CHANGES"})
    await check(405, "PUT", f"{pull}/merge")
    await alice(200, "POST", f"{pull}/reviews", {"event": "APPROVE"})
    await check(409, "PUT", f"{pull}/merge", {"sha": "0" * 40})
    await check(200, "PUT", f"{pull}/merge", {"merge_method": "squash"})
    await check(204, "GET", f"{pull}/merge")
    await check(201, "POST", f"{REPO}/statuses/{stand.pull.head_sha}", {"state": "success", "context": "lint"})


async def test_every_webhook_keeps_the_contract(stand: Stand) -> None:
    github, pull, repository = stand.github, stand.pull, stand.pull.repository
    github.base_url = f"{stand.url}/github"
    told: list[tuple[str, str, Any]] = []

    def keep(event: GithubEvent) -> None:
        told.append((event.name, event.action, json.loads(json.dumps(webhook_payload(github, event)))))

    github.listeners.append(keep)
    github.request(stand.bob, pull, [stand.alice.login])
    github.unrequest(stand.bob, pull, [stand.alice.login])
    review = github.review(stand.alice, pull, "REQUEST_CHANGES", "A test is missing")
    github.dismiss(stand.bob, pull, review, "It is there")
    github.remark(stand.alice, pull, "Here", path="src/basket.py", line=3)
    comment = github.comment(stand.bob, pull, "Done")
    github.edit_comment(stand.bob, pull, comment, "All done")
    github.delete_comment(stand.bob, pull, comment)
    commit = github.push(stand.bob, pull, "Add the test")
    github.check(repository, commit.sha, "build", None)
    github.check(repository, commit.sha, "build", "failure")
    github.set_status(stand.bob, repository, commit.sha, "lint", "success")
    github.set_draft(stand.bob, pull, True)
    github.set_draft(stand.bob, pull, False)
    github.edit_pull(stand.bob, pull, {"title": "APP-1 Another title"})
    github.close(stand.bob, pull)
    github.reopen(stand.bob, pull)
    github.merge(stand.bob, pull)
    github.open_pull(stand.bot, repository, "Bump a package", "dependabot/pip/a")
    ping = json.loads(json.dumps(ping_payload(github, 1, "http://localhost/hook", repository, stand.bob)))
    contract, hooks = load("github.json"), json.loads((EXTRACTS / "github.json").read_text())["x-webhooks"]
    wrong: dict[str, list[str]] = {}
    for name, action, payload in [*told, ("ping", "", ping)]:
        hook = HOOK_NAMES.get((name, action)) or "-".join(filter(None, (name, action))).replace("_", "-")
        schema = hooks[hook]["post"]["requestBody"]["content"]["application/json"]["schema"]
        # the description calls such a field nullable and forgets null among its values
        violations = [v for v in contract._check(schema, payload) if not v.split(": ", 1)[1].startswith("None is not")]
        if violations:
            wrong[hook] = violations
    assert wrong == {}
    assert len({(name, action) for name, action, _ in told}) >= 19
