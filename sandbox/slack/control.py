"""The control API's Slack section: what the page and the tests do as a person."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiohttp import web

from sandbox.slack.errors import SlackError
from sandbox.slack.hub import NotDeliveredError
from sandbox.slack.model import BOT_ID, BOT_USER_ID, TEAM_ID, TEAM_NAME, Channel, Json
from sandbox.slack.state import SlackState

PREFIX = "/sandbox/api/slack"
# What a person sees Slack say, as against a mistake of whoever calls the control API.
SAID_BY_SLACK = frozenset({"unknown_command", "command_in_thread", "invalid_response", "invalid_options"})
ACTS = (
    *("message", "command", "action", "options", "view_submit", "view_close", "shortcut", "open_home", "open_dm"),
    *("mark_read", "reaction", "stop_stream", "look_at", "app", "upload", "settings"),
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SlackControl:
    """Handlers for `/sandbox/api/slack/…`."""

    def __init__(self, state: SlackState) -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        reads = {name: getattr(self, name) for name in ("state", "messages", "home", "views", "settings")}
        routes = [web.get(f"{PREFIX}/{name}", explained(handler)) for name, handler in reads.items()]
        routes += [web.post(f"{PREFIX}/{name}", explained(getattr(self, f"do_{name}"))) for name in ACTS]
        return [*routes, web.get(f"{PREFIX}/file/{{id}}", explained(self.file))]

    async def state(self, request: web.Request) -> web.Response:
        """Return what a person sees of the workspace."""
        me = self._state.user(request.query.get("as", "")).id
        now, app = self._state.clock.now(), self._state.app
        users = [{**user.to_slack(now), "presence": "active"} for user in self._state.users.values()]
        seen = [channel for channel in self._state.channels.values() if self._state.sees(me, channel)]
        return web.json_response(
            {
                "team": {"id": TEAM_ID, "name": TEAM_NAME},
                "me": me,
                "users": users,
                "channels": [self._summary(channel, me) for channel in seen],
                "commands": app.commands,
                "shortcuts": app.shortcuts,
                "app": {
                    "user_id": BOT_USER_ID,
                    "bot_id": BOT_ID,
                    "name": app.name,
                    "description": app.description,
                    "connected": self._state.hub.is_connected,
                    "im": self._state.open_direct([me, BOT_USER_ID]).id,
                },
            }
        )

    def _summary(self, channel: Channel, me: str) -> Json:
        summary: Json = {
            "id": channel.id,
            "name": channel.name,
            "is_channel": channel.kind == "channels",
            "is_private": channel.is_private,
            "is_im": channel.is_im,
            "is_mpim": channel.is_mpim,
            "is_archived": channel.is_archived,
            "topic": channel.topic,
            "members": channel.members,
            "unread": self._state.messages.unread(channel, me) if me in channel.members else 0,
            "last_read": channel.last_read.get(me, ""),
            "latest_ts": next(reversed(channel.messages), ""),
        }
        return summary | ({"user": channel.other(me)} if channel.is_im else {})

    async def messages(self, request: web.Request) -> web.Response:
        """Return a conversation's or a thread's newest messages, oldest first."""
        me, query = request.query.get("as", ""), request.query
        channel = self._state.acts.channel(me, query.get("channel", ""))
        thread_ts = query.get("thread_ts", "")
        found = (
            self._state.messages.thread(channel, thread_ts) if thread_ts else self._state.messages.top_level(channel)
        )
        shown = [{**message, "ephemeral": False} for message in found]
        for to, message in channel.ephemeral:
            in_thread = message.get("thread_ts", "")
            if to == me and in_thread == thread_ts:
                shown.append({**message, "ephemeral": True})
        shown.sort(key=lambda message: str(message["ts"]))
        limit = max(1, int(query.get("limit", "200")))
        parent = shown[:1] if thread_ts and len(shown) > limit else []
        body: Json = {"messages": parent + shown[len(parent) :][-limit:]}
        if prompts := self._state.assistant.prompts(channel.id, thread_ts):
            body["prompts"] = prompts
        if status := self._state.assistant.status(channel.id, thread_ts):
            body["status"] = status
        return web.json_response(body)

    async def home(self, request: web.Request) -> web.Response:
        """Return a person's Home tab."""
        return web.json_response({"view": self._state.views.homes.get(request.query.get("as", ""))})

    async def views(self, request: web.Request) -> web.Response:
        """Return a person's open modals, last on top."""
        return web.json_response({"views": self._state.views.stacks.get(request.query.get("as", ""), [])})

    async def settings(self, request: web.Request) -> web.Response:
        """Return how strict and how patient this Slack is."""
        return web.json_response(self._settings())

    def _settings(self) -> Json:
        timing = self._state.hub.timing
        return {
            "enforce_rate_limits": self._state.enforce_rate_limits,
            "ack_timeout_s": timing.ack_timeout_s,
            "retry_delays_s": list(timing.retry_delays_s),
            "close_after_disconnect_s": timing.close_after_disconnect_s,
        }

    async def do_settings(self, request: web.Request) -> web.Response:
        """Change how strict and how patient this Slack is."""
        body = await read(request)
        unknown = set(body) - set(self._settings())
        if unknown:
            raise SlackError("unknown_setting", sorted(unknown))
        self._state.enforce_rate_limits = bool(body.pop("enforce_rate_limits", self._state.enforce_rate_limits))
        if "retry_delays_s" in body:
            body["retry_delays_s"] = tuple(float(delay) for delay in body["retry_delays_s"])
        self._state.hub.timing = replace(self._state.hub.timing, **body)
        return web.json_response(self._settings())

    async def do_message(self, request: web.Request) -> web.Response:
        """Post what a person types."""
        body = await read(request, "user", "channel", "text")
        said = self._state.acts.say(body["user"], body["channel"], body["text"], body.get("thread_ts") or "")
        return web.json_response({"message": said})

    async def do_command(self, request: web.Request) -> web.Response:
        """Run a slash command."""
        body = await read(request, "user", "channel", "text")
        thread_ts = body.get("thread_ts") or ""
        response = await self._state.acts.command(body["user"], body["channel"], body["text"], thread_ts)
        return web.json_response({"ok": True} | ({"response": response} if response else {}))

    async def do_action(self, request: web.Request) -> web.Response:
        """Use an element of a message or a view."""
        body = await read(request, "user", "container", "block_id", "action_id")
        await self._state.acts.act(body["user"], body["container"], body["block_id"], body["action_id"], body)
        return web.json_response({"ok": True})

    async def do_options(self, request: web.Request) -> web.Response:
        """Ask for the options of an external select."""
        body = await read(request, "user", "container", "block_id", "action_id")
        found = await self._state.acts.suggest(
            body["user"], body["container"], body["block_id"], body["action_id"], str(body.get("value") or "")
        )
        return web.json_response(found)

    async def do_view_submit(self, request: web.Request) -> web.Response:
        """Submit a modal."""
        body = await read(request, "user", "view_id")
        return web.json_response(await self._state.acts.submit(body["user"], body["view_id"], body.get("values") or {}))

    async def do_view_close(self, request: web.Request) -> web.Response:
        """Close a modal."""
        body = await read(request, "user", "view_id")
        await self._state.acts.close(body["user"], body["view_id"])
        return web.json_response({"ok": True})

    async def do_shortcut(self, request: web.Request) -> web.Response:
        """Use a shortcut."""
        body = await read(request, "user", "callback_id")
        await self._state.acts.shortcut(
            body["user"], body["callback_id"], body.get("channel") or "", body.get("message_ts") or ""
        )
        return web.json_response({"ok": True})

    async def do_open_home(self, request: web.Request) -> web.Response:
        """Look at the app's Home or Messages tab."""
        body = await read(request, "user")
        channel = self._state.acts.open_home(body["user"], str(body.get("tab") or "home"))
        return web.json_response({"ok": True, "channel": channel.id})

    async def do_open_dm(self, request: web.Request) -> web.Response:
        """Open a direct message with one or several people."""
        body = await read(request, "user", "with")
        others = body["with"] if isinstance(body["with"], list) else [body["with"]]
        people = [self._state.user(person).id for person in dict.fromkeys([body["user"], *others])]
        return web.json_response({"channel": self._summary(self._state.open_direct(people), body["user"])})

    async def do_mark_read(self, request: web.Request) -> web.Response:
        """Remember how far a person has read."""
        body = await read(request, "user", "channel", "ts")
        channel = self._state.acts.channel(body["user"], body["channel"])
        self._state.messages.mark_read(channel, body["user"], body["ts"])
        return web.json_response({"ok": True})

    async def do_reaction(self, request: web.Request) -> web.Response:
        """Add or take away a reaction."""
        body = await read(request, "user", "channel", "ts", "name")
        channel = self._state.acts.channel(body["user"], body["channel"])
        change = self._state.messages.unreact if body.get("remove") else self._state.messages.react
        change(channel, body["ts"], body["user"], body["name"])
        return web.json_response({"ok": True})

    async def do_stop_stream(self, request: web.Request) -> web.Response:
        """Press Stop."""
        body = await read(request, "user", "channel", "thread_ts")
        self._state.acts.stop_stream(body["user"], body["channel"], body["thread_ts"])
        return web.json_response({"ok": True})

    async def do_look_at(self, request: web.Request) -> web.Response:
        """Look at a conversation with the app beside it (`app_context_changed`)."""
        body = await read(request, "user", "channel")
        self._state.acts.look_at(body["user"], body["channel"])
        return web.json_response({"ok": True})

    async def do_app(self, request: web.Request) -> web.Response:
        """Declare what the app's manifest would."""
        body = await read(request)
        app = self._state.app
        for name in ("commands", "shortcuts", "name", "description"):
            if name in body:
                setattr(app, name, body[name])
        return web.json_response({"ok": True})

    async def do_upload(self, request: web.Request) -> web.Response:
        """Upload a person's file."""
        form = await request.post()
        file = form.get("file")
        if not isinstance(file, web.FileField):
            raise SlackError("no_file")
        where: dict[str, Any] = {n: form[n] for n in ("channel", "thread_ts", "text") if isinstance(form.get(n), str)}
        shown = self._state.acts.upload(str(form.get("user", "")), file.filename, file.file.read(), **where)
        return web.json_response({"file": shown})

    async def file(self, request: web.Request) -> web.Response:
        """Return the bytes of a file."""
        file = self._state.files.find(request.match_info["id"])
        return web.Response(
            body=file.content,
            content_type=file.mimetype,
            headers={"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"},
        )


async def read(request: web.Request, *required: str) -> Json:
    """Return the JSON body, or refuse when it is none or lacks a field."""
    try:
        body = json.loads(await request.text() or "{}")
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(body, dict):
        raise SlackError("invalid_json")
    missing = [name for name in required if body.get(name) in (None, "")]
    if missing:
        raise SlackError("missing_field", [f"{name} is missing" for name in missing])
    return body


def explained(handler: Handler) -> Handler:
    """Answer refusals: what Slack would tell the person as `ok: false`, mistakes of the caller with 400."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except SlackError as error:
            body: Json = {"ok": False, "error": error.code}
            if error.messages:
                body["messages"] = error.messages
            is_slacks = isinstance(error, NotDeliveredError) or error.code in SAID_BY_SLACK
            return web.json_response(body, status=200 if is_slacks else 400)

    return handle
