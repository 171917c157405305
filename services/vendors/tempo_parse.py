"""Tempo's JSON to typed values."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from services.vendors.types import TempoDay, TempoDeletion, TempoPlan, TempoTeam, TempoWorklogDetail
from services.vendors.values import clean, parse_time

Json = dict[str, Any]


def parse_worklog(raw: Json) -> TempoWorklogDetail:
    """Return the worklog; KeyError when what every worklog has is missing."""
    seconds = int(raw["timeSpentSeconds"])
    billable = raw.get("billableSeconds")
    return TempoWorklogDetail(
        id=int(raw["tempoWorklogId"]),
        issue_id=str(raw["issue"]["id"]),
        author_account_id=raw["author"]["accountId"],
        start_date=date.fromisoformat(raw["startDate"]),
        time_spent_seconds=seconds,
        billable_seconds=seconds if billable is None else int(billable),
        description=clean(raw.get("description")),
        created_at=parse_time(raw["createdAt"]),
        updated_at=parse_time(raw["updatedAt"]),
        start_time=raw.get("startTime"),
    )


def parse_days(raw: Json) -> list[TempoDay]:
    """Return a schedule's days."""
    return [
        TempoDay(date.fromisoformat(day["date"]), int(day["requiredSeconds"]), str(day["type"]))
        for day in raw.get("results") or []
    ]


def parse_plan(raw: Json, from_date: date, to_date: date) -> TempoPlan:
    """Return the plan with its days of that range; one that nobody had to approve counts as approved."""
    item, status = raw.get("planItem") or {}, (raw.get("planApproval") or {}).get("status")
    return TempoPlan(
        id=int(raw["id"]),
        account_id=str((raw.get("assignee") or {}).get("id", "")),
        item_type=str(item.get("type", "")),
        item_id=str(item.get("id", "")),
        description=clean(raw.get("description")),
        is_approved=status in (None, "APPROVED"),
        seconds_by_day=_planned_days(raw, from_date, to_date),
    )


def _planned_days(raw: Json, from_date: date, to_date: date) -> dict[date, int]:
    values = ((raw.get("plannedTime") or {}).get("days") or {}).get("values")
    if values is not None:
        return {date.fromisoformat(day["date"]): int(day["plannedSeconds"]) for day in values}
    # without a breakdown by day, an even pace is all that is known; free days are for the schedule to tell
    seconds = int(raw.get("plannedSecondsPerDay") or 0)
    first = max(from_date, date.fromisoformat(raw["startDate"]))
    last = min(to_date, date.fromisoformat(raw["endDate"]))
    return {first + timedelta(days=n): seconds for n in range((last - first).days + 1)} if seconds else {}


def parse_team(raw: Json, members: tuple[str, ...]) -> TempoTeam:
    """Return the team."""
    lead = (raw.get("lead") or {}).get("accountId")
    return TempoTeam(int(raw["id"]), clean(raw.get("name")), lead, members)


def parse_deletion(raw: Json) -> TempoDeletion | None:
    """Return the deletion of a worklog; None for an audit event that is none or names no worklog."""
    entity = str(raw.get("entityId", ""))
    if raw.get("entityType") != "worklog" or raw.get("action") != "Deleted" or not entity.isdigit():
        return None
    return TempoDeletion(int(entity), parse_time(raw["timestamp"]))
