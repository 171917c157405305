"""What FlowPilot sessions deal in, as services, blocks, handlers and the HTTP API see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class SessionStatus(StrEnum):
    """Where a session stands."""

    OPEN = "open"
    RESOLVED = "resolved"
    ESCALATED = "escalated"
    CLOSED = "closed"


class LaneKind(StrEnum):
    """The lists of the task lane."""

    QUESTION = "question"
    CHECK = "check"
    ACTION = "action"


class ItemStatus(StrEnum):
    """Where a lane item stands."""

    OPEN = "open"
    DONE = "done"
    DISMISSED = "dismissed"


class FactSource(StrEnum):
    """Where a fact comes from; those from questions and checks are read-only on the card."""

    QUESTION = "question"
    CHECK = "check"
    MANUAL = "manual"
    SYNTHESIS = "synthesis"

    @property
    def is_editable(self) -> bool:
        """Tell whether its words may be changed on the card."""
        return self in (FactSource.MANUAL, FactSource.SYNTHESIS)


class FixDecision(StrEnum):
    """What a person decided on a suggested fix (the seed's words)."""

    ONE_OFF = "one_off"
    DRAFT_TEMPLATE = "draft_template"
    BUILD_TEMPLATE = "build_template"
    DISMISSED = "dismissed"


class Author(StrEnum):
    """Who said a message."""

    PERSON = "person"
    PILOT = "pilot"
    SYSTEM = "system"


@dataclass(frozen=True)
class LaneItem:
    """A question, check or action; `id` is a UUID from when it was first stored, `answer` what a person said."""

    id: str
    kind: LaneKind
    text: str
    status: ItemStatus = ItemStatus.OPEN
    answer: str = ""
    options: tuple[str, ...] = ()
    fact_id: str | None = None


@dataclass(frozen=True)
class Fact:
    """Something that is known; notes cite it as F`number`."""

    id: str
    number: int
    text: str
    source_type: FactSource
    source_ref: str | None
    created_by_member_id: int | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None

    @property
    def label(self) -> str:
        """Name it as notes cite it."""
        return f"F{self.number}"


@dataclass(frozen=True)
class SuggestedFix:
    """A proposed fix; at most one of a session is active (neither superseded nor dismissed)."""

    id: str
    title: str
    description: str
    root_cause: str
    fact_numbers: tuple[int, ...]
    script_language: str
    script_body: str
    template_id: str | None
    proposed_by: str
    user_decision: FixDecision | None
    decided_by_member_id: int | None
    decided_at: datetime | None
    superseded_at: datetime | None
    created_at: datetime

    @property
    def is_active(self) -> bool:
        """Tell whether this is the fix that the lane shows."""
        return self.superseded_at is None and self.user_decision is not FixDecision.DISMISSED


@dataclass(frozen=True)
class Message:
    """One turn of the conversation."""

    id: int
    author: Author
    member_id: int | None
    text: str
    slack_ts: str | None
    answered_by: str
    created_at: datetime


@dataclass(frozen=True)
class ScriptRun:
    """A script as it was made in a session; sensitive values are references such as `secret:acme-admin`."""

    id: str
    fix_id: str | None
    template_id: str | None
    language: str
    body: str
    parameters: tuple[Mapping[str, Any], ...]
    path: str
    created_at: datetime


@dataclass(frozen=True)
class TicketRef:
    """A ticket in a PSA or in Jira; `details` are what was read of it last (summary, board, status, company)."""

    provider: str
    ticket_id: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Session:
    """A session with everything that its cards, notes and the API show, as of `state_version`."""

    id: str
    title: str
    problem: str
    status: SessionStatus
    team: str
    company: str
    opened_by_member_id: int | None
    channel_id: str | None
    thread_ts: str | None
    lane_ts: str | None
    state_version: int
    items: tuple[LaneItem, ...]
    facts: tuple[Fact, ...]
    fixes: tuple[SuggestedFix, ...]
    scripts: tuple[ScriptRun, ...]
    ticket: TicketRef | None
    artifacts: Mapping[str, Any]
    resolution_note_external_id: str | None
    escalation_package_external_id: str | None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None

    @property
    def known(self) -> tuple[Fact, ...]:
        """The facts that were not taken back."""
        return tuple(fact for fact in self.facts if fact.deleted_at is None)

    @property
    def active_fix(self) -> SuggestedFix | None:
        """The fix that the lane shows."""
        return next((fix for fix in reversed(self.fixes) if fix.is_active), None)
