"""Pull requests over REST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.github.errors import invalid
from sandbox.github.http import GithubCall, Route, answer, paged
from sandbox.github.model import PullRequest, TimelineItem
from sandbox.github.render import Json, instant

REPO = "repos/{owner}/{repo}"
PULL = f"{REPO}/pulls/{{number}}"
SORTS: dict[str, Callable[[PullRequest], Any]] = {
    "created": lambda pull: (pull.created, pull.number),
    "updated": lambda pull: (pull.updated, pull.number),
    "popularity": lambda pull: (len(pull.comments), pull.number),
    "long-running": lambda pull: (pull.created, pull.number),
}
TIMELINE = {
    "ReviewRequestedEvent": "review_requested",
    "ReviewRequestRemovedEvent": "review_request_removed",
    "ReadyForReviewEvent": "ready_for_review",
    "ConvertToDraftEvent": "convert_to_draft",
    "MergedEvent": "merged",
    "ClosedEvent": "closed",
    "ReopenedEvent": "reopened",
}


def routes() -> list[Route]:
    """Return what to serve."""
    return [
        ("GET", f"{REPO}/pulls", listed),
        ("POST", f"{REPO}/pulls", create),
        ("GET", PULL, read),
        ("PATCH", PULL, update),
        ("GET", f"{PULL}/commits", commits),
        ("GET", f"{PULL}/merge", is_merged),
        ("PUT", f"{PULL}/merge", merge),
        ("GET", f"{PULL}/requested_reviewers", requested),
        ("POST", f"{PULL}/requested_reviewers", request_reviewers),
        ("DELETE", f"{PULL}/requested_reviewers", unrequest_reviewers),
        ("GET", f"{REPO}/issues/{{number}}/timeline", timeline),
    ]


async def listed(call: GithubCall) -> web.Response:
    """List pull requests."""
    query = call.request.query
    state, sort = query.get("state", "open"), query.get("sort", "created")
    if state not in ("open", "closed", "all") or sort not in SORTS:
        raise invalid("PullRequest", "state" if sort in SORTS else "sort", "invalid")
    found = [pull for pull in call.repository().pulls.values() if state in ("all", pull.state)]
    if head := query.get("head", "").partition(":")[2]:
        found = [pull for pull in found if pull.head_ref == head]
    if base := query.get("base", ""):
        found = [pull for pull in found if pull.base_ref == base]
    direction = query.get("direction", "desc" if sort == "created" else "asc")
    found.sort(key=SORTS[sort], reverse=direction == "desc")
    page, headers = paged(call, found)
    return answer([call.render.pull(pull) for pull in page], headers=headers)


async def create(call: GithubCall) -> web.Response:
    """Open a pull request."""
    repository = call.repository()
    head = call.text("head").rpartition(":")[2]
    pull = call.state.open_pull(
        call.actor,
        repository,
        call.text("title"),
        head,
        call.text("base"),
        call.text("body"),
        draft=bool(call.object().get("draft")),
    )
    return answer(call.render.full_pull(pull), 201, {"Location": call.render.pull_url(pull)})


async def read(call: GithubCall) -> web.Response:
    """Read a pull request."""
    return answer(call.render.full_pull(call.pull()))


async def update(call: GithubCall) -> web.Response:
    """Change title, body, state."""
    pull = call.pull()
    changes: dict[str, Any] = {name: call.text(name) for name in ("title", "body", "state") if name in call.object()}
    call.state.edit_pull(call.actor, pull, changes)
    return answer(call.render.full_pull(pull))


async def commits(call: GithubCall) -> web.Response:
    """List a pull request's commits, oldest first."""
    pull = call.pull()
    parents = [pull.base_sha, *(commit.sha for commit in pull.commits)]
    pairs, headers = paged(call, list(zip(pull.commits, parents, strict=False)))
    return answer([call.render.commit(pull.repository, commit, parent) for commit, parent in pairs], headers=headers)


async def is_merged(call: GithubCall) -> web.Response:
    """Answer 204 when merged, else 404."""
    return web.Response(status=204 if call.pull().merged else 404)


async def merge(call: GithubCall) -> web.Response:
    """Merge."""
    sha = call.state.merge(call.actor, call.pull(), sha=call.text("sha"))
    return answer({"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


async def requested(call: GithubCall) -> web.Response:
    """List who is still asked for a review."""
    pull = call.pull()
    users = [call.render.user(account) for account in pull.requested]
    return answer({"users": users, "teams": [call.render.team(team) for team in pull.requested_teams]})


async def request_reviewers(call: GithubCall) -> web.Response:
    """Ask for reviews."""
    pull = call.pull()
    call.state.request(call.actor, pull, call.names("reviewers"), call.names("team_reviewers"))
    return answer(call.render.pull(pull), 201)


async def unrequest_reviewers(call: GithubCall) -> web.Response:
    """Ask no longer."""
    pull = call.pull()
    call.state.unrequest(call.actor, pull, call.names("reviewers"), call.names("team_reviewers"))
    return answer(call.render.pull(pull))


async def timeline(call: GithubCall) -> web.Response:
    """List what happened, oldest first."""
    pull = call.pull()
    items, headers = paged(call, pull.timeline)
    return answer([_timeline_item(call, pull, item) for item in items], headers=headers)


def _timeline_item(call: GithubCall, pull: PullRequest, item: TimelineItem) -> Json:
    render = call.render
    if item.kind == "PullRequestReview":
        return {**render.review(pull, item.of), "event": "reviewed"}
    if item.kind == "IssueComment":
        return {**render.comment(pull, item.of), "event": "commented", "actor": render.user(item.actor)}
    if item.kind == "PullRequestCommit":
        commit = render.commit(pull.repository, item.of, pull.base_sha)
        return {**commit["commit"], **{k: commit[k] for k in ("sha", "node_id", "html_url", "parents")}} | {
            "url": commit["url"],
            "event": "committed",
        }
    body: Json = {
        "id": item.of.id if item.of is not None else pull.id,
        "node_id": f"E_{pull.id}_{item.kind}",
        "url": f"{render.repository_url(pull.repository)}/issues/events/{pull.id}",
        "actor": render.user(item.actor),
        "event": TIMELINE.get(item.kind, item.kind),
        "commit_id": pull.merge_sha if item.kind == "MergedEvent" else None,
        "commit_url": None,
        "created_at": instant(item.at),
        "performed_via_github_app": None,
    }
    if item.kind in ("ReviewRequestedEvent", "ReviewRequestRemovedEvent"):
        is_team = hasattr(item.of, "slug")
        body["review_requester"] = render.user(item.actor)
        body["requested_team" if is_team else "requested_reviewer"] = (
            render.team(item.of) if is_team else render.user(item.of)
        )
    return body
