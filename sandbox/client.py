"""Act as the people of a running sandbox: type, click, fill in, look. For stories, checks and demos."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import aiohttp

PATIENCE_S = 20.0
LOOK_EVERY_S = 0.05
Message = dict[str, Any]


class SandboxError(Exception):
    """The sandbox refused, or what was waited for did not come."""


class SandboxClient:
    """The control API of a sandbox at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http: aiohttp.ClientSession | None = None
        self._world: dict[str, Any] = {}
        self._people: dict[str, Person] = {}
        self.app: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        """Open the connection and learn who is there."""
        self._http = aiohttp.ClientSession()
        self._world = await self.get("world")
        someone = self._world["people"][0]["slack_id"]
        self.app = (await self.get("slack/state", **{"as": someone}))["app"]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        if self._http is not None:
            await self._http.close()

    @property
    def world(self) -> dict[str, Any]:
        """People, teams, projects and stories."""
        return self._world

    async def _call(self, method: str, path: str, **rest: Any) -> Any:
        if self._http is None:
            raise SandboxError("use the client with `async with`")
        async with self._http.request(method, f"{self.url}/sandbox/api/{path}", **rest) as response:
            text = await response.text()
            if response.status >= 400:
                raise SandboxError(f"{method} {path}: {text[:300]}")
            is_json = response.content_type == "application/json"
            return json.loads(text) if is_json else text

    async def get(self, path: str, /, **query: str) -> Any:
        """Read from the control API."""
        return await self._call("GET", path, params=query)

    async def post(self, path: str, /, **body: Any) -> Any:
        """Post to the control API."""
        return await self._call("POST", path, json=body)

    async def delete(self, path: str, /) -> Any:
        """Delete at the control API."""
        return await self._call("DELETE", path)

    def person(self, key: str) -> Person:
        """Return one of the world's people by key ("priya")."""
        if key in self._people:
            return self._people[key]
        for profile in self._world["people"]:
            if profile["key"] == key:
                return self._people.setdefault(key, Person(self, profile))
        raise SandboxError(f"nobody is called {key}")

    async def issue(self, key: str) -> dict[str, Any]:
        """Return an issue as Jira holds it."""
        found: dict[str, Any] = await self.get(f"jira/issue/{key}")
        return found

    async def mailbox(self, person: str = "") -> list[dict[str, Any]]:
        """Return the mails of one of the world's people ("priya"), or everybody's, newest first, with their texts."""
        address = str(self.person(person).profile["email"]) if person else ""
        lines = (await self.get("mail/mailbox", address=address))["mails"]
        return [await self.get(f"mail/message/{line['id']}") for line in lines]


class Person:
    """One person in front of Slack."""

    def __init__(self, client: SandboxClient, profile: dict[str, Any]) -> None:
        self._client = client
        self.profile = profile
        self.id: str = profile["slack_id"]
        self._seen: dict[str, set[str]] = {}

    async def state(self) -> dict[str, Any]:
        """Return what the sidebar shows."""
        found: dict[str, Any] = await self._client.get("slack/state", **{"as": self.id})
        return found

    async def channel(self, name: str) -> str:
        """Return the id of a channel by name, or of the conversation with the app ("FlowPilot")."""
        if name == "FlowPilot":
            answer = await self._client.post("slack/open_dm", user=self.id, **{"with": self._client.app["user_id"]})
            channel = answer["channel"]
            return str(channel["id"] if isinstance(channel, dict) else channel)
        for channel in (await self.state())["channels"]:
            if name.lstrip("#") == channel.get("name"):
                return str(channel["id"])
        raise SandboxError(f"{self.profile['name']} sees no channel {name}")

    async def types(self, text: str, where: str = "#general", thread_ts: str | None = None) -> Message:
        """Type a slash command or a message; an error that Slack itself would show is raised."""
        await self._look_around()
        channel = await self.channel(where)
        kind = "command" if text.startswith("/") else "message"
        extra = {"thread_ts": thread_ts} if thread_ts else {}
        answer: Message = await self._client.post(f"slack/{kind}", user=self.id, channel=channel, text=text, **extra)
        if answer.get("error"):
            raise SandboxError(f"{text[:80]}: {answer['error']}")
        return answer

    async def messages(self, where: str = "#general", thread_ts: str = "") -> list[Message]:
        """Return what this person sees in a conversation, oldest first."""
        channel = await self.channel(where)
        query = {"as": self.id, "channel": channel, "thread_ts": thread_ts}
        found: list[Message] = (await self._client.get("slack/messages", **query))["messages"]
        return found

    async def sees(
        self, pattern: str, where: str = "#general", *, thread_ts: str = "", patience_s: float = PATIENCE_S
    ) -> Message:
        """Wait for a message whose visible text matches the regular expression; the newest one is returned.

        What was there, as it was, when this person last typed or clicked does not count.
        """
        last: list[Message] = []
        try:
            async with asyncio.timeout(patience_s):
                while True:
                    last = await self.messages(where, thread_ts)
                    known = self._seen.get(where, set())
                    for message in reversed(last):
                        if _print(message) not in known and re.search(pattern, visible_text(message), re.S):
                            return message
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            seen = "\n---\n".join(visible_text(message)[:400] for message in last[-4:])
            raise SandboxError(
                f"{self.profile['name']} never saw /{pattern}/ in {where}; the last were:\n{seen}"
            ) from None

    async def _look_around(self) -> None:
        """Remember what there is to see in the conversations looked at so far."""
        for where in {"FlowPilot", *self._seen}:
            self._seen[where] = {_print(message) for message in await self.messages(where)}

    async def clicks(self, label: str, message: Message, where: str = "#general", **chosen: Any) -> None:
        """Use the element of a message whose text (or action id) is `label`; `chosen` is what a select holds."""
        await self._look_around()
        element, block_id = _element(message.get("blocks") or [], label)
        container = {
            "type": "message",
            "channel": await self.channel(where),
            "message_ts": message["ts"],
            "is_ephemeral": bool(message.get("ephemeral") or message.get("is_ephemeral")),
        }
        await self._act(container, element, block_id, chosen)

    async def clicks_in_view(self, label: str, view: Message, **chosen: Any) -> None:
        """Use an element of a modal or of App Home."""
        element, block_id = _element(view["blocks"], label)
        await self._act({"type": "view", "view_id": view["id"]}, element, block_id, chosen)

    async def _act(self, container: Message, element: Message, block_id: str, chosen: Message) -> None:
        held = chosen or ({"value": element["value"]} if "value" in element else {})
        answer = await self._client.post(
            "slack/action",
            user=self.id,
            container=container,
            action_id=element["action_id"],
            block_id=block_id,
            **held,
        )
        if answer.get("error"):
            raise SandboxError(f"click on {element['action_id']}: {answer['error']}")

    async def options(self, label: str, message: Message, text: str, where: str = "#general") -> list[Message]:
        """Type into an external select of a message and return the options it offers."""
        element, block_id = _element(message.get("blocks") or [], label)
        channel = await self.channel(where)
        container = {"type": "message", "channel": channel, "message_ts": message["ts"]}
        answer = await self._client.post(
            "slack/options",
            user=self.id,
            container=container,
            action_id=element["action_id"],
            block_id=block_id,
            value=text,
        )
        return list(answer.get("options") or [])

    async def modal(self, *, patience_s: float = PATIENCE_S) -> Message:
        """Wait for a modal and return the top one."""
        async with asyncio.timeout(patience_s):
            while True:
                views = (await self._client.get("slack/views", **{"as": self.id}))["views"]
                if views:
                    return dict(views[-1])
                await asyncio.sleep(LOOK_EVERY_S)

    async def submits(self, view: Message, **by_block: Any) -> Message:
        """Submit a modal; `by_block` holds the element's value (text, or an element object) by block id."""
        values: dict[str, Any] = {}
        for block in view["blocks"]:
            if block.get("type") == "input" and block["block_id"] in by_block:
                element, held = block["element"], by_block[block["block_id"]]
                filled = held if isinstance(held, dict) else {"value": held}
                values[block["block_id"]] = {element["action_id"]: {"type": element["type"], **filled}}
        answer: Message = await self._client.post("slack/view_submit", user=self.id, view_id=view["id"], values=values)
        return answer

    async def home(self, *, containing: str = "", patience_s: float = PATIENCE_S) -> Message:
        """Open App Home and wait until it shows something (that matches `containing`)."""
        await self._client.post("slack/open_home", user=self.id, tab="home")
        async with asyncio.timeout(patience_s):
            while True:
                view = (await self._client.get("slack/home", **{"as": self.id}))["view"]
                if view and re.search(containing, blocks_text(view["blocks"]), re.S):
                    return dict(view)
                await asyncio.sleep(LOOK_EVERY_S)


def _print(message: Message) -> str:
    """Return what tells a message, and a changed one from what it was."""
    return f"{message['ts']} {visible_text(message)}"


def visible_text(message: Message) -> str:
    """Return what a person reads of a message: its blocks, or its text where it has none."""
    return blocks_text(message.get("blocks") or []) or str(message.get("text", ""))


def blocks_text(blocks: list[Message]) -> str:
    """Return all text in blocks, button labels included, a line each."""
    return "\n".join(_texts(blocks))


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for part in node:
            yield from _texts(part)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "text" and isinstance(value, str):
                yield value
            elif key not in ("value", "action_id", "block_id", "confirm"):
                yield from _texts(value)


def _element(blocks: list[Message], label: str) -> tuple[Message, str]:
    """Return the element with that text or action id, and its block's id."""
    for block in blocks:
        elements = [*block.get("elements", []), block.get("accessory"), block.get("element")]
        for element in elements:
            if not isinstance(element, dict) or "action_id" not in element:
                continue
            text = element.get("text")
            shown = text.get("text") if isinstance(text, dict) else None
            if label in (shown, element["action_id"], element["action_id"].partition(":")[0]):
                return element, str(block["block_id"])
    raise SandboxError(f"there is no {label!r} to click in: {blocks_text(blocks)[:400]}")
