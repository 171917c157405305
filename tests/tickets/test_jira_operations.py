"""Each change of Jira: done once, found again, verified, undone, and marked with who wanted it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sandbox.jira.model import Issue
from services.effects import EffectStatus
from services.effects.jira import TransitionMissingError, jira_operations
from services.effects.jira.transitions import transition_to
from services.errors import ConflictError, InvalidInputError, VendorError, VendorUnavailableError
from services.vendors.jira import JiraClient
from services.vendors.types import JiraStatus, JiraTransition, JiraTransitionField
from tests.tickets.conftest import PRIYA, Bench, comments_of
from tests.vendors.settings import settings_for
from tests.vendors.site import ALICE, BOB

SETTINGS = [
    ("jira.assign", {"account_id": BOB, "name": "Bob Brown"}, "Assigned *APP-1* to *Bob Brown*"),
    ("jira.priority", {"priority": "High"}, "Set the priority of *APP-1* from *Medium* to *High*"),
    ("jira.transition", {"status": "In Progress"}, "Moved *APP-1* from *To Do* to *In Progress*"),
    ("jira.parent", {"parent": "APP-2"}, "Put *APP-1* under *APP-2*"),
]


@pytest.fixture
def issue(bench: Bench) -> Issue:
    """APP-1, and an epic APP-2."""
    made = bench.site.create("APP", "Fix the login")
    bench.site.create("APP", "Login", "Epic")
    return made


@pytest.mark.requirement("TRUST-1")
@pytest.mark.parametrize(("operation", "arguments", "summary"), SETTINGS)
async def test_a_change_happens_is_mirrored_and_can_be_taken_back(
    bench: Bench, issue: Issue, operation: str, arguments: dict[str, str], summary: str
) -> None:
    receipt = await bench.effects.perform(bench.intent(operation, issue, **arguments))
    assert (receipt.status, receipt.summary) == (EffectStatus.DONE, summary)
    assert receipt.url == f"{bench.site.url}/jira/browse/APP-1"
    assert receipt.undo_until is not None
    mirrored = await bench.mirror.issue("APP-1")
    assert mirrored is not None
    assert set(arguments.values()) & {
        mirrored.assignee_account_id,
        mirrored.priority,
        mirrored.status,
        mirrored.parent_key,
    }
    back = await bench.effects.undo(receipt.effect_id, PRIYA)
    assert back.status is EffectStatus.DONE
    again = await bench.site.jira.issue("APP-1")
    assert (again.assignee, again.priority, again.status.name, again.parent) == (None, "Medium", "To Do", None)


@pytest.mark.requirement("TRUST-1")
@pytest.mark.parametrize(("operation", "arguments", "_summary"), SETTINGS)
async def test_jiras_history_says_for_whom_it_was_done(
    bench: Bench, issue: Issue, operation: str, arguments: dict[str, str], _summary: str
) -> None:
    await bench.effects.perform(bench.intent(operation, issue, **arguments))
    sent = [call.request for call in bench.site.calls("/issue/APP-1") if call.method in ("PUT", "POST")]
    assert [body["historyMetadata"]["actor"]["displayName"] for body in sent] == ["Priya Shah"]


@pytest.mark.parametrize(("operation", "arguments", "_summary"), SETTINGS)
@pytest.mark.parametrize("fault", ["status_after", "drop_after"])
async def test_a_change_whose_answer_was_lost_is_found_and_not_repeated(
    bench: Bench, issue: Issue, operation: str, arguments: dict[str, str], _summary: str, fault: str
) -> None:
    method = "POST" if operation == "jira.transition" else "PUT"
    bench.site.fail(fault, method=method, path="issue/APP-1")
    receipt = await bench.effects.perform(bench.intent(operation, issue, **arguments))
    assert receipt.status is EffectStatus.DONE
    assert receipt.undo_until is not None
    assert len(issue.histories) == 1


@pytest.mark.requirement("TRUST-1", "TKT-1.4")
async def test_a_comment_names_the_person_and_undo_deletes_it(bench: Bench, issue: Issue) -> None:
    receipt = await bench.effects.perform(bench.intent("jira.comment", issue, markdown="It **works** now"))
    assert comments_of(issue) == ["It works now\n\n— via FlowPilot for Priya Shah"]
    assert receipt.url.endswith(f"/browse/APP-1?focusedCommentId={issue.comments[0].id}")
    back = await bench.effects.undo(receipt.effect_id, PRIYA)
    assert back.summary == "Deleted the comment on *APP-1*"
    assert issue.comments == []


@pytest.mark.parametrize("fault", ["status_after", "drop_after"])
async def test_a_comment_whose_answer_was_lost_is_found_by_its_mark(bench: Bench, issue: Issue, fault: str) -> None:
    bench.site.fail(fault, method="POST", path="comment$")
    receipt = await bench.effects.perform(bench.intent("jira.comment", issue, markdown="Once"))
    assert (receipt.status, len(issue.comments)) == (EffectStatus.DONE, 1)
    assert receipt.undo_until is not None


async def test_a_comment_that_never_arrived_is_written_once_by_recovery(bench: Bench, issue: Issue) -> None:
    bench.site.fail("drop", method="POST", path="comment$")
    with pytest.raises(VendorError, match="may have happened"):
        await bench.effects.perform(bench.intent("jira.comment", issue, markdown="Once"))
    assert issue.comments == []
    settled = await bench.effects.recover(older_than=timedelta(0))
    assert [receipt.status for receipt in settled] == [EffectStatus.DONE]
    assert len(issue.comments) == 1


async def test_equal_comments_said_twice_are_two_comments(bench: Bench, issue: Issue) -> None:
    for _ in range(2):
        await bench.effects.perform(bench.intent("jira.comment", issue, markdown="Ping"))
    assert len(issue.comments) == 2


async def test_a_comment_edited_in_jira_meanwhile_is_not_deleted_by_undo(bench: Bench, issue: Issue) -> None:
    receipt = await bench.effects.perform(bench.intent("jira.comment", issue, markdown="Draft"))
    bench.later(1)
    body = issue.comments[0].body
    bench.site.sandbox.jira.edit_comment(ALICE, issue, issue.comments[0].id, body)
    with pytest.raises(ConflictError, match="changed again since"):
        await bench.effects.undo(receipt.effect_id, PRIYA)
    assert len(issue.comments) == 1


async def test_a_move_that_jira_does_not_offer_names_those_it_does(bench: Bench, issue: Issue) -> None:
    with pytest.raises(TransitionMissingError, match="cannot go to") as caught:
        await bench.effects.perform(bench.intent("jira.transition", issue, status="QA"))
    assert caught.value.possible == ("In Progress", "Blocked")
    assert issue.histories == []


@pytest.mark.requirement("TKT-1.4")
async def test_undo_is_not_offered_where_jira_has_no_way_back(bench: Bench, issue: Issue) -> None:
    await bench.effects.perform(bench.intent("jira.transition", issue, status="In Progress"))
    await bench.effects.perform(bench.intent("jira.transition", issue, status="Code Review"))
    receipt = await bench.effects.perform(bench.intent("jira.transition", issue, status="QA"))
    assert receipt.status is EffectStatus.DONE
    assert receipt.undo_until is None
    assert "no direct way back" in receipt.summary


class ScreenedJira(JiraClient):
    """A Jira whose every transition asks for a resolution."""

    async def transitions(self, key: str) -> list[JiraTransition]:
        """Put the field on each screen."""
        resolution = JiraTransitionField("resolution", "Resolution", True, ("Fixed", "Won't do"))
        return [replace(offered, fields=(resolution,)) for offered in await super().transitions(key)]


async def test_a_move_that_asks_for_a_field_is_left_to_jira_with_the_link(bench: Bench, issue: Issue) -> None:
    jira = ScreenedJira.from_settings(settings_for(bench.site.url))
    bench.effects.register(jira_operations(jira))
    with pytest.raises(InvalidInputError, match="asks for Resolution") as caught:
        await bench.effects.perform(bench.intent("jira.transition", issue, status="In Progress"))
    await jira.close()
    assert "/browse/APP-1" in caught.value.hint
    assert issue.histories == []


def test_of_two_ways_to_a_status_the_one_that_asks_for_nothing_is_taken() -> None:
    done = JiraStatus("1", "Done", "done")
    asking = JiraTransition("11", "Close", done, (JiraTransitionField("resolution", "Resolution", True),))
    chosen = transition_to([asking, JiraTransition("21", "Finish", done)], "done")
    assert chosen is not None
    assert chosen.id == "21"


async def test_undo_after_somebody_else_moved_it_changes_nothing(bench: Bench, issue: Issue) -> None:
    receipt = await bench.effects.perform(bench.intent("jira.transition", issue, status="In Progress"))
    await bench.site.jira.transition("APP-1", "61")
    with pytest.raises(ConflictError, match="changed again since"):
        await bench.effects.undo(receipt.effect_id, PRIYA)
    assert issue.status.name == "Blocked"


async def test_what_is_so_already_is_not_written(bench: Bench, issue: Issue) -> None:
    receipt = await bench.effects.perform(bench.intent("jira.priority", issue, priority="Medium"))
    assert receipt.status is EffectStatus.UNCHANGED
    assert receipt.summary == "The priority of *APP-1* was *Medium* already"
    assert receipt.undo_until is None


async def test_jira_down_is_said_and_nothing_is_kept_back(bench: Bench, issue: Issue) -> None:
    bench.site.fail("status", status=503, times=None)
    with pytest.raises(VendorUnavailableError):
        await bench.effects.perform(bench.intent("jira.priority", issue, priority="High"))
    bench.site.sandbox.faults.clear()
    assert await bench.effects.recover(older_than=timedelta(0)) == []
    assert issue.priority.name == "Medium"
