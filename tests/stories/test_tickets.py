"""`/ticket` as people use it: typed and clicked in Slack, and seen in Jira."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from sandbox.client import visible_text
from tests.stories.stage import Stage

KEY = "SHOP-165"
UNDO = r"\bUndo\b"


@pytest.mark.requirement("TKT-1.4", "TRUST-1", "SLK-4", "TKT-9.1")
async def test_alice_moves_a_ticket_sees_the_receipt_and_takes_it_back(stage: Stage) -> None:
    alice = stage.person("alice")
    await alice.types(f"/ticket move {KEY} to qa")
    receipt = await alice.sees(f"Moved .*{KEY}.* from .*Code Review.* to .*QA.*by Alice")
    assert (await stage.issue(KEY))["status"] == "QA"
    assert "no direct way back" in visible_text(receipt)
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


@pytest.mark.requirement("SLK-4")
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


@pytest.mark.requirement("TKT-1.1")
async def test_every_action_that_is_typed_happens_in_jira_with_and_without_a_focus(stage: Stage) -> None:
    alice, sam = stage.person("alice"), stage.person("sam")
    await alice.types(f"/ticket focus {KEY}")
    await alice.sees(f"{KEY}\\* is in focus")
    for key in (f"{KEY} ", ""):
        typed = "with the key" if key else "in focus"
        await alice.types(f"/ticket comment {key}Looked at it {typed}")
        await alice.sees(f"Commented on .*{typed}")
        await alice.types(f"/ticket move {key}to {'QA' if key else 'In Progress'}")
        await alice.sees(f"Moved .*{KEY}.* to .*{'QA' if key else 'In Progress'}")
        await alice.types(f"/ticket assign {key}to <@{sam.id}>" if key else "/ticket assign to me")
        await alice.sees(f"Assigned .*{KEY}.* to .*{'Sam Okafor' if key else 'Alice'}")
        await alice.types(f"/ticket priority {key}{'Highest' if key else 'Low'}")
        await alice.sees(f"priority of .*{KEY}.* to .*{'Highest' if key else 'Low'}")
        await alice.types(f"/ticket block {key}by {'SHOP-1' if key else 'SHOP-2'}")
        await alice.sees(f"Linked .*{KEY}.* as blocked by .*{'SHOP-1' if key else 'SHOP-2'}.*Undo")
        await alice.types(f"/ticket subtask {key}Write it down {typed}")
        receipt = await alice.sees(f"Created .*SHOP-.*Sub-task.* under .*{KEY}.*Write it down {typed}")
        assert "Creating has no Undo" in visible_text(receipt)
        await alice.types(f"/ticket create {'SHOP ' if key else ''}The basket forgets {typed}")
        receipt = await alice.sees(f"Created .*SHOP-.*Task.* in .*SHOP.*The basket forgets {typed}")
        new_key = re.findall(r"SHOP-\d+", visible_text(receipt))[0]
        assert (await stage.issue(new_key))["summary"] == f"The basket forgets {typed}"
    issue = await stage.issue(KEY)
    assert (issue["status"], issue["assignee"], issue["priority"]) == ("In Progress", "Alice Nguyen", "Low")
    assert [comment["text"].partition("\n")[0] for comment in issue["comments"][-2:]] == [
        "Looked at it with the key",
        "Looked at it in focus",
    ]
    blocked_by = [link["key"] for link in issue["links"] if link["type"] == "is blocked by"]
    assert {"SHOP-1", "SHOP-2"} <= set(blocked_by)


@pytest.mark.requirement("SLK-4", "TKT-9.2")
async def test_a_block_is_taken_back_and_what_cannot_be_is_said(stage: Stage) -> None:
    bob, dana, before = stage.person("bob"), stage.person("dana"), await stage.issue(KEY)
    await bob.types(f"/ticket block {KEY} by SHOP-1")
    receipt = await bob.sees("Linked .*blocked by .*SHOP-1.*Undo")
    await bob.types(f"/ticket block {KEY} by SHOP-1")
    await bob.sees("was blocked by .*SHOP-1.* already")
    await bob.clicks("Undo", receipt)
    await bob.sees("is not blocked by .*SHOP-1.* any more")
    assert (await stage.issue(KEY))["links"] == before["links"]
    for typed, answer in (
        (f"/ticket block {KEY} by {KEY}", "cannot block itself; nothing was changed"),
        (f"/ticket block {KEY} by SHOP-9999", "Jira knows no issue SHOP-9999"),
        (f"/ticket block {KEY}", "ticket key is missing"),
        ("/ticket create NOPE Fix it", "“NOPE” looks like a project, but Jira has none"),
        ("/ticket create Fix it", "Which project"),
        ("/ticket create SHOP Fix it --kind Incident", "SHOP has no type “Incident”"),
        (f"/ticket create SHOP {'x' * 50_000}", "Jira takes 255"),
        (f"/ticket subtask {KEY}", "is missing"),
    ):
        await bob.types(typed)
        await bob.sees(answer)
    for typed in (f"/ticket block {KEY} by SHOP-1", "/ticket create SHOP Fix it", f"/ticket subtask {KEY} Fix it"):
        await dana.types(typed)
        await dana.sees("need the role .*engineer.*yours is .*viewer")
    assert (await stage.issue(KEY))["links"] == before["links"]


@pytest.mark.requirement("TKT-1.1", "SLK-4")
async def test_create_without_text_opens_a_form_that_keeps_what_jira_would_refuse(stage: Stage) -> None:
    bob = stage.person("bob")
    await bob.types(f"/ticket focus {KEY}")
    await bob.sees(f"{KEY}: ")
    await bob.types("/ticket create")
    form = await bob.modal()
    words = {"summary": "Basket & <!channel>", "description": "It *forgets*"}
    refused = await bob.submits(form, **words, type={"selected_option": _option("Incident")})
    assert "SHOP has no type" in str(refused)
    form = await bob.modal()
    await bob.submits(form, **words, type={"selected_option": _option("Bug")})
    receipt = await bob.sees("Created .*SHOP-.*Bug.* in .*SHOP.*Basket")
    assert "<!channel>" not in visible_text(receipt) + receipt["text"]
    issue = await stage.issue(re.findall(r"SHOP-\d+", visible_text(receipt))[0])
    assert (issue["type"], issue["summary"]) == ("Bug", "Basket & <!channel>")
    assert issue["description_text"] == "It forgets\n\n— created via FlowPilot for Bob Carter"


def _option(name: str) -> dict[str, object]:
    return {"text": {"type": "plain_text", "text": name}, "value": name}


@pytest.mark.requirement("TKT-1.3")
async def test_only_allowed_moves_and_each_phase_brings_its_sub_tasks_once(stage: Stage) -> None:
    fatima = stage.person("fatima")
    await fatima.types("/ticket create CPE Wi-Fi drops after the update")
    receipt = await fatima.sees("Created .*CPE-.*Wi-Fi drops")
    key = re.findall(r"CPE-\d+", visible_text(receipt))[0]
    await fatima.types(f"/ticket move {key} to Rollout")
    offer = await fatima.sees("cannot go to .*Rollout.*Investigation")
    assert (await stage.issue(key))["status"] == "To Do"
    await fatima.clicks("Investigation", offer)
    moved = await fatima.sees("Moved .* to .*Investigation.*New sub-tasks of Investigation.*Reproduce on a test device")
    listed = set(re.findall(r"CPE-\d+", visible_text(moved))) - {key}
    assert [(await stage.issue(each))["parent"] for each in listed] == [key] * 3
    await fatima.types(f"/ticket move {key} to To Do")
    await fatima.sees("New sub-tasks of To Do")
    stage.fault("slack", "event_duplicate")
    await fatima.types(f"/ticket move {key} to Investigation")
    await fatima.sees("3 sub-tasks of Investigation were created before")
    jira = stage.sandbox.jira
    summaries = [child.summary for child in jira.children[jira.issue(key).id].values()]
    assert len(summaries) == len(set(summaries)) == 5


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
    await priya.sees("ticket move\\*.*refused")


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
    draft = await bob.sees("Draft of a comment.*By Claude ")
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
