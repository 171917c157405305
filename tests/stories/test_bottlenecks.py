"""Stuck work, from the changelog to people: found, told once, pushed on, resolved."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from agents.pm.bottlenecks import SPEC
from agents.runs import run_agent
from agents.spec import Delivery, RunMode, RunTrigger, Slot
from db.models.alerts import AlertFeedback
from db.models.pm import WorkflowBottleneck
from db.tenancy import account_scope
from sandbox.client import Message, Person, blocks_text, visible_text
from services.accounts.types import MemberRef
from services.home.gather import gather_home
from services.pm.bottlenecks.types import Activity
from tests.stories.stage import Stage

APP = "FlowPilot"
NEW_YORK = "America/New_York"
FOUR = datetime(2026, 11, 18, 21, 1, tzinfo=UTC)
"""A minute past four in the afternoon."""


async def run(stage: Stage, mode: RunMode = RunMode.LIVE) -> Delivery:
    """Run the agent as of the stage's now."""
    services = stage.application.services
    with account_scope(stage.account.id):
        result = await run_agent(services, SPEC, Slot(services.now(), NEW_YORK), RunTrigger.MANUAL, mode)
    assert result.delivery is not None, result.run.error
    return result.delivery


async def rows(stage: Stage) -> dict[str, WorkflowBottleneck]:
    """Return the newest stay of each item."""
    with account_scope(stage.account.id):
        async with stage.application.services.database.transaction(write=False) as session:
            found = (await session.scalars(select(WorkflowBottleneck).order_by(WorkflowBottleneck.id))).all()
    return {row.item_key: row for row in found}


async def told(person: Person, pattern: str) -> list[Message]:
    """Return the messages of the app to a person that hold some text."""
    return [message for message in await person.messages(APP) if pattern in visible_text(message)]


async def moves(stage: Stage, user: str, key: str) -> None:
    """Have somebody move an issue on in Jira."""
    issue = await stage.issue(key)
    onward = next(each for each in issue["transitions"] if each["to"] not in (issue["status"], "Blocked"))
    await stage.client.post(f"jira/issue/{key}", user=user, op="transition", value=onward["id"])


def only(message: Message, key: str) -> Message:
    """Return the message with one item's buttons only, so that a click is on that item."""
    blocks = message["blocks"]
    place = next(n for n, block in enumerate(blocks) if f"|{key}>" in str(block) and "* for *" in str(block))
    actions = next(block for block in blocks[place:] if str(block.get("block_id", "")).startswith("bottleneck:"))
    return {**message, "blocks": [actions]}


@pytest.mark.requirement("PM-5.1", "PM-5.3", "PM-5.4", "PM-5.5", "PM-5.6")
async def test_stuck_and_blocked_work_is_found_told_once_and_put_into_one_digest(stage: Stage) -> None:
    await _rehearsals_send_and_keep_nothing(stage)
    delivery = await run(stage)
    await _everyone_concerned_is_told(stage)
    await _each_stay_is_kept_as_it_is(stage)
    everything = " ".join(message.text for message in delivery.messages)
    assert stage.story("active-pr")["pull_request"] not in everything
    assert stage.story("bot-pr")["pull_request"] not in everything
    assert all("would" not in message.outcome for message in delivery.messages)
    assert not await told(stage.person("priya"), "stuck item")

    await _at_four_the_leads_get_one_digest(stage)
    await _what_moved_is_resolved_and_looked_back_on(stage)


async def _rehearsals_send_and_keep_nothing(stage: Stage) -> None:
    rehearsed = await run(stage, RunMode.DRY_RUN)
    assert {message.recipient for message in rehearsed.messages} >= {"U0SAM", "U0ALICE", "U0MEI", "U0MARCUS"}
    assert await rows(stage) == {}
    assert {message.outcome for message in (await run(stage, RunMode.SHADOW)).messages} <= {
        "would send",
        "would wait: quiet hours",
    }
    assert not await told(stage.person("sam"), stage.story("stuck-review")["key"])


async def _everyone_concerned_is_told(stage: Stage) -> None:
    marcus, alice, sam, mei = (stage.person(key) for key in ("marcus", "alice", "sam", "mei"))
    stuck, blocked = stage.story("stuck-review"), stage.story("blocked")
    # November 9 to 18 are nine days, and six working days: two weekend days, and Veterans Day
    said = rf"\*{stuck['key']} is stuck, for more than 5 working days\*.*\*Code Review\* for \*9 days\*, usually"
    pull = stage.story("stuck-review-pr")["pull_request"]
    assert f"{pull}> Review requested, 9 days" in visible_text(await sam.sees(said, APP))
    review = await alice.sees(rf"\*{stuck['key']} waits for your review.*Nothing has happened for 6 working days", APP)
    assert "Sam Okafor wrote on Mon Nov 9: “Ready for review. Alice, could you look" in visible_text(review)
    because = rf"\*{blocked['key']} is blocked by {blocked['blocker']}\*.*\*Blocked\* for \*3 days\*"
    await marcus.sees(because, APP)
    assert not await told(mei, blocked["key"])  # it is half past seven in Los Angeles


async def _each_stay_is_kept_as_it_is(stage: Stage) -> None:
    stuck, blocked, changes = (stage.story(key) for key in ("stuck-review", "blocked", "changes-no-push"))
    pull, active, bot = (stage.story(key)["pull_request"] for key in ("stuck-review-pr", "active-pr", "bot-pr"))
    found = await rows(stage)
    assert {key: found[key].is_truly_stuck for key in (stuck["key"], pull, active, blocked["key"])} == {
        stuck["key"]: True,
        pull: True,
        active: False,
        blocked["key"]: True,
    }
    assert found[active].activity == "actively_worked"
    assert found[blocked["key"]].blocker == blocked["blocker"]
    assert bot in found
    waits = found[changes["pull_request"]]
    assert (waits.status, waits.activity) == ("Changes requested", "passively_stuck")
    assert waits.entered_at == datetime.fromisoformat(changes["since"])
    assert waits.is_truly_stuck


async def _at_four_the_leads_get_one_digest(stage: Stage) -> None:
    priya, marcus = stage.person("priya"), stage.person("marcus")
    stuck, blocked, changes = (stage.story(key) for key in ("stuck-review", "blocked", "changes-no-push"))
    await stage.client.post(f"jira/issue/{stuck['key']}", user="U0SAM", op="comment", value="Rebased, ready again.")
    stage.advance(FOUR - stage.sandbox.clock.now())
    again = await run(stage)
    assert not [m for m in again.messages if m.outcome == "sent" and m.text.startswith(stuck["key"])]
    digest = await priya.sees(r"\d stuck items?, Wed Nov 18", APP)
    # its assignee has just been at the ticket, which leaves the review that nobody has given
    assert f"|{stuck['key']}>" not in visible_text(digest)
    assert f"|{stage.story('stuck-review-pr')['pull_request']}>" in visible_text(digest)
    assert "Stuck a week, the last 4:" in visible_text(digest)
    await marcus.sees(rf"stuck item.*{changes['pull_request']}>.*\*Changes requested\* for \*7 days\*", APP)
    await marcus.sees(
        rf"stuck item.*{blocked['key']}.*Blocked by {blocked['blocker']} \(To Do, with Marcus Bell\)", APP
    )
    await run(stage)
    assert len(await told(priya, "Stuck a week")) == 1


async def _what_moved_is_resolved_and_looked_back_on(stage: Stage) -> None:
    stuck, blocked = stage.story("stuck-review")["key"], stage.story("blocked")["key"]
    services = stage.application.services
    await moves(stage, "U0MEI", blocked)
    with account_scope(stage.account.id):
        async with asyncio.timeout(20):
            while (await rows(stage))[blocked].resolved_at is None:
                await services.bottlenecks.settle_moved()
                await asyncio.sleep(0.05)
        await services.alerts.flush_digests()
        look = await services.hindsight.look_back("bottlenecks")
    await stage.person("mei").sees(f"{blocked} is blocked by {stage.story('blocked')['blocker']}", APP)
    pull = stage.story("stuck-review-pr")["pull_request"]
    assert {one.subject for sample in look.samples for one in sample.judgements} >= {blocked, stuck, pull}
    assert blocked not in visible_text(await _listed(stage.person("marcus")))


async def _listed(person: Person) -> Message:
    await person.types("/pm stuck PORT")
    return await person.sees(r"stuck in PORT")


async def _the_monday_card_counts_its_days(priya: Person, key: str) -> None:
    await priya.types("/pm run monday-card", APP)
    await priya.clicks("Stuck days", await priya.sees(rf"stuck: .*{key}", APP), APP)
    async with asyncio.timeout(20):
        while "from date to date" not in (counted := blocks_text((await priya.modal())["blocks"])):
            await asyncio.sleep(0.05)
    assert "Code Review, Mon Nov 9 to Wed Nov 18: *9 days*, usually" in counted


async def _one_counting_everywhere(stage: Stage, line: str) -> None:
    priya = stage.person("priya")
    with account_scope(stage.account.id):
        listed = await stage.application.services.bottlenecks.stuck(NEW_YORK)
        home = await gather_home(stage.application.services, stage.account, await _member(stage, priya))
        card = await stage.application.services.monday_cards.data(FOUR, FOUR.date(), NEW_YORK)
    blocked = sum(each.activity is Activity.BLOCKED for each in listed)
    assert f": {len(listed)} stuck ({blocked} blocked)" in line
    assert any(each.joined for each in listed)
    assert {each.key for each in card.stuck} == {each.key for each in listed}
    for project in home.projects:
        assert project.stuck == sum(each.project_key == project.project.key for each in listed)


async def _member(stage: Stage, person: Person) -> MemberRef:
    members = await stage.application.services.accounts.members()
    return next(each for each in members if each.slack_user_id == person.id)


@pytest.mark.requirement("PM-5.5", "TRUST-1", "TRUST-7", "SLK-4")
async def test_a_pm_pings_escalates_reassigns_and_says_what_is_not_stuck(stage: Stage) -> None:
    priya, alice, sam, bob = (stage.person(key) for key in ("priya", "alice", "sam", "bob"))
    key = stage.story("stuck-review")["key"]
    delivery = await run(stage)
    await _one_counting_everywhere(stage, delivery.line)
    await _the_monday_card_counts_its_days(priya, key)
    mine = await sam.sees(rf"\*{key} is stuck", APP)
    await sam.clicks("Ping reviewer", mine, APP)
    await alice.sees(rf"<@U0SAM> asks you to look at .*{key}.*\*Code Review\* for \*9 days\*", APP)
    receipt = await sam.sees(rf"Alice Nguyen was asked: .*{key}.*Comment on {key} too", APP)
    await sam.clicks(f"Comment on {key} too", receipt, APP)
    await sam.sees(rf"Commented on \*{key}\*", APP)
    assert "Alice Nguyen: this has been in Code Review for 9 days" in str((await stage.issue(key))["comments"])

    await priya.types("/pm stuck SHOP")
    listed = await priya.sees(r"stuck in SHOP.*Alice Nguyen was asked Wed Nov 18")
    await priya.clicks("Ping reviewer", only(listed, key))
    await priya.sees("Alice Nguyen was asked today already")
    await priya.clicks("Show the numbers", only(listed, key))
    async with asyncio.timeout(20):
        while "leave within" not in (shown := blocks_text((await priya.modal())["blocks"])):
            await asyncio.sleep(0.05)
    assert "Half leave Code Review within" in shown
    assert "*Code Review* · Sam Okafor · still there" in shown
    assert "*Sam Okafor*: Ready for review." in shown

    await priya.clicks("Reassign…", only(listed, key))
    form = await priya.modal()
    while form["title"]["text"] != "Reassign":
        form = await priya.modal()
    await priya.submits(form, person={"selected_user": "U0BOB"})
    receipt = await priya.sees(rf"Assigned \*{key}\* to \*Bob Carter\* \(before: \*Sam Okafor\*\)")
    assert (await stage.issue(key))["assignee"] == "Bob Carter"
    await priya.clicks("Undo", receipt)
    await priya.sees("Taken back")

    review = (await told(alice, "waits for your review"))[-1]
    await alice.clicks("Not stuck", review, APP)
    changed = await alice.sees(rf"Alice Nguyen said that {key} is not stuck", APP)
    assert "Reassign…" not in visible_text(changed)
    with account_scope(stage.account.id):
        async with stage.application.services.database.transaction(write=False) as session:
            (vote,) = (await session.scalars(select(AlertFeedback))).all()
    assert vote.useful is False
    await run(stage)
    pull = stage.story("stuck-review-pr")["pull_request"]
    assert {each: (await rows(stage))[each].is_truly_stuck for each in (key, pull)} == {key: False, pull: False}
    await alice.clicks("Undo", await alice.sees("Nobody is told of it again while it stays in Code Review", APP), APP)
    await alice.sees(rf"{key}> is on the list of stuck work again", APP)
    assert {each: (await rows(stage))[each].is_truly_stuck for each in (key, pull)} == {key: True, pull: True}
    with account_scope(stage.account.id):
        async with stage.application.services.database.transaction(write=False) as session:
            assert not (await session.scalars(select(AlertFeedback))).all()

    await moves(stage, "U0SAM", key)
    await priya.clicks("Escalate to lead", only(listed, key))
    await priya.sees(f"{key}> is no longer in Code Review; nothing is to do")
    assert not await told(bob, key)
