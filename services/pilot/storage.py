"""Sessions as values and as rows: reading all of one, writing what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.pilot import AiSession, ScriptGeneration, SessionFact, SessionMessage, SessionSuggestedFix
from db.repositories.pilot import SessionRows
from services.pilot.types import (
    Author,
    Fact,
    FactSource,
    FixDecision,
    ItemStatus,
    LaneItem,
    LaneKind,
    Message,
    ScriptRun,
    Session,
    SessionStatus,
    SessionSummary,
    SuggestedFix,
    TicketRef,
)

LANE_LISTS = {LaneKind.QUESTION: "questions", LaneKind.CHECK: "checks", LaneKind.ACTION: "actions"}
_SAME_NAME = (
    "id",
    "title",
    "problem",
    "team",
    "company",
    "opened_by_member_id",
    "thread_ts",
    "lane_ts",
    "state_version",
    "artifacts",
    "resolution_note_external_id",
    "escalation_package_external_id",
    "created_at",
    "updated_at",
    "closed_at",
)


def session_of(rows: SessionRows) -> Session:
    """Return a session's value."""
    row = rows.session
    return Session(
        **{name: getattr(row, name) for name in _SAME_NAME},
        status=SessionStatus(row.status),
        channel_id=row.slack_channel_id,
        items=items_of(row.pending_task_lane),
        facts=tuple(_fact_of(fact) for fact in rows.facts),
        fixes=tuple(_fix_of(fix) for fix in rows.fixes),
        scripts=tuple(_script_of(script) for script in rows.scripts),
        ticket=_ticket_of(row),
    )


def summary_of(row: AiSession) -> SessionSummary:
    """Return a session as lists show it."""
    return SessionSummary(
        id=row.id,
        title=row.title,
        status=SessionStatus(row.status),
        team=row.team,
        company=row.company,
        opened_by_member_id=row.opened_by_member_id,
        channel_id=row.slack_channel_id,
        thread_ts=row.thread_ts,
        ticket=_ticket_of(row),
        state_version=row.state_version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        closed_at=row.closed_at,
    )


def message_of(row: SessionMessage) -> Message:
    """Return a turn's value."""
    return Message(
        id=row.id,
        author=Author(row.author),
        member_id=row.member_id,
        text=row.text,
        slack_ts=row.slack_ts,
        answered_by=row.answered_by,
        created_at=row.created_at,
    )


async def write(session: AsyncSession, rows: SessionRows | None, before: Session | None, after: Session) -> None:
    """Write what differs between two values of a session; without rows it is new."""
    if rows is None:
        rows = SessionRows(AiSession(id=after.id), (), (), ())
        session.add(rows.session)
    _fill(rows.session, _columns(after))
    await session.flush()  # what hangs on a session needs it to be there
    facts = {row.id: row for row in rows.facts}
    for fact in _changed(before.facts if before else (), after.facts):
        _fill(_row(session, facts, SessionFact, fact.id, session_id=after.id), asdict(fact))
    fixes = {row.id: row for row in rows.fixes}
    for fix in _changed(before.fixes if before else (), after.fixes):
        values = {**asdict(fix), "fact_numbers": list(fix.fact_numbers)}
        _fill(_row(session, fixes, SessionSuggestedFix, fix.id, session_id=after.id), values)
    scripts = {row.id: row for row in rows.scripts}
    for script in _changed(before.scripts if before else (), after.scripts):
        values = {**asdict(script), "parameters": [dict(parameter) for parameter in script.parameters]}
        _fill(_row(session, scripts, ScriptGeneration, script.id, ai_session_id=after.id), values)
    await session.flush()


def _changed(before: Iterable[Any], after: Iterable[Any]) -> list[Any]:
    old = {value.id: value for value in before}
    return [value for value in after if old.get(value.id) is not value and old.get(value.id) != value]


def _row(session: AsyncSession, rows: Mapping[str, Any], model: type[Any], row_id: str, **owner: str) -> Any:
    row = rows.get(row_id)
    if row is None:
        row = model(**owner)
        session.add(row)
    return row


def _fill(row: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def _columns(value: Session) -> dict[str, Any]:
    ticket = value.ticket
    return {
        **{name: getattr(value, name) for name in _SAME_NAME},
        "artifacts": dict(value.artifacts),
        "status": value.status,
        "slack_channel_id": value.channel_id,
        "pending_task_lane": _lane_of(value.items),
        "psa_provider": ticket.provider if ticket else None,
        "psa_ticket_id": ticket.ticket_id if ticket else None,
        "psa_ticket": dict(ticket.details) if ticket else {},
    }


def _lane_of(items: Iterable[LaneItem]) -> dict[str, list[dict[str, Any]]]:
    lane: dict[str, list[dict[str, Any]]] = {name: [] for name in LANE_LISTS.values()}
    for item in items:
        lane[LANE_LISTS[item.kind]].append({**asdict(item), "options": list(item.options)})
    return lane


def items_of(lane: Mapping[str, Any]) -> tuple[LaneItem, ...]:
    """Return the lane items of a stored lane, in order."""
    return tuple(
        LaneItem(
            **{
                **item,
                "kind": LaneKind(item["kind"]),
                "status": ItemStatus(item["status"]),
                "options": tuple(item["options"]),
            }
        )
        for name in LANE_LISTS.values()
        for item in lane.get(name, ())
    )


def _fact_of(row: SessionFact) -> Fact:
    values = {name: getattr(row, name) for name in Fact.__dataclass_fields__}
    return Fact(**{**values, "source_type": FactSource(row.source_type)})


def _fix_of(row: SessionSuggestedFix) -> SuggestedFix:
    values = {name: getattr(row, name) for name in SuggestedFix.__dataclass_fields__}
    decision = FixDecision(row.user_decision) if row.user_decision else None
    return SuggestedFix(**{**values, "fact_numbers": tuple(row.fact_numbers), "user_decision": decision})


def _script_of(row: ScriptGeneration) -> ScriptRun:
    values = {name: getattr(row, name) for name in ScriptRun.__dataclass_fields__}
    return ScriptRun(**{**values, "parameters": tuple(row.parameters)})


def _ticket_of(row: AiSession) -> TicketRef | None:
    if row.psa_provider is None or row.psa_ticket_id is None:
        return None
    return TicketRef(row.psa_provider, row.psa_ticket_id, row.psa_ticket)
