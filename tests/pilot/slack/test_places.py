"""A session whose thread or channel is gone or closed says what to do, and goes on elsewhere."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from db.tenancy import account_scope
from sandbox.client import visible_text
from services.pilot.types import LaneKind, NewItem
from tests.pilot.slack.test_ending import WHERE, opened
from tests.stories.stage import staged


@pytest.mark.requirement("SLK-1", "SLK-2", "SLK-3", "SLK-6")
async def test_a_session_survives_the_end_of_its_thread_and_of_its_channel(tmp_path: Path) -> None:
    async with staged(tmp_path, anthropic_api_key=SecretStr("")) as stage:
        luca, pilot, slack = stage.person("luca"), stage.application.services.pilot, stage.sandbox.slack
        made = await opened(stage, luca, "The badge printer jams")
        shown = await luca.sees("Session open: ", WHERE)
        link = str(shown["blocks"]).split("<", 1)[1].split("|", 1)[0].replace("&amp;", "&")
        async with aiohttp.ClientSession() as browser, browser.get(link, allow_redirects=False) as answer:
            assert answer.headers["Location"].endswith(f"/{made.channel_id}/{made.thread_ts}")
        channel = slack.channels[str(made.channel_id)]
        for message in reversed(await luca.messages(WHERE, str(made.thread_ts))):
            slack.messages.delete(channel, message["ts"])
        with account_scope(stage.account.id):
            await pilot.add_items(made.id, [NewItem(LaneKind.QUESTION, "Which badge?", ("Blue", "Red"))])
        thread = (await luca.sees("The badge printer jams.*opened by", WHERE))["ts"]
        lane = await luca.sees("Task lane.*Which badge", WHERE, thread_ts=thread)
        channel.is_archived = True
        await luca.clicks("Blue", lane)
        told = await luca.sees("channel is archived.*is kept.*Go on in a direct message", WHERE, thread_ts=thread)
        await luca.clicks("Go on in a direct message", told)
        root = await luca.sees("The badge printer jams.*opened by", "FlowPilot")
        await luca.sees("Task lane.*F1.*Blue", "FlowPilot", thread_ts=root["ts"])
        await luca.types("It is the blue one", "FlowPilot", root["ts"])
        await luca.sees("Rule-based", "FlowPilot", thread_ts=root["ts"])
        channel.is_archived = False
        await luca.types("/pilot resume badge", WHERE)
        await luca.sees("Session open: .*badge printer", WHERE)
        roots = [each for each in await luca.messages("FlowPilot") if "badge printer jams" in visible_text(each)]
        assert len(roots) == 1


@pytest.mark.requirement("SLK-1", "SLK-2", "SLK-3", "SLK-4")
async def test_a_session_of_a_private_channel_works_until_the_app_is_taken_out_then_its_opener_is_told_once(
    tmp_path: Path,
) -> None:
    async with staged(tmp_path, anthropic_api_key=SecretStr("")) as stage:
        luca, pilot, slack = stage.person("luca"), stage.application.services.pilot, stage.sandbox.slack
        where, app = "#locked-out", stage.client.app["user_id"]
        channel = slack.add_channel("C0LOCKED", "locked-out", [luca.id, app], is_private=True)
        made = await opened(stage, luca, "The badge printer jams", where)
        thread = str(made.thread_ts)
        with account_scope(stage.account.id):
            which = NewItem(LaneKind.QUESTION, "Which badge?", ("Blue", "Red"))
            await pilot.add_items(made.id, (which, NewItem(LaneKind.CHECK, "Feel it", ("Hot", "Cold"))))
        lane = await luca.sees("Task lane.*Which badge.*Red.*Feel it.*Hot", where, thread_ts=thread)
        before = len(await luca.messages(where, thread))
        await luca.clicks("Red", lane, where)
        await luca.clicks("Hot", lane, where)
        await luca.sees("Task lane.*Red.*Hot", where, thread_ts=thread)
        await luca.types("And it smells of glue", where, thread)
        async with asyncio.timeout(20):
            # what was said, and one answer to it and to both clicks
            while len(after := await luca.messages(where, thread)) < before + 2:
                await asyncio.sleep(0.05)
        assert "Rule-based" in visible_text(after[-1])
        assert len(after) == before + 2

        channel.members.remove(app)
        with account_scope(stage.account.id):
            members = {each.slack_user_id: each for each in await stage.application.services.accounts.members()}
            await pilot.add_note(made.id, "The roller sticks", members[luca.id])
            await luca.sees("badge printer jams.*is kept.*Go on in a direct message", "FlowPilot")
            await pilot.add_note(made.id, "The roller is clean", members[luca.id])
        told = [each for each in await luca.messages("FlowPilot") if "is kept" in visible_text(each)]
        assert len(told) == 1
        await luca.clicks("Go on in a direct message", told[0], "FlowPilot")
        root = await luca.sees("The badge printer jams.*opened by", "FlowPilot")
        await luca.sees("Task lane.*Red.*Hot.*sticks.*clean", "FlowPilot", thread_ts=root["ts"])
