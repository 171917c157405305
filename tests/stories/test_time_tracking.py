"""Last week's hours, from a command to what people read in Slack."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.client import Message, Person, blocks_text
from tests.stories.stage import Stage


async def numbers(person: Person) -> Message:
    """Wait until the modal shows what was read."""
    async with asyncio.timeout(20):
        while True:
            view = await person.modal()
            if "logged / required" in blocks_text(view["blocks"]):
                return view
            await asyncio.sleep(0.05)


@pytest.mark.requirement("PM-1.1", "PM-1.4", "PM-1.5", "PM-1.6", "TRUST-7")
async def test_priya_runs_time_tracking_bob_is_reminded_once_and_she_sees_the_numbers(stage: Stage) -> None:
    priya, bob, alice = (stage.person(key) for key in ("priya", "bob", "alice"))
    await priya.types("/pm run time-tracking")
    await priya.sees(rf"Week of Nov 9 to 15.*<@{bob.id}>: sent")
    assert (stage.story("week-bob")["hours"], stage.story("week-bob")["required_hours"]) == (9.5, 32.0)
    await bob.sees(r"You logged \*9 h 30 min\* of \*32 h\*", "FlowPilot")
    summary = await priya.sees(rf"Time tracking, Nov 9 to 15.*<@{bob.id}>: 3 weeks in a row", "FlowPilot")
    assert not [message for message in await alice.messages("FlowPilot") if "logged" in str(message)]

    await priya.clicks("Show the numbers", summary, "FlowPilot")
    assert "Bob Carter* 9 h 30 min / 32 h" in blocks_text((await numbers(priya))["blocks"])

    await priya.clicks("Useful", summary, "FlowPilot")
    thanked = await priya.sees("You found this useful", "FlowPilot")
    assert thanked["ts"] == summary["ts"]
    assert "Storefront" in blocks_text(thanked["blocks"])

    told = len(await bob.messages("FlowPilot"))
    await priya.types("/pm run time-tracking")
    await priya.sees(rf"<@{bob.id}>: not sent: already sent")
    assert len(await bob.messages("FlowPilot")) == told
