"""What FlowPilot sessions deal in, as services, blocks, handlers and the HTTP API see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.errors import ConflictError


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
    """The path that a person chose for a suggested fix (FLP-5.1)."""

    ONE_OFF = "one_off"
    TEMPLATE = "template"
    DRAFT_TEMPLATE = "draft_template"
    BUILD_TEMPLATE = "build_template"
    DISMISSED = "dismissed"

    @property
    def done(self) -> str:
        """Say what became of the fix."""
        return {
            FixDecision.ONE_OFF: "used as a one-off",
            FixDecision.TEMPLATE: "filled in from a template",
            FixDecision.DRAFT_TEMPLATE: "used, and kept as a draft of a template",
            FixDecision.BUILD_TEMPLATE: "built as a template",
            FixDecision.DISMISSED: "dismissed",
        }[self]


class Author(StrEnum):
    """Who said a message."""

    PERSON = "person"
    PILOT = "pilot"
    SYSTEM = "system"


@dataclass(frozen=True)
class LaneItem:
    """A question, check or action; `id` is a UUID from when it was first stored, `answer` what a person said.

    `detail` says how to do a check or why to ask; `origin` is what asked, in its own words (a playbook's step, a
    model's name); `changed_in` is the session's version that changed it last.
    """

    id: str
    kind: LaneKind
    text: str
    status: ItemStatus = ItemStatus.OPEN
    answer: str = ""
    options: tuple[str, ...] = ()
    fact_id: str | None = None
    detail: str = ""
    origin: str = ""
    answered_by_member_id: int | None = None
    changed_in: int = 0


@dataclass(frozen=True)
class Fact:
    """Something that is known; notes cite it as F`number`. `changed_in` is the version that changed it last."""

    id: str
    number: int
    text: str
    source_type: FactSource
    source_ref: str | None
    created_by_member_id: int | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    changed_in: int = 0

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
    number: int = 0
    changed_in: int = 0

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
    number: int = 0
    created_by_member_id: int | None = None


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

    def item(self, item_id: str) -> LaneItem | None:
        """Return one of its lane items."""
        return next((item for item in self.items if item.id == item_id), None)

    def fact(self, fact_id: str) -> Fact | None:
        """Return one of its facts, taken back or not."""
        return next((fact for fact in self.facts if fact.id == fact_id), None)


class StaleSessionError(ConflictError):
    """Somebody else changed the same thing meanwhile; `session` is how it stands now."""

    def __init__(self, message: str, session: Session, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.session = session


@dataclass(frozen=True)
class NewItem:
    """A question, check or action to put into the lane."""

    kind: LaneKind
    text: str
    options: tuple[str, ...] = ()
    detail: str = ""
    origin: str = ""


@dataclass(frozen=True)
class NewFix:
    """A fix to propose; `fact_numbers` are the facts that speak for it."""

    title: str
    description: str
    root_cause: str = ""
    fact_numbers: tuple[int, ...] = ()
    script_language: str = ""
    script_body: str = ""
    template_id: str | None = None
    proposed_by: str = ""


@dataclass(frozen=True)
class NewScript:
    """A script to record; of a parameter marked `sensitive` only a reference (`secret:…`) is kept as its value.

    Under an `id` it is recorded once.
    """

    language: str
    body: str
    path: str
    parameters: tuple[Mapping[str, Any], ...] = ()
    fix_id: str | None = None
    template_id: str | None = None
    id: str = ""


@dataclass(frozen=True)
class SessionFilter:
    """Which sessions to list; what is None does not narrow. `text` is looked for in title and problem."""

    statuses: tuple[SessionStatus, ...] = ()
    opened_by_member_id: int | None = None
    team: str | None = None
    company: str | None = None
    ticket_id: str | None = None
    channel_id: str | None = None
    text: str = ""


@dataclass(frozen=True)
class SessionSummary:
    """A session as lists show it."""

    id: str
    title: str
    status: SessionStatus
    team: str
    company: str
    opened_by_member_id: int | None
    channel_id: str | None
    thread_ts: str | None
    ticket: TicketRef | None
    state_version: int
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class SessionPage:
    """A page of sessions, last changed first; `next_cursor` asks for the one after, None at the end."""

    sessions: tuple[SessionSummary, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class ResolvedCase:
    """What a resolved session taught: enough to find it again and to say why."""

    session_id: str
    title: str
    problem: str
    company: str
    facts: tuple[str, ...]
    fix_title: str
    fix_description: str
    root_cause: str
    template_id: str | None
    closed_at: datetime | None
