"""A PM gives tickets their epics, from Slack into Jira."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from db.tenancy import account_scope
from sandbox.client import Message, Person, visible_text
from services.accounts import Role
from tests.stories.stage import Stage

APP = "FlowPilot"
TITLE = "Tickets without an epic"


async def message_after_run(stage: Stage, person: Person) -> Message:
    """Have the agent run by hand, and return the person's message."""
    await person.types("/pm run epic-assignment")
    await person.sees("Epic assignment.*open tickets in PORT, SHOP")
    return await person.sees(TITLE, APP)


async def epic_in_jira(stage: Stage, key: str) -> Any:
    """Return an issue's epic as Jira holds it."""
    return (await stage.issue(key))["epic"]


async def epic_becomes(stage: Stage, key: str, epic: str | None) -> None:
    """Wait until Jira holds this epic."""
    async with asyncio.timeout(10):
        while await epic_in_jira(stage, key) != epic:
            await asyncio.sleep(0.05)


@pytest.mark.requirement("PM-6.3", "PM-6.4", "TRUST-1", "SLK-3", "SLK-4")
async def test_a_pm_assigns_an_epic_at_one_click_takes_it_back_and_chooses_another(stage: Stage) -> None:
    priya = stage.person("priya")
    easy = stage.story("orphans")["easy"]
    ticket = next(key for key in easy if key.startswith("SHOP"))
    (epic,) = easy[ticket]
    message = await message_after_run(stage, priya)

    await priya.clicks(f"epic_assign:{ticket}", message, APP)
    message = await priya.sees(f"Assigned to \\*{epic}\\*.*by <@U0PRIYA>", APP)
    assert await epic_in_jira(stage, ticket) == epic
    assert len([m for m in await priya.messages(APP) if TITLE in visible_text(m)]) == 1

    await priya.clicks("Undo", message, APP)
    message = await priya.sees("was undone; the next run asks again", APP)
    assert await epic_in_jira(stage, ticket) is None

    other = stage.story("orphans")["none"]
    ticket = next(key for key in other if key.startswith("SHOP"))
    label = f"epic_choose:{ticket}"
    options = await priya.options(label, message, "loyal", APP)
    (option,) = [found for found in options if "Loyalty" in found["text"]["text"]]
    await priya.clicks(label, message, APP, selected_option=option)
    await priya.sees(f"Assigned to \\*{option['value']}\\*", APP)
    assert await epic_in_jira(stage, ticket) == option["value"]


@pytest.mark.requirement("PM-6.4", "SLK-3")
async def test_a_stale_button_does_no_harm_and_a_later_run_changes_the_same_message(stage: Stage) -> None:
    priya = stage.person("priya")
    easy = stage.story("orphans")["easy"]
    first, second = [key for key in easy if key.startswith("SHOP")][:2]
    old = await message_after_run(stage, priya)
    taken = next(key for found in easy.values() for key in found if key not in easy[first] and key.startswith("SHOP"))
    await stage.client.post(f"jira/issue/{first}", user="U0ALICE", op="parent", value=taken)
    await priya.clicks(f"epic_assign:{first}", old, APP)
    await priya.sees(f"{first} has the epic {taken} already; nothing was changed", APP)
    assert await epic_in_jira(stage, first) == taken

    await stage.client.post(f"jira/issue/{second}", user="U0ALICE", op="parent", value=easy[second][0])
    stage.advance(timedelta(minutes=20))
    await priya.types("/pm run epic-assignment")
    await priya.sees("brought up to date")
    message = await priya.sees(TITLE, APP)
    assert message["ts"] == old["ts"]
    assert f"epic:{first}" not in json.dumps(message)
    assert f"epic:{second}" not in json.dumps(message)
    assert "Useful" in visible_text(message)


@pytest.mark.requirement("PM-6.3", "TRUST-2", "SLK-1")
async def test_all_above_90_percent_are_shown_approved_as_seen_and_assigned(stage: Stage) -> None:
    marcus = stage.person("marcus")
    await message_after_run(stage, stage.person("priya"))
    message = await marcus.sees(TITLE, APP)
    await marcus.clicks("epic_bulk", message, APP)
    view = await marcus.modal()
    seen = json.loads(view["private_metadata"])["pairs"]
    assert len(seen) >= 3
    gone = seen[0].split()[0]
    # somebody decides on one of them while the modal is open
    await marcus.clicks(f"epic_review:{gone}", message, APP)
    await marcus.sees("reviews it in Jira", APP)
    answer = await marcus.submits(view)
    assert answer["response_action"] == "update"
    again = await marcus.modal()
    assert f"{gone} is no longer in it" in json.dumps(again)
    assert await epic_in_jira(stage, seen[1].split()[0]) is None

    refused = seen[1].split()[0]
    stage.fault("jira", "status", path=f"issue/{refused}", method="PUT", status=400)
    await marcus.submits(again)
    report = visible_text(await marcus.sees("assigned in PORT", APP))
    assert f"{refused} was not assigned" in report
    for pair in seen[2:]:
        ticket, epic = pair.split()
        assert await epic_in_jira(stage, ticket) == epic
    message = await marcus.sees(TITLE, APP)
    await marcus.clicks(f"epic_assign:{refused}", message, APP)
    await epic_becomes(stage, refused, seen[1].split()[1])


@pytest.mark.requirement("SLK-4", "PM-6.4")
async def test_without_the_role_the_agent_cannot_be_run_and_a_dry_run_posts_and_keeps_nothing(stage: Stage) -> None:
    bob, priya = stage.person("bob"), stage.person("priya")
    await bob.types("/pm run epic-assignment")
    await bob.sees("You need the role \\*pm\\*")
    await priya.types("/pm run epic-assignment --dry-run")
    await priya.sees("would send")
    assert not [m for m in await priya.messages(APP) if TITLE in visible_text(m)]


@pytest.mark.requirement("SLK-4")
async def test_who_lost_the_role_changes_nothing_and_the_refusal_is_on_the_record(stage: Stage) -> None:
    marcus = stage.person("marcus")
    await message_after_run(stage, stage.person("priya"))
    message = await marcus.sees(TITLE, APP)
    services = stage.application.services
    with account_scope(stage.account.id):
        member = await services.accounts.member(stage.account, marcus.id)
        await services.accounts.set_role(member.id, Role.ENGINEER)
    ticket = next(key for key in stage.story("orphans")["easy"] if key.startswith("PORT"))
    await marcus.clicks(f"epic_assign:{ticket}", message, APP)
    await marcus.sees("You need the role \\*pm\\* to assign epics", APP)
    assert await epic_in_jira(stage, ticket) is None
    with account_scope(stage.account.id):
        lines = await services.audit.lines(target=ticket)
    assert [line.result for line in lines] == ["refused"]


@pytest.mark.requirement("SLK-5")
async def test_a_long_list_is_turned_page_by_page_in_the_same_message(stage: Stage) -> None:
    priya = stage.person("priya")
    for number in range(5):
        wanted = {"project": "SHOP", "type": "Task", "summary": f"Order chair number {number}"}
        await stage.client.post("jira/create", user="U0PRIYA", **wanted)
    stage.advance(timedelta(minutes=20))
    first = await message_after_run(stage, priya)
    assert "Page 1 of 2" in visible_text(first)
    await priya.clicks("Next", first, APP)
    second = await priya.sees("Page 2 of 2; 13 of 13 tickets wait", APP)
    assert second["ts"] == first["ts"]
    assert "Looked at" in visible_text(second)
    tickets = [block["block_id"] for block in second["blocks"] if block["block_id"].startswith("epic:")]
    assert len(tickets) == 3
    await priya.clicks(f"epic_review:{tickets[0].removeprefix('epic:')}", second, APP)
    assert "Page 2 of 2; 12 of 13" in visible_text(await priya.sees("reviews it in Jira", APP))


async def test_a_title_full_of_markup_shows_as_plain_text(stage: Stage) -> None:
    message = await message_after_run(stage, stage.person("priya"))
    text = json.dumps(message["blocks"])
    assert stage.story("hostile")["key"] in text
    assert "&lt;!channel&gt;" in text
    assert "<!channel>" not in text
