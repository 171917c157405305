"""Uploads both ways, streams, statuses."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models.messages.chunk import MarkdownTextChunk, TaskUpdateChunk
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.core import Sandbox
from tests.sandbox.slack.conftest import Control

HEADERS = {"Authorization": "Bearer xoxb-sandbox"}


async def test_the_sdk_uploads_and_the_file_can_be_fetched(
    client: AsyncWebClient, http: aiohttp.ClientSession, control: Control
) -> None:
    uploaded = await client.files_upload_v2(
        content="a,b\n1,2\n", filename="report.csv", title="Report", channel="C0GENERAL", initial_comment="Here"
    )
    message = (await control.messages("U0BOB", "C0GENERAL"))[-1]
    assert (message["text"], message["files"][0]["title"]) == ("Here", "Report")
    info = (await client.files_info(file=uploaded["file"]["id"]))["file"]
    assert (info["size"], info["mimetype"]) == (8, "text/csv")
    async with http.get(info["url_private"], headers=HEADERS) as response:
        assert await response.text() == "a,b\n1,2\n"
    async with http.get(info["url_private"], allow_redirects=False) as response:
        assert response.status == 302
    async with http.get(f"{control.url}/sandbox/api/slack/file/{info['id']}") as response:
        assert (await response.text(), response.content_type) == ("a,b\n1,2\n", "text/csv")


async def test_an_upload_may_be_a_form_and_must_be_as_long_as_announced(
    client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    announced = await client.files_getUploadURLExternal(filename="a.txt", length=5)
    async with http.post(announced["upload_url"], data=b"four") as response:
        assert response.status == 400
    with pytest.raises(SlackApiError) as caught:
        await client.files_completeUploadExternal(files=[{"id": announced["file_id"]}])
    assert caught.value.response["error"] == "file_not_found"
    form = aiohttp.FormData()
    form.add_field("file", b"fives", filename="a.txt")
    async with http.post(announced["upload_url"], data=form) as response:
        assert await response.text() == "OK - 5"
    done = await client.files_completeUploadExternal(files=[{"id": announced["file_id"], "title": "A"}])
    assert done["files"][0]["title"] == "A"


async def test_a_person_uploads_a_file(control: Control, http: aiohttp.ClientSession, client: AsyncWebClient) -> None:
    form = aiohttp.FormData({"user": "U0BOB", "channel": "C0GENERAL", "text": "see @alice"})
    form.add_field("file", b"log", filename="app.log")
    async with http.post(f"{control.url}/sandbox/api/slack/upload", data=form) as response:
        shown = (await response.json())["file"]
    history = await client.conversations_history(channel="C0GENERAL")
    message = history["messages"][0]
    assert (message["text"], message["files"][0]["id"]) == ("see <@U0ALICE>", shown["id"])


async def test_a_stream_grows_and_ends(client: AsyncWebClient, control: Control, sandbox: Sandbox) -> None:
    said = sandbox.slack.acts.say("U0BOB", "C0GENERAL", "How are we?")
    stream = await client.chat_stream(
        channel="C0GENERAL",
        thread_ts=said["ts"],
        recipient_user_id="U0BOB",
        recipient_team_id="T0SANDBOX",
        buffer_size=1,
    )
    await stream.append(markdown_text="**We** ")
    await stream.append(chunks=[TaskUpdateChunk(id="1", title="Look", status="in_progress")])
    growing = (await control.messages("U0BOB", "C0GENERAL", said["ts"]))[-1]
    assert growing["streaming"] is True
    feedback: dict[str, Any] = {"type": "context", "elements": [{"type": "mrkdwn", "text": "From the mirror"}]}
    await stream.stop(chunks=[MarkdownTextChunk(text="are fine")], blocks=[feedback])
    ended = (await control.messages("U0BOB", "C0GENERAL", said["ts"]))[-1]
    assert "streaming" not in ended
    assert ended["text"] == "**We** are fine"
    assert [block["type"] for block in ended["blocks"]] == ["task_card", "markdown", "context"]
    with pytest.raises(SlackApiError) as caught:
        await client.chat_appendStream(channel="C0GENERAL", ts=ended["ts"], markdown_text="more")
    assert caught.value.response["error"] == "message_not_in_streaming_state"


async def test_a_person_stops_a_stream(client: AsyncWebClient, control: Control, sandbox: Sandbox) -> None:
    said = sandbox.slack.acts.say("U0BOB", "C0GENERAL", "How are we?")
    place: dict[str, Any] = {"channel": "C0GENERAL", "thread_ts": said["ts"]}
    with pytest.raises(SlackApiError) as caught:
        await client.chat_startStream(**place)
    assert caught.value.response["error"] == "missing_recipient_user_id"
    whom: dict[str, Any] = {"recipient_user_id": "U0BOB", "recipient_team_id": "T0SANDBOX"}
    started = await client.chat_startStream(**place, **whom, markdown_text="Well")
    await control.post("slack/stop_stream", user="U0BOB", **place)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_appendStream(channel="C0GENERAL", ts=started["ts"], markdown_text="more")
    assert caught.value.response["error"] == "stopped_by_user"


async def test_status_and_prompts_show_and_an_answer_takes_the_status_away(
    client: AsyncWebClient, control: Control, sandbox: Sandbox
) -> None:
    dm = sandbox.slack.open_direct(["U0BOB", "U0FLOWPILOT"]).id
    said = sandbox.slack.acts.say("U0BOB", dm, "Hello")
    prompts = [{"title": "Budget", "message": "How is the budget?"}]
    await client.assistant_threads_setSuggestedPrompts(channel_id=dm, prompts=prompts, title="Ask")
    await client.assistant_threads_setStatus(channel_id=dm, thread_ts=said["ts"], status="is thinking…")

    async def seen(thread_ts: str) -> dict[str, Any]:
        return await control.get("slack/messages", **{"as": "U0BOB", "channel": dm, "thread_ts": thread_ts})

    assert (await seen(""))["prompts"] == {"title": "Ask", "prompts": prompts}
    assert (await seen(said["ts"]))["status"]["text"] == "is thinking…"
    await client.assistant_threads_setStatus(channel_id=dm, thread_ts=said["ts"], status="")
    assert "status" not in await seen(said["ts"]), "an empty one takes it away"
    await client.assistant_threads_setStatus(channel_id=dm, thread_ts=said["ts"], status="is thinking…")
    await client.chat_postMessage(channel=dm, thread_ts=said["ts"], text="Hi")
    assert "status" not in await seen(said["ts"])
    session = await client.agents_sessions_setStatus(channel_id=dm, thread_ts=said["ts"], status="processing")
    assert session["agent_status"] == "processing"
    assert json.dumps(sandbox.slack.assistant.sessions[dm, said["ts"]]) == '"processing"'
