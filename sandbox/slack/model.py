"""The nouns of a workspace: people, conversations, files, and the app with what its manifest declares."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

TEAM_ID = "T0SANDBOX"
TEAM_NAME = "Harborline"
TEAM_DOMAIN = "harborline"
APP_ID = "A0SANDBOX"
BOT_USER_ID = "U0FLOWPILOT"
BOT_ID = "B0FLOWPILOT"
SLACKBOT_ID = "USLACKBOT"

Json = dict[str, Any]


@dataclass
class User:
    """A member of the workspace, or the app's bot user."""

    id: str
    name: str
    real_name: str
    email: str = ""
    tz: str = "Etc/UTC"
    title: str = ""
    color: str = ""
    is_admin: bool = False
    is_bot: bool = False
    deleted: bool = False

    def to_slack(self, now: datetime, *, with_email: bool = True) -> Json:
        """Return Slack's user object; the e-mail only for those with `users:read.email`."""
        zone = now.astimezone(ZoneInfo(self.tz))
        profile: Json = {
            "title": self.title,
            "phone": "",
            "skype": "",
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.name,
            "display_name_normalized": self.name,
            "status_text": "",
            "status_emoji": "",
            "avatar_hash": "",
            "first_name": self.real_name.partition(" ")[0],
            "last_name": self.real_name.partition(" ")[2],
            "team": TEAM_ID,
        }
        if with_email and self.email:
            profile["email"] = self.email
        if self.is_bot:
            profile |= {"bot_id": BOT_ID, "api_app_id": APP_ID, "always_active": True}
        offset = zone.utcoffset()
        return {
            "id": self.id,
            "team_id": TEAM_ID,
            "name": self.name,
            "deleted": self.deleted,
            "color": self.color.lstrip("#"),
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": zone.tzname() or self.tz,
            "tz_offset": int(offset.total_seconds()) if offset is not None else 0,
            "profile": profile,
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 0,
            "is_email_confirmed": bool(self.email),
        }


@dataclass
class Channel:
    """A conversation of any kind with all its messages (ts to Slack message object, oldest first)."""

    id: str
    name: str
    members: list[str]
    created: int
    creator: str = SLACKBOT_ID
    topic: str = ""
    purpose: str = ""
    is_private: bool = False
    is_im: bool = False
    is_mpim: bool = False
    is_archived: bool = False
    messages: dict[str, Json] = field(default_factory=dict)
    threads: dict[str, list[str]] = field(default_factory=dict)
    ephemeral: list[tuple[str, Json]] = field(default_factory=list)
    pins: dict[str, Json] = field(default_factory=dict)
    last_read: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Return the scope family: channels, groups, im or mpim."""
        if self.is_im:
            return "im"
        if self.is_mpim:
            return "mpim"
        return "groups" if self.is_private else "channels"

    @property
    def event_kind(self) -> str:
        """Return `channel_type` as events name it."""
        return {"channels": "channel", "groups": "group"}.get(self.kind, self.kind)

    def other(self, user: str) -> str:
        """Return the other side of a direct message."""
        return next((member for member in self.members if member != user), user)

    def to_slack(self, viewer: str) -> Json:
        """Return Slack's conversation object as `viewer` gets it."""
        common: Json = {
            "id": self.id,
            "created": self.created,
            "is_archived": self.is_archived,
            "is_im": self.is_im,
            "is_org_shared": False,
            "context_team_id": TEAM_ID,
            "updated": self.created * 1000,
        }
        if self.is_im:
            return common | {"user": self.other(viewer), "is_user_deleted": False, "priority": 0}
        return common | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.is_private and not self.is_mpim,
            "is_group": self.is_private and not self.is_mpim,
            "is_mpim": self.is_mpim,
            "is_private": self.is_private or self.is_mpim,
            "is_general": self.name == "general",
            "is_shared": False,
            "is_ext_shared": False,
            "is_pending_ext_shared": False,
            "is_member": viewer in self.members,
            "unlinked": 0,
            "creator": self.creator,
            "shared_team_ids": [TEAM_ID],
            "pending_shared": [],
            "pending_connected_team_ids": [],
            "parent_conversation": None,
            "topic": {"value": self.topic, "creator": self.creator if self.topic else "", "last_set": 0},
            "purpose": {"value": self.purpose, "creator": self.creator if self.purpose else "", "last_set": 0},
            "previous_names": [],
            "num_members": len(self.members),
        }


@dataclass
class File:
    """An uploaded file; `shared_in` holds the ids of conversations it was shared in."""

    id: str
    name: str
    user: str
    created: int
    length: int
    title: str = ""
    mimetype: str = "application/octet-stream"
    content: bytes | None = None
    complete: bool = False
    shared_in: list[str] = field(default_factory=list)


@dataclass
class AppConfig:
    """The one app of the workspace: identity, and what its manifest declares (None: everything)."""

    name: str = "FlowPilot"
    description: str = ""
    scopes: frozenset[str] | None = None
    bot_events: frozenset[str] | None = None
    commands: list[Json] = field(default_factory=list)
    shortcuts: list[Json] = field(default_factory=list)

    def command(self, name: str) -> Json | None:
        """Return the declaration of a slash command, or None."""
        return next((command for command in self.commands if command["command"] == name), None)

    def shortcut(self, callback_id: str) -> Json | None:
        """Return the declaration of a shortcut, or None."""
        return next((shortcut for shortcut in self.shortcuts if shortcut["callback_id"] == callback_id), None)
