"""Tickets: whose, which, where to; bad input changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.jira import catalog
from sandbox.jira.model import Issue
from services.commands import MemberMention
from services.effects import EffectStatus
from services.errors import InvalidInputError, NotFoundError, NotLinkedError
from services.tickets import ChoiceError, Draft
from services.tickets.drafts import KEPT
from tests.tickets.conftest import Desk, comments_of
from tests.vendors.site import ALICE, BOB


@pytest.fixture
def issue(desk: Desk) -> Issue:
    """APP-1, to do, nobody's."""
    return desk.site.create("APP", "Fix the login")


async def test_a_comment_mentions_who_is_linked_and_names_others(desk: Desk, issue: Issue) -> None:
    text = "<@U0BOB|bob> and <@U0CAROL> see <https://x.test|the page> &amp; *go*"
    receipt = await desk.tickets.comment(desk.people["alice"], issue.key, text, "w1")
    assert receipt.status is EffectStatus.DONE
    [body] = [comment.body for comment in issue.comments]
    assert f"'type': 'mention', 'attrs': {{'id': '{BOB}'" in str(body)
    [words] = comments_of(issue)
    assert "@Carol <!channel> Cole see the page (https://x.test) & go" in words


async def test_the_same_wish_twice_is_one_comment(desk: Desk, issue: Issue) -> None:
    for _ in range(2):
        receipt = await desk.tickets.comment(desk.people["bob"], issue.key, "Hello", "w1")
    assert receipt.repeated
    assert len(issue.comments) == 1


async def test_without_a_key_the_ticket_in_focus_is_meant(desk: Desk, issue: Issue) -> None:
    bob = desk.people["bob"]
    await desk.tickets.focus(bob, issue.key)
    await desk.tickets.set_priority(bob, None, ("low",), "w1")
    assert issue.priority.name == "Low"
    await desk.tickets.unfocus(bob)
    with pytest.raises(InvalidInputError, match="Which ticket"):
        await desk.tickets.set_priority(bob, None, ("high",), "w2")
    assert issue.priority.name == "Low"


async def test_focus_is_each_persons_own(desk: Desk, issue: Issue) -> None:
    await desk.tickets.focus(desk.people["bob"], issue.key)
    assert await desk.tickets.focused(desk.people["alice"]) is None


@pytest.mark.parametrize("action", ["comment", "move", "assign", "set_priority", "draft", "card"])
async def test_a_key_that_jira_does_not_know_is_said_with_what_may_be_meant(
    desk: Desk, issue: Issue, action: str
) -> None:
    await desk.bench.mirror.sync("jira")
    arguments: dict[str, tuple[object, ...]] = {
        "comment": ("hello", "w"),
        "move": (("QA",), "w"),
        "assign": (None, "w"),
        "set_priority": (("High",), "w"),
        "draft": (),
        "card": (),
    }
    with pytest.raises(NotFoundError, match="Jira knows no issue APP-11; nothing was changed") as caught:
        await getattr(desk.tickets, action)(desk.people["bob"], "APP-11", *arguments[action])
    assert "Did you mean *APP-1*?" in caught.value.hint
    assert desk.site.calls("APP-11", method="POST") + desk.site.calls("APP-11", method="PUT") == []


@pytest.mark.parametrize("typed", ["In Progress", "in progress", "in-progress", "inprog", "Start work"])
async def test_a_status_is_found_by_name_beginning_or_the_transitions_name(
    desk: Desk, issue: Issue, typed: str
) -> None:
    await desk.tickets.move(desk.people["bob"], issue.key, (typed,), "w1")
    assert issue.status.name == "In Progress"


async def test_to_do_is_understood_without_its_to(desk: Desk, issue: Issue) -> None:
    await desk.site.jira.transition(issue.key, "11")
    await desk.tickets.move(desk.people["bob"], issue.key, ("Do", "to Do"), "w1")
    assert issue.status.name == "To Do"


@pytest.mark.parametrize("typed", ["QA", "Nirvana", "<!channel>"])
async def test_an_impossible_move_changes_nothing_and_lists_the_possible(desk: Desk, issue: Issue, typed: str) -> None:
    with pytest.raises(ChoiceError, match="nothing was changed") as caught:
        await desk.tickets.move(desk.people["bob"], issue.key, (typed,), "w1")
    assert caught.value.choices == ("In Progress", "Blocked")
    assert "<!channel>" not in str(caught.value)
    assert issue.histories == []


async def test_words_that_fit_two_statuses_are_asked_back(desk: Desk) -> None:
    desk.site.sandbox.jira.add_project("REM", "Remediation", ALICE, catalog.REMEDIATION)
    issue = desk.site.create("REM", "Patch the fleet")
    for transition_id in ("101", "111", "121"):
        await desk.site.jira.transition(issue.key, transition_id)
    with pytest.raises(ChoiceError, match="“p” can mean") as caught:
        await desk.tickets.move(desk.people["bob"], issue.key, ("p", "to p"), "w1")
    assert set(caught.value.choices) == {"Pilot", "Plan"}
    assert issue.status.name == "Build & Test"


async def test_a_move_that_somebody_else_made_impossible_says_what_is_possible_now(desk: Desk, issue: Issue) -> None:
    await desk.site.jira.transition(issue.key, "11")
    moved: list[str] = []

    def block_after_the_first_look(event: dict[str, Any]) -> None:
        if (
            event["type"] == "call"
            and event["method"] == "GET"
            and event["path"].endswith("/transitions")
            and not moved
        ):
            moved.append(issue.key)
            desk.site.sandbox.jira.transition(ALICE, issue, "61", {}, {})

    desk.site.sandbox.bus.on_event(block_after_the_first_look)
    with pytest.raises(ChoiceError, match="cannot go to") as caught:
        await desk.tickets.move(desk.people["bob"], issue.key, ("Code Review",), "w1")
    assert caught.value.choices == ("In Progress", "To Do")
    assert issue.status.name == "Blocked"
    assert [line.result for line in await desk.services.audit.lines()] == ["failed"]


async def test_a_ticket_is_assigned_to_others_oneself_and_nobody(desk: Desk, issue: Issue) -> None:
    bob, account = desk.people["bob"], desk.account
    held: list[str | None] = []
    for typed in ("<@U0ALICE|alice>", "me", "Alice", "nobody"):
        person = await desk.tickets.find_assignee(account, bob, MemberMention.read(typed))
        await desk.tickets.assign(bob, issue.key, person, f"w{len(held)}")
        held.append(issue.assignee)
    assert held == [ALICE, BOB, ALICE, None]


async def test_somebody_without_a_known_jira_account_is_named_with_what_to_do(desk: Desk, issue: Issue) -> None:
    with pytest.raises(NotLinkedError, match="Carol &lt;!channel&gt; Cole") as caught:
        await desk.tickets.assign(desk.people["bob"], issue.key, desk.people["carol"], "w1")
    assert "/flowpilot link" in caught.value.hint
    with pytest.raises(NotLinkedError, match="your Jira account"):
        await desk.tickets.assign(desk.people["carol"], issue.key, desk.people["carol"], "w2")
    assert issue.histories == []


async def test_an_unknown_person_is_said(desk: Desk, issue: Issue) -> None:
    with pytest.raises(NotFoundError, match="nobody called “zed”"):
        await desk.tickets.find_assignee(desk.account, desk.people["bob"], MemberMention.read("@zed"))


async def test_a_priority_that_jira_does_not_have_lists_those_it_has(desk: Desk, issue: Issue) -> None:
    with pytest.raises(ChoiceError, match="none of Jira's priorities") as caught:
        await desk.tickets.set_priority(desk.people["bob"], issue.key, ("Urgent", "Urgent"), "w1")
    assert caught.value.choices == ("Highest", "High", "Medium", "Low", "Lowest")
    assert issue.histories == []


async def test_a_priority_is_the_equal_one_before_a_longer_one(desk: Desk, issue: Issue) -> None:
    await desk.tickets.set_priority(desk.people["bob"], issue.key, ("high",), "w1")
    assert issue.priority.name == "High"


@pytest.mark.parametrize(("length", "fits"), [(50_000, False), (32_767, False), (32_000, True)])
async def test_what_is_longer_than_jira_takes_is_refused_before_anything_is_done(
    desk: Desk, issue: Issue, length: int, fits: bool
) -> None:
    if fits:
        await desk.tickets.comment(desk.people["bob"], issue.key, "x" * length, "w1")
    else:
        with pytest.raises(InvalidInputError, match="Jira takes 32,767; nothing was posted"):
            await desk.tickets.comment(desk.people["bob"], issue.key, "x" * length, "w1")
        assert desk.site.calls("/comment", method="POST") == []
    assert len(issue.comments) == fits


@pytest.mark.requirement("TKT-1.2")
async def test_a_draft_without_a_model_says_that_rules_wrote_it(desk: Desk, issue: Issue) -> None:
    bob = desk.people["bob"]
    draft = await desk.tickets.draft(bob, issue.key, "ask <@U0ALICE> for logs")
    assert draft.answered_by == "rule-based"
    assert draft.text.startswith(f"ask [~accountid:{ALICE}] for logs")
    assert "Status: To Do" in draft.text
    assert (await desk.tickets.drafts.get(bob, draft.id)).text == draft.text
    assert issue.comments == []


async def test_drafts_are_each_persons_own_and_the_oldest_go(desk: Desk) -> None:
    bob, drafts = desk.people["bob"], desk.tickets.drafts
    kept = [await drafts.keep(bob, "APP-1", f"text {n}", answered_by="rule-based") for n in range(KEPT + 1)]
    assert await drafts.get(bob, kept[-1].id) == Draft(kept[-1].id, "APP-1", f"text {KEPT}", "rule-based")
    with pytest.raises(NotFoundError, match="no longer there"):
        await drafts.get(bob, kept[0].id)
    with pytest.raises(NotFoundError, match="no longer there"):
        await drafts.get(desk.people["alice"], kept[-1].id)


async def test_a_card_has_what_jira_has_now(desk: Desk, issue: Issue) -> None:
    epic = desk.site.create("APP", "Login epic", "Epic")
    desk.site.sandbox.jira.edit(ALICE, issue, {"parent": {"key": epic.key}, "assignee": {"accountId": BOB}})
    card = await desk.tickets.card(desk.people["vera"], issue.key)
    assert (card.assignee, card.epic_key, card.epic_summary) == ("Bob Brown", epic.key, "Login epic")
    assert card.possible == ("In Progress", "Blocked")
