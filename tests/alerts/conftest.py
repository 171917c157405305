"""Alerts with a clock that the test moves and a Slack that remembers what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from blocks import alerts as renderer
from db.engine import Database
from db.models.accounts import Member
from services.accounts.types import MemberRef, Role
from services.alerts import Alerts, Finding, Recipient, Severity
from services.errors import VendorError

WEDNESDAY_NOON_UTC = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    """The present, as the test says."""

    at: datetime = WEDNESDAY_NOON_UTC

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Message:
    """A message in Slack."""

    channel: str
    ts: str
    key: str
    text: str
    blocks: tuple[dict[str, Any], ...]


class ProcessDiedError(BaseException):
    """The process ended here."""


@dataclass
class Slack:
    """Keeps messages; `next_ends` says how the next posts end: "ok", "refused", "lost", "died", "died after"."""

    messages: list[Message] = field(default_factory=list)
    next_ends: list[str] = field(default_factory=list)

    async def direct_channel(self, slack_user_id: str) -> str:
        return f"D-{slack_user_id}"

    async def post_once(
        self,
        key: str,
        channel: str,
        text: str,
        blocks: Sequence[dict[str, Any]] = (),
        *,
        look_first_since: float | None = None,
    ) -> Message:
        assert text
        if look_first_since is not None and (found := next((m for m in self.messages if m.key == key), None)):
            return found
        end = self.next_ends.pop(0) if self.next_ends else "ok"
        if end == "refused":
            raise VendorError("slack", "Slack refused: channel_not_found")
        if end == "lost":
            raise VendorError("slack", "Slack did not answer", outcome_unknown=True)
        if end == "died":
            raise ProcessDiedError
        message = Message(channel, f"{len(self.messages) + 1}.0", key, text, tuple(blocks))
        self.messages.append(message)
        if end == "died after":
            raise ProcessDiedError
        return message

    def texts(self, channel: str) -> list[str]:
        return [message.text for message in self.messages if message.channel == channel]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
def alerts(database: Database, in_account: str, slack: Slack, clock: Clock) -> Alerts:
    return Alerts(database, slack, renderer, clock.now)


async def make_member(database: Database, slack_user_id: str = "UPRIYA", **fields: Any) -> MemberRef:
    """Store a member of the current account; their clock is UTC unless `time_zone` says otherwise."""
    values: dict[str, Any] = {"time_zone": "UTC", "role": Role.PM, "preferences": {}} | fields
    row = Member(slack_user_id=slack_user_id, display_name=slack_user_id, created_at=WEDNESDAY_NOON_UTC, **values)
    async with database.transaction() as session:
        session.add(row)
    return MemberRef(row.id, slack_user_id, slack_user_id, Role(row.role), row.time_zone)


@pytest.fixture
async def priya(database: Database, in_account: str) -> MemberRef:
    return await make_member(database)


def finding(who: MemberRef | str, key: str = "k1", severity: Severity = Severity.WARNING, **fields: Any) -> Finding:
    """Return a finding for a person or a channel."""
    recipient = Recipient.channel(who) if isinstance(who, str) else Recipient.person(who)
    values: dict[str, Any] = {"agent": "time-tracking", "subject": "subject", "text": f"About {key}"} | fields
    return Finding(dedupe_key=key, severity=severity, recipient=recipient, **values)
