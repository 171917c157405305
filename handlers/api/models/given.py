"""What the HTTP API gives."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from services.pilot.types import Author, FactSource, FixDecision, ItemStatus, LaneKind, SessionStatus


class Given(BaseModel):
    """What a caller gets."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class FieldProblem(Given):
    """What is wrong with one field; `field` is its path in the body or its name in the query."""

    field: str
    problem: str


class Ticket(Given):
    """A ticket in ConnectWise or Jira, with what was read of it last."""

    provider: str
    ticket_id: str
    details: dict[str, Any]


class SlackThread(Given):
    """Where a session is in Slack; `/pilot/{id}` leads there."""

    channel_id: str
    thread_ts: str


class SessionSummary(Given):
    """A session as lists show it."""

    id: str
    title: str
    status: SessionStatus
    team: str
    company: str
    opened_by_member_id: int | None
    ticket: Ticket | None
    slack: SlackThread | None
    state_version: int
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None


class LaneItem(Given):
    """A question, check or action of the task lane."""

    id: str
    kind: LaneKind
    text: str
    status: ItemStatus
    answer: str
    options: list[str]
    detail: str
    fact_id: str | None


class Fact(Given):
    """Something that is known; notes cite it by its label."""

    id: str
    number: int
    label: str
    text: str
    source_type: FactSource
    source_ref: str | None
    created_by_member_id: int | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class SuggestedFix(Given):
    """A proposed fix; `fact_numbers` are the facts that speak for it."""

    id: str
    number: int
    title: str
    description: str
    root_cause: str
    fact_numbers: list[int]
    script_language: str
    script_body: str
    template_id: str | None
    proposed_by: str
    user_decision: FixDecision | None
    decided_by_member_id: int | None
    decided_at: datetime | None
    superseded_at: datetime | None
    created_at: datetime


class ScriptGeneration(Given):
    """A script that was made in a session; values of sensitive parameters are references."""

    id: str
    number: int
    fix_id: str | None
    template_id: str | None
    language: str
    body: str
    parameters: list[dict[str, Any]]
    path: str
    created_by_member_id: int | None
    created_at: datetime


class Session(Given):
    """A session with everything in it; without a thread, `slack_hint` says how it gets one."""

    id: str
    title: str
    problem: str
    status: SessionStatus
    team: str
    company: str
    opened_by_member_id: int | None
    state_version: int
    task_lane: list[LaneItem]
    facts: list[Fact]
    active_fix: SuggestedFix | None
    ticket: Ticket | None
    resolution_note_external_id: str | None
    escalation_package_external_id: str | None
    slack: SlackThread | None
    slack_hint: str
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None


class SessionLink(Given):
    """An address that leads a person to the session's thread; it needs no token."""

    url: str


class SessionList(Given):
    """A page of sessions, last changed first; `next_cursor` asks for the next, null at the end."""

    sessions: list[SessionSummary]
    next_cursor: str | None


class Message(Given):
    """One turn of the conversation, without secrets."""

    id: int
    author: Author
    member_id: int | None
    text: str
    answered_by: str
    created_at: datetime


class MessageList(Given):
    """The newest turns, oldest first; `before_id` asks for those before them, null where there are none."""

    messages: list[Message]
    before_id: int | None


class Turn(Given):
    """What was said from then on (the own words, the answer, and whoever spoke meanwhile), and the session after it."""

    messages: list[Message]
    session: Session


class FactList(Given):
    """What is known, by number; `next_cursor` asks for the next page, null at the end."""

    facts: list[Fact]
    state_version: int
    next_cursor: str | None


class Promoted(Given):
    """The item and the fact that came of it; null where the answer was not certain enough for one."""

    item: LaneItem
    fact: Fact | None
    state_version: int


class ActiveFix(Given):
    """The fix that stands, null when there is none."""

    fix: SuggestedFix | None
    state_version: int


class FixList(Given):
    """All fixes that were suggested, in their order."""

    fixes: list[SuggestedFix]
    state_version: int
    next_cursor: str | None


class ScriptList(Given):
    """All scripts that were made, in their order."""

    scripts: list[ScriptGeneration]
    state_version: int
    next_cursor: str | None


class NoteSentence(Given):
    """One statement and the labels of what it rests on."""

    text: str
    cites: list[str]
    origin: str


class NoteSection(Given):
    """A heading with its sentences; `empty` is what stands there when nothing is recorded."""

    heading: str
    sentences: list[NoteSentence]
    empty: str


class NotePreview(Given):
    """A note as it would be posted now; `markdown` is what to edit and send to `…/post`."""

    kind: Literal["resolution", "escalation"]
    state_version: int
    markdown: str
    sections: list[NoteSection]


class Written(Given):
    """What stands in the ticket's home, as it was read back."""

    provider: str
    ticket_id: str
    ticket_url: str
    note_id: str | None
    note_url: str | None
    status_before: str | None
    status_after: str | None


class Problem(Given):
    """An error (RFC 9457); `hint` says what to do, `errors` which fields are wrong, `session` how it is by now."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    hint: str = ""
    errors: list[FieldProblem] = []
    state_version: int | None = None
    session: Session | None = None
    written: Written | None = None
