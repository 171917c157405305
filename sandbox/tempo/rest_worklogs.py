"""Worklogs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from aiohttp import web

from sandbox.jira.model import Worklog
from sandbox.tempo import render
from sandbox.tempo.http import Json, Route, TempoCall, TempoError, answer, day_of, moment_of, number_of, page
from sandbox.tempo.state import jira_id, tempo_id

START_TIME = re.compile(r"([0-1]?[0-9]|2[0-3])(:[0-5][0-9])(:[0-5][0-9])")
ORDERS: dict[str, Callable[[Worklog], Any]] = {
    "ID": lambda w: w.id,
    "START_DATE_TIME": lambda w: (w.started, w.id),
    "UPDATED": lambda w: (w.updated, w.id),
}


def routes() -> list[Route]:
    """Return what to serve."""
    return [
        ("GET", "worklogs", listed),
        ("POST", "worklogs", create),
        ("POST", "worklogs/search", search),
        ("POST", "worklogs/jira-to-tempo", jira_to_tempo),
        ("POST", "worklogs/tempo-to-jira", tempo_to_jira),
        ("GET", "worklogs/user/{account}", of_user),
        ("GET", "worklogs/team/{id}", of_team),
        ("GET", "worklogs/project/{id}", of_project),
        ("GET", "worklogs/issue/{id}", of_issue),
        ("GET", "worklogs/{id}", read),
        ("PUT", "worklogs/{id}", update),
        ("DELETE", "worklogs/{id}", delete),
        ("GET", "worklogs/{id}/work-attribute-values", attributes),
    ]


def _filters(call: TempoCall) -> dict[str, Any]:
    updated = call.request.query.get("updatedFrom")
    return {
        "start": call.day("from"),
        "end": call.day("to"),
        "updated_from": moment_of(updated, "updatedFrom") if updated else None,
    }


def _page(call: TempoCall, found: list[Worklog]) -> web.StreamResponse:
    head, shown = page(call, found)
    return answer({**head, "results": [render.worklog(call, log) for log in shown]})


async def listed(call: TempoCall) -> web.StreamResponse:
    order = call.request.query.get("orderBy")
    found = call.state.worklogs(
        **_filters(call), issue_ids=call.numbers("issueId"), project_ids=call.numbers("projectId")
    )
    if order is not None:
        if order not in ORDERS:
            raise TempoError(400, f"Parameter 'orderBy' must be one of {', '.join(ORDERS)}.")
        found.sort(key=ORDERS[order], reverse=True)
    return _page(call, found)


async def search(call: TempoCall) -> web.StreamResponse:
    body = call.object()
    found = call.state.worklogs(
        start=day_of(body["from"], "from") if body.get("from") else None,
        end=day_of(body["to"], "to") if body.get("to") else None,
        updated_from=moment_of(body["updatedFrom"], "updatedFrom") if body.get("updatedFrom") else None,
        authors=_list(body, "authorIds"),
        issue_ids=[number_of(i, "issueIds") for i in _list(body, "issueIds")],
        project_ids=[number_of(i, "projectIds") for i in _list(body, "projectIds")],
    )
    for order in reversed(_list(body, "orderBy")):
        if not isinstance(order, dict) or order.get("field") not in ORDERS:
            raise TempoError(400, "orderBy must be a list of {field, order}.")
        found.sort(key=ORDERS[order["field"]], reverse=order.get("order") == "DESC")
    return _page(call, found)


def _list(body: Json, name: str) -> list[Any]:
    value = body.get(name) or []
    if not isinstance(value, list):
        raise TempoError(400, f"{name} must be a list.")
    return value


async def of_user(call: TempoCall) -> web.StreamResponse:
    return _page(call, call.state.worklogs(**_filters(call), authors=[call.account()]))


async def of_team(call: TempoCall) -> web.StreamResponse:
    team = call.state.teams.get(call.id())
    if team is None:
        raise TempoError(404, f"Team with id {call.id()} was not found")
    members = list(team.members.values())
    return _page(call, call.state.worklogs(**_filters(call), authors=members) if members else [])


async def of_project(call: TempoCall) -> web.StreamResponse:
    if all(p.id != str(call.id()) for p in call.state.jira.projects.values()):
        raise TempoError(404, f"Project with id {call.id()} was not found")
    return _page(call, call.state.worklogs(**_filters(call), project_ids=[call.id()]))


async def of_issue(call: TempoCall) -> web.StreamResponse:
    if call.id() not in call.state.jira.issues:
        raise TempoError(404, f"Issue with id {call.id()} was not found")
    return _page(call, call.state.worklogs(**_filters(call), issue_ids=[call.id()]))


def _worklog(call: TempoCall) -> Worklog:
    found = call.state.worklog(call.id())
    if found is None:
        raise TempoError(404, "Worklog not found")
    return found


async def read(call: TempoCall) -> web.StreamResponse:
    return answer(render.worklog(call, _worklog(call)))


async def create(call: TempoCall) -> web.StreamResponse:
    body = call.object()
    values = _values(call, body)
    issue_id = body.get("issueId")
    issue = call.state.jira.issues.get(issue_id) if isinstance(issue_id, int) else None
    if issue is None:
        raise TempoError(400, f"Issue with id {issue_id} does not exist or you do not have permission to view it")
    author = str(values.pop("author"))
    _check_open(call, author, values["started"].date(), "created")
    return answer(render.worklog(call, call.state.create_worklog(call.actor, author, issue, **values)))


async def update(call: TempoCall) -> web.StreamResponse:
    found = _worklog(call)
    values = _values(call, call.object())
    for day in (found.day, values["started"].date()):
        _check_open(call, found.author, day, "updated")
    call.state.update_worklog(call.actor, found, **values)
    return answer(render.worklog(call, found))


async def delete(call: TempoCall) -> web.StreamResponse:
    found = _worklog(call)
    _check_open(call, found.author, found.day, "deleted")
    call.state.delete_worklog(call.actor, found)
    return web.Response(status=204)


def _check_open(call: TempoCall, account_id: str, day: date, what: str) -> None:
    """Refuse what a submitted or approved timesheet does not take; nobody here may bypass it."""
    status = call.state.approval(account_id, day)
    if status != "OPEN":
        raise TempoError(400, f"Worklog cannot be {what}: the timesheet of its period is {status}")


def _values(call: TempoCall, body: Json) -> Json:
    required = ("authorAccountId", "startDate", "timeSpentSeconds")
    missing = [f"{name} must not be null" for name in required if body.get(name) is None]
    if missing:
        raise TempoError(400, *missing)
    seconds = body["timeSpentSeconds"]
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds <= 0:
        raise TempoError(400, "timeSpentSeconds must be greater than 0")
    if seconds > 24 * 3600:
        raise TempoError(400, "timeSpentSeconds must not exceed 24 hours")
    author = body["authorAccountId"]
    if author not in call.state.jira.users:
        raise TempoError(400, "User is invalid")
    return {
        "author": author,
        "started": datetime.combine(day_of(body["startDate"], "startDate"), _time(body.get("startTime"))),
        "seconds": seconds,
        "description": str(body.get("description") or ""),
        "billable_seconds": body.get("billableSeconds"),
    }


def _time(text: Any) -> time:
    if text is None:
        return time()
    if not START_TIME.fullmatch(str(text)):
        raise TempoError(400, "startTime is not valid: expected format is HH:mm:ss")
    return time.fromisoformat(str(text).zfill(len("HH:mm:ss")))


async def attributes(call: TempoCall) -> web.StreamResponse:
    _worklog(call)
    return answer({"self": str(call.request.url), "metadata": {"count": 0}, "results": []})


async def jira_to_tempo(call: TempoCall) -> web.StreamResponse:
    return _mapped(call, [number_of(i, "jiraWorklogIds") for i in _list(call.object(), "jiraWorklogIds")])


async def tempo_to_jira(call: TempoCall) -> web.StreamResponse:
    wanted = [number_of(i, "tempoWorklogIds") for i in _list(call.object(), "tempoWorklogIds")]
    return _mapped(call, [jira_id(i) for i in wanted])


def _mapped(call: TempoCall, worklog_ids: list[int]) -> web.StreamResponse:
    known = [i for i in worklog_ids if i in call.state.jira.worklogs]
    head, shown = page(call, known)
    return answer({**head, "results": [{"tempoWorklogId": tempo_id(i), "jiraWorklogId": i} for i in shown]})
