"""Modals, App Home, external selects, shortcuts: by an unmodified Bolt app over a socket."""

from __future__ import annotations

from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.core import Sandbox
from tests.sandbox.slack.conftest import Connect, Control

PLACE = {"user": "U0BOB", "channel": "C0GENERAL"}


def plain(text: str) -> dict[str, Any]:
    """Return a plain_text object."""
    return {"type": "plain_text", "text": text}


def entered(block_id: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an input block."""
    return {"type": "input", "block_id": block_id, "label": plain(block_id), "element": element, **more}


def modal(title: str = "Edit", **more: Any) -> dict[str, Any]:
    """Return a modal that asks for a title and an epic."""
    blocks = [
        entered("title", {"type": "plain_text_input", "action_id": "value", "initial_value": "Old"}),
        entered("epic", {"type": "external_select", "action_id": "pick", "min_query_length": 0}, optional=True),
    ]
    return {
        "type": "modal",
        "callback_id": "edit",
        "title": plain(title),
        "submit": plain("Save"),
        "blocks": blocks,
    } | more


class Opens:
    """An app whose /ticket opens a modal; it remembers what it was sent."""

    def __init__(self, app: AsyncApp, client: AsyncWebClient, **view: Any) -> None:
        self.client, self.view = client, modal(**view)
        self.triggers: list[str] = []
        self.submissions: list[dict[str, Any]] = []
        self.answer: dict[str, Any] = {}
        self.closed: list[dict[str, Any]] = []
        app.command("/ticket")(self.open)
        app.view("edit")(self.submit)
        app.view_closed("edit")(self.close)
        app.options("pick")(self.suggest)

    async def open(self, ack: Any, body: dict[str, Any]) -> None:
        await ack()
        self.triggers.append(body["trigger_id"])
        await self.client.views_open(trigger_id=body["trigger_id"], view=self.view)

    async def submit(self, ack: Any, body: dict[str, Any]) -> None:
        self.submissions.append(body)
        await ack(**self.answer)

    async def close(self, ack: Any, body: dict[str, Any]) -> None:
        await ack()
        self.closed.append(body)

    async def suggest(self, ack: Any, body: dict[str, Any]) -> None:
        await ack(options=[{"text": plain(f"Epic {body['value']}"), "value": "E-1"}])


async def opened(control: Control) -> str:
    """Run /ticket and return the id of the modal that it opened."""
    assert (await control.post("slack/command", **PLACE, text="/ticket edit"))["ok"]
    views = (await control.get("slack/views", **{"as": "U0BOB"}))["views"]
    return str(views[-1]["id"])


async def test_a_modal_is_filled_in_and_submitted(
    app: AsyncApp, client: AsyncWebClient, connect: Connect, control: Control
) -> None:
    opens = Opens(app, client)
    await connect()
    view_id = await opened(control)
    container = {"type": "view", "view_id": view_id}
    found = await control.post(
        "slack/options", user="U0BOB", container=container, block_id="epic", action_id="pick", value="pay"
    )
    assert found["options"][0]["text"]["text"] == "Epic pay"
    values = {"epic": {"pick": {"selected_option": found["options"][0]}}}
    assert await control.post("slack/view_submit", user="U0BOB", view_id=view_id, values=values) == {"ok": True}
    state = opens.submissions[0]["view"]["state"]["values"]
    assert state["title"]["value"] == {"type": "plain_text_input", "value": "Old"}
    assert state["epic"]["pick"]["selected_option"]["value"] == "E-1"
    assert (await control.get("slack/views", **{"as": "U0BOB"}))["views"] == []


async def test_slacks_client_keeps_a_form_back_that_lacks_something(
    app: AsyncApp, client: AsyncWebClient, connect: Connect, control: Control
) -> None:
    opens = Opens(app, client)
    await connect()
    view_id = await opened(control)
    values = {"title": {"value": {"value": ""}}}
    answer = await control.post("slack/view_submit", user="U0BOB", view_id=view_id, values=values)
    assert (answer["error"], list(answer["errors"])) == ("invalid_input", ["title"])
    assert opens.submissions == []


async def test_the_answers_to_a_submission(
    app: AsyncApp, client: AsyncWebClient, connect: Connect, control: Control
) -> None:
    opens = Opens(app, client)
    await connect()
    view_id = await opened(control)

    async def submit(**answer: Any) -> dict[str, Any]:
        opens.answer = answer
        top = (await control.get("slack/views", **{"as": "U0BOB"}))["views"][-1]
        return await control.post("slack/view_submit", user="U0BOB", view_id=top["id"], values={})

    async def titles() -> list[str]:
        views = (await control.get("slack/views", **{"as": "U0BOB"}))["views"]
        return [view["title"]["text"] for view in views]

    refused = await submit(response_action="errors", errors={"title": "Too short"})
    assert refused["errors"] == {"title": "Too short"}
    assert (await submit(response_action="errors", errors={"nowhere": "?"}))["error"] == "invalid_response"
    await submit(response_action="update", view=modal("Updated"))
    assert await titles() == ["Updated"]
    await submit(response_action="push", view=modal("Second"))
    await submit(response_action="push", view=modal("Third"))
    assert await titles() == ["Updated", "Second", "Third"]
    too_many = await submit(response_action="push", view=modal("Fourth"))
    assert too_many["error"] == "push_limit_reached"
    await submit()
    assert await titles() == ["Updated", "Second"]
    await submit(response_action="clear")
    assert await titles() == []
    assert opens.submissions[0]["view"]["id"] == view_id


async def test_a_trigger_is_good_once_and_for_three_seconds(
    app: AsyncApp, client: AsyncWebClient, connect: Connect, control: Control, sandbox: Sandbox
) -> None:
    opens = Opens(app, client)
    await connect()
    await opened(control)

    async def error(trigger_id: str) -> str:
        with pytest.raises(SlackApiError) as caught:
            await client.views_open(trigger_id=trigger_id, view=modal())
        return str(caught.value.response["error"])

    assert await error(opens.triggers[0]) == "exchanged_trigger_id"
    assert await error("1.2.3") == "invalid_trigger_id"
    trigger_id = sandbox.slack.views.new_trigger("U0BOB")
    await control.post("clock", advance_s=3.5)
    assert await error(trigger_id) == "expired_trigger_id"


async def test_views_are_updated_by_hash_and_refused_when_wrong(
    app: AsyncApp, client: AsyncWebClient, sandbox: Sandbox
) -> None:
    opened_view = (await client.views_open(trigger_id=sandbox.slack.views.new_trigger("U0BOB"), view=modal()))["view"]
    updated = await client.views_update(view_id=opened_view["id"], hash=opened_view["hash"], view=modal("New"))
    assert updated["view"]["title"]["text"] == "New"
    for arguments, expected in (
        ({"view_id": opened_view["id"], "hash": opened_view["hash"], "view": modal()}, "hash_conflict"),
        ({"view_id": "V0NONE", "view": modal()}, "not_found"),
        ({"view_id": opened_view["id"], "view": modal("x" * 25)}, "invalid_arguments"),
        ({"view_id": opened_view["id"], "view": modal(private_metadata="x" * 3001)}, "invalid_arguments"),
        ({"view_id": opened_view["id"], "view": modal(blocks=[{"type": "divider"}] * 101)}, "invalid_arguments"),
        ({"view_id": opened_view["id"], "view": {"type": "home", "blocks": []}}, "invalid_arguments"),
    ):
        with pytest.raises(SlackApiError) as caught:
            await client.views_update(**arguments)
        assert caught.value.response["error"] == expected


async def test_closing_a_modal_is_told_when_asked_for(
    app: AsyncApp, client: AsyncWebClient, connect: Connect, control: Control
) -> None:
    opens = Opens(app, client, notify_on_close=True)
    await connect()
    view_id = await opened(control)
    assert await control.post("slack/view_close", user="U0BOB", view_id=view_id) == {"ok": True}
    assert [(body["view"]["id"], body["is_cleared"]) for body in opens.closed] == [(view_id, False)]


async def test_home_is_published_when_opened_and_its_inputs_are_remembered(
    app: AsyncApp, client: AsyncWebClient, connect: Connect, control: Control, sandbox: Sandbox
) -> None:
    options = [{"text": plain(word), "value": word} for word in ("weekly", "daily")]
    select = {"type": "static_select", "action_id": "digest", "options": options}
    home = {"type": "home", "blocks": [{"type": "actions", "block_id": "settings", "elements": [select]}]}
    tabs, actions = [], []

    async def opened_home(event: dict[str, Any]) -> None:
        tabs.append(event["tab"])
        await client.views_publish(user_id=event["user"], view=home)

    async def chosen(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        actions.append(body)

    app.event("app_home_opened")(opened_home)
    app.action("digest")(chosen)
    await connect()
    await control.post("slack/open_home", user="U0BOB", tab="home")
    await sandbox.slack.hub.idle()
    view = (await control.get("slack/home", **{"as": "U0BOB"}))["view"]
    assert (await control.get("slack/home", **{"as": "U0ALICE"}))["view"] is None
    use = {"user": "U0BOB", "container": {"type": "view", "view_id": view["id"]}, "block_id": "settings"}
    picked = await control.post("slack/action", **use, action_id="digest", selected_option={"value": "daily"})
    assert picked == {"ok": True}
    assert actions[0]["actions"][0]["selected_option"]["text"]["text"] == "daily"
    held = actions[0]["view"]["state"]["values"]["settings"]["digest"]
    assert held["selected_option"]["value"] == "daily"
    assert tabs == ["home"]
    wrong = await control.post("slack/action", **use, action_id="digest", selected_option={"value": "never"})
    assert wrong["error"] == "invalid_value"
    missing = await control.post("slack/action", **use, action_id="other")
    assert missing["error"] == "element_not_found"


async def test_shortcuts_reach_the_app_with_the_message_they_are_used_on(
    app: AsyncApp, client: AsyncWebClient, connect: Connect, control: Control
) -> None:
    used: list[dict[str, Any]] = []

    async def remember(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        used.append(body)

    app.shortcut("make_ticket")(remember)
    app.shortcut("report")(remember)
    await connect()
    declared = [
        {"type": "message", "name": "Make a ticket", "callback_id": "make_ticket"},
        {"type": "global", "name": "Report", "callback_id": "report"},
    ]
    await control.post("slack/app", shortcuts=declared)
    said = (await control.post("slack/message", **PLACE, text="It is broken"))["message"]
    on = {"channel": "C0GENERAL", "message_ts": said["ts"]}
    assert (await control.post("slack/shortcut", user="U0BOB", callback_id="make_ticket", **on))["ok"]
    assert (await control.post("slack/shortcut", user="U0BOB", callback_id="report"))["ok"]
    assert [body["type"] for body in used] == ["message_action", "shortcut"]
    assert used[0]["message"]["text"] == "It is broken"


async def test_a_file_input_holds_file_objects(
    app: AsyncApp, client: AsyncWebClient, connect: Connect, control: Control, sandbox: Sandbox
) -> None:
    opens = Opens(app, client, blocks=[entered("files", {"type": "file_input", "action_id": "pick"})])
    await connect()
    view_id = await opened(control)
    file = sandbox.slack.acts.upload("U0BOB", "app.log", b"log")
    values = {"files": {"pick": {"files": [file["id"]]}}}
    assert await control.post("slack/view_submit", user="U0BOB", view_id=view_id, values=values) == {"ok": True}
    held = opens.submissions[0]["view"]["state"]["values"]["files"]["pick"]["files"]
    assert [(f["id"], f["name"], f["size"]) for f in held] == [(file["id"], "app.log", 3)]
