"""The shortest way through: connect, be told, answer, be clicked."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox.slack.conftest import Connect, Control, until

BUTTON = {
    "type": "actions",
    "block_id": "buttons",
    "elements": [
        {"type": "button", "action_id": "approve", "text": {"type": "plain_text", "text": "Approve"}, "value": "7"}
    ],
}


async def test_the_bot_token_says_who_it_is(client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0SANDBOX", "U0FLOWPILOT", "B0FLOWPILOT")


async def test_a_slash_command_reaches_the_app_and_its_answer_reaches_the_person(
    app: AsyncApp, connect: Connect, control: Control
) -> None:
    seen: list[dict[str, Any]] = []

    async def ticket(ack: Any, body: dict[str, Any], respond: Any) -> None:
        seen.append(body)
        await ack("Working on it")
        await respond(text="Done", response_type="in_channel")

    app.command("/ticket")(ticket)
    await connect()
    answer = await control.post("slack/command", user="U0BOB", channel="C0GENERAL", text="/ticket comment @alice A & B")
    assert answer["ok"]
    assert answer["response"]["text"] == "Working on it"
    assert seen[0]["text"] == "comment <@U0ALICE|alice> A &amp; B"
    assert seen[0]["channel_name"] == "general"
    bobs = [m["text"] for m in await control.messages("U0BOB", "C0GENERAL")]
    alices = [m["text"] for m in await control.messages("U0ALICE", "C0GENERAL")]
    assert sorted(bobs) == ["Done", "Working on it"]
    assert alices == ["Done"]


async def test_a_click_reaches_the_app_which_changes_the_message(
    app: AsyncApp, client: AsyncWebClient, connect: Connect, control: Control
) -> None:
    actions: list[dict[str, Any]] = []

    async def approve(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        actions.append(body)
        where = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        await client.chat_update(**where, text="Approved", blocks=[])

    app.action("approve")(approve)
    await connect()
    posted = await client.chat_postMessage(channel="C0GENERAL", text="Approve?", blocks=[BUTTON])
    container = {"type": "message", "channel": "C0GENERAL", "message_ts": posted["ts"]}
    clicked = await control.post(
        "slack/action", user="U0ALICE", container=container, block_id="buttons", action_id="approve"
    )
    assert clicked == {"ok": True}
    await until(lambda: actions)
    assert actions[0]["actions"][0]["value"] == "7"
    assert actions[0]["user"]["id"] == "U0ALICE"
    shown = await control.messages("U0BOB", "C0GENERAL")
    assert [(m["text"], m["blocks"]) for m in shown] == [("Approved", [])]


async def test_what_a_person_says_to_the_app_arrives_as_message_and_mention(
    app: AsyncApp, connect: Connect, control: Control
) -> None:
    events: list[dict[str, Any]] = []

    async def remember(body: dict[str, Any]) -> None:
        events.append(body)

    app.event("message")(remember)
    app.event("app_mention")(remember)
    await connect()
    await control.post("slack/message", user="U0BOB", channel="C0GENERAL", text="@flowpilot see #random <b> & co")
    await until(lambda: len(events) == 2)
    kinds = sorted(e["event"]["type"] for e in events)
    assert kinds == ["app_mention", "message"]
    message = next(e for e in events if e["event"]["type"] == "message")
    assert message["event"]["text"] == "<@U0FLOWPILOT> see <#C0RANDOM|random> &lt;b&gt; &amp; co"
    assert message["event"]["channel_type"] == "channel"
    assert message["authorizations"][0]["is_bot"] is True
