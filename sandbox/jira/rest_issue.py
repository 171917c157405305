"""Issues: read, create, edit, move, assign, delete, and their history."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.jira.errors import JiraError
from sandbox.jira.http import BAD_PAYLOAD, JiraCall, Route, answer, no_content, page_bean
from sandbox.jira.render_issue import render_issue, render_properties, render_transitions, wanted_fields
from sandbox.jira.rest_comment import properties_of


def routes() -> list[Route]:
    """Return what to serve."""
    return [
        ("POST", "issue", create),
        ("GET", "issue/{issue}", read),
        ("PUT", "issue/{issue}", edit),
        ("DELETE", "issue/{issue}", delete),
        ("PUT", "issue/{issue}/assignee", assign),
        ("GET", "issue/{issue}/transitions", transitions),
        ("POST", "issue/{issue}/transitions", transition),
        ("GET", "issue/{issue}/changelog", changelog),
        ("GET", "issue/{issue}/editmeta", editmeta),
    ]


async def create(call: JiraCall) -> web.StreamResponse:
    fields, update = _fields_and_update(call)
    properties = properties_of(call.object())
    issue = call.state.create(call.actor, fields, update, properties)
    return answer({"id": str(issue.id), "key": issue.key, "self": call.render.link(f"issue/{issue.id}")}, status=201)


async def read(call: JiraCall) -> web.StreamResponse:
    issue = call.issue()
    fields = wanted_fields(call.listed("fields"), "*all")
    body = render_issue(call.render, issue, fields, call.listed("expand"), changelog_cap=100)
    return answer(body | render_properties(issue, call.listed("properties")))


async def edit(call: JiraCall) -> web.StreamResponse:
    issue = call.issue()
    fields, update = _fields_and_update(call)
    both = fields.keys() & update.keys()
    if both:
        name = sorted(both)[0]
        message = f"Field '{name}' cannot appear in both 'fields' and 'update'"
        raise JiraError(400, errors={name: message})
    call.state.edit(call.actor, issue, fields, update)
    if call.text("returnIssue") == "true":
        wanted = wanted_fields([], "*all")
        return answer(render_issue(call.render, issue, wanted, call.listed("expand")))
    return no_content()


def _fields_and_update(call: JiraCall) -> tuple[dict[str, Any], dict[str, Any]]:
    fields, update = _parts(call)
    if not (fields or update):
        raise JiraError(400, "one of 'fields' or 'update' required")
    return fields, update


def _parts(call: JiraCall) -> tuple[dict[str, Any], dict[str, Any]]:
    body = call.object()
    fields, update = body.get("fields") or {}, body.get("update") or {}
    if not isinstance(fields, dict) or not isinstance(update, dict):
        raise JiraError(400, BAD_PAYLOAD)
    for name, operations in update.items():
        well_formed = isinstance(operations, list) and all(isinstance(o, dict) and len(o) == 1 for o in operations)
        if not well_formed:
            raise JiraError(400, errors={name: "data was not an array"})
    return fields, update


async def delete(call: JiraCall) -> web.StreamResponse:
    call.state.delete(call.actor, call.issue(), call.text("deleteSubtasks") == "true")
    return no_content()


async def assign(call: JiraCall) -> web.StreamResponse:
    issue = call.issue()
    body = call.object()
    if not body.keys() & {"accountId", "name", "key"}:
        raise JiraError(400, "'accountId' must be the only user identifying query parameter, and not be empty.")
    account = body.get("accountId")
    call.state.assign(call.actor, issue, None if account in (None, "-1") else str(account))
    return no_content()


async def transitions(call: JiraCall) -> web.StreamResponse:
    with_fields = "transitions.fields" in call.listed("expand")
    found = render_transitions(call.render, call.issue(), with_fields, call.text("transitionId"))
    return answer({"expand": "transitions", "transitions": found})


async def transition(call: JiraCall) -> web.StreamResponse:
    issue = call.issue()
    body = call.object()
    step = body.get("transition")
    if not isinstance(step, dict) or step.get("id") in (None, ""):
        raise JiraError(400, "Missing 'transition' identifier")
    fields, update = _parts(call)
    call.state.transition(call.actor, issue, str(step["id"]), fields, update)
    return no_content()


async def changelog(call: JiraCall) -> web.StreamResponse:
    head, histories = page_bean(call, call.issue().histories, default=100, most=100)
    return answer({**head, "values": [call.render.history(history) for history in histories]})


async def editmeta(call: JiraCall) -> web.StreamResponse:
    return answer(render_issue(call.render, call.issue(), frozenset(), ["editmeta"])["editmeta"])
