"""A small Slack app for the browser tests: one of each thing that a person can do to an app."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

Json = dict[str, Any]
EPICS = {"SHOP-1": "Checkout rework", "SHOP-2": "Search relevance", "SHOP-3": "Loyalty programme"}


def plain(text: str) -> Json:
    """Return a plain_text object."""
    return {"type": "plain_text", "text": text}


def option(value: str, text: str) -> Json:
    """Return an option object."""
    return {"text": plain(text), "value": value}


CARD: list[Json] = [
    {"type": "section", "block_id": "what", "text": {"type": "mrkdwn", "text": "*SHOP-12* has no epic"}},
    {
        "type": "actions",
        "block_id": "choices",
        "elements": [
            {"type": "button", "action_id": "assign", "text": plain("Assign"), "style": "primary", "value": "SHOP-1"},
            {"type": "external_select", "action_id": "epic", "placeholder": plain("Other…"), "min_query_length": 2},
            {
                "type": "button",
                "action_id": "drop",
                "text": plain("Drop"),
                "style": "danger",
                "confirm": {
                    "title": plain("Drop it?"),
                    "text": plain("It will not come back."),
                    "confirm": plain("Drop"),
                    "deny": plain("Keep"),
                },
            },
        ],
    },
]


def form(title: str = "New ticket") -> Json:
    """Return a modal with one of the inputs that matter."""

    def field(name: str, label: str, element: Json, optional: bool = False) -> Json:
        element = {**element, "action_id": name}
        return {"type": "input", "block_id": name, "label": plain(label), "element": element, "optional": optional}

    kinds = [option("task", "Task"), option("bug", "Bug")]
    return {
        "type": "modal",
        "callback_id": "ticket",
        "title": plain(title),
        "submit": plain("Create"),
        "blocks": [
            field("summary", "Summary", {"type": "plain_text_input"}),
            field("kind", "Kind", {"type": "radio_buttons", "options": kinds, "initial_option": kinds[0]}),
            field("epic", "Epic", {"type": "external_select", "min_query_length": 0}, optional=True),
            field("people", "Watchers", {"type": "multi_users_select"}, optional=True),
            field("due", "Due", {"type": "datepicker"}, optional=True),
        ],
    }


def steps(kind: str | None = None) -> Json:
    """Return a modal whose second input depends on what is chosen in its first."""
    kinds = [option("task", "Task"), option("bug", "Bug")]
    detail = {
        "type": "input",
        "block_id": f"detail-{kind}",
        "label": plain(f"Detail of the {kind}"),
        "element": {"type": "plain_text_input", "action_id": "detail"},
    }
    choice = {
        "type": "input",
        "block_id": "what",
        "dispatch_action": True,
        "label": plain("Kind"),
        "element": {"type": "static_select", "action_id": "kind_chosen", "options": kinds},
    }
    view = form("Steps")
    return {**view, "blocks": [view["blocks"][0], choice, *([detail] if kind else [])]}


class SmallApp:
    """Answers commands, buttons, modals and messages, and remembers what it was told."""

    DECLARED: ClassVar[Json] = {
        "commands": [
            {"command": "/card", "description": "Post a card", "usage_hint": "[text]"},
            {"command": "/form", "description": "Open a form", "usage_hint": ""},
            {"command": "/steps", "description": "Open a form that changes", "usage_hint": ""},
            {"command": "/quiet", "description": "Never answers", "usage_hint": ""},
            {"command": "/whisper", "description": "Answer only you", "usage_hint": "text"},
        ],
        "shortcuts": [{"type": "message", "name": "Ticket from this", "callback_id": "from_message"}],
        "name": "FlowPilot",
    }

    def __init__(self, url: str) -> None:
        self.client = AsyncWebClient(token="xoxb-sandbox", base_url=f"{url}/slack/api/")
        self.bolt = AsyncApp(client=self.client)
        self.submitted: list[Json] = []
        self.acted: list[Json] = []
        self.may_answer = asyncio.Event()
        self._handler: Any = AsyncSocketModeHandler(self.bolt, "xapp-sandbox")
        self._listen()

    async def connect(self) -> None:
        """Connect over Socket Mode."""
        self._handler.client.web_client = AsyncWebClient(base_url=self.client.base_url)
        await self._handler.connect_async()

    async def disconnect(self) -> None:
        """Hang up."""
        await self._handler.close_async()

    def _listen(self) -> None:
        self.bolt.command("/card")(self._card)
        self.bolt.command("/form")(self._form)
        self.bolt.command("/steps")(self._steps)
        self.bolt.action("kind_chosen")(self._kind_chosen)
        self.bolt.command("/quiet")(self._quiet)
        self.bolt.command("/whisper")(self._whisper)
        self.bolt.action("assign")(self._assign)
        self.bolt.action("epic")(self._assign)
        self.bolt.action("drop")(self._drop)
        self.bolt.options("epic")(self._epics)
        self.bolt.view("ticket")(self._ticket)
        self.bolt.shortcut("from_message")(self._from_message)
        self.bolt.event("app_home_opened")(self._home)
        self.bolt.event("message")(self._message)
        self.bolt.event("app_mention")(_ignore)

    async def _card(self, ack: Any, command: Json) -> None:
        await ack()
        await self.client.chat_postMessage(channel=command["channel_id"], text="SHOP-12 has no epic", blocks=CARD)

    async def _form(self, ack: Any, command: Json) -> None:
        await ack()
        await self.client.views_open(trigger_id=command["trigger_id"], view=form())

    async def _steps(self, ack: Any, command: Json) -> None:
        await ack()
        await self.client.views_open(trigger_id=command["trigger_id"], view=steps())

    async def _kind_chosen(self, ack: Any, body: Json) -> None:
        await ack()
        kind = body["actions"][0]["selected_option"]["value"]
        await self.client.views_update(view_id=body["view"]["id"], view=steps(kind))

    async def _quiet(self, ack: Any) -> None:
        await asyncio.sleep(0)

    async def _whisper(self, ack: Any, command: Json) -> None:
        await ack(f"You said: {command['text']}")

    async def _assign(self, ack: Any, body: Json) -> None:
        await ack()
        [action] = body["actions"]
        self.acted.append(action)
        if "message" not in body:
            return
        chosen = action.get("value") or action["selected_option"]["value"]
        done = {"type": "context", "elements": [{"type": "mrkdwn", "text": f"Assigned to {chosen}"}]}
        channel, ts = body["channel"]["id"], body["message"]["ts"]
        await self.client.chat_update(channel=channel, ts=ts, text="Assigned", blocks=[CARD[0], done])

    async def _drop(self, ack: Any, body: Json) -> None:
        await ack()
        await self.client.chat_delete(channel=body["channel"]["id"], ts=body["message"]["ts"])

    async def _epics(self, ack: Any, body: Json) -> None:
        wanted = str(body["value"]).lower()
        await ack(options=[option(key, name) for key, name in EPICS.items() if wanted in name.lower()])

    async def _ticket(self, ack: Any, body: Json, view: Json) -> None:
        values = view["state"]["values"]
        if len(values["summary"]["summary"]["value"]) < 5:
            await ack(response_action="errors", errors={"summary": "Say a little more."})
            return
        self.submitted.append(values)
        if "push" in values["summary"]["summary"]["value"]:
            await ack(response_action="push", view=form("Second step"))
        else:
            await ack()

    async def _from_message(self, ack: Any, shortcut: Json) -> None:
        await ack()
        view = form()
        view["blocks"][0]["element"]["initial_value"] = shortcut["message"]["text"]
        await self.client.views_open(trigger_id=shortcut["trigger_id"], view=view)

    async def _home(self, event: Json) -> None:
        if event["tab"] != "home":
            return
        blocks = [{"type": "header", "text": plain("Good morning")}, *CARD]
        await self.client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    async def _message(self, event: Json) -> None:
        if event.get("bot_id") or event.get("channel_type") != "im":
            return
        if event["text"] == "think":
            await self._think(event)
        else:
            await self.client.chat_postMessage(channel=event["channel"], text=f"Heard: {event['text']}")

    async def _think(self, event: Json) -> None:
        where = {"channel": event["channel"], "thread_ts": event["ts"]}
        await self.client.assistant_threads_setStatus(
            channel_id=where["channel"], thread_ts=where["thread_ts"], status="is thinking…"
        )
        await self.may_answer.wait()
        people = {"recipient_user_id": event["user"], "recipient_team_id": "T0SANDBOX"}
        stream = await self.client.chat_stream(**where, **people, buffer_size=1)
        for words in ("Three things ", "are **yours**"):
            await stream.append(markdown_text=words)
        await stream.stop()


async def _ignore() -> None:
    return None
