"""The form for a new ticket: what it offers, refuses and keeps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from blocks import ticket_form as form
from handlers.request import Kind
from handlers.tickets import commands, creation
from services.commands import Rest, Word
from services.errors import InvalidInputError, NotAllowedError
from tests.tickets.conftest import Desk, request_of


def view(project: str = "APP", **inputs: str) -> dict[str, Any]:
    """Return the form as Slack sends it."""
    values: dict[str, Any] = {
        name: {"text": {"type": "plain_text_input", "value": value}} for name, value in inputs.items()
    }
    chosen = {"value": project} if project else None
    values["project"] = {form.PROJECT_SEARCH: {"type": "external_select", "selected_option": chosen}}
    return {"private_metadata": json.dumps({"project": project}), "state": {"values": values}}


async def offered(desk: Desk, handler: Any, typed: str, project: str = "") -> list[str]:
    """Return the values that a select of the form offers."""
    request = request_of(desk, "bob", Kind.OPTIONS, "x", payload={"value": typed}, view=view(project))
    return [option["value"] for option in (await handler(request))["options"]]


async def test_the_selects_offer_projects_their_types_and_their_open_epics(desk: Desk) -> None:
    jira = desk.site.sandbox.jira
    jira.projects["OPS"].type_names = ("Epic", "Story", "Sub-task")
    for project, words in (("APP", "Login"), ("OPS", "Keys"), ("APP", "Looks of the app")):
        desk.site.create(project, words, "Epic")
    await desk.bench.mirror.sync("jira")
    assert await offered(desk, creation.projects, "") == ["APP", "OPS"]
    assert await offered(desk, creation.projects, "operat") == ["OPS"]
    assert await offered(desk, creation.types, "", "OPS") == ["Story", "Epic"]
    assert await offered(desk, creation.types, "ta") == ["Task"]
    assert await offered(desk, creation.epics, "", "APP") == ["APP-2", "APP-1"]
    assert await offered(desk, creation.epics, "app looks", "APP") == ["APP-2"]


@pytest.mark.parametrize(
    ("inputs", "field"),
    [({"summary": " "}, "summary"), ({"summary": "x", "type": "Incident"}, "type"), ({"summary": "x"}, "")],
)
async def test_what_jira_would_refuse_is_said_under_its_input(desk: Desk, inputs: dict[str, str], field: str) -> None:
    answer = await creation.check_form(request_of(desk, "bob", Kind.VIEW, form.NEW_VIEW, view=view(**inputs)))
    assert list((answer or {}).get("errors", {})) == ([field] if field else [])


@pytest.mark.requirement("TKT-9.2")
async def test_a_viewer_cannot_submit_the_form_and_the_refusal_is_on_record(desk: Desk) -> None:
    with pytest.raises(NotAllowedError, match="engineer"):
        await creation.create(request_of(desk, "vera", Kind.VIEW, form.NEW_VIEW, view=view(summary="Dark mode")))
    assert [(line.action, line.result) for line in await desk.services.audit.lines()] == [("ticket_create", "refused")]
    assert desk.site.sandbox.jira.issues == {}


async def test_create_without_text_in_a_message_says_what_to_say(desk: Desk) -> None:
    with pytest.raises(InvalidInputError, match="A form opens only from the slash command") as caught:
        await commands.create(request_of(desk, "bob", Kind.EVENT, "message"), None)
    assert "`/ticket create`" in caught.value.hint


async def test_the_line_takes_a_type(desk: Desk) -> None:
    request = request_of(desk, "bob", Kind.COMMAND, "/ticket", delivery_id="c")
    reply = await commands.create(request, Rest("APP Login &amp; logout fail"), kind=Word("bug"))
    made = desk.site.sandbox.jira.issue("APP-1")
    assert (made.type.name, made.summary) == ("Bug", "Login & logout fail")
    assert "Login &amp; logout fail" in json.dumps(reply.blocks)
