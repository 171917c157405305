"""The workspace: people, conversations and the app; messages, views and files hang on it."""

from __future__ import annotations

import secrets

from sandbox.core import Bus, Faults, SandboxClock
from sandbox.slack.acts import Acts
from sandbox.slack.assistant import Assistant
from sandbox.slack.errors import SlackError
from sandbox.slack.events import Events
from sandbox.slack.files import Files
from sandbox.slack.hooks import Hooks
from sandbox.slack.hub import Hub
from sandbox.slack.limits import Limits
from sandbox.slack.manifest import load_app
from sandbox.slack.messages import Messages
from sandbox.slack.model import BOT_USER_ID, TEAM_DOMAIN, TEAM_ID, AppConfig, Channel, Json, User
from sandbox.slack.streams import Streams
from sandbox.slack.views import Views

__all__ = ["SlackState"]


class SlackState:
    """A Slack workspace with one app installed."""

    def __init__(
        self, clock: SandboxClock, bus: Bus, faults: Faults | None = None, app: AppConfig | None = None
    ) -> None:
        self.clock = clock
        self.bus = bus
        self.app = app or load_app()
        self.base_url = ""
        self.enforce_rate_limits = False
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self._direct: dict[frozenset[str], str] = {}
        self._last_ts = 0
        self.limits = Limits()
        self.hub = Hub(faults or Faults(), bus)
        self.events = Events(self)
        self.messages = Messages(self)
        self.streams = Streams(self)
        self.assistant = Assistant(self)
        self.views = Views(self)
        self.files = Files(self)
        self.hooks = Hooks(self)
        self.acts = Acts(self)
        self.add_app(BOT_USER_ID, self.app.name)

    def add_app(self, id: str, name: str) -> User:  # noqa: A002
        """Add the bot user of the app."""
        return self._add(User(id, name.lower().replace(" ", ""), name, is_bot=True, title=self.app.description))

    def add_user(
        self,
        id: str,  # noqa: A002
        name: str,
        real_name: str,
        email: str,
        tz: str,
        title: str,
        color: str = "",
        is_admin: bool = False,
    ) -> User:
        """Add a person; `tz` is an IANA zone, `name` the handle without @."""
        return self._add(User(id, name, real_name, email, tz, title, color, is_admin))

    def _add(self, user: User) -> User:
        self.users[user.id] = user
        return user

    def add_channel(
        self,
        id: str,  # noqa: A002
        name: str,
        members: list[str],
        topic: str = "",
        is_private: bool = False,
        creator: str = "",
    ) -> Channel:
        """Add a channel; `members` are user ids, the bot's may be among them."""
        channel = Channel(id, name, list(dict.fromkeys(members)), self.now_s(), topic=topic, is_private=is_private)
        channel.creator = creator or (members[0] if members else channel.creator)
        self.channels[id] = channel
        self.bus.publish("channel", channel=id, change="created")
        return channel

    def join(self, channel: Channel, user: str, inviter: str = "") -> None:
        """Make somebody a member; what was said before does not count as unread."""
        channel.members.append(user)
        channel.last_read[user] = next(reversed(channel.messages), "")
        words = f"<@{user}> has joined the channel"
        self.messages.post(channel, user, words, subtype="channel_join", inviter=inviter or None)
        self.bus.publish("channel", channel=channel.id, change="joined", member=user)
        self.events.joined(channel, user, inviter)

    def leave(self, channel: Channel, user: str) -> None:
        """Take a member out."""
        channel.members.remove(user)
        self.bus.publish("channel", channel=channel.id, change="left", member=user)

    def open_direct(self, people: list[str]) -> Channel:
        """Return the direct (or group) message of these people, made if need be."""
        members = frozenset(people)
        if known := self._direct.get(members):
            return self.channels[known]
        is_group = len(members) > 2
        channel = Channel(
            id=("G" if is_group else "D") + secrets.token_hex(5).upper(),
            name="mpdm-" + "--".join(sorted(self.users[m].name for m in members)) + "-1" if is_group else "",
            members=sorted(members),
            created=self.now_s(),
            is_im=not is_group,
            is_mpim=is_group,
        )
        self.channels[channel.id] = channel
        self._direct[members] = channel.id
        self.bus.publish("channel", channel=channel.id, change="created")
        return channel

    def demand_pace(self, channel: Channel) -> None:
        """Refuse a second message within a second in a conversation, if rate limits are enforced."""
        if self.enforce_rate_limits and (wait_s := self.limits.post_wait_s(channel.id)):
            raise SlackError("ratelimited", wait_s=wait_s)

    def now_s(self) -> int:
        """Return the sandbox's time in whole seconds since 1970."""
        return int(self.clock.now().timestamp())

    def next_ts(self) -> str:
        """Return a timestamp that no message has: `seconds.micros`, always later than the last one."""
        self._last_ts = max(self._last_ts + 1, int(self.clock.now().timestamp() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def user(self, user_id: str, error: str = "user_not_found") -> User:
        """Return a user or refuse with `error`."""
        user = self.users.get(user_id)
        if user is None:
            raise SlackError(error)
        return user

    def channel(self, channel_id: str, viewer: str) -> Channel:
        """Return a conversation that `viewer` may know of, or refuse with channel_not_found."""
        channel = self.channels.get(channel_id)
        if channel is None or not self.sees(viewer, channel):
            raise SlackError("channel_not_found")
        return channel

    def sees(self, viewer: str, channel: Channel) -> bool:
        """Tell whether a person may know of a conversation."""
        return channel.kind == "channels" or viewer in channel.members

    def by_name(self, name: str) -> Channel | None:
        """Return the channel of that name (with or without #)."""
        wanted = name.removeprefix("#")
        return next((c for c in self.channels.values() if c.name == wanted and not c.is_im), None)

    def team(self) -> Json:
        """Return the team as interaction payloads carry it."""
        return {"id": TEAM_ID, "domain": TEAM_DOMAIN}
