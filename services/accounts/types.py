"""What the rest knows of accounts and members."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.errors import NotAllowedError

DEFAULT_ROLE_PREFERENCE = "default_role"


class Role(StrEnum):
    """What a member may do; each role may do all that the ones before it may."""

    VIEWER = "viewer"
    ENGINEER = "engineer"
    LEAD = "lead"
    PM = "pm"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Position from 0 (viewer) to 4 (admin)."""
        return list(Role).index(self)

    def includes(self, other: Role) -> bool:
        """Tell whether this role may do what `other` may."""
        return self.rank >= other.rank


@dataclass(frozen=True)
class AccountRef:
    """One Slack workspace."""

    id: str
    slack_team_id: str
    name: str
    time_zone: str


@dataclass(frozen=True)
class MemberRef:
    """A person of the current account, as handlers and blocks see them."""

    id: int
    slack_user_id: str
    display_name: str
    role: Role
    time_zone: str
    jira_account_id: str | None = None
    email: str | None = None
    github_login: str | None = None


@dataclass(frozen=True)
class SlackProfile:
    """What Slack says of a user."""

    slack_user_id: str
    display_name: str
    email: str | None
    time_zone: str
    is_workspace_admin: bool
    is_guest: bool
    has_left: bool = False


@dataclass(frozen=True)
class LinkProposal:
    """A Jira user who may be this member; a person confirms, an e-mail address is only a hint."""

    jira_account_id: str
    display_name: str
    email: str | None
    because: str


@dataclass(frozen=True)
class TokenRef:
    """A token without its secret; `label` is how people name it when they revoke it."""

    id: str
    member_id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None

    @property
    def label(self) -> str:
        """The start of its id."""
        return self.id.replace("-", "")[:8]


@dataclass(frozen=True)
class NewToken:
    """A token as it is shown once."""

    token: TokenRef
    secret: str


def require_role(member: MemberRef, needed: Role, what: str) -> None:
    """Raise `NotAllowedError`, naming the role, unless `member` may do `what` (an infinitive phrase)."""
    if not member.role.includes(needed):
        raise NotAllowedError(
            f"You need the role *{needed}* to {what}; yours is *{member.role}*.",
            hint="An admin can change it: `/flowpilot settings`.",
        )
