"""Tempo's JSON for what it holds."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from sandbox.jira.model import Worklog
from sandbox.tempo.http import Json, TempoCall
from sandbox.tempo.model import (
    WEEKDAYS,
    Holiday,
    HolidayScheme,
    Plan,
    ScheduleDay,
    Team,
    WorkloadScheme,
)
from sandbox.tempo.state import tempo_id


def when(moment: datetime) -> str:
    """Return a time as Tempo writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def user(call: TempoCall, account_id: str) -> Json:
    """Return a reference to an account."""
    return {
        "self": f"{call.site}/rest/api/2/user?accountId={quote(account_id, safe='')}",
        "accountId": account_id,
    }


def worklog(call: TempoCall, log: Worklog) -> Json:
    """Return a worklog; like Tempo's, it names the issue by id only."""
    identifier = tempo_id(log.id)
    account = call.state.jira.users.get(log.author)
    zone = ZoneInfo(account.time_zone) if account else UTC
    body: Json = {
        "self": call.link(f"worklogs/{identifier}"),
        "tempoWorklogId": identifier,
        "issue": {"self": f"{call.site}/rest/api/2/issue/{log.issue_id}", "id": log.issue_id},
        "timeSpentSeconds": log.seconds,
        "billableSeconds": log.seconds if log.billable_seconds is None else log.billable_seconds,
        "startDate": log.day.isoformat(),
        "startTime": log.started.strftime("%H:%M:%S"),
        "startDateTimeUtc": when(log.started.replace(tzinfo=zone)),
        "description": log.description,
        "createdAt": when(log.created),
        "updatedAt": when(log.updated),
        "author": user(call, log.author),
        "attributes": {"self": call.link(f"worklogs/{identifier}/work-attribute-values"), "values": []},
    }
    return body


def holiday(call: TempoCall, scheme_id: int, held: Holiday) -> Json:
    """Return a holiday."""
    return {
        "self": call.link(f"holiday-schemes/{scheme_id}/holidays/{held.id}"),
        "id": held.id,
        "schemeId": scheme_id,
        "type": "FIXED",
        "name": held.name,
        "description": held.name,
        "durationSeconds": held.seconds,
        "date": held.day.isoformat(),
    }


def schedule_day(call: TempoCall, entry: ScheduleDay) -> Json:
    """Return a day of a schedule."""
    body: Json = {"date": entry.day.isoformat(), "requiredSeconds": entry.required_seconds, "type": entry.type}
    if entry.holiday:
        body["holiday"] = holiday(call, entry.scheme_id, entry.holiday)
    return body


def workload_scheme(call: TempoCall, scheme: WorkloadScheme) -> Json:
    """Return a workload scheme."""
    return {
        "self": call.link(f"workload-schemes/{scheme.id}"),
        "id": scheme.id,
        "name": scheme.name,
        "description": scheme.name,
        "defaultScheme": scheme.default,
        "memberCount": len(scheme.members),
        "days": [
            {"day": day, "requiredSeconds": seconds} for day, seconds in zip(WEEKDAYS, scheme.seconds, strict=True)
        ],
    }


def holiday_scheme(call: TempoCall, scheme: HolidayScheme) -> Json:
    """Return a holiday scheme."""
    return {
        "self": call.link(f"holiday-schemes/{scheme.id}"),
        "id": scheme.id,
        "name": scheme.name,
        "description": scheme.name,
        "defaultScheme": scheme.default,
        "memberCount": len(scheme.members),
    }


def plan(call: TempoCall, held: Plan) -> Json:
    """Return a plan; its totals count the working days of the person's schedule."""
    days = call.state.schedule(held.account_id, held.start, held.end)
    worked = sum(1 for d in days if d.required_seconds or held.include_non_working_days)
    kind = held.item_type.lower()
    return {
        "self": call.link(f"plans/{held.id}"),
        "id": held.id,
        "startDate": held.start.isoformat(),
        "endDate": held.end.isoformat(),
        "plannedSecondsPerDay": held.seconds_per_day,
        "totalPlannedSeconds": worked * held.seconds_per_day,
        "totalPlannedSecondsInScope": worked * held.seconds_per_day,
        "includeNonWorkingDays": held.include_non_working_days,
        "effortPersistenceType": "SECONDS_PER_DAY",
        "rule": "NEVER",
        "description": held.description,
        "createdAt": when(held.created),
        "updatedAt": when(held.updated),
        "assignee": {**_self(user(call, held.account_id)), "id": held.account_id, "type": "USER"},
        "planItem": {
            "self": f"{call.site}/rest/api/2/{kind}/{held.item_id}",
            "id": str(held.item_id),
            "type": held.item_type,
        },
    }


def _self(reference: Json) -> Json:
    return {"self": reference["self"]}


def team_reference(call: TempoCall, team: Team) -> Json:
    """Return the short form of a team."""
    return {"self": call.link(f"teams/{team.id}"), "id": team.id, "name": team.name}


def team(call: TempoCall, held: Team) -> Json:
    """Return a team."""
    here = call.link(f"teams/{held.id}")
    return {
        **team_reference(call, held),
        "summary": held.summary,
        "administrative": False,
        "lead": user(call, held.lead),
        "links": {"self": f"{here}/links"},
        "members": {"self": f"{here}/members"},
        "permissions": {"self": f"{here}/permissions"},
    }


def membership(call: TempoCall, held: Team, membership_id: int) -> Json:
    """Return one membership of a team."""
    return {
        "self": call.link(f"team-memberships/{membership_id}"),
        "id": membership_id,
        "commitmentPercent": 100,
        "team": team_reference(call, held),
        "member": user(call, held.members[membership_id]),
        "role": {"self": call.link("roles/1"), "id": 1, "name": "Member"},
    }
