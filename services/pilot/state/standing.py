"""Where a session stands: opened, linked to a ticket, at home in a thread, resolved, handed on, closed, reopened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.errors import InvalidInputError
from services.pilot.redaction import cleaned, without_secrets
from services.pilot.state.moment import Moment, clean, require_open, require_unseen_unchanged
from services.pilot.types import Session, SessionStatus, TicketRef
from services.slack.markup import truncate

LONGEST_PROBLEM = 12_000
LONGEST_TITLE = 120


def opened(
    moment: Moment, problem: str, *, title: str = "", ticket: TicketRef | None = None, team: str = "", company: str = ""
) -> Session:
    """Return a new session; without a title the first line of the problem is it."""
    problem = clean(problem, "The problem", longest=LONGEST_PROBLEM)
    title = " ".join((without_secrets(title).strip() or problem).split("\n")[0].split())
    return Session(
        id=moment.new_id(),
        title=truncate(title, LONGEST_TITLE),
        problem=problem,
        status=SessionStatus.OPEN,
        team=team[:100],
        company=company[:200],
        opened_by_member_id=moment.member_id,
        channel_id=None,
        thread_ts=None,
        lane_ts=None,
        state_version=0,
        items=(),
        facts=(),
        fixes=(),
        scripts=(),
        ticket=_cleaned(ticket),
        artifacts={},
        resolution_note_external_id=None,
        escalation_package_external_id=None,
        created_at=moment.at,
        updated_at=moment.at,
        closed_at=None,
    )


def attach_thread(session: Session, moment: Moment, channel_id: str, thread_ts: str) -> Session:
    """Say which Slack thread the session lives in; a new thread (the old one was deleted) has no lane message yet."""
    if (session.channel_id, session.thread_ts) == (channel_id, thread_ts):
        return session
    return replace(session, channel_id=channel_id, thread_ts=thread_ts, lane_ts=None)


def set_lane_message(session: Session, moment: Moment, lane_ts: str | None) -> Session:
    """Say which message shows the lane; None when it is gone."""
    return session if session.lane_ts == lane_ts else replace(session, lane_ts=lane_ts)


def posted(session: Session, moment: Moment, note_id: str | None, package_id: str | None) -> Session:
    """Keep under which ids the note or the package stands elsewhere; None leaves what is there."""
    changed = replace(
        session,
        resolution_note_external_id=note_id or session.resolution_note_external_id,
        escalation_package_external_id=package_id or session.escalation_package_external_id,
    )
    return session if changed == session else changed


def link_ticket(session: Session, moment: Moment, ticket: TicketRef | None) -> Session:
    """Link the session to a ticket, or to what is known of it by now; None unlinks."""
    require_open(session)
    ticket = _cleaned(ticket)
    if ticket == session.ticket:
        return session
    require_unseen_unchanged(session, moment, session.state_version, "this session")
    return replace(session, ticket=ticket)


def with_artifacts(session: Session, moment: Moment, artifacts: Mapping[str, Any]) -> Session:
    """Keep documents that came of the session (JSON) by name; None removes one."""
    kept = {**session.artifacts, **cleaned(artifacts)}
    kept = {name: value for name, value in kept.items() if value is not None}
    return session if kept == session.artifacts else replace(session, artifacts=kept)


def finish(session: Session, moment: Moment, status: SessionStatus, artifacts: Mapping[str, Any]) -> Session:
    """End the work on an open session; ended the same way already is fine, otherwise `StaleSessionError`.

    So is a session that changed after the version that was seen: what was read and confirmed is not what is known now.
    """
    if status is SessionStatus.OPEN:
        raise InvalidInputError("A session ends as resolved, escalated or closed.")
    if session.status is status:
        return session
    require_open(session)
    require_unseen_unchanged(session, moment, session.state_version, "this session")
    ended = replace(session, status=status, closed_at=moment.at)
    return with_artifacts(ended, moment, artifacts)


def reopen(session: Session, moment: Moment) -> Session:
    """Take the work up again."""
    if session.status is SessionStatus.OPEN:
        return session
    require_unseen_unchanged(session, moment, session.state_version, "this session")
    return replace(session, status=SessionStatus.OPEN, closed_at=None)


def _cleaned(ticket: TicketRef | None) -> TicketRef | None:
    return ticket and replace(ticket, details=cleaned(ticket.details))
