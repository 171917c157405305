"""Comments and worklogs of issues."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.jira.adf import is_adf, text_from_adf
from sandbox.jira.errors import JiraError
from sandbox.jira.http import JiraCall, Route, answer, no_content, page
from sandbox.jira.model import Worklog
from sandbox.jira.render import Json, epoch_ms
from sandbox.jira.render_issue import render_worklog

CHANGED_PAGE = 1000


def routes() -> list[Route]:
    """Return what to serve."""
    return [
        ("GET", "issue/{issue}/comment", comments),
        ("POST", "issue/{issue}/comment", add_comment),
        ("GET", "issue/{issue}/comment/{id}", comment),
        ("PUT", "issue/{issue}/comment/{id}", edit_comment),
        ("DELETE", "issue/{issue}/comment/{id}", delete_comment),
        ("POST", "comment/list", comment_list),
        ("GET", "comment/{id}/properties", property_keys),
        ("GET", "comment/{id}/properties/{property}", read_property),
        ("PUT", "comment/{id}/properties/{property}", set_property),
        ("GET", "issue/{issue}/worklog", worklogs),
        ("POST", "issue/{issue}/worklog", add_worklog),
        ("DELETE", "issue/{issue}/worklog/{id}", delete_worklog),
        ("GET", "worklog/updated", worklogs_updated),
        ("GET", "worklog/deleted", worklogs_deleted),
        ("POST", "worklog/list", worklog_list),
    ]


async def comments(call: JiraCall) -> web.StreamResponse:
    issue = call.issue()
    order = call.text("orderBy", "created")
    if order.lstrip("+-") != "created":
        raise JiraError(400, f"The value '{order}' is not valid for the orderBy parameter.")
    ordered = sorted(issue.comments, key=lambda c: (c.created, c.id), reverse=order.startswith("-"))
    head, chosen = page(call, ordered, default=100, most=5000)
    expand = call.listed("expand")
    return answer({**head, "comments": [call.render.comment(c, issue.id, expand) for c in chosen]})


async def add_comment(call: JiraCall) -> web.StreamResponse:
    issue = call.issue()
    body = call.object()
    made = call.state.add_comment(call.actor, issue, body.get("body"), properties_of(body))
    return answer(call.render.comment(made, issue.id, call.listed("expand")), status=201)


def properties_of(body: Json) -> dict[str, Any]:
    """Return the entity properties that a body gives; JiraError 400 for anything but a list of them."""
    entries = body.get("properties") or []
    if not isinstance(entries, list) or not all(isinstance(e, dict) and "key" in e for e in entries):
        raise JiraError(400, errors={"properties": "data was not an array"})
    return {entry["key"]: entry.get("value") for entry in entries}


async def comment(call: JiraCall) -> web.StreamResponse:
    issue = call.issue()
    return answer(call.render.comment(call.state.comment(issue, call.id()), issue.id, call.listed("expand")))


async def edit_comment(call: JiraCall) -> web.StreamResponse:
    issue = call.issue()
    body = call.object()
    changed = call.state.edit_comment(call.actor, issue, call.id(), body.get("body"), properties_of(body))
    return answer(call.render.comment(changed, issue.id, call.listed("expand")))


async def delete_comment(call: JiraCall) -> web.StreamResponse:
    call.state.delete_comment(call.actor, call.issue(), call.id())
    return no_content()


async def comment_list(call: JiraCall) -> web.StreamResponse:
    ids = _ids(call)
    expand = call.listed("expand")
    values = [
        call.render.comment(c, issue.id, expand)
        for issue in call.state.issues.values()
        for c in issue.comments
        if c.id in ids
    ]
    return answer({"startAt": 0, "maxResults": 1_048_576, "total": len(values), "isLast": True, "values": values})


def _ids(call: JiraCall) -> set[int]:
    ids = call.object("ids").get("ids")
    if not isinstance(ids, list) or not 0 < len(ids) <= 1000 or not all(isinstance(i, int) for i in ids):
        raise JiraError(400, "The list of ids must hold between 1 and 1000 ids.")
    return set(ids)


def _comment_properties(call: JiraCall) -> dict[str, Any]:
    for issue in call.state.issues.values():
        for held in issue.comments:
            if held.id == call.id():
                return held.properties
    raise JiraError(404, f"Can not find a comment for the id: {call.id()}.")


async def property_keys(call: JiraCall) -> web.StreamResponse:
    here = call.render.link(f"comment/{call.id()}/properties")
    return answer({"keys": [{"self": f"{here}/{key}", "key": key} for key in _comment_properties(call)]})


async def read_property(call: JiraCall) -> web.StreamResponse:
    name = call.request.match_info["property"]
    properties = _comment_properties(call)
    if name not in properties:
        raise JiraError(404, f"The property {name} does not exist.")
    return answer({"key": name, "value": properties[name]})


async def set_property(call: JiraCall) -> web.StreamResponse:
    name = call.request.match_info["property"]
    properties = _comment_properties(call)
    status = 200 if name in properties else 201
    properties[name] = call.body
    return answer({}, status=status)


async def worklogs(call: JiraCall) -> web.StreamResponse:
    issue = call.issue()
    after, before = call.number("startedAfter", 0), call.number("startedBefore", 2**53)
    held = [call.state.worklogs[i] for i in issue.worklog_ids]
    chosen = [w for w in held if after <= epoch_ms(w.started.replace(tzinfo=call.zone)) < before]
    head, shown = page(call, chosen, default=5000, most=5000)
    return answer({**head, "worklogs": [render_worklog(call.render, w) for w in shown]})


async def add_worklog(call: JiraCall) -> web.StreamResponse:
    issue = call.issue()
    body = call.object()
    seconds = body.get("timeSpentSeconds") or _seconds(str(body.get("timeSpent", "")))
    if not isinstance(seconds, int) or seconds < 60:
        raise JiraError(400, errors={"timeLogged": "You must indicate the time spent working."})
    note = body.get("comment")
    if note is not None and not is_adf(note):
        raise JiraError(400, errors={"comment": "Comment body is not valid!"})
    started = _started(body["started"]) if "started" in body else call.now
    local = started.astimezone(call.zone).replace(tzinfo=None)
    made = call.state.add_worklog(call.actor, call.actor, issue, local, seconds, text_from_adf(note))
    return answer(render_worklog(call.render, made), status=201)


def _seconds(text: str) -> int:
    units = {"w": 5 * 8 * 3600, "d": 8 * 3600, "h": 3600, "m": 60}
    return sum(int(count) * units[unit] for count, unit in re.findall(r"(\d+)\s*([wdhm])", text))


def _started(text: Any) -> datetime:
    try:
        return datetime.strptime(str(text), "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        raise JiraError(400, errors={"started": f"Can not parse date {text}"}) from None


async def delete_worklog(call: JiraCall) -> web.StreamResponse:
    issue = call.issue()
    if call.id() not in issue.worklog_ids:
        raise JiraError(404, f"Cannot find worklog with id: '{call.id()}'.")
    call.state.delete_worklog(call.actor, call.state.worklogs[call.id()])
    return no_content()


async def worklogs_updated(call: JiraCall) -> web.StreamResponse:
    since = call.number("since", 0)
    changed = sorted((epoch_ms(w.updated), w.id) for w in call.state.worklogs.values() if epoch_ms(w.updated) > since)
    return _changed(call, since, changed)


async def worklogs_deleted(call: JiraCall) -> web.StreamResponse:
    since = call.number("since", 0)
    return _changed(call, since, sorted((at, i) for i, at in call.state.deleted_worklogs if at > since))


def _changed(call: JiraCall, since: int, changed: list[tuple[int, int]]) -> web.StreamResponse:
    shown = changed[:CHANGED_PAGE]
    until = shown[-1][0] if shown else since
    body: Json = {
        "values": [{"worklogId": worklog_id, "updatedTime": at, "properties": []} for at, worklog_id in shown],
        "since": since,
        "until": until,
        "self": str(call.request.url),
        "lastPage": len(changed) <= CHANGED_PAGE,
    }
    if not body["lastPage"]:
        body["nextPage"] = str(call.request.url.update_query(since=until))
    return answer(body)


async def worklog_list(call: JiraCall) -> web.StreamResponse:
    ids = _ids(call)
    found: list[Worklog] = [call.state.worklogs[i] for i in sorted(ids) if i in call.state.worklogs]
    return answer([render_worklog(call.render, worklog) for worklog in found])
