"""Repositories, people, commits and their checks over REST."""

from __future__ import annotations

from aiohttp import web

from sandbox.github.errors import GithubError
from sandbox.github.http import GithubCall, Route, answer, paged
from sandbox.github.model import CheckRun, Commit, Repository
from sandbox.github.render import Json
from sandbox.github.rest_pulls import REPO
from sandbox.github.search import find
from sandbox.github.store import RateLimit


def routes() -> list[Route]:
    """Return what to serve."""
    return [
        ("GET", "user", user),
        ("GET", "users/{login}", person),
        ("GET", "rate_limit", rate_limit),
        ("GET", "search/issues", search),
        ("GET", "orgs/{owner}/repos", repositories),
        ("GET", REPO, repository),
        ("GET", f"{REPO}/collaborators", collaborators),
        ("GET", f"{REPO}/commits/{{ref}}", commit),
        ("GET", f"{REPO}/commits/{{ref}}/check-runs", check_runs),
        ("GET", f"{REPO}/commits/{{ref}}/status", status),
        ("GET", f"{REPO}/commits/{{ref}}/statuses", statuses),
        ("POST", f"{REPO}/statuses/{{ref}}", create_status),
    ]


async def user(call: GithubCall) -> web.Response:
    """Return who asks."""
    return answer(call.render.public_user(call.actor))


async def person(call: GithubCall) -> web.Response:
    """Return a user."""
    return answer(call.render.public_user(call.state.account(call.request.match_info["login"])))


async def rate_limit(call: GithubCall) -> web.Response:
    """Return what is left of the hour."""

    def shown(limit: RateLimit) -> Json:
        reset = int(limit.reset.timestamp())
        return {"limit": limit.limit, "used": limit.used, "remaining": limit.remaining, "reset": reset}

    core = shown(call.state.core)
    search = {**core, "limit": 30, "used": 0, "remaining": 30}
    return answer({"resources": {"core": core, "search": search, "graphql": shown(call.state.graphql)}, "rate": core})


async def search(call: GithubCall) -> web.Response:
    """Search pull requests."""
    found = find(call.state, call.request.query.get("q", ""))
    page, headers = paged(call, found[:1000])
    items = [{**call.render.issue(pull), "score": 1.0} for pull in page]
    body = {"total_count": len(found), "incomplete_results": False, "search_type": "lexical", "items": items}
    return answer(body, headers=headers)


async def repositories(call: GithubCall) -> web.Response:
    """List an organization's repositories."""
    owner = call.state.account(call.request.match_info["owner"])
    page, headers = paged(call, [r for r in call.state.repositories.values() if r.owner is owner])
    return answer([call.render.repository(repository) for repository in page], headers=headers)


async def repository(call: GithubCall) -> web.Response:
    """Read a repository."""
    return answer(call.render.full_repository(call.repository()))


async def collaborators(call: GithubCall) -> web.Response:
    """List who may write."""
    page, headers = paged(call, list(call.repository().collaborators.values()))
    rights = {"pull": True, "triage": True, "push": True, "maintain": False, "admin": False}
    rows = [{**call.render.user(one), "permissions": rights, "role_name": "write"} for one in page]
    return answer(rows, headers=headers)


def _commit(call: GithubCall) -> tuple[Repository, Commit]:
    repository, ref = call.repository(), call.request.match_info["ref"]
    found = call.state.commit_of(repository, ref)
    if found is None:
        raise GithubError(422, f"No commit found for SHA: {ref}")
    return repository, found


async def commit(call: GithubCall) -> web.Response:
    """Read a commit."""
    repository, found = _commit(call)
    stats = {"additions": 12, "deletions": 3, "total": 15}
    return answer({**call.render.commit(repository, found, repository.main_sha), "stats": stats, "files": []})


async def check_runs(call: GithubCall) -> web.Response:
    """List the checks of a commit."""
    repository, found = _commit(call)
    runs = repository.checks.get(found.sha, [])
    if name := call.request.query.get("check_name"):
        runs = [run for run in runs if run.name == name]
    page, headers = paged(call, runs)
    shown = [check_run_body(call, repository, run) for run in page]
    return answer({"total_count": len(runs), "check_runs": shown}, headers=headers)


def check_run_body(call: GithubCall, repository: Repository, run: CheckRun) -> Json:
    """Return a check run with the pull request it belongs to."""
    pull = call.state.pull_of_commit(repository, run.sha)
    return call.render.check_run(repository, run, [call.render.small_pull(pull)] if pull else [])


async def status(call: GithubCall) -> web.Response:
    """Return the combined status of a commit."""
    repository, found = _commit(call)
    return answer(call.render.combined_status(repository, found.sha))


async def statuses(call: GithubCall) -> web.Response:
    """List all statuses of a commit, newest first."""
    repository, found = _commit(call)
    page, headers = paged(call, list(reversed(repository.statuses.get(found.sha, []))))
    shown = [{**call.render.status(repository, one), "creator": call.render.user(one.creator)} for one in page]
    return answer(shown, headers=headers)


async def create_status(call: GithubCall) -> web.Response:
    """Report a status."""
    repository, found = _commit(call)
    context = call.text("context", "default")
    made = call.state.set_status(
        call.actor, repository, found.sha, context, call.text("state"), call.text("description")
    )
    return answer({**call.render.status(repository, made), "creator": call.render.user(made.creator)}, 201)
