"""Slack's refusals: tokens, arguments, scopes, limits, places."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.core import Fault, Sandbox
from sandbox.server import SandboxServer

GENERAL = "C0GENERAL"


def section(text: str = "Words", **more: Any) -> dict[str, Any]:
    """Return a section block."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


async def refusal(call: Any) -> dict[str, Any]:
    """Return the answer to a call that must be refused."""
    with pytest.raises(SlackApiError) as caught:
        await call
    answer: dict[str, Any] = dict(caught.value.response.data)
    return answer


async def error(call: Any) -> str:
    """Return the error code of a call that must be refused."""
    return str((await refusal(call))["error"])


async def test_tokens_are_told_apart(server: SandboxServer) -> None:
    base = f"{server.url}/slack/api/"
    assert await error(AsyncWebClient(base_url=base).auth_test()) == "not_authed"
    assert await error(AsyncWebClient("xoxb-other", base_url=base).auth_test()) == "invalid_auth"
    assert await error(AsyncWebClient("xapp-sandbox", base_url=base).auth_test()) == "not_allowed_token_type"
    bot = AsyncWebClient("xoxb-sandbox", base_url=base)
    assert await error(bot.apps_connections_open(app_token="xoxb-sandbox")) == "not_allowed_token_type"
    assert await error(bot.apps_connections_open(app_token="xapp-wrong")) == "invalid_auth"


async def test_a_method_nobody_knows_and_an_argument_left_out(client: AsyncWebClient) -> None:
    assert await error(client.api_call("chat.shout")) == "unknown_method"
    answer = await refusal(client.api_call("chat.postMessage", json={"text": "hi"}))
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]


@pytest.mark.parametrize("how", ["query", "form", "json"])
async def test_arguments_come_by_query_form_and_json_alike(
    how: str, http: aiohttp.ClientSession, server: SandboxServer
) -> None:
    arguments = {"channel": GENERAL, "text": "hi"}
    blocks = [section()]
    headers = {"Authorization": "Bearer xoxb-sandbox"}
    ways: dict[str, dict[str, Any]] = {
        "query": {"params": {**arguments, "blocks": json.dumps(blocks)}},
        "form": {"data": {**arguments, "blocks": json.dumps(blocks), "token": "xoxb-sandbox"}},
        "json": {"json": {**arguments, "blocks": blocks}},
    }
    given = ways[how]
    async with http.post(f"{server.url}/slack/api/chat.postMessage", headers=headers, **given) as response:
        posted: dict[str, Any] = await response.json()
    assert posted["message"]["text"] == "hi"
    assert posted["message"]["blocks"][0]["text"]["text"] == "Words"


async def test_a_scope_that_was_not_granted_is_named(client: AsyncWebClient, sandbox: Sandbox) -> None:
    sandbox.slack.app.scopes = frozenset({"chat:write", "channels:history"})
    answer = await refusal(client.reactions_add(channel=GENERAL, timestamp="1.000000", name="eyes"))
    assert (answer["error"], answer["needed"]) == ("missing_scope", "reactions:write")
    assert answer["provided"] == "channels:history,chat:write"
    await client.conversations_history(channel=GENERAL)
    direct = sandbox.slack.open_direct(["U0BOB", "U0FLOWPILOT"])
    answer = await refusal(client.conversations_history(channel=direct.id))
    assert (answer["error"], answer["needed"]) == ("missing_scope", "im:history")


async def test_email_addresses_need_their_own_scope(client: AsyncWebClient, sandbox: Sandbox) -> None:
    assert (await client.users_info(user="U0BOB"))["user"]["profile"]["email"] == "bob@example.test"
    sandbox.slack.app.scopes = frozenset({"users:read"})
    assert "email" not in (await client.users_info(user="U0BOB"))["user"]["profile"]


async def test_places_where_the_app_cannot_post(client: AsyncWebClient, sandbox: Sandbox) -> None:
    assert await error(client.chat_postMessage(channel="C0NOWHERE", text="hi")) == "channel_not_found"
    assert await error(client.chat_postMessage(channel="C0SECRET", text="hi")) == "channel_not_found"
    assert await error(client.chat_postMessage(channel="C0RANDOM", text="hi")) == "not_in_channel"
    await client.conversations_join(channel="C0RANDOM")
    await client.chat_postMessage(channel="C0RANDOM", text="hi")
    sandbox.slack.channels["C0RANDOM"].is_archived = True
    assert await error(client.chat_postMessage(channel="C0RANDOM", text="hi")) == "is_archived"
    assert await error(client.chat_postMessage(channel=GENERAL)) == "no_text"
    assert await error(client.chat_postMessage(channel=GENERAL, text="hi", thread_ts="1.000000")) == (
        "cannot_reply_to_message"
    )


async def test_blocks_that_slack_would_refuse(client: AsyncWebClient) -> None:
    answer = await refusal(client.chat_postMessage(channel=GENERAL, text="x", blocks=[{"type": "divider"}] * 51))
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == ["[ERROR] no more than 50 items allowed [json-pointer:/blocks]"]
    for wrong in (
        [{"type": "sectoin", "text": {"type": "mrkdwn", "text": "x"}}],
        [section("x" * 3001)],
        [section("")],
        [section(colour="red")],
        [section(block_id="same"), section(block_id="same")],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
    ):
        assert await error(client.chat_postMessage(channel=GENERAL, text="x", blocks=wrong)) == "invalid_blocks"
    many = [section("x" * 2900)] * 5
    assert await error(client.chat_postMessage(channel=GENERAL, text="x", blocks=many)) == "msg_blocks_too_long"
    assert await error(client.chat_postMessage(channel=GENERAL, text="x", blocks="{")) == "invalid_blocks_format"


async def test_text_is_cut_when_posted_and_refused_when_updated(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=GENERAL, text="a &lt; b" + "x" * 50_000)
    assert len(posted["message"]["text"]) == 40_000
    assert posted["message"]["text"].startswith("a &lt; b")
    long = client.chat_update(channel=GENERAL, ts=posted["ts"], text="x" * 4_001)
    assert await error(long) == "msg_too_long"


async def test_messages_of_others_cannot_be_changed(client: AsyncWebClient, sandbox: Sandbox) -> None:
    said = sandbox.slack.messages.post(sandbox.slack.channels[GENERAL], "U0BOB", "mine")
    assert await error(client.chat_update(channel=GENERAL, ts=said["ts"], text="x")) == "cant_update_message"
    assert await error(client.chat_delete(channel=GENERAL, ts=said["ts"])) == "cant_delete_message"
    assert await error(client.chat_update(channel=GENERAL, ts="1.000000", text="x")) == "message_not_found"


async def test_an_ephemeral_message_goes_to_members_only(client: AsyncWebClient) -> None:
    await client.conversations_join(channel="C0RANDOM")
    stranger = client.chat_postEphemeral(channel="C0RANDOM", user="U0CARLA", text="psst")
    assert await error(stranger) == "user_not_in_channel"


async def test_rate_limits_bite_once_switched_on(client: AsyncWebClient, sandbox: Sandbox) -> None:
    for _ in range(3):
        await client.chat_postMessage(channel=GENERAL, text="hi")
    sandbox.slack.enforce_rate_limits = True
    await client.chat_postMessage(channel=GENERAL, text="hi")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=GENERAL, text="hi")
    assert caught.value.response.status_code == 429
    assert caught.value.response["error"] == "ratelimited"
    assert int(caught.value.response.headers["Retry-After"]) >= 1
    answers = [await refused_or_not(client.users_list()) for _ in range(25)]
    assert answers == [""] * 20 + ["ratelimited"] * 5


async def refused_or_not(call: Any) -> str:
    """Return the error of a call, or nothing."""
    try:
        await call
    except SlackApiError as refused:
        return str(refused.response["error"])
    return ""


async def test_faults_come_before_or_after_the_act(client: AsyncWebClient, sandbox: Sandbox) -> None:
    messages = sandbox.slack.channels[GENERAL].messages
    sandbox.faults.add(Fault("slack", "status", path="chat.postMessage", status=429, retry_after_s=3))
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=GENERAL, text="hi")
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "3")
    assert not messages
    sandbox.faults.add(Fault("slack", "status_after", path="chat.postMessage", status=500))
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel=GENERAL, text="hi")
    assert len(messages) == 1
    # The SDK tries once more by itself when a connection breaks.
    sandbox.faults.add(Fault("slack", "drop", path="chat.postMessage", times=2))
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=GENERAL, text="hi")
    assert len(messages) == 1
    assert not sandbox.faults.armed


async def test_a_timeout_holds_the_connection_and_never_answers(server: SandboxServer, sandbox: Sandbox) -> None:
    client = AsyncWebClient("xoxb-sandbox", base_url=f"{server.url}/slack/api/", timeout=1)
    sandbox.faults.add(Fault("slack", "timeout_after", path="chat.postMessage"))
    with pytest.raises(TimeoutError):
        await client.chat_postMessage(channel=GENERAL, text="hi")
    assert len(sandbox.slack.channels[GENERAL].messages) == 1


async def test_calls_are_logged_with_what_was_asked_and_answered(client: AsyncWebClient, sandbox: Sandbox) -> None:
    await client.chat_postMessage(channel=GENERAL, text="hi")
    call = sandbox.calls.since(vendor="slack")[-1]
    assert (call.method, call.path, call.status) == ("POST", "/slack/api/chat.postMessage", 200)
    assert call.request["text"] == "hi"
    assert call.response["ok"] is True
    assert "xoxb" not in json.dumps([call.query, call.request])
