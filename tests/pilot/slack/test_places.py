"""A session whose thread or channel is gone or closed says what to do, and goes on elsewhere."""

from __future__ import annotations

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
        with account_scope(stage.account.id):
            item = next(each for each in (await pilot.get(made.id)).items if "badge" in each.text)

        channel.is_archived = True
        await luca.clicks(f"pilot.item:{made.id}:{item.id}", lane, selected_option={"value": "option0"})
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
