"""How sessions and what is in them look to callers."""

from __future__ import annotations

from handlers.api import models
from handlers.api.paging import page_of
from handlers.api.routing import PREFIX, Answer
from services.pilot.types import Session, SessionSummary

SESSIONS = "/ai-sessions"
SESSION = "/ai-sessions/{id}"
THREAD = f"{SESSION}/thread"
_MADE = frozenset({"task_lane", "facts", "active_fix", "ticket", "slack", "slack_hint"})


def session_model(session: Session, *, no_thread: str = "") -> models.Session:
    """Return a session as callers get it, without facts that were taken back; `no_thread` is why it has no thread."""
    thread = _thread(session)
    how = f"POST {PREFIX}{THREAD.format(id=session.id)} with a channel gives it a thread in Slack."
    return models.Session(
        **{name: getattr(session, name) for name in models.Session.model_fields if name not in _MADE},
        task_lane=[models.LaneItem.model_validate(item) for item in session.items],
        facts=[models.Fact.model_validate(fact) for fact in session.known],
        active_fix=models.SuggestedFix.model_validate(session.active_fix) if session.active_fix else None,
        ticket=models.Ticket.model_validate(session.ticket) if session.ticket else None,
        slack=thread,
        slack_hint="" if thread else f"{no_thread} {how}".strip(),
    )


def summary_model(session: SessionSummary) -> models.SessionSummary:
    """Return a session as lists show it."""
    return models.SessionSummary(
        **{name: getattr(session, name) for name in models.SessionSummary.model_fields if name not in _MADE},
        ticket=models.Ticket.model_validate(session.ticket) if session.ticket else None,
        slack=_thread(session),
    )


def _thread(session: Session | SessionSummary) -> models.SlackThread | None:
    if session.channel_id is None or session.thread_ts is None:
        return None
    return models.SlackThread(channel_id=session.channel_id, thread_ts=session.thread_ts)


def session_answer(session: Session) -> Answer:
    """Answer with a session as it is now."""
    return Answer(session_model(session), session.state_version)


def facts_answer(session: Session, asked: models.FactQuery) -> Answer:
    """Answer with a page of what is known, or was, by number."""
    facts, cursor = page_of(session.facts if asked.deleted else session.known, lambda fact: [fact.number], asked)
    content = models.FactList(
        facts=[models.Fact.model_validate(fact) for fact in facts],
        state_version=session.state_version,
        next_cursor=cursor,
    )
    return Answer(content, session.state_version)
