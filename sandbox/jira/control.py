"""What the page and the tests do in Jira: the board, an issue, and people acting there themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.core import Sandbox
from sandbox.jira.adf import adf_from_text, text_from_adf
from sandbox.jira.errors import JiraError
from sandbox.jira.model import Issue, Status
from sandbox.jira.state import JiraState

PREFIX = "/sandbox/api/jira"
Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.Response]]
FIRST_COLUMN_CARDS = 50


class JiraControl:
    """Handlers for `/sandbox/api/jira/…`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    @property
    def _jira(self) -> JiraState:
        return self._sandbox.jira

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return what to serve."""
        return [
            ("GET", "projects", self.projects),
            ("GET", "board", self.board),
            ("GET", "issue/{key}", self.issue),
            ("POST", "issue/{key}", self.act),
            ("POST", "create", self.create),
        ]

    async def projects(self, request: web.Request) -> web.Response:
        """List the projects with the statuses of their workflows."""
        return web.json_response(
            {
                "projects": [
                    {
                        "key": project.key,
                        "name": project.name,
                        "statuses": [
                            {"name": name, "category": self._jira.statuses[name].category.key}
                            for name in project.workflow.statuses
                        ],
                    }
                    for project in self._jira.projects.values()
                ]
            }
        )

    async def board(self, request: web.Request) -> web.Response:
        """Show a project's issues by status, the last changed first; epics apart from the columns are left out."""
        project = self._jira.project(request.query.get("project", ""))
        limit = int(request.query.get("limit", FIRST_COLUMN_CARDS))
        words = request.query.get("q", "").casefold()
        columns: dict[str, list[Issue]] = {name: [] for name in project.workflow.statuses}
        for issue in self._jira.by_project[project.key].values():
            if words in issue.key.casefold() or words in issue.summary.casefold():
                columns.setdefault(issue.status.name, []).append(issue)
        return web.json_response({"columns": [self._column(name, issues, limit) for name, issues in columns.items()]})

    def _column(self, name: str, issues: list[Issue], limit: int) -> Json:
        status: Status = self._jira.statuses[name]
        issues.sort(key=lambda issue: issue.updated, reverse=True)
        cards = [self._card(issue) for issue in issues[:limit]]
        return {"status": name, "category": status.category.key, "total": len(issues), "issues": cards}

    def _card(self, issue: Issue) -> Json:
        return {
            "key": issue.key,
            "summary": issue.summary,
            "type": issue.type.name,
            "priority": issue.priority.name,
            "assignee": self._jira.user_name(issue.assignee),
            "epic": self._epic(issue),
            "updated": issue.updated.isoformat(),
        }

    def _epic(self, issue: Issue) -> str | None:
        parent = self._jira.parent(issue)
        while parent is not None and parent.type.level < 1:
            parent = self._jira.parent(parent)
        return parent.key if parent else None

    async def issue(self, request: web.Request) -> web.Response:
        """Show one issue."""
        jira, issue = self._jira, self._jira.issue(request.match_info["key"])
        parent = jira.parent(issue)
        steps = jira.workflow(issue).available(issue.status.name)
        return web.json_response(
            {
                **self._card(issue),
                "description_text": text_from_adf(issue.description),
                "status": issue.status.name,
                "reporter": jira.user_name(issue.reporter),
                "parent": parent.key if parent else None,
                "labels": list(issue.labels),
                "comments": [
                    {
                        "author": jira.user_name(comment.author),
                        "created": comment.created.isoformat(),
                        "text": text_from_adf(comment.body),
                    }
                    for comment in issue.comments
                ],
                "history": [
                    {
                        "author": jira.user_name(history.author),
                        "created": history.created.isoformat(),
                        "items": [
                            {"field": item.field, "from": item.before_text, "to": item.after_text}
                            for item in history.items
                        ],
                    }
                    for history in reversed(issue.histories)
                ],
                "transitions": [{"id": step.id, "name": step.name, "to": step.target} for step in steps],
                "links": [self._link(issue, link.source == issue.id, link) for link in issue.links],
            }
        )

    def _link(self, issue: Issue, outward: bool, link: Any) -> Json:
        other = self._jira.issues[link.target if outward else link.source]
        return {"type": link.type.outward if outward else link.type.inward, "key": other.key, "summary": other.summary}

    async def act(self, request: web.Request) -> web.Response:
        """Do what a person does in Jira; webhooks fire."""
        body = await request.json()
        actor, issue = account_of(self._sandbox, body.get("user")), self._jira.issue(request.match_info["key"])
        operation, value = body.get("op"), body.get("value")
        match operation:
            case "transition":
                self._jira.transition(actor, issue, self._step(issue, str(value)))
            case "assign":
                self._jira.assign(actor, issue, account_of(self._sandbox, value) if value else None)
            case "comment":
                self._jira.add_comment(actor, issue, adf_from_text(str(value)))
            case "priority":
                self._jira.edit(actor, issue, {"priority": {"name": value}})
            case "parent":
                self._jira.edit(actor, issue, {"parent": {"key": value} if value else None})
            case "summary":
                self._jira.edit(actor, issue, {"summary": value})
            case "delete":
                self._jira.delete(actor, issue, with_subtasks=True)
            case _:
                raise JiraError(400, f"There is no operation {operation!r}.")
        return web.json_response({"ok": True})

    def _step(self, issue: Issue, wanted: str) -> str:
        for step in self._jira.workflow(issue).available(issue.status.name):
            if wanted.casefold() in (step.id, step.name.casefold(), step.target.casefold()):
                return step.id
        return wanted

    async def create(self, request: web.Request) -> web.Response:
        """Create an issue as a person."""
        body = await request.json()
        fields: Json = {
            "project": {"key": body.get("project")},
            "issuetype": {"name": body.get("type", "Task")},
            "summary": body.get("summary", ""),
        }
        if body.get("description"):
            fields["description"] = adf_from_text(body["description"])
        if body.get("parent"):
            fields["parent"] = {"key": body["parent"]}
        return web.json_response({"key": self._jira.create(account_of(self._sandbox, body.get("user")), fields).key})


def account_of(sandbox: Sandbox, user: str | None) -> str:
    """Return the Jira account of a Slack user id, a person's key or an account id; JiraError 400 for anyone else."""
    for person in sandbox.world.people if sandbox.world else []:
        if user in (person.slack_id, person.jira_account_id, person.key):
            return person.jira_account_id
    if user is None or user not in sandbox.jira.users:
        raise JiraError(400, f"There is no person {user!r} in Jira.")
    return user


def setup(app: web.Application, sandbox: Sandbox) -> None:
    """Serve the control API of Jira."""
    for method, path, handler in JiraControl(sandbox).routes():
        app.router.add_route(method, f"{PREFIX}/{path}", guarded(handler))


def guarded(handler: Handler) -> Handler:
    """Turn refusals into `{"error": …}`."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except JiraError as error:
            return web.json_response({"error": str(error)}, status=error.status)
        except ValueError as error:
            return web.json_response({"error": f"bad request: {error}"}, status=400)

    return handle
