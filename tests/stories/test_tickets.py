"""`/ticket` as people use it: typed and clicked in Slack, and seen in Jira."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from sandbox.client import visible_text
from tests.stories.stage import Stage

KEY = "SHOP-165"
UNDO = r"\bUndo\b"


@pytest.mark.requirement("TKT-1.1", "TKT-1.4", "TRUST-1", "SLK-4", "TKT-9.1")
async def test_alice_moves_a_ticket_sees_the_receipt_and_takes_it_back(stage: Stage) -> None:
    alice = stage.person("alice")
    await alice.types(f"/ticket move {KEY} to qa")
    receipt = await alice.sees(f"Moved .*{KEY}.* from .*Code Review.* to .*QA.*by Alice")
    assert (await stage.issue(KEY))["status"] == "QA"
    assert re.search(UNDO, visible_text(receipt)) is None
    await alice.types(f"/ticket move {KEY} to in progress")
    await alice.sees(f"Moved .*{KEY}.* to .*In Progress")
    await alice.types(f"/ticket move {KEY} to Code Review")
    receipt = await alice.sees(f"Moved .*{KEY}.* to .*Code Review.*Undo")
    await alice.clicks("Undo", receipt)
    taken_back = await alice.sees("Taken back: .*Moved .*by Alice")
    assert "Undo" not in visible_text(taken_back)
    assert (await stage.issue(KEY))["status"] == "In Progress"
    await alice.types("/flowpilot audit")
    await alice.sees("undo of change")


@pytest.mark.requirement("TKT-1.1", "SLK-4")
async def test_assign_priority_and_comment_happen_in_jira_and_are_undone(stage: Stage) -> None:
    bob, before = stage.person("bob"), await stage.issue(KEY)
    sam = stage.person("sam")
    await bob.types(f"/ticket assign {KEY} to <@{sam.id}>")
    assigned = await bob.sees("Assigned .*Sam Okafor.*Undo")
    assert (await stage.issue(KEY))["assignee"] != before["assignee"]
    await bob.clicks("Undo", assigned)
    await bob.sees("Taken back: .*Assigned")
    assert (await stage.issue(KEY))["assignee"] == before["assignee"]
    await bob.types(f"/ticket priority {KEY} highest")
    await bob.sees("priority of .* to .*Highest")
    await bob.types(f"/ticket comment {KEY} Ready for <@{sam.id}> & *you*")
    posted = await bob.sees("Commented on .*Undo")
    comment = (await stage.issue(KEY))["comments"][-1]["text"]
    assert "via FlowPilot for Bob Carter" in comment
    assert "<@" not in comment
    await bob.clicks("Undo", posted)
    await bob.sees("Deleted the comment")
    assert len((await stage.issue(KEY))["comments"]) == len(before["comments"])


@pytest.mark.requirement("TKT-1.3")
async def test_an_impossible_move_offers_the_possible_ones_as_buttons(stage: Stage) -> None:
    alice = stage.person("alice")
    await alice.types(f"/ticket move {KEY} to Done")
    offer = await alice.sees("cannot go to .*Done")
    assert (await stage.issue(KEY))["status"] == "Code Review"
    await alice.clicks("QA", offer)
    await alice.sees(f"Moved .*{KEY}.* to .*QA")
    assert (await stage.issue(KEY))["status"] == "QA"
    await alice.types(f"move {KEY} to Blocked", "FlowPilot")
    receipt = await alice.sees(f"Moved .*{KEY}.* to .*Blocked", "FlowPilot")
    assert not receipt.get("is_ephemeral")
    assert (await stage.issue(KEY))["status"] == "Blocked"


@pytest.mark.requirement("TKT-9.2", "SLK-4")
async def test_a_viewer_is_refused_with_the_role_that_is_needed_and_it_is_on_record(stage: Stage) -> None:
    dana, priya = stage.person("dana"), stage.person("priya")
    before = await stage.issue(KEY)
    await dana.types(f"/ticket move {KEY} to QA")
    await dana.sees("need the role .*engineer.*yours is .*viewer")
    await dana.types(f"/ticket show {KEY}")
    card = await dana.sees("Assign to me")
    await dana.clicks("Assign to me", card)
    await dana.sees("need the role .*engineer.* to assign a ticket")
    assert await stage.issue(KEY) == before
    await priya.types("/flowpilot audit")
    await priya.sees("ticket_move.*refused|refused.*ticket_move")


async def test_the_card_moves_assigns_and_comments(stage: Stage) -> None:
    sam = stage.person("sam")
    await sam.types(f"/ticket focus {KEY}")
    card = await sam.sees(f"{KEY}: ")
    await sam.clicks("ticket.move", card, selected_option={"value": "QA"})
    await sam.sees("Moved .*QA")
    await sam.clicks("Assign to me", card)
    await sam.sees("Assigned .*Sam Okafor")
    assert (await stage.issue(KEY))["assignee"] is not None
    await sam.clicks("Comment…", card)
    assert await sam.submits(await sam.modal(), comment="Seen on *staging*") is not None
    await sam.sees("Commented on .*Seen on")
    await sam.types("/ticket priority low")
    await sam.sees(f"priority of .*{KEY}.* to .*Low")


@pytest.mark.requirement("TKT-1.2")
async def test_a_draft_is_shown_edited_and_posted_only_on_confirm(stage: Stage) -> None:
    bob, before = stage.person("bob"), await stage.issue(KEY)
    await bob.types(f"/ticket draft {KEY} ask for the logs")
    draft = await bob.sees("Draft of a comment.*By anthropic:")
    assert await stage.issue(KEY) == before
    await bob.clicks("Edit and post…", draft)
    stage.fault("jira", "status", status=400, method="POST", path=f"{KEY}/comment")
    await bob.submits(await bob.modal(), comment="Words not to be lost")
    draft = await bob.sees("What you wrote is kept as a draft.*Words not to be lost.*By Bob Carter")
    assert len((await stage.issue(KEY))["comments"]) == len(before["comments"])
    await bob.clicks("Edit and post…", draft)
    await bob.submits(await bob.modal(), comment="Could you send the logs of yesterday?")
    await bob.sees("Commented on .*logs of yesterday.*Undo")
    comments = (await stage.issue(KEY))["comments"]
    assert len(comments) == len(before["comments"]) + 1
    assert "logs of yesterday" in comments[-1]["text"]
    await bob.types(f"/ticket draft {KEY}")
    other = await bob.sees("Draft of a comment.*Discard")
    await bob.clicks("Discard", other)
    await bob.sees("draft is discarded")


@pytest.mark.requirement("SLK-1")
async def test_bad_input_gets_a_clear_answer_and_changes_nothing(stage: Stage) -> None:
    bob, before = stage.person("bob"), await stage.issue(KEY)
    for typed, answer in (
        ("/ticket comment Hello there", "Which ticket.*ticket focus"),
        ("/ticket move SHOP-9999 to QA", "Jira knows no issue SHOP-9999"),
        (f"/ticket priority {KEY} Urgent", "none of Jira's priorities.*Highest"),
        (f"/ticket assign {KEY} to @somebodyelse", "know nobody called"),
        (f"/ticket move {KEY}", "is missing.*ticket move"),
        (f"/ticket mvoe {KEY} to QA", "not a command.*ticket move"),
        (f"/ticket comment {KEY} {'x' * 50_000}", "50,0.. characters and Jira takes 32,767"),
        ("/ticket focus nonsense", "is not a ticket key"),
    ):
        await bob.types(typed)
        await bob.sees(answer)
    assert await stage.issue(KEY) == before
    key = stage.story("hostile")["key"]
    assert "<!channel>" in (await stage.issue(key))["summary"]
    await bob.types(f"/ticket show {key}")
    card = await bob.sees(f"{key}: ")
    assert "<!channel>" not in visible_text(card) + card["text"]
    assert "&lt;!channel&gt;" in visible_text(card)


@pytest.mark.requirement("TKT-1.4")
async def test_an_old_undo_and_an_expired_form_say_so(stage: Stage) -> None:
    bob = stage.person("bob")
    await bob.types(f"/ticket priority {KEY} High")
    receipt = await bob.sees("priority of .*High.*Undo")
    stage.advance(timedelta(minutes=11))
    await bob.clicks("Undo", receipt)
    await bob.sees("Undo is possible for 10 minutes; that time is over")
    assert (await stage.issue(KEY))["priority"] == "High"
    await bob.types(f"/ticket show {KEY}")
    card = await bob.sees(f"{KEY}: ")
    stage.fault("slack", "latency", path="views.open", latency_s=3.5)
    await bob.clicks("Comment…", card)
    await bob.sees("took too long to open.*Click again", patience_s=30)


@pytest.mark.requirement("SLK-1")
async def test_jira_down_is_said_and_an_error_after_the_comment_makes_no_second_one(stage: Stage) -> None:
    bob, before = stage.person("bob"), await stage.issue(KEY)
    stage.fault("jira", "status", status=503, times=None)
    await bob.types(f"/ticket priority {KEY} High")
    await bob.sees("Jira.*(is down|not available|not answer|unavailable|trouble|503)", patience_s=40)
    stage.sandbox.faults.clear()
    assert await stage.issue(KEY) == before
    stage.fault("jira", "status_after", status=500, method="POST", path=f"{KEY}/comment")
    stage.fault("slack", "event_duplicate")
    await bob.types(f"/ticket comment {KEY} Only once")
    await bob.sees("Commented on .*Only once.*Undo")
    assert len((await stage.issue(KEY))["comments"]) == len(before["comments"]) + 1
