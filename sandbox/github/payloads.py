"""The bodies of GitHub's webhooks."""

from __future__ import annotations

from sandbox.github.events import GithubEvent
from sandbox.github.model import Account, CheckRun, CommitStatus, PullRequest, Repository, Team
from sandbox.github.render import Json, instant
from sandbox.github.render_pull import PullRenderer
from sandbox.github.store import GithubStore


def webhook_payload(store: GithubStore, event: GithubEvent) -> Json:
    """Return a webhook's body."""
    render = PullRenderer(store.base_url)
    body: Json = {"action": event.action} if event.action else {}
    if event.name == "push":
        body |= _push(render, event)
    elif event.name in ("check_run", "check_suite"):
        assert event.check is not None
        body |= _checks(render, event, event.check)
    elif event.name == "status":
        body |= _status(render, event, event.extra["status"])
    elif event.pull is not None:
        body |= _pull(render, event, event.pull)
    body |= {
        "repository": render.repository(event.repository),
        "organization": _organization(render, event.repository.owner),
        "sender": render.user(event.sender),
    }
    return body


def ping_payload(store: GithubStore, hook_id: int, url: str, repository: Repository, sender: Account) -> Json:
    """Return the greeting of a new webhook."""
    render = PullRenderer(store.base_url)
    hook = {
        "type": "Repository",
        "id": hook_id,
        "name": "web",
        "active": True,
        "events": ["*"],
        "config": {"content_type": "json", "insecure_ssl": "0", "url": url},
        "updated_at": instant(store.now()),
        "created_at": instant(store.now()),
    }
    return {
        "zen": "Keep it logically awesome.",
        "hook_id": hook_id,
        "hook": hook,
        "repository": render.repository(repository),
        "sender": render.user(sender),
    }


def _pull(render: PullRenderer, event: GithubEvent, pull: PullRequest) -> Json:
    if event.name == "issue_comment":
        assert event.comment is not None
        issue = render.issue(pull)
        changes = {"changes": event.extra["changes"]} if "changes" in event.extra else {}
        return {"issue": issue, "comment": render.comment(pull, event.comment), **changes}
    if event.name == "pull_request_review":
        assert event.review is not None
        review = {**render.review(pull, event.review), "state": event.review.state.lower()}
        return {"review": review, "pull_request": render.pull(pull)}
    if event.name == "pull_request_review_comment":
        remark = {**render.remark(pull, event.extra["remark"]), "start_side": None}
        return {"comment": remark, "pull_request": render.pull(pull)}
    body: Json = {"number": pull.number, "pull_request": render.full_pull(pull)}
    for name, value in event.extra.items():
        if name in ("before", "after", "changes"):
            body[name] = value
        elif isinstance(value, Account):
            body[name] = render.user(value)
        elif isinstance(value, Team):
            body[name] = render.team(value)
    return body


def _checks(render: PullRenderer, event: GithubEvent, run: CheckRun) -> Json:
    pulls = [render.small_pull(event.pull)] if event.pull else []
    if event.name == "check_run":
        suite = _suite(render, event, run, pulls)
        return {"check_run": {**render.check_run(event.repository, run, pulls), "check_suite": suite}}
    commit = {
        "id": run.sha,
        "tree_id": run.sha[::-1],
        "message": event.pull.commits[-1].message if event.pull else "",
        "timestamp": instant(run.started),
        "author": {"name": event.sender.name or event.sender.login, "email": event.sender.email or None},
        "committer": {"name": event.sender.name or event.sender.login, "email": event.sender.email or None},
    }
    runs = event.repository.checks.get(run.sha, [])
    url = f"{render.repository_url(event.repository)}/check-suites/{render.check_suite_id(event.repository, run.sha)}"
    more = {
        "latest_check_runs_count": len(runs),
        "check_runs_url": f"{url}/check-runs",
        "head_commit": commit,
    }
    return {"check_suite": {**_suite(render, event, run, pulls), **more}}


def _suite(render: PullRenderer, event: GithubEvent, run: CheckRun, pulls: list[Json]) -> Json:
    repository = event.repository
    suite_id = render.check_suite_id(repository, run.sha)
    runs = repository.checks.get(run.sha, [])
    is_done = all(other.status == "completed" for other in runs)
    rollup = repository.rollup(run.sha)
    return {
        "id": suite_id,
        "node_id": f"CS_{suite_id}",
        "head_branch": event.pull.head_ref if event.pull else repository.default_branch,
        "head_sha": run.sha,
        "status": "completed" if is_done else "in_progress",
        "conclusion": ("success" if rollup == "SUCCESS" else "failure") if is_done else None,
        "url": f"{render.repository_url(repository)}/check-suites/{suite_id}",
        "before": event.pull.base_sha if event.pull else None,
        "after": run.sha,
        "pull_requests": pulls,
        "app": render.app(repository),
        "created_at": instant(run.started),
        "updated_at": instant(run.completed or run.started),
    }


def _status(render: PullRenderer, event: GithubEvent, status: CommitStatus) -> Json:
    repository, pull = event.repository, event.pull
    commit = next((c for c in pull.commits if c.sha == status.sha), None) if pull else None
    branches = [
        {
            "name": pull.head_ref,
            "commit": {"sha": pull.head_sha, "url": f"{render.repository_url(repository)}/commits/{pull.head_sha}"},
            "protected": False,
        }
        for pull in ([event.pull] if event.pull else [])
    ]
    shown = render.commit(repository, commit, None) if commit else None
    return {
        "id": status.id,
        "sha": status.sha,
        "name": repository.full_name,
        "avatar_url": f"{render.site}/avatars/{status.creator.id}",
        "target_url": None,
        "context": status.context,
        "description": status.description or None,
        "state": status.state,
        "commit": shown,
        "branches": branches,
        "created_at": instant(status.at),
        "updated_at": instant(status.at),
    }


def _push(render: PullRenderer, event: GithubEvent) -> Json:
    repository, commit = event.repository, event.extra["commit"]
    page = f"{render.site}/{repository.full_name}"
    author = {**render.git_actor(commit), "username": commit.author.login}
    shown = {
        "id": commit.sha,
        "tree_id": commit.sha[::-1],
        "distinct": True,
        "message": commit.message,
        "timestamp": instant(commit.at),
        "url": f"{page}/commit/{commit.sha}",
        "author": author,
        "committer": author,
        "added": [],
        "removed": [],
        "modified": ["src/app.py"],
    }
    before, after = event.extra["before"], event.extra["after"]
    return {
        "ref": event.extra["ref"],
        "before": before,
        "after": after,
        "base_ref": None,
        "created": False,
        "deleted": False,
        "forced": False,
        "compare": f"{page}/compare/{before[:12]}...{after[:12]}",
        "commits": [shown],
        "head_commit": shown,
        "pusher": {"name": event.sender.login, "email": event.sender.email or None},
    }


def _organization(render: PullRenderer, owner: Account) -> Json:
    url = f"{render.api}/orgs/{owner.login}"
    return {
        "login": owner.login,
        "id": owner.id,
        "node_id": f"O_{owner.id}",
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{render.site}/avatars/{owner.id}",
        "description": None,
    }
