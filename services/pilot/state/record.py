"""What the audit trail keeps of a change: the things that differ, before and after."""

from __future__ import annotations

from typing import Any

from services.pilot.types import Fact, LaneItem, Session, SuggestedFix


def difference(before: Session, after: Session) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what differs between two values of a session, by name, as it was and as it is."""
    old, new = _things(before), _things(after)
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return {name: old[name] for name in names if name in old}, {name: new[name] for name in names if name in new}


def _things(session: Session) -> dict[str, Any]:
    ticket = session.ticket
    return {
        "status": session.status.value,
        "ticket": f"{ticket.provider} {ticket.ticket_id}" if ticket else None,
        "thread": f"{session.channel_id} {session.thread_ts}" if session.thread_ts else None,
        "resolution_note": session.resolution_note_external_id,
        "escalation_package": session.escalation_package_external_id,
        **{f"artifact {name}": value for name, value in session.artifacts.items()},
        **{item.id: _item(item) for item in session.items},
        **{fact.label: _fact(fact) for fact in session.facts},
        **{f"fix {fix.number}": _fix(fix) for fix in session.fixes},
        **{f"script {script.number}": f"{script.language} {script.path}" for script in session.scripts},
    }


def _item(item: LaneItem) -> str:
    return f"{item.kind} {item.status}: {item.text}" + (f" → {item.answer}" if item.answer else "")


def _fact(fact: Fact) -> str:
    return f"deleted: {fact.text}" if fact.deleted_at else fact.text


def _fix(fix: SuggestedFix) -> str:
    state = "superseded" if fix.superseded_at else fix.user_decision or "suggested"
    return f"{state}: {fix.title}"
