"""The reminder offers what is missing as drafted entries; one click logs them, another takes them back."""

from __future__ import annotations

import asyncio
import re
from datetime import date
from typing import Any

import pytest

from blocks.pm.words import exact_text
from sandbox.client import Message, Person, blocks_text
from tests.stories.stage import Stage

APP = "FlowPilot"


async def modal_with(person: Person, pattern: str) -> Message:
    """Wait until the person's modal shows that."""
    async with asyncio.timeout(20):
        while True:
            view = await person.modal()
            if re.search(pattern, blocks_text(view["blocks"]), re.S):
                return view
            await asyncio.sleep(0.05)


async def modal_with_hours(person: Person, prefix: str) -> None:
    """Wait until a row has its inputs."""
    async with asyncio.timeout(20):
        while not [row for row in block_ids(await person.modal(), "hours") if row.startswith(prefix + ":")]:
            await asyncio.sleep(0.05)


async def submits(stage: Stage, person: Person, view: Message) -> Message:
    """Submit a form as it stands."""
    answer: Message = await stage.client.post("slack/view_submit", user=person.id, view_id=view["id"], values={})
    return answer


def block_ids(view: Message, name: str) -> list[str]:
    return [b["block_id"] for b in view["blocks"] if str(b.get("block_id", "")).startswith(f"{name}:")]


async def hours_of(stage: Stage, person: Person, week: tuple[str, str]) -> list[dict[str, Any]]:
    """Return a person's worklogs in Tempo."""
    query = {"from": week[0], "to": week[1], "user": person.id}
    found: list[dict[str, Any]] = (await stage.client.get("tempo/worklogs", **query))["worklogs"]
    return found


@pytest.mark.requirement("JOIN-1", "PM-1.4", "TRUST-1", "TRUST-7")
async def test_sam_looks_at_the_drafts_edits_them_logs_them_and_takes_them_back(stage: Stage) -> None:
    priya, sam = stage.person("priya"), stage.person("sam")
    facts = stage.story("week-sam")
    missing = facts["required_hours"] - facts["hours"]
    week = ("2026-11-09", "2026-11-15")
    before = await hours_of(stage, sam, week)
    await priya.types("/pm run time-tracking")
    reminder = await sam.sees(rf"I found traces for (?:\*.+\*|all) of the \*{missing:g} h\* that are missing", APP)

    await sam.clicks("Show the numbers", reminder, APP)
    numbers = blocks_text((await modal_with(sam, r"logged / required"))["blocks"])
    for worklog in before:
        assert f"{worklog['issue_key']}> {exact_text(worklog['seconds'])}" in numbers
    required = round(facts["required_hours"] * 3600)
    assert f"compliant from 80 % of {exact_text(required)} = {exact_text(round(required * 0.8))}" in numbers

    await sam.clicks("Look and log…", reminder, APP)
    view = await modal_with(sam, "Log this")
    ticked = [b["block_id"] for b in view["blocks"] if "initial_options" in b.get("accessory", {})]
    rows = [row for row in block_ids(view, "hours") if f"keep:{row.split(':')[1]}" in ticked]
    kept, wrong = rows[0], rows[1]
    refused = await sam.submits(view, **{wrong: "lunch"})
    assert "no number of hours" in str(refused)
    dropped = rows[2].split(":")[1]
    await sam.clicks_in_view(f"pm.worklog_drafts.keep:{dropped}", await sam.modal(), selected_options=[])
    day = rows[0].split(":")[2]
    option = {"text": {"type": "plain_text", "text": "CPE"}, "value": "CPE-12"}
    await sam.clicks_in_view(f"pm.worklog_drafts.add:{day}", await sam.modal(), selected_option=option)
    view = await modal_with(sam, "CPE-12.*Added by you")
    words = {f"words:{kept.split(':')[1]}": "Pairing with Alice", kept: "1:30", wrong: "45m"}
    await sam.submits(view, **words)
    told = await sam.sees(r"Logged \*.+\*: you are at \*.+\* of \*32 h\*", APP)
    assert told["ts"] == reminder["ts"]

    after = await hours_of(stage, sam, week)
    new = [worklog for worklog in after if worklog["id"] not in {known["id"] for known in before}]
    assert {"CPE-12"} <= {worklog["issue_key"] for worklog in new}
    assert ("Pairing with Alice", 5400) in {(w["description"], w["seconds"]) for w in new}
    assert 2700 in {w["seconds"] for w in new}
    assert date.fromisoformat(day) in {date.fromisoformat(w["date"]) for w in new if w["issue_key"] == "CPE-12"}

    await sam.clicks("Undo all", told, APP)
    await sam.sees(r"out of Tempo again: you are at \*22 h\*", APP)
    assert await hours_of(stage, sam, week) == before


@pytest.mark.requirement("JOIN-1")
async def test_luca_opens_his_week_himself_and_what_tempo_refuses_can_be_logged_later(stage: Stage) -> None:
    luca = stage.person("luca")
    await luca.types("/pm hours", APP)
    await luca.sees("You logged \\*0 h\\*", APP)
    view = await modal_with(luca, "Log this")
    nothing = {
        b["block_id"]: {b["accessory"]["action_id"]: {"type": "checkboxes", "selected_options": []}}
        for b in view["blocks"]
        if b.get("accessory", {}).get("type") == "checkboxes"
    }
    await stage.client.post("slack/view_submit", user=luca.id, view_id=view["id"], values=nothing)
    view = await modal_with(luca, "Nothing is ticked.*Log this")
    assert block_ids(view, "hours") == []
    assert view["submit"]["text"] == "Log hours"
    for block in [b for b in view["blocks"] if str(b["block_id"]).startswith("keep:")][:4]:
        view = await luca.modal()
        await luca.clicks_in_view(block["accessory"]["action_id"], view, selected_options=block["accessory"]["options"])
        await modal_with_hours(luca, block["block_id"].replace("keep", "hours"))
    view = await luca.modal()
    stage.fault("tempo", "status", method="POST", path="/4/worklogs$", status=400, times=1)
    await submits(stage, luca, view)
    told = await luca.sees(r"\d+ of \d+ entries.*Not logged.*Tempo refused", APP)
    await luca.clicks("Look and log…", told, APP)
    rest = await modal_with(luca, "In Tempo already.*Log this")
    await submits(stage, luca, rest)
    await luca.sees("Logged \\*.+\\*: you are at", APP)
    logged = await hours_of(stage, luca, ("2026-11-09", "2026-11-15"))
    assert len({(w["issue_key"], w["date"]) for w in logged}) == len(logged)

    await luca.types("hours --week this", APP)
    await luca.sees(r"You logged \*.+\* in the week of Nov 16 to 22", APP)
