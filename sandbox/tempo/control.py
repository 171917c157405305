"""What the page and the tests do in Tempo."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time
from typing import Any

from aiohttp import web

from sandbox.core import Sandbox
from sandbox.jira.control import account_of, guarded
from sandbox.jira.errors import JiraError
from sandbox.jira.model import Worklog
from sandbox.tempo.state import tempo_id

PREFIX = "/sandbox/api/tempo"
Json = dict[str, Any]
START = time(9)


class TempoControl:
    """Handlers for `/sandbox/api/tempo/…`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def worklogs(self, request: web.Request) -> web.Response:
        """List worklogs, and their sums by person and day."""
        query = request.query
        project = self._sandbox.jira.projects.get(query.get("project", ""))
        logs = self._sandbox.tempo.worklogs(
            date.fromisoformat(query["from"]) if "from" in query else None,
            date.fromisoformat(query["to"]) if "to" in query else None,
            authors=[account_of(self._sandbox, query["user"])] if query.get("user") else (),
            project_ids=[int(project.id)] if project else (),
        )
        logs.sort(key=lambda log: (log.started, log.id), reverse=True)
        totals: defaultdict[tuple[str, str], int] = defaultdict(int)
        for log in logs:
            totals[log.day.isoformat(), log.author] += log.seconds
        return web.json_response(
            {
                "worklogs": [self._row(log) for log in logs],
                "totals": [
                    {"user": self._slack_id(author), "date": day, "seconds": seconds}
                    for (day, author), seconds in sorted(totals.items(), reverse=True)
                ],
            }
        )

    def _row(self, log: Worklog) -> Json:
        return {
            "id": tempo_id(log.id),
            "user": self._slack_id(log.author),
            "issue_key": self._sandbox.jira.issues[log.issue_id].key,
            "date": log.day.isoformat(),
            "seconds": log.seconds,
            "description": log.description,
        }

    def _slack_id(self, account: str) -> str:
        world = self._sandbox.world
        people = world.people if world else []
        return next((p.slack_id for p in people if p.jira_account_id == account), account)

    async def act(self, request: web.Request) -> web.Response:
        """Create, change or delete a worklog as its person."""
        body = await request.json()
        operation = body.get("op")
        if operation == "create":
            log = self._create(body)
        elif operation in ("update", "delete"):
            log = self._change(operation, body)
        else:
            raise JiraError(400, f"There is no operation {operation!r}.")
        return web.json_response({"id": tempo_id(log.id)})

    def _create(self, body: Json) -> Worklog:
        author = account_of(self._sandbox, str(body.get("user")))
        issue = self._sandbox.jira.issue(str(body.get("issue_key")))
        started = datetime.combine(date.fromisoformat(str(body.get("date"))), START)
        description = str(body.get("description", ""))
        return self._sandbox.tempo.create_worklog(author, author, issue, started, _seconds(body), description)

    def _change(self, operation: str, body: Json) -> Worklog:
        log = self._sandbox.tempo.worklog(int(body.get("id", 0)))
        if log is None:
            raise JiraError(404, f"There is no worklog {body.get('id')}.")
        if operation == "delete":
            self._sandbox.tempo.delete_worklog(log.author, log)
            return log
        day = date.fromisoformat(body["date"]) if body.get("date") else log.day
        self._sandbox.tempo.update_worklog(
            log.author,
            log,
            datetime.combine(day, log.started.time()),
            _seconds(body) if body.get("seconds") else log.seconds,
            str(body.get("description", log.description)),
        )
        return log


def _seconds(body: Json) -> int:
    seconds = body.get("seconds")
    if not isinstance(seconds, int) or not 0 < seconds <= 24 * 3600:
        raise JiraError(400, "seconds must be between 1 and 86400.")
    return seconds


def setup(app: web.Application, sandbox: Sandbox) -> None:
    """Serve the control API of Tempo."""
    control = TempoControl(sandbox)
    app.router.add_get(f"{PREFIX}/worklogs", guarded(control.worklogs))
    app.router.add_post(f"{PREFIX}/worklog", guarded(control.act))
