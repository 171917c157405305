"""The Events API: what the app is told of."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sandbox.slack.model import APP_ID, BOT_USER_ID, TEAM_ID, Channel, Json

if TYPE_CHECKING:
    from sandbox.slack.state import SlackState

TOKEN = "sandbox-verification-token"  # noqa: S105
MENTION = f"<@{BOT_USER_ID}"


class Events:
    """Send events to the app if it subscribed to them and may see where they happened."""

    def __init__(self, state: SlackState) -> None:
        self._state = state

    def emit(self, event: Json, subscription: str, channel: Channel | None = None) -> None:
        """Send one event; `subscription` is its name in the manifest (`message.im`)."""
        wanted = self._state.app.bot_events
        if wanted is not None and subscription not in wanted:
            return
        if channel is not None and BOT_USER_ID not in channel.members:
            return
        self._state.hub.push(self._envelope(event, channel))

    def _envelope(self, event: Json, channel: Channel | None) -> Json:
        envelope: Json = {
            "token": TOKEN,
            "team_id": TEAM_ID,
            "context_team_id": TEAM_ID,
            "context_enterprise_id": None,
            "api_app_id": APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{secrets.token_hex(5).upper()}",
            "event_time": self._state.now_s(),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": TEAM_ID,
                    "user_id": BOT_USER_ID,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
        }
        if channel is not None:
            envelope["event_context"] = f"4-{channel.id}-{secrets.token_hex(8)}"
        return envelope

    def message(self, channel: Channel, message: Json) -> None:
        """Tell of a message posted: `message`, and `app_mention` where the app is mentioned outside a DM."""
        place = {"channel": channel.id, "event_ts": message["ts"], "channel_type": channel.event_kind}
        self.emit({**message, **place}, self._subscription(channel), channel)
        mentioned = MENTION in message.get("text", "") and message.get("user") != BOT_USER_ID
        if mentioned and not channel.is_im:
            mention = {k: v for k, v in message.items() if k not in ("subtype",)}
            self.emit(
                {**mention, "type": "app_mention", "channel": channel.id, "event_ts": message["ts"]},
                "app_mention",
                channel,
            )

    def message_changed(self, channel: Channel, message: Json, previous: Json) -> None:
        """Tell of an edit."""
        self._about_message(channel, {"subtype": "message_changed", "message": message, "previous_message": previous})

    def message_deleted(self, channel: Channel, previous: Json) -> None:
        """Tell of a deletion."""
        self._about_message(
            channel, {"subtype": "message_deleted", "previous_message": previous, "deleted_ts": previous["ts"]}
        )

    def _about_message(self, channel: Channel, rest: Json) -> None:
        ts = self._state.next_ts()
        place = {"channel": channel.id, "hidden": True, "ts": ts, "event_ts": ts, "channel_type": channel.event_kind}
        self.emit({"type": "message", **rest, **place}, self._subscription(channel), channel)

    @staticmethod
    def _subscription(channel: Channel) -> str:
        return "message." + {"channel": "channels", "group": "groups"}.get(channel.event_kind, channel.event_kind)

    def reaction(self, channel: Channel, message: Json, user: str, name: str, *, added: bool) -> None:
        """Tell of a reaction added or removed."""
        type_ = "reaction_added" if added else "reaction_removed"
        self.emit(
            {
                "type": type_,
                "user": user,
                "reaction": name,
                "item": {"type": "message", "channel": channel.id, "ts": message["ts"]},
                "item_user": message.get("user", ""),
                "event_ts": self._state.next_ts(),
            },
            type_,
            channel,
        )

    def joined(self, channel: Channel, user: str, inviter: str = "") -> None:
        """Tell that somebody joined a channel."""
        event = {
            "type": "member_joined_channel",
            "user": user,
            "channel": channel.id,
            "channel_type": "G" if channel.is_private else "C",
            "team": TEAM_ID,
            "event_ts": self._state.next_ts(),
        }
        self.emit(event | ({"inviter": inviter} if inviter else {}), "member_joined_channel", channel)

    def home_opened(self, user: str, channel: Channel, tab: str, view: Json | None) -> None:
        """Tell that a person looks at the app's Home or Messages tab."""
        event: Json = {
            "type": "app_home_opened",
            "user": user,
            "channel": channel.id,
            "tab": tab,
            "event_ts": self._state.next_ts(),
        }
        if view is not None and tab == "home":
            event["view"] = view
        self.emit(event, "app_home_opened")

    def session_stopped(self, user: str, channel: Channel, thread_ts: str, streams: list[str]) -> None:
        """Tell that a person pressed Stop; `streams` are the ts of the streams that this ended."""
        self.emit(
            {
                "type": "agent_session_stopped",
                "user": user,
                "channel": channel.id,
                "thread_ts": thread_ts,
                "streaming_message_ts": streams,
                "event_ts": self._state.next_ts(),
            },
            "agent_session_stopped",
        )

    def context_changed(self, user: str, viewed: Channel) -> None:
        """Tell what a person looks at while the app is beside it."""
        entity = {"type": "slack#/types/channel_id", "value": viewed.id, "team_id": TEAM_ID}
        self.emit(
            {
                "type": "app_context_changed",
                "user": user,
                "channel": self._state.open_direct([user, BOT_USER_ID]).id,
                "context": {"entities": [entity]},
                "event_ts": self._state.next_ts(),
            },
            "app_context_changed",
        )

    def file_shared(self, channel: Channel, file_id: str, user: str) -> None:
        """Tell that a file was shared in a conversation."""
        self.emit(
            {
                "type": "file_shared",
                "file_id": file_id,
                "user_id": user,
                "file": {"id": file_id},
                "channel_id": channel.id,
                "event_ts": self._state.next_ts(),
            },
            "file_shared",
            channel,
        )
