"""FlowPilot sessions: a problem worked on in a Slack thread, what is known of it, and what comes of it.

Ids of sessions, facts, fixes and drafts are UUIDs as text: Slack's buttons and the HTTP API name them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, TenantMixin


class AiSession(TenantMixin, Base):
    """One troubleshooting session.

    `state_version` grows by one with each write to facts, lane, fixes or scripts, in that write's transaction.
    `pending_task_lane` holds {"questions": […], "checks": […], "actions": […]}, each item with a stable UUID.
    """

    __tablename__ = "ai_sessions"
    __table_args__ = (
        UniqueConstraint("account_id", "slack_channel_id", "thread_ts"),
        Index("ix_ai_sessions_status", "account_id", "status", "updated_at"),
        Index("ix_ai_sessions_ticket", "account_id", "psa_ticket_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    session_type: Mapped[str] = mapped_column(String(20), default="pilot")
    title: Mapped[str] = mapped_column(String(200))
    problem: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))
    team: Mapped[str] = mapped_column(String(100), default="")
    company: Mapped[str] = mapped_column(String(200), default="")
    opened_by_member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    slack_channel_id: Mapped[str | None] = mapped_column(String(40))
    thread_ts: Mapped[str | None] = mapped_column(String(40))
    lane_ts: Mapped[str | None] = mapped_column(String(40))
    state_version: Mapped[int] = mapped_column(default=0)
    pending_task_lane: Mapped[dict[str, Any]] = mapped_column(default=dict)
    artifacts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    psa_provider: Mapped[str | None] = mapped_column(String(20))
    psa_ticket_id: Mapped[str | None] = mapped_column(String(60))
    psa_ticket: Mapped[dict[str, Any]] = mapped_column(default=dict)
    resolution_note_external_id: Mapped[str | None] = mapped_column(String(100))
    escalation_package_external_id: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class SessionMessage(TenantMixin, Base):
    """One turn of the conversation, secrets redacted before it is stored; `author` is person, pilot or system."""

    __tablename__ = "session_messages"
    __table_args__ = (
        UniqueConstraint("account_id", "session_id", "slack_ts"),
        Index("ix_session_messages_session", "account_id", "session_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("ai_sessions.id", ondelete="CASCADE"))
    author: Mapped[str] = mapped_column(String(20))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Text)
    slack_ts: Mapped[str | None] = mapped_column(String(40))
    answered_by: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime]


class SessionAnswer(TenantMixin, Base):
    """An answer as it is shown in a session's thread; `slack_ts` is the message that grows, or grew last.

    Without `ended_at` it is being made, or the process that made it died; `stop_asked_by` is who wants it to end.
    """

    __tablename__ = "session_answers"
    __table_args__ = (Index("ix_session_answers_open", "account_id", "ended_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("ai_sessions.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("session_messages.id", ondelete="SET NULL"))
    channel_id: Mapped[str] = mapped_column(String(40))
    slack_ts: Mapped[str | None] = mapped_column(String(40))
    stop_asked_by: Mapped[str] = mapped_column(String(40), default="")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SessionAnswerFeedback(TenantMixin, Base):
    """A person's word on an answer."""

    __tablename__ = "session_answer_feedback"
    __table_args__ = (UniqueConstraint("account_id", "answer_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("session_answers.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    useful: Mapped[bool]
    given_at: Mapped[datetime]


class SessionFact(TenantMixin, Base):
    """Something that is known; `number` is how notes cite it (F3), `source_ref` the lane item that it came from.

    `changed_in` is the session's version that changed it last: an edit that saw an older one is refused.
    """

    __tablename__ = "session_facts"
    __table_args__ = (UniqueConstraint("account_id", "session_id", "number"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("ai_sessions.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    source_type: Mapped[str] = mapped_column(String(20))
    source_ref: Mapped[str | None] = mapped_column(String(36))
    created_by_member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    changed_in: Mapped[int] = mapped_column(default=0)


class SessionSuggestedFix(TenantMixin, Base):
    """A proposed fix; a newer one supersedes it. `fact_numbers` are the facts that speak for it."""

    __tablename__ = "session_suggested_fixes"
    __table_args__ = (UniqueConstraint("account_id", "session_id", "number"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("ai_sessions.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    root_cause: Mapped[str] = mapped_column(Text, default="")
    fact_numbers: Mapped[list[Any]] = mapped_column(default=list)
    script_language: Mapped[str] = mapped_column(String(20), default="")
    script_body: Mapped[str] = mapped_column(Text, default="")
    template_id: Mapped[str | None] = mapped_column(String(36))
    proposed_by: Mapped[str] = mapped_column(String(100), default="")
    user_decision: Mapped[str | None] = mapped_column(String(20))
    decided_by_member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
    superseded_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    changed_in: Mapped[int] = mapped_column(default=0)


class DraftTemplate(TenantMixin, Base):
    """A script of a session that may become a template: pending until somebody accepts or rejects it."""

    __tablename__ = "draft_templates"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("ai_sessions.id", ondelete="CASCADE"), index=True)
    fix_id: Mapped[str | None] = mapped_column(String(36))
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    symptoms: Mapped[list[Any]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(String(20))
    body: Mapped[str] = mapped_column(Text)
    parameters: Mapped[list[Any]] = mapped_column(default=list)
    status: Mapped[str] = mapped_column(String(20), index=True)
    decided_by_member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class ScriptTemplate(TenantMixin, Base):
    """A script with typed parameters, where it came from, and what it does to a machine."""

    __tablename__ = "script_templates"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    symptoms: Mapped[list[Any]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(String(20))
    body: Mapped[str] = mapped_column(Text)
    parameters: Mapped[list[Any]] = mapped_column(default=list)
    risk: Mapped[str] = mapped_column(String(20))
    changes: Mapped[str] = mapped_column(Text, default="")
    rollback: Mapped[str] = mapped_column(Text, default="")
    source_session_id: Mapped[str | None] = mapped_column(String(36))
    source_member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    source_ticket_ref: Mapped[str | None] = mapped_column(String(100))
    retired_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ScriptGeneration(TenantMixin, Base):
    """A script as it was made in a session; values marked sensitive are kept as references, never in clear."""

    __tablename__ = "script_generations"
    __table_args__ = (UniqueConstraint("account_id", "ai_session_id", "number"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    ai_session_id: Mapped[str] = mapped_column(ForeignKey("ai_sessions.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    fix_id: Mapped[str | None] = mapped_column(String(36))
    template_id: Mapped[str | None] = mapped_column(String(36))
    language: Mapped[str] = mapped_column(String(20))
    body: Mapped[str] = mapped_column(Text)
    parameters: Mapped[list[Any]] = mapped_column(default=list)
    path: Mapped[str] = mapped_column(String(20))
    created_by_member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]


class ApiToken(TenantMixin, Base):
    """A bearer token of the HTTP API, kept as a hash; it acts as the member who made it.

    The token itself names its account, so that even looking it up happens within that account.
    """

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiRequest(TenantMixin, Base):
    """What a request with an Idempotency-Key was answered; `status` is None while it is under way.

    `key` is the hash of member, route and key; `digest` of what was asked, so that one key is not used for two things.
    Whose `attempt` it is has it until `leased_until`; what they make can be found again by `operation_id`.
    """

    __tablename__ = "api_requests"
    __table_args__ = (UniqueConstraint("account_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    body: Mapped[str] = mapped_column(Text, default="")
    operation_id: Mapped[str] = mapped_column(String(36))
    attempt: Mapped[int]
    leased_until: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(index=True)
