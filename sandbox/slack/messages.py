"""What is said: posting, editing, deleting, reactions, pins, threads, and who has read what."""

from __future__ import annotations

import copy
import secrets
import uuid
from typing import TYPE_CHECKING

from sandbox.slack.errors import SlackError
from sandbox.slack.model import APP_ID, BOT_ID, BOT_USER_ID, SLACKBOT_ID, TEAM_ID, Channel, Json

if TYPE_CHECKING:
    from sandbox.slack.state import SlackState

TEXT_CUT_AT = 40_000
THREADLESS = frozenset({"channel_join", "channel_topic", "channel_purpose", "channel_name", "tombstone"})


class Messages:
    """All that happens to messages; each operation tells the bus, and the app by events."""

    def __init__(self, state: SlackState) -> None:
        self._state = state

    def find(self, channel: Channel, ts: str, error: str = "message_not_found") -> Json:
        """Return a message as it is stored, or refuse."""
        message = channel.messages.get(ts)
        if message is None:
            raise SlackError(error)
        return message

    def post(self, channel: Channel, user: str, text: str, *, thread_ts: str = "", **fields: object) -> Json:
        """Post a message of a person or the app; `fields` are further fields of Slack's message object."""
        if channel.is_archived:
            raise SlackError("is_archived")
        message = self._compose(user, text, fields)
        if thread_ts:
            self._into_thread(channel, message, thread_ts)
        channel.messages[message["ts"]] = message
        if user in channel.members and "subtype" not in message:
            channel.last_read[user] = message["ts"]
        self._state.assistant.clear_status(channel.id, thread_ts, by=user)
        shown = self.present(channel, message)
        self._state.bus.publish("message", channel=channel.id, message=shown)
        self._state.events.message(channel, message)
        return shown

    def _compose(self, user: str, text: str, fields: dict[str, object]) -> Json:
        message: Json = {"type": "message", "user": user, "ts": self._state.next_ts(), "text": text[:TEXT_CUT_AT]}
        if user == BOT_USER_ID:
            message |= {"bot_id": BOT_ID, "app_id": APP_ID, "team": TEAM_ID, "bot_profile": self.bot_profile()}
        elif "subtype" not in fields:
            message |= {"client_msg_id": str(uuid.uuid4()), "team": TEAM_ID}
        message |= {name: value for name, value in fields.items() if value is not None}
        number_blocks(message.get("blocks"))
        return message

    def bot_profile(self) -> Json:
        """Return what a bot's messages say of the bot."""
        return {
            "id": BOT_ID,
            "app_id": APP_ID,
            "user_id": BOT_USER_ID,
            "name": self._state.app.name,
            "team_id": TEAM_ID,
            "deleted": False,
            "updated": 0,
            "icons": {},
        }

    def _into_thread(self, channel: Channel, message: Json, thread_ts: str) -> None:
        parent = channel.messages.get(thread_ts)
        if parent is None or (parent.get("subtype") in THREADLESS and not channel.threads.get(thread_ts)):
            raise SlackError("cannot_reply_to_message")
        root = parent.get("thread_ts", thread_ts)
        message |= {"thread_ts": root, "parent_user_id": channel.messages[root].get("user", SLACKBOT_ID)}
        channel.threads.setdefault(root, []).append(message["ts"])

    def ephemeral(self, channel: Channel, to: str, text: str, **fields: object) -> Json:
        """Show a message to one person only."""
        message = self._compose(BOT_USER_ID, text, fields)
        message["is_ephemeral"] = True
        channel.ephemeral.append((to, message))
        self._state.bus.publish("ephemeral", user=to, channel=channel.id, message={**message, "ephemeral": True})
        return message

    def find_ephemeral(self, channel: Channel, user: str, ts: str) -> Json | None:
        """Return an ephemeral message that a person sees."""
        return next((m for to, m in channel.ephemeral if to == user and m["ts"] == ts), None)

    def update_ephemeral(self, channel: Channel, to: str, message: Json, changes: Json) -> Json:
        """Change an ephemeral message where it stands."""
        message |= changes
        number_blocks(message.get("blocks"))
        self._state.bus.publish("message_changed", user=to, channel=channel.id, message={**message, "ephemeral": True})
        return message

    def drop_ephemeral(self, channel: Channel, ts: str) -> None:
        """Take an ephemeral message away."""
        for to, message in [entry for entry in channel.ephemeral if entry[1]["ts"] == ts]:
            channel.ephemeral.remove((to, message))
            self._state.bus.publish("message_deleted", channel=channel.id, ts=ts, user=to)

    def update(self, channel: Channel, ts: str, changes: Json, *, edited: bool = True) -> Json:
        """Change fields of a message."""
        message = self.find(channel, ts)
        previous = copy.deepcopy(message)
        message |= {name: value for name, value in changes.items() if value is not None}
        number_blocks(message.get("blocks"))
        if edited:
            message["edited"] = {"user": message["user"], "ts": self._state.next_ts()}
        self.changed(channel, message)
        self._state.events.message_changed(channel, message, previous)
        return self.present(channel, message)

    def changed(self, channel: Channel, message: Json) -> None:
        """Tell the bus that a message looks different now."""
        self._state.bus.publish("message_changed", channel=channel.id, message=self.present(channel, message))

    def delete(self, channel: Channel, ts: str) -> None:
        """Delete a message; a parent with replies leaves a tombstone."""
        message = self.find(channel, ts)
        previous = dict(message)
        channel.pins.pop(ts, None)
        if channel.threads.get(ts):
            message.clear()
            message |= {"type": "message", "subtype": "tombstone", "user": SLACKBOT_ID, "hidden": True, "ts": ts}
            message |= {"text": "This message was deleted.", "thread_ts": ts}
            self.changed(channel, message)
        else:
            del channel.messages[ts]
            root = message.get("thread_ts", "")
            if ts in channel.threads.get(root, []):
                channel.threads[root].remove(ts)
            where = {"thread_ts": root} if root else {}
            self._state.bus.publish("message_deleted", channel=channel.id, ts=ts, **where)
        self._state.events.message_deleted(channel, previous)

    def present(self, channel: Channel, message: Json) -> Json:
        """Return a message as Slack shows it: with what its thread and its pins say."""
        ts = message["ts"]
        shown = dict(message)
        if replies := channel.threads.get(ts):
            users = list(dict.fromkeys(channel.messages[r].get("user", "") for r in replies))
            shown |= {
                "thread_ts": ts,
                "reply_count": len(replies),
                "reply_users": users[:5],
                "reply_users_count": len(users),
                "latest_reply": replies[-1],
                "is_locked": False,
                "subscribed": False,
            }
        if ts in channel.pins:
            shown["pinned_to"] = [channel.id]
        return shown

    def top_level(self, channel: Channel) -> list[Json]:
        """Return what is in the channel itself, oldest first: no replies but broadcast ones."""
        return [
            self.present(channel, message)
            for message in channel.messages.values()
            if message.get("thread_ts", message["ts"]) == message["ts"] or message.get("subtype") == "thread_broadcast"
        ]

    def thread(self, channel: Channel, ts: str) -> list[Json]:
        """Return a thread's parent and replies, oldest first."""
        parent = self.find(channel, ts, "thread_not_found")
        root = parent.get("thread_ts", ts)
        messages = [channel.messages[root], *(channel.messages[r] for r in channel.threads.get(root, []))]
        return [self.present(channel, message) for message in messages]

    def react(self, channel: Channel, ts: str, user: str, name: str) -> None:
        """Add a reaction of a person."""
        message = self.find(channel, ts)
        reactions: list[Json] = message.setdefault("reactions", [])
        entry = next((r for r in reactions if r["name"] == name), None)
        if entry is None:
            entry = {"name": name, "users": [], "count": 0}
            reactions.append(entry)
        if user in entry["users"]:
            raise SlackError("already_reacted")
        entry["users"].append(user)
        entry["count"] = len(entry["users"])
        self._state.bus.publish("reaction", channel=channel.id, ts=ts, name=name, by=user, added=True)
        self._state.events.reaction(channel, message, user, name, added=True)

    def unreact(self, channel: Channel, ts: str, user: str, name: str) -> None:
        """Take a person's reaction away."""
        message = self.find(channel, ts)
        entry = next((r for r in message.get("reactions", []) if r["name"] == name), None)
        if entry is None or user not in entry["users"]:
            raise SlackError("no_reaction")
        entry["users"].remove(user)
        entry["count"] = len(entry["users"])
        message["reactions"] = [r for r in message["reactions"] if r["users"]]
        if not message["reactions"]:
            del message["reactions"]
        self._state.bus.publish("reaction", channel=channel.id, ts=ts, name=name, by=user, added=False)
        self._state.events.reaction(channel, message, user, name, added=False)

    def mark_read(self, channel: Channel, user: str, ts: str) -> None:
        """Remember how far a person has read."""
        channel.last_read[user] = ts
        self._state.bus.publish("read", user=user, channel=channel.id, ts=ts)

    def unread(self, channel: Channel, user: str) -> int:
        """Count a person's unread messages (replies in threads do not count)."""
        read = channel.last_read.get(user, "")
        count = 0
        for ts, message in reversed(channel.messages.items()):
            if ts <= read:
                break
            is_reply = message.get("thread_ts", ts) != ts and message.get("subtype") != "thread_broadcast"
            count += not is_reply and message.get("user") != user
        return count


def number_blocks(blocks: object) -> None:
    """Give blocks and their interactive elements the ids that the app left out, as Slack does."""
    if not isinstance(blocks, list):
        return
    for block in blocks:
        block.setdefault("block_id", secrets.token_urlsafe(4)[:5])
        elements = [*block.get("elements", []), block.get("accessory"), block.get("element")]
        for element in elements:
            is_passive = block["type"] in ("rich_text", "context", "carousel")
            if isinstance(element, dict) and not is_passive and element.get("type") != "image":
                element.setdefault("action_id", secrets.token_urlsafe(4)[:5])
        for inner in (*block.get("child_blocks", ()), *(block["elements"] if block["type"] == "carousel" else ())):
            number_blocks([inner])
        for button in block.get("actions", ()):
            button.setdefault("action_id", secrets.token_urlsafe(4)[:5])
