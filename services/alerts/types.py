"""What agents hand over, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from services.accounts.types import MemberRef

Block = dict[str, Any]


class Severity(StrEnum):
    """How much it matters; critical findings pass quiet hours, snoozes and caps."""

    INFO = "info"
    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"


class Action(StrEnum):
    """What to do with a finding: tell now, alone later, in the next digest, somebody else, or not at all."""

    SEND = "send"
    HOLD = "hold"
    FOLD = "fold"
    DELEGATE = "delegate"
    DROP = "drop"


class Status(StrEnum):
    """Where a delivery stands. `RESERVED` is being posted, or was when a process died.

    `DIGESTED` is in a message with others (a digest or a bundle), `DELEGATED` was told to somebody else instead.
    """

    RESERVED = "reserved"
    SENT = "sent"
    HELD = "held"
    FOLDED = "folded"
    DIGESTED = "digested"
    DELEGATED = "delegated"
    FAILED = "failed"
    SNOOZED = "snoozed"
    SHADOW = "shadow"


SETTLED = frozenset(set(Status) - {Status.SNOOZED, Status.SHADOW})
"""A finding in one of these is taken care of: handing it over again changes nothing."""


MAX_WHOLE_BLOCKS = 45
"""What one message tells in full needs no more blocks than this: Slack's limit is 50."""


def blocks_in_full(blocks: Sequence[Block]) -> int:
    """Return how many blocks an alert takes among others: its own (its text without any), feedback, a divider."""
    return max(len(blocks), 1) + 2


def is_person(slack_id: str) -> bool:
    """Tell whether a Slack id is a user's; all others are conversations'."""
    return slack_id.startswith(("U", "W"))


@dataclass(frozen=True)
class Recipient:
    """A person (`member_id` set) or a channel, by Slack id."""

    slack_id: str
    member_id: int | None = None

    @classmethod
    def person(cls, member: MemberRef) -> Recipient:
        """Address a member directly."""
        return cls(member.slack_user_id, member.id)

    @classmethod
    def channel(cls, channel_id: str) -> Recipient:
        """Address a channel: no quiet hours, cap or digest there."""
        return cls(channel_id)

    @property
    def is_person(self) -> bool:
        """Tell whether this is a person."""
        return self.member_id is not None


@dataclass(frozen=True)
class Finding:
    """Something an agent found that somebody should hear of.

    `dedupe_key` names the fact: the same key is told to the same recipient once, ever. `subject` is what can be
    snoozed, such as "retainer:ACME". `text` is the whole message for screen readers and digests, in Slack's markup.

    A finding that is not `digestible` (its buttons matter) is told in full, and what waits comes alone. `facts` (JSON)
    are the figures it claims, by which one can see afterwards how right it was. `kind` is its line of
    `services.alerts.policy`. `stand_in` hears of it in the place of a person who is on leave: set it where somebody has
    to act now. `told_in` is the key of another finding for the same person in the same call that says this too: where
    that one is told now, it tells both.
    """

    dedupe_key: str
    agent: str
    severity: Severity
    recipient: Recipient
    subject: str
    text: str
    blocks: Sequence[Block] = ()
    digestible: bool = True
    facts: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""
    stand_in: Recipient | None = None
    told_in: str = ""


@dataclass(frozen=True)
class Absence:
    """Why a person does not work on a day, such as "on leave"; only leave has others stand in."""

    why: str
    is_leave: bool = False


@dataclass(frozen=True)
class Decision:
    """What to do with a finding, and why, in words that a person understands; `note` is told with it."""

    action: Action
    why: str
    note: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a finding; `delivery_id` is None in a dry run, `ts` is set once it is in Slack."""

    finding: Finding
    decision: Decision
    status: Status | None = None
    delivery_id: int | None = None
    channel: str | None = None
    ts: str | None = None


@dataclass(frozen=True)
class DigestEntry:
    """One entry of a digest or a bundle; `blocks` are the alert's own."""

    delivery_id: int
    agent: str
    severity: Severity
    subject: str
    text: str
    blocks: Sequence[Block] = ()


@dataclass(frozen=True)
class FeedbackReceipt:
    """What a person said of which alert; `changed` is False when they had said so before."""

    delivery_id: int
    agent: str
    useful: bool
    changed: bool
    channel: str | None
    ts: str | None


@dataclass(frozen=True)
class Precision:
    """What people said of an agent's alerts; `share` (0 to 1) is None until somebody has said something."""

    agent: str
    useful: int
    not_useful: int

    @property
    def share(self) -> float | None:
        """Return the share of useful ones among those judged."""
        judged = self.useful + self.not_useful
        return self.useful / judged if judged else None


@dataclass(frozen=True)
class Snooze:
    """A subject that a person does not want to hear of for a while; a `fingerprint` ends it at the next change."""

    subject: str
    until: datetime
    fingerprint: str = ""


class Posted(Protocol):
    """A message that is in Slack."""

    @property
    def channel(self) -> str:
        """The conversation's id."""
        ...

    @property
    def ts(self) -> str:
        """The message's id."""
        ...


class AlertSender(Protocol):
    """The part of `SlackSender` that alerts need."""

    async def direct_channel(self, slack_user_id: str) -> str:
        """Return the direct conversation with a person."""
        ...

    async def post_once(
        self,
        key: str,
        channel: str,
        text: str,
        blocks: Sequence[Block] = (),
        *,
        look_first_since: float | None = None,
    ) -> Posted:
        """Post a message that must not be there twice; with `look_first_since`, look for an earlier attempt's first."""
        ...


class AlertRenderer(Protocol):
    """How alerts look; `blocks.alerts` is one."""

    def alert_blocks(
        self,
        delivery_id: int,
        text: str,
        blocks: Sequence[Block],
        *,
        is_personal: bool = True,
        said: bool | None = None,
    ) -> list[Block]:
        """Return an alert's blocks with what one can say about it, or (`said`: useful?) what was said."""
        ...

    def noted_blocks(self, text: str, blocks: Sequence[Block], note: str, *, first: bool = False) -> list[Block]:
        """Return an alert's own blocks (its text without any) with a note below, or above."""
        ...

    def stand_in_note(self, slack_id: str, why: str) -> str:
        """Return why somebody hears of what was meant for another."""
        ...

    def bundle_text(self, agent: str, entries: Sequence[DigestEntry]) -> str:
        """Return what an agent found for one person as text."""
        ...

    def bundle_blocks(self, agent: str, entries: Sequence[DigestEntry], *, is_personal: bool) -> list[Block]:
        """Return what an agent found for one person as one message."""
        ...

    def digest_text(self, entries: Sequence[DigestEntry]) -> str:
        """Return a digest for notifications and screen readers."""
        ...

    def digest_blocks(self, entries: Sequence[DigestEntry]) -> list[Block]:
        """Return a digest's blocks."""
        ...
