"""What a person does in Slack: types, commands, clicks, submits, closes, looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.slack import inputs, text
from sandbox.slack.block_elements import GROUP, PLAIN_OPTION
from sandbox.slack.block_rules import Problems, list_of
from sandbox.slack.errors import SlackError
from sandbox.slack.model import BOT_USER_ID, Channel, Json
from sandbox.slack.payloads import action_of, command_payload, in_channel, interaction

if TYPE_CHECKING:
    from sandbox.slack.state import SlackState

MAX_OPTIONS = 100


class Acts:
    """Each act is one person's; what it says to the app goes through the hub."""

    def __init__(self, state: SlackState) -> None:
        self._state = state
        self._message_values: dict[tuple[str, str, str], Json] = {}

    def channel(self, user: str, channel_id: str) -> Channel:
        """Return a conversation that this person sees, or refuse."""
        self._state.user(user)
        return self._state.channel(channel_id, user)

    def _pieces(self, typed: str) -> list[text.Piece]:
        return text.split(typed, self._state.users.values(), self._state.channels.values())

    def say(self, user: str, channel_id: str, typed: str, thread_ts: str = "") -> Json:
        """Post what a person typed."""
        channel = self.channel(user, channel_id)
        if user not in channel.members:
            raise SlackError("not_in_channel")
        if not typed.strip():
            raise SlackError("no_text")
        pieces = self._pieces(typed)
        blocks = [text.as_rich_text(pieces)]
        return self._state.messages.post(channel, user, text.as_message(pieces), thread_ts=thread_ts, blocks=blocks)

    async def command(self, user: str, channel_id: str, typed: str, thread_ts: str = "") -> Json | None:
        """Run a slash command and return the message it was answered with in the acknowledgement, if any."""
        channel = self.channel(user, channel_id)
        name, _, rest = typed.strip().partition(" ")
        declared = self._state.app.command(name)
        if declared is None:
            raise SlackError("unknown_command", [f"{name} is not a valid command."])
        if thread_ts:
            raise SlackError("command_in_thread", [f"{name} is not supported in threads. Sorry!"])
        escaped = declared.get("should_escape", True)
        words = text.as_command(self._pieces(rest.strip())) if escaped else rest.strip()
        payload = command_payload(self._state, user, channel, name, words)
        answer = await self._state.hub.request("slash_commands", payload, name)
        if not answer.get("text") and not answer.get("blocks") and not answer.get("attachments"):
            return None
        return self._state.hooks.respond(self._state.hooks.for_command(channel, user), answer)

    def _source(self, user: str, container: Json) -> tuple[list[Json], Json]:
        """Return the blocks of a message or view, and what a payload says of where they are."""
        if container.get("type") == "view":
            owner, view = self._state.views.find(str(container.get("view_id", "")))
            if owner != user:
                raise SlackError("not_found")
            place = {"container": {"type": "view", "view_id": view["id"]}, "view": view}
            return view["blocks"], place
        channel = self.channel(user, str(container.get("channel", "")))
        ts = str(container.get("message_ts", ""))
        seen = self._state.messages.find_ephemeral(channel, user, ts)
        message = seen or self._state.messages.find(channel, ts)
        where = {
            "type": "message",
            "message_ts": ts,
            "channel_id": channel.id,
            "is_ephemeral": seen is not None,
        }
        if "thread_ts" in message:
            where["thread_ts"] = message["thread_ts"]
        place = {"container": where, "channel": in_channel(channel)}
        if seen is None:
            place["message"] = self._state.messages.present(channel, message)
        return message.get("blocks") or [], place

    async def act(self, user: str, container: Json, block_id: str, action_id: str, given: Json) -> None:
        """Use an element; `given` holds its new value and, under `state`, what other inputs hold."""
        blocks, place = self._source(user, container)
        block, element = inputs.find_element(blocks, block_id, action_id)
        action = action_of(block, element, given, self._state.next_ts())
        surroundings: Json = dict((given.get("state") or {}).get("values") or {})
        if element["type"] in inputs.HOLDS:
            mine = {**surroundings.get(block_id, {}), action_id: given}
            surroundings[block_id] = mine
        values = self._remember(user, place, blocks, surroundings)
        payload = interaction(self._state, "block_actions", user) | place
        if "view" in place:
            payload["trigger_id"] = self._state.views.new_trigger(user, place["view"]["id"])
        else:
            where = place["container"]
            channel = self._state.channels[where["channel_id"]]
            payload |= {
                "trigger_id": self._state.views.new_trigger(user),
                "state": {"values": values},
                "response_url": self._state.hooks.issue(
                    "actions", channel, user, where["message_ts"], where.get("thread_ts", "")
                ),
            }
        payload["actions"] = [action]
        await self._state.hub.request("interactive", payload, "block_actions")

    def _remember(self, user: str, place: Json, blocks: list[Json], given: Json) -> Json:
        if view := place.get("view"):
            view["state"]["values"] = inputs.merged(blocks, view["state"]["values"], given)
            return {}
        key = (user, place["container"]["channel_id"], place["container"]["message_ts"])
        values = inputs.merged(blocks, self._message_values.get(key, {}), given)
        if values:
            self._message_values[key] = values
        return values

    async def suggest(self, user: str, container: Json, block_id: str, action_id: str, value: str) -> Json:
        """Ask the app for the options of an external select."""
        blocks, place = self._source(user, container)
        _, element = inputs.find_element(blocks, block_id, action_id)
        if element["type"] not in ("external_select", "multi_external_select"):
            raise SlackError("invalid_value", [f"a {element['type']} has its own options"])
        payload = interaction(self._state, "block_suggestion", user) | place
        payload |= {"action_id": action_id, "block_id": block_id, "value": value}
        answer = await self._state.hub.request("interactive", payload, "block_suggestion")
        problems: Problems = []
        if "option_groups" in answer:
            list_of(GROUP, MAX_OPTIONS)(answer["option_groups"], "/option_groups", problems)
            found = {"option_groups": answer["option_groups"]}
        else:
            found = {"options": answer.get("options")}
            list_of(PLAIN_OPTION, MAX_OPTIONS)(found["options"], "/options", problems)
        if problems:
            raise SlackError("invalid_options", problems)
        return found

    def _modal(self, user: str, view_id: str) -> Json:
        owner, view = self._state.views.find(view_id)
        if owner != user or view["type"] != "modal":
            raise SlackError("not_found")
        return view

    def _fill_in_files(self, values: Json) -> None:
        """Put file objects where a file input holds ids, as Slack does."""
        for actions in values.values():
            for content in actions.values():
                if content["type"] == "file_input":
                    ids = [file if isinstance(file, str) else file["id"] for file in content["files"] or []]
                    content["files"] = [self._state.files.to_slack(self._state.files.find(id_)) for id_ in ids]

    async def submit(self, user: str, view_id: str, given: Json) -> Json:
        """Submit a modal, unless its inputs do not fit, and do what the app answers."""
        view = self._modal(user, view_id)
        values = inputs.merged(view["blocks"], view["state"]["values"], given)
        self._fill_in_files(values)
        view["state"]["values"] = values
        if errors := inputs.complaints(view["blocks"], values):
            return {"ok": False, "error": "invalid_input", "errors": errors}
        payload = interaction(self._state, "view_submission", user)
        payload |= {"trigger_id": self._state.views.new_trigger(user, view_id), "view": view, "response_urls": []}
        answer = await self._state.hub.request("interactive", payload, "view_submission")
        return self._after_submission(user, view, answer)

    def _after_submission(self, user: str, view: Json, answer: Json) -> Json:
        what = answer.get("response_action")
        match what:
            case None:
                self._state.views.close(user, view["id"])
                return {"ok": True}
            case "clear":
                self._state.views.close(user, view["id"], clear=True)
            case "errors":
                errors = answer.get("errors") or {}
                known = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
                if not errors or not set(errors) <= known:
                    raise SlackError("invalid_response", ["errors must name input blocks of the view"])
                return {"ok": True, "response_action": what, "errors": errors}
            case "update":
                self._state.views.update(answer.get("view") or {}, view_id=view["id"])
            case "push":
                self._state.views.push_for(user, answer.get("view") or {})
            case _:
                raise SlackError("invalid_response", [f"unknown response_action {what!r}"])
        return {"ok": True, "response_action": what}

    async def close(self, user: str, view_id: str) -> None:
        """Close a modal; the app hears of it if it asked to."""
        view = self._modal(user, view_id)
        clear = bool(view.get("clear_on_close"))
        for closed in self._state.views.close(user, view_id, clear=clear):
            if closed.get("notify_on_close"):
                payload = interaction(self._state, "view_closed", user) | {"view": closed, "is_cleared": clear}
                await self._state.hub.request("interactive", payload, "view_closed", accepts_response=False)

    async def shortcut(self, user: str, callback_id: str, channel_id: str = "", message_ts: str = "") -> None:
        """Use a shortcut, on a message if it is one for messages."""
        self._state.user(user)
        declared = self._state.app.shortcut(callback_id)
        if declared is None:
            raise SlackError("unknown_shortcut", [f"no shortcut {callback_id!r}"])
        on_message = declared["type"] == "message"
        payload = interaction(self._state, "message_action" if on_message else "shortcut", user)
        payload |= {"callback_id": callback_id, "trigger_id": self._state.views.new_trigger(user)}
        payload["action_ts"] = self._state.next_ts()
        if on_message:
            channel = self.channel(user, channel_id)
            message = self._state.messages.find(channel, message_ts)
            payload |= {
                "channel": in_channel(channel),
                "message": self._state.messages.present(channel, message),
                "message_ts": message_ts,
                "response_url": self._state.hooks.issue("actions", channel, user, message_ts),
            }
        await self._state.hub.request("interactive", payload, payload["type"])

    def open_home(self, user: str, tab: str) -> Channel:
        """Look at the app's Home or Messages tab."""
        self._state.user(user)
        channel = self._state.open_direct([user, BOT_USER_ID])
        self._state.events.home_opened(user, channel, tab, self._state.views.homes.get(user))
        return channel

    def stop_stream(self, user: str, channel_id: str, thread_ts: str) -> None:
        """Press Stop."""
        self._state.streams.stop_by_person(self.channel(user, channel_id), thread_ts, user)

    def look_at(self, user: str, channel_id: str) -> None:
        """Look at a conversation with the app open beside it."""
        self._state.events.context_changed(user, self.channel(user, channel_id))

    def upload(self, user: str, name: str, content: bytes, **where: Any) -> Json:
        """Upload a file, and share it if `channel` says where (`thread_ts`, `text` too)."""
        self._state.user(user)
        ticket, file = self._state.files.reserve(user, name, len(content))
        self._state.files.receive(ticket, content)
        self._state.files.complete(file)
        if channel_id := where.get("channel"):
            words = text.as_message(self._pieces(where.get("text") or ""))
            channel = self.channel(user, channel_id)
            self._state.files.share([file], channel, user, words, where.get("thread_ts") or "", subtype="file_share")
        return self._state.files.to_slack(file)
