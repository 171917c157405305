"""Blocking, creating, sub-tasks: once in Jira, with a receipt; bad input changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from blocks.receipts import receipt_blocks, receipt_text
from sandbox.jira import catalog
from sandbox.jira.adf import text_from_adf
from sandbox.jira.model import Issue
from services.effects import EffectStatus
from services.errors import ConflictError, InvalidInputError, NotFoundError, VendorError
from services.tickets import NewTicket, NewTicketError
from tests.tickets.conftest import Desk
from tests.vendors.site import ALICE


@pytest.fixture
def issue(desk: Desk) -> Issue:
    """APP-1, and APP-2 that may block it."""
    made = desk.site.create("APP", "Fix the login")
    desk.site.create("APP", "Renew the certificate")
    return made


def links_of(issue: Issue) -> list[tuple[str, str]]:
    """Return an issue's links as (kind, which end it is)."""
    return [(link.type.name, "target" if link.target == issue.id else "source") for link in issue.links]


def created(desk: Desk, project: str = "APP") -> list[str]:
    """Return the summaries of what FlowPilot created in a project."""
    jira = desk.site.sandbox.jira
    return [each.summary for each in jira.by_project[project].values() if each.reporter != ALICE]


def new(summary: str = "Dark mode", project: str = "APP", **rest: str) -> NewTicket:
    return NewTicket(project, summary, **rest)


async def test_blocked_by_another_is_linked_mirrored_and_taken_back(desk: Desk, issue: Issue) -> None:
    receipt = await desk.tickets.block(desk.people["bob"], "APP-1", "APP-2", "w1")
    assert (receipt.status, receipt.summary) == (EffectStatus.DONE, "Linked *APP-1* as blocked by *APP-2*")
    assert links_of(issue) == [("Blocks", "target")]
    mirrored = await desk.bench.mirror.issue("APP-1")
    assert mirrored is not None
    assert [link.key for link in mirrored.links] == ["APP-2"]
    back = await desk.services.effects.undo(receipt.effect_id, receipt.actor)
    assert back.summary == "*APP-1* is not blocked by *APP-2* any more"
    assert issue.links == []
    assert [(line.action, line.result) for line in await desk.services.audit.lines()] == [
        ("jira.link", "done"),
        ("jira.unlink", "done"),
    ]


async def test_what_is_linked_already_is_unchanged_and_has_no_undo(desk: Desk, issue: Issue) -> None:
    bob = desk.people["bob"]
    await desk.tickets.block(bob, "APP-1", "APP-2", "w1")
    again = await desk.tickets.block(bob, "APP-1", "APP-2", "w2")
    assert (again.status, again.undo_until) == (EffectStatus.UNCHANGED, None)
    assert "was blocked by *APP-2* already" in again.summary
    assert len(issue.links) == 1


async def test_a_link_the_other_way_round_is_another_link(desk: Desk, issue: Issue) -> None:
    bob = desk.people["bob"]
    await desk.tickets.block(bob, "APP-2", "APP-1", "w1")
    receipt = await desk.tickets.block(bob, "APP-1", "APP-2", "w2")
    assert receipt.status is EffectStatus.DONE
    assert sorted(links_of(issue)) == [("Blocks", "source"), ("Blocks", "target")]


async def test_a_link_whose_answer_was_lost_is_found(desk: Desk, issue: Issue) -> None:
    desk.site.fail("drop_after", method="POST", path="issueLink")
    receipt = await desk.tickets.block(desk.people["bob"], "APP-1", "APP-2", "w1")
    assert (receipt.status, len(issue.links)) == (EffectStatus.DONE, 1)


async def test_a_link_that_somebody_made_anew_is_not_removed_by_undo(desk: Desk, issue: Issue) -> None:
    receipt = await desk.tickets.block(desk.people["bob"], "APP-1", "APP-2", "w1")
    jira = desk.site.sandbox.jira
    jira.delete_link(ALICE, issue.links[0].id)
    jira.add_link(ALICE, "Blocks", jira.issue("APP-2"), issue)
    with pytest.raises(ConflictError, match="changed again since"):
        await desk.services.effects.undo(receipt.effect_id, receipt.actor)
    assert len(issue.links) == 1


@pytest.mark.parametrize(
    ("key", "by", "error", "said"),
    [
        ("APP-1", "APP-1", InvalidInputError, "cannot block itself; nothing was changed"),
        ("APP-1", "APP-99", NotFoundError, "Jira knows no issue APP-99; nothing was changed"),
        ("APP-99", "APP-1", NotFoundError, "Jira knows no issue APP-99; nothing was changed"),
    ],
)
async def test_a_link_that_cannot_be_is_said_and_nothing_changes(
    desk: Desk, issue: Issue, key: str, by: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        await desk.tickets.block(desk.people["bob"], key, by, "w1")
    assert issue.links == []
    assert desk.site.calls("issueLink", method="POST") == []


@pytest.mark.requirement("TRUST-1")
async def test_a_ticket_is_created_with_all_that_was_given_and_a_receipt_that_says_there_is_no_undo(desk: Desk) -> None:
    epic = desk.site.create("APP", "Looks", "Epic")
    wanted = new(issue_type="bug", description="Black **on** white", epic=epic.key.lower())
    receipt = await desk.tickets.creation.create(desk.people["bob"], wanted, "w1")
    made = desk.site.sandbox.jira.issue("APP-2")
    assert (made.summary, made.type.name, made.parent_id) == ("Dark mode", "Bug", epic.id)
    assert text_from_adf(made.description) == "Black on white\n\n— created via FlowPilot for Bob Brown"
    assert receipt.url.endswith("/browse/APP-2")
    assert receipt.undo_until is None
    assert "Creating has no Undo" in receipt_text(receipt)
    assert "APP-2 in Jira" in str(receipt_blocks(receipt))
    assert await desk.bench.mirror.issue("APP-2") is not None
    assert [(line.action, line.target, line.result) for line in await desk.services.audit.lines()] == [
        ("jira.create", "APP", "done")
    ]


async def test_the_same_wish_twice_is_one_ticket_and_two_wishes_are_two(desk: Desk) -> None:
    bob = desk.people["bob"]
    for wish in ("w1", "w1", "w2"):
        await desk.tickets.creation.create(bob, new(), wish)
    assert created(desk) == ["Dark mode", "Dark mode"]


@pytest.mark.parametrize("fault", ["status_after", "drop_after"])
async def test_a_ticket_whose_answer_was_lost_is_found_by_its_mark(desk: Desk, fault: str) -> None:
    bob = desk.people["bob"]
    await desk.tickets.creation.create(bob, new(), "earlier")
    desk.site.fail(fault, method="POST", path="/issue$")
    receipt = await desk.tickets.creation.create(bob, new(), "w1")
    assert receipt.url.endswith("/browse/APP-2")
    assert created(desk) == ["Dark mode", "Dark mode"]


async def test_a_ticket_that_never_arrived_is_created_once_when_the_search_must_know_it(desk: Desk) -> None:
    desk.site.fail("drop", method="POST", path="/issue$")
    with pytest.raises(VendorError, match="may have happened"):
        await desk.tickets.creation.create(desk.people["bob"], new(), "w1")
    effects = desk.services.effects
    assert await effects.recover(older_than=timedelta(0)) == []
    assert created(desk) == []
    desk.bench.later(3)
    settled = [await effects.recover(), await effects.recover()]
    assert [[receipt.status for receipt in receipts] for receipts in settled] == [[EffectStatus.DONE], []]
    assert created(desk) == ["Dark mode"]


async def test_a_ticket_that_jiras_search_showed_late_is_not_created_again(desk: Desk) -> None:
    desk.site.fail("drop_after", method="POST", path="/issue$")
    desk.site.fail("status", status=400, method="POST", path="search/jql")
    with pytest.raises(VendorError, match="may have happened"):
        await desk.tickets.creation.create(desk.people["bob"], new(), "w1")
    desk.bench.later(3)
    [receipt] = await desk.services.effects.recover()
    assert (receipt.status, created(desk)) == (EffectStatus.DONE, ["Dark mode"])


async def test_the_type_left_out_is_task_or_what_the_project_has(desk: Desk) -> None:
    jira = desk.site.sandbox.jira
    jira.add_project("IDEA", "Ideas", ALICE, catalog.SOFTWARE, ("Epic", "Story"))
    for project in ("APP", "IDEA"):
        await desk.tickets.creation.create(desk.people["bob"], new(project=project), f"w{project}")
    assert (jira.issue("APP-1").type.name, jira.issue("IDEA-1").type.name) == ("Task", "Story")


@pytest.mark.parametrize(
    ("wanted", "field", "said"),
    [
        (new(project="APPS"), "project", "Jira has no project APPS; nothing was created. Did you mean \\*APP\\*"),
        (new(project=""), "project", "Which project"),
        (new(project="<!channel>"), "project", "no project &lt;!channel&gt;"),
        (new(issue_type="Incident"), "type", "APP has no type “Incident”; nothing was created. It has .*Task"),
        (new(issue_type="Sub-task"), "type", "needs a ticket above it.*/ticket subtask"),
        (new("  "), "summary", "summary is empty"),
        (new("x" * 256), "summary", "256 characters and Jira takes 255"),
        (new(description="x" * 50_000), "description", "Jira takes 32,767"),
        (new(epic="APP-99"), "epic", "knows no epic APP-99"),
        (new(epic="../x"), "epic", "knows no epic ../X"),
        (new(epic="APP-1"), "epic", "cannot hold a new Task"),
    ],
)
async def test_what_jira_would_refuse_is_said_of_its_field_and_nothing_is_created(
    desk: Desk, issue: Issue, wanted: NewTicket, field: str, said: str
) -> None:
    with pytest.raises(NewTicketError, match=said) as caught:
        await desk.tickets.creation.create(desk.people["bob"], wanted, "w1")
    assert caught.value.field == field
    assert created(desk) == []
    assert desk.site.calls("/issue", method="POST") == []


async def test_the_line_names_the_project_or_it_is_the_one_in_focus_or_the_last(desk: Desk, issue: Issue) -> None:
    bob, creation = desk.people["bob"], desk.tickets.creation
    assert await creation.read_line(bob, "Say &lt;hello&gt; to <@U0ALICE>") == new("Say <hello> to @Alice Ames", "")
    assert await creation.read_line(bob, "OPS Rotate keys") == new("Rotate keys", "OPS")
    assert await creation.read_line(bob, "OPS") == new("", "OPS")
    await creation.create(bob, new("Rotate keys", "OPS"), "w1")
    assert await creation.read_line(bob, "app is slow") == new("app is slow", "OPS")
    await desk.tickets.focus(bob, "APP-1")
    assert await creation.read_line(bob, "It is slow") == new("It is slow", "APP")
    assert await creation.read_line(bob, "") == new("", "APP")
    with pytest.raises(NewTicketError, match=r"“OPPS” looks like a project.*Did you mean \*OPS\*") as caught:
        await creation.read_line(bob, "OPPS is down")
    assert "/ticket create APP OPPS is down" in caught.value.hint


async def test_a_sub_task_is_created_under_the_ticket_given_or_in_focus(desk: Desk, issue: Issue) -> None:
    bob = desk.people["bob"]
    await desk.tickets.focus(bob, "APP-1")
    for key, text in (("APP-1", "Write <@U0ALICE> a note"), (None, "Test it")):
        receipt = await desk.tickets.subtask(bob, key, text, text)
        assert (receipt.status, receipt.undo_until) == (EffectStatus.DONE, None)
    children = desk.site.sandbox.jira.children[issue.id].values()
    assert [(each.summary, each.type.name) for each in children] == [
        ("Write @Alice Ames a note", "Sub-task"),
        ("Test it", "Sub-task"),
    ]


@pytest.mark.parametrize("fault", ["drop", "drop_after"])
async def test_a_sub_task_whose_answer_was_lost_is_there_once(desk: Desk, issue: Issue, fault: str) -> None:
    desk.site.fail(fault, method="POST", path="/issue$")
    if fault == "drop":
        with pytest.raises(VendorError, match="may have happened"):
            await desk.tickets.subtask(desk.people["bob"], "APP-1", "Test it", "w1")
    else:
        await desk.tickets.subtask(desk.people["bob"], "APP-1", "Test it", "w1")
    await desk.services.effects.recover(older_than=timedelta(0))
    assert created(desk) == ["Test it"]


async def test_a_sub_task_that_cannot_be_is_said_and_nothing_is_created(desk: Desk, issue: Issue) -> None:
    bob, jira = desk.people["bob"], desk.site.sandbox.jira
    child = desk.site.create("APP", "Child", "Sub-task", parent={"key": "APP-1"})
    epic = desk.site.create("APP", "Epic", "Epic")
    jira.add_project("FLAT", "Flat", ALICE, catalog.SOFTWARE, ("Epic", "Task"))
    flat = desk.site.create("FLAT", "No sub-tasks here")
    for key, said in (
        (child.key, "no sub-tasks of sub-tasks; nothing was created. Add it to \\*APP-1\\*"),
        (epic.key, "has tickets, not sub-tasks"),
        (flat.key, "FLAT has no type for sub-tasks"),
        ("APP-99", "Jira knows no issue APP-99"),
    ):
        with pytest.raises((InvalidInputError, NotFoundError), match=said):
            await desk.tickets.subtask(bob, key, "Test it", f"w{key}")
    with pytest.raises(NewTicketError, match="255"):
        await desk.tickets.subtask(bob, "APP-1", "x" * 50_000, "long")
    assert created(desk) + created(desk, "FLAT") == []
