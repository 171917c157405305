"""Receipts, Undo, buttons and forms of tickets, as requests of people with different rights."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

import pytest

from blocks.receipts import UNDO_ACTION
from handlers import receipts
from handlers.request import Kind, Request
from handlers.tickets import actions, commands
from sandbox.jira import catalog
from sandbox.jira.model import Issue
from services.accounts import Role
from services.commands import Reply, Rest, TicketKey, Word
from services.effects import Receipt
from services.errors import (
    FlowPilotError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    VendorUnavailableError,
)
from tests.tickets.conftest import Desk, Heard, request_of
from tests.vendors.site import ALICE

OLD = "older version"


@pytest.fixture
def issue(desk: Desk) -> Issue:
    """APP-1, whose title would call everybody."""
    return desk.site.create("APP", "<!channel> fix & <@U0BOB>")


def heard(request: Request) -> list[Reply]:
    """Return what a request was answered with before its last answer."""
    return cast(Heard, request.responder).replies


async def high(desk: Desk, person: str = "bob") -> Receipt:
    """Return the receipt of a person who set APP-1's priority."""
    return await desk.tickets.set_priority(desk.people[person], "APP-1", ("High",), f"high:{person}")


async def undo(desk: Desk, person: str, receipt: Receipt) -> Reply:
    """Click Undo."""
    return await receipts.undo(request_of(desk, person, Kind.ACTION, UNDO_ACTION, suffix=str(receipt.effect_id)))


@pytest.mark.requirement("SLK-4", "TKT-1.4")
async def test_a_second_click_on_undo_is_harmless_and_says_what_happened(desk: Desk, issue: Issue) -> None:
    receipt = await high(desk)
    first, second = await undo(desk, "bob", receipt), await undo(desk, "bob", receipt)
    assert first.replace
    assert second.replace
    assert UNDO_ACTION not in json.dumps([*first.blocks, *second.blocks])
    assert "it was taken back before; nothing was done now" in json.dumps(second.blocks)
    assert (issue.priority.name, len(issue.histories)) == ("Medium", 2)


@pytest.mark.requirement("TKT-9.2", "SLK-4")
async def test_undo_is_for_who_did_it_and_for_leads(desk: Desk, issue: Issue) -> None:
    receipt = await high(desk, "bob")
    for person in ("carol", "vera"):
        with pytest.raises(NotAllowedError, match="Only Bob Brown or somebody with the role \\*lead\\*"):
            await undo(desk, person, receipt)
    assert issue.priority.name == "High"
    refused = [line for line in await desk.services.audit.lines() if line.result == "refused"]
    assert [(line.action, line.target) for line in refused] == [("undo jira.priority", "APP-1")] * 2
    taken_back = await undo(desk, "alice", receipt)
    assert "by Alice Ames" in json.dumps(taken_back.blocks)
    assert issue.priority.name == "Medium"


async def test_undo_of_what_changed_since_keeps_the_change_and_drops_the_button(desk: Desk, issue: Issue) -> None:
    receipt = await high(desk)
    await desk.tickets.set_priority(desk.people["alice"], "APP-1", ("Low",), "other")
    reply = await undo(desk, "bob", receipt)
    assert reply.replace
    assert "was changed again since" in reply.text
    assert UNDO_ACTION not in json.dumps(reply.blocks)
    assert issue.priority.name == "Low"


async def test_undo_while_jira_is_down_can_be_clicked_again_later(desk: Desk, issue: Issue) -> None:
    receipt = await high(desk)
    desk.site.fail("status", status=503, times=None)
    with pytest.raises(VendorUnavailableError):
        await undo(desk, "bob", receipt)
    desk.site.sandbox.faults.clear()
    assert (await undo(desk, "bob", receipt)).text.startswith("Taken back")
    assert issue.priority.name == "Medium"


@pytest.mark.requirement("TKT-1.4")
async def test_undo_after_ten_minutes_says_so(desk: Desk, issue: Issue) -> None:
    receipt = await high(desk)
    desk.bench.later(11)
    reply = await undo(desk, "bob", receipt)
    assert "that time is over" in reply.text
    assert issue.priority.name == "High"


@pytest.mark.parametrize(
    ("suffix", "error"), [("999", NotFoundError), ("abc", InvalidInputError), ("", FlowPilotError)]
)
async def test_an_undo_button_of_something_unknown_is_explained(
    desk: Desk, suffix: str, error: type[FlowPilotError]
) -> None:
    with pytest.raises(error):
        await receipts.undo(request_of(desk, "bob", Kind.ACTION, UNDO_ACTION, suffix=suffix))


@pytest.mark.requirement("TKT-9.2")
@pytest.mark.parametrize(
    "handler",
    [
        actions.move_from_card,
        actions.assign_me,
        actions.open_comment_form,
        actions.move_to_choice,
        actions.set_priority_to_choice,
    ],
)
async def test_a_button_checks_the_right_of_who_clicks_and_records_the_refusal(
    desk: Desk, issue: Issue, handler: Any
) -> None:
    action = {"value": json.dumps({"key": "APP-1", "choice": "Blocked"})}
    request = request_of(desk, "vera", Kind.ACTION, "x", suffix="APP-1", payload={"actions": [action]})
    with pytest.raises(NotAllowedError, match="role \\*engineer\\*"):
        await handler(request)
    assert [line.result for line in await desk.services.audit.lines()] == ["refused"]
    assert issue.histories == []


@pytest.mark.requirement("SLK-4")
@pytest.mark.parametrize(
    ("handler", "payload"),
    [
        (actions.move_from_card, {}),
        (actions.assign_me, {}),
        (actions.open_comment_form, {}),
        (actions.move_to_choice, {"actions": [{"value": "APP-1"}]}),
        (actions.move_to_choice, {"actions": [{"value": '{"ticket": "APP-1"}'}]}),
        (actions.set_priority_to_choice, {"actions": [{"value": "[1]"}]}),
    ],
)
async def test_a_button_of_an_older_version_is_explained(desk: Desk, handler: Any, payload: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match=OLD):
        await handler(request_of(desk, "bob", Kind.ACTION, "x", suffix="gone", payload=payload))


async def test_an_old_offer_of_a_move_that_is_no_longer_possible_becomes_a_new_offer(desk: Desk, issue: Issue) -> None:
    action = {"value": json.dumps({"key": "APP-1", "choice": "QA"})}
    reply = await actions.move_to_choice(request_of(desk, "bob", Kind.ACTION, "x", payload={"actions": [action]}))
    assert reply.replace
    assert "cannot go to *QA*" in reply.text
    assert issue.histories == []


async def test_nothing_from_a_ticket_can_call_anybody(desk: Desk, issue: Issue) -> None:
    desk.site.sandbox.jira.add_user("712020:evil", "<!here> Eve", "eve@harborline.test")
    desk.site.sandbox.jira.edit("712020:evil", issue, {"assignee": {"accountId": "712020:evil"}})
    bob = desk.people["bob"]
    shown = await commands.show(request_of(desk, "bob", Kind.COMMAND, "/ticket"), TicketKey("APP-1"))
    drafted = await commands.draft(
        request_of(desk, "bob", Kind.COMMAND, "/ticket"), TicketKey("APP-1"), Rest("say &lt;!channel&gt;")
    )
    said = await commands.comment(
        request_of(desk, "bob", Kind.COMMAND, "/ticket", delivery_id="c"), TicketKey("APP-1"), Rest("&lt;!channel&gt;")
    )
    receipt = receipts.receipt_reply(await desk.tickets.assign(bob, "APP-1", None, "a"))
    for reply in (shown, drafted, said, receipt):
        words = reply.text + json.dumps(reply.blocks)
        assert "<!" not in words.replace("<!date^", "")
        assert "<@" not in words


async def test_a_status_with_an_ampersand_is_understood_as_slack_escapes_it(desk: Desk) -> None:
    desk.site.sandbox.jira.add_project("REM", "Remediation", ALICE, catalog.REMEDIATION)
    key = TicketKey(desk.site.create("REM", "Patch the fleet").key)
    for transition_id in ("101", "111"):
        await desk.site.jira.transition(key, transition_id)
    request = request_of(desk, "bob", Kind.COMMAND, "/ticket", delivery_id="m")
    reply = await commands.move(request, key, Rest("Build &amp; Test", "to Build &amp; Test"))
    assert "from Plan to Build &amp; Test" in reply.text
    refused = await commands.move(request, key, Rest("&lt;!channel&gt;"))
    assert "cannot go to *&lt;!channel&gt;*" in refused.text


async def test_a_form_whose_text_is_too_long_stays_open(desk: Desk) -> None:
    view = {
        "private_metadata": json.dumps({"key": "APP-1"}),
        "state": {"values": {"comment": {"text": {"value": "x" * 50_000}}}},
    }
    request = request_of(desk, "bob", Kind.VIEW, "ticket.comment", view=view)
    answer = await actions.check_form(request)
    assert answer is not None
    assert "Jira takes 32,767" in answer["errors"]["comment"]


async def test_focus_is_told_changed_and_taken_away(desk: Desk, issue: Issue) -> None:
    async def focus(word: str | None) -> str:
        request = request_of(desk, "bob", Kind.COMMAND, "/ticket")
        return (await commands.focus(request, Word(word) if word else None)).text

    assert "No ticket is in focus" in await focus(None)
    assert "*APP-1* is in focus" in await focus("app-1")
    assert await focus(None) == "*APP-1* is in focus."
    assert await focus("off") == "No ticket is in focus now."
    with pytest.raises(InvalidInputError, match="not a ticket key"):
        await focus("nonsense")


@pytest.mark.requirement("SLK-1")
async def test_a_card_that_cannot_be_read_again_does_not_hide_the_receipt(desk: Desk, issue: Issue) -> None:
    receipt = await high(desk)
    request = request_of(desk, "bob", Kind.ACTION, "ticket.move", suffix="APP-1")
    desk.site.fail("status", status=503, times=None)
    last = await actions._with_fresh_card(request, "APP-1", receipts.receipt_reply(receipt))
    assert last is None
    assert "Set the priority" in heard(request)[0].text


async def test_a_demoted_doer_cannot_undo(desk: Desk, issue: Issue) -> None:
    receipt = await high(desk, "bob")
    desk.people["bob"] = replace(desk.people["bob"], role=Role.VIEWER)
    with pytest.raises(NotAllowedError):
        await undo(desk, "bob", receipt)
    assert issue.priority.name == "High"
