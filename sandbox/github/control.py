"""What the page and tests do with GitHub: look at pull requests, and act there as a person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.core import Sandbox
from sandbox.github.errors import GithubError, invalid
from sandbox.github.model import Account, PullRequest
from sandbox.github.render import Json, instant

PREFIX = "/sandbox/api/github"
Handler = Callable[[web.Request], Awaitable[web.Response]]
WORDS = {
    "ReviewRequestedEvent": "asked for a review",
    "ReviewRequestRemovedEvent": "asked no longer for a review",
    "ReviewDismissedEvent": "dismissed a review",
    "ReadyForReviewEvent": "marked it ready for review",
    "ConvertToDraftEvent": "turned it into a draft",
    "MergedEvent": "merged it",
    "ClosedEvent": "closed it",
    "ReopenedEvent": "opened it again",
}


class GithubControl:
    """Handlers for `/sandbox/api/github/…`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._github = sandbox.github

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return what to serve."""
        one = "pull/{owner}/{repo}/{number}"
        return [
            ("GET", "repositories", self.repositories),
            ("GET", "pulls", self.pulls),
            ("GET", one, self.pull),
            ("POST", one, self.act),
            ("POST", "open", self.open),
            ("POST", "faults", self.faults),
        ]

    async def repositories(self, request: web.Request) -> web.Response:
        """List the repositories with their numbers of open and all pull requests."""
        rows = [
            {
                "name": repository.full_name,
                "open": sum(pull.is_open for pull in repository.pulls.values()),
                "total": len(repository.pulls),
                "people": [self._person(one) for one in repository.collaborators.values() if one.type == "User"],
            }
            for repository in self._github.repositories.values()
        ]
        return web.json_response({"repositories": rows})

    async def pulls(self, request: web.Request) -> web.Response:
        """List a repository's pull requests, the newest change first."""
        query = request.query
        state, wanted = query.get("state", "open"), query.get("q", "").casefold()
        limit = int(query.get("limit", "50"))
        repository = self._github.repository(query.get("repository", ""))
        found = [
            pull
            for pull in repository.pulls.values()
            if (state == "all" or pull.is_open == (state == "open"))
            and wanted in f"{pull.title} {pull.head_ref} {pull.author.login} #{pull.number}".casefold()
        ]
        found.sort(key=lambda pull: (pull.updated, pull.number), reverse=True)
        return web.json_response({"total": len(found), "pulls": [self._row(pull) for pull in found[:limit]]})

    async def pull(self, request: web.Request) -> web.Response:
        """Return one pull request with its conversation."""
        return web.json_response(self._whole(self._pull(request)))

    async def act(self, request: web.Request) -> web.Response:
        """Do something to a pull request as a person."""
        body = await request.json()
        self._act(self._actor(body.get("user")), self._pull(request), str(body.get("op", "")), body.get("value"))
        return web.json_response({"ok": True})

    def _act(self, actor: Account, pull: PullRequest, operation: str, value: Any) -> None:
        github, text = self._github, str(value or "")
        match operation:
            case "approve" | "request_changes" | "review_comment":
                event = {"approve": "APPROVE", "request_changes": "REQUEST_CHANGES"}.get(operation, "COMMENT")
                github.review(actor, pull, event, text)
            case "comment":
                github.comment(actor, pull, text)
            case "push":
                commit = github.push(actor, pull, text or "Work on the review's remarks")
                for name in pull.repository.required_checks:
                    github.check(pull.repository, commit.sha, name, "success")
            case "check":
                name, _, conclusion = text.partition("=")
                github.check(pull.repository, pull.head_sha, name, conclusion or None)
            case "request":
                github.request(actor, pull, [text])
            case "unrequest":
                github.unrequest(actor, pull, [text])
            case "merge":
                github.merge(actor, pull)
            case "close":
                github.close(actor, pull)
            case "reopen":
                github.reopen(actor, pull)
            case "draft" | "ready":
                github.set_draft(actor, pull, operation == "draft")
            case _:
                raise GithubError(400, f"There is no operation {operation!r}.")

    async def open(self, request: web.Request) -> web.Response:
        """Open a pull request as a person."""
        body = await request.json()
        repository = self._github.repository(str(body.get("repository", "")))
        head, title = str(body.get("head", "")), str(body.get("title", ""))
        actor = self._actor(body.get("user"))
        made = self._github.open_pull(actor, repository, title, head, body=str(body.get("body", "")))
        return web.json_response({"repository": repository.full_name, "number": made.number})

    async def faults(self, request: web.Request) -> web.Response:
        """Make GraphQL time out above a page's size, or fail to give some pull requests."""
        body = await request.json()
        self._github.timeout_above = body.get("timeout_above")
        self._github.broken = {(str(name), int(number)) for name, number in body.get("broken", [])}
        return web.json_response({"ok": True})

    def _pull(self, request: web.Request) -> PullRequest:
        match = request.match_info
        number = match["number"]
        if not number.isdigit():
            raise invalid("PullRequest", "number", "invalid")
        return self._github.pull(f"{match['owner']}/{match['repo']}", int(number))

    def _actor(self, user: str | None) -> Account:
        for person in self._sandbox.world.people if self._sandbox.world else []:
            if user in (person.slack_id, person.key, person.github_login):
                if not person.github_login:
                    raise GithubError(400, f"{person.name} has no GitHub account.")
                return self._github.account(person.github_login)
        if user is None or user.casefold() not in self._github.accounts:
            raise GithubError(400, f"There is no person {user!r} in GitHub.")
        return self._github.account(user)

    def _person(self, account: Account) -> Json:
        return {"login": account.login, "name": account.name or account.login, "is_bot": account.is_bot}

    def _row(self, pull: PullRequest) -> Json:
        return {
            "repository": pull.repository.full_name,
            "number": pull.number,
            "title": pull.title,
            "author": self._person(pull.author),
            "state": "merged" if pull.merged else pull.state,
            "draft": pull.draft,
            "decision": pull.decision() if pull.opinions() else None,
            "checks": pull.repository.rollup(pull.head_sha),
            "reviewers": [self._person(one) for one in pull.requested],
            "branch": pull.head_ref,
            "updated": instant(pull.updated),
            "created": instant(pull.created),
        }

    def _whole(self, pull: PullRequest) -> Json:
        runs = pull.repository.checks.get(pull.head_sha, [])
        return {
            **self._row(pull),
            "body": pull.body,
            "checks_list": [{"name": run.name, "state": run.conclusion or run.status} for run in runs],
            "verdicts": [{**self._person(review.author), "state": review.state} for review in pull.latest_reviews()],
            "people": [
                self._person(one)
                for one in pull.repository.collaborators.values()
                if one is not pull.author and one not in pull.requested and one is not self._github.service
            ],
            "events": [self._event(item) for item in pull.timeline],
        }

    def _event(self, item: Any) -> Json:
        event = {"at": instant(item.at), "who": self._person(item.actor), "kind": item.kind, "text": ""}
        if item.kind == "PullRequestCommit":
            return {**event, "what": f"pushed {item.of.sha[:7]}", "text": item.of.message}
        if item.kind == "PullRequestReview":
            verdict = item.of.state.replace("_", " ").lower()
            return {**event, "what": f"reviewed: {verdict}", "text": item.of.body}
        if item.kind == "IssueComment":
            return {**event, "what": "commented", "text": item.of.body}
        named = getattr(item.of, "login", "") or getattr(item.of, "slug", "")
        return {**event, "what": WORDS.get(item.kind, item.kind), "text": named}


def setup(app: web.Application, sandbox: Sandbox) -> None:
    """Serve the control API of GitHub."""
    for method, path, handler in GithubControl(sandbox).routes():
        app.router.add_route(method, f"{PREFIX}/{path}", guarded(handler))


def guarded(handler: Handler) -> Handler:
    """Turn refusals into `{"error": …}`."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except GithubError as error:
            return web.json_response({"error": str(error)}, status=error.status)
        except ValueError as error:
            return web.json_response({"error": f"bad request: {error}"}, status=400)

    return handle
