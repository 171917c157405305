"""Plans, teams, and the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from aiohttp import web

from sandbox.tempo import render
from sandbox.tempo.http import (
    MOST,
    Json,
    Route,
    TempoCall,
    TempoError,
    answer,
    day_of,
    moment_of,
    number_of,
    page,
    whole,
)
from sandbox.tempo.model import AuditEvent, Plan, Team


def routes() -> list[Route]:
    """Return what to serve."""
    return [
        ("GET", "plans", plans),
        ("POST", "plans/search", search_plans),
        ("GET", "plans/user/{account}", plans_of_user),
        ("GET", "plans/{id}", plan),
        ("GET", "teams", teams),
        ("GET", "teams/{id}", team),
        ("GET", "teams/{id}/members", members),
        ("GET", "team-memberships/team/{id}", memberships),
        ("POST", "papertrail/search", audit),
    ]


def _plans(
    call: TempoCall,
    start: date,
    end: date,
    accounts: Iterable[str] = (),
    issues: Iterable[int] = (),
    updated_from: Any = None,
) -> list[Plan]:
    people, items = set(accounts), set(issues)
    since = moment_of(updated_from, "updatedFrom") if updated_from else None
    return [
        p
        for p in call.state.plans.values()
        if p.start <= end
        and p.end >= start
        and (not people or p.account_id in people)
        and (not items or (p.item_type == "ISSUE" and p.item_id in items))
        and (since is None or p.updated >= since)
    ]


async def plans(call: TempoCall) -> web.StreamResponse:
    query = call.request.query
    accounts = query.getall("accountIds", [])
    found = _plans(call, *call.days(), accounts, call.numbers("issueIds"), query.get("updatedFrom"))
    head, shown = page(call, found)
    return answer({**head, "results": [render.plan(call, p) for p in shown]})


async def search_plans(call: TempoCall) -> web.StreamResponse:
    body = call.object()
    missing = [f"{name} must not be null" for name in ("from", "to") if body.get(name) is None]
    if missing:
        raise TempoError(400, *missing)
    start, end = day_of(body["from"], "from"), day_of(body["to"], "to")
    found = _plans(call, start, end, body.get("accountIds") or (), body.get("issueIds") or (), body.get("updatedFrom"))
    offset, limit = number_of(body.get("offset", 0), "offset"), number_of(body.get("limit", 50), "limit")
    if not 1 <= limit <= MOST:
        raise TempoError(400, f"limit must be between 1 and {MOST}.")
    shown = found[offset : offset + limit]
    metadata = {"count": len(shown), "offset": offset, "limit": limit}
    return answer({"metadata": metadata, "results": [render.plan(call, p) for p in shown]})


async def plans_of_user(call: TempoCall) -> web.StreamResponse:
    start, end = call.day("from") or date.min, call.day("to") or date.max
    found = _plans(call, start, end, [call.account()], updated_from=call.request.query.get("updatedFrom"))
    return whole(call, [render.plan(call, p) for p in found])


async def plan(call: TempoCall) -> web.StreamResponse:
    found = call.state.plans.get(call.id())
    if found is None:
        raise TempoError(404, f"Plan with id {call.id()} was not found")
    return answer(render.plan(call, found))


async def teams(call: TempoCall) -> web.StreamResponse:
    name = call.request.query.get("name", "").casefold()
    people = set(call.request.query.getall("teamMembers", []))
    found = [
        t
        for t in call.state.teams.values()
        if name in t.name.casefold() and (not people or people & set(t.members.values()))
    ]
    head, shown = page(call, found)
    return answer({**head, "results": [render.team(call, t) for t in shown]})


def _team(call: TempoCall) -> Team:
    found = call.state.teams.get(call.id())
    if found is None:
        raise TempoError(404, f"Team with id {call.id()} was not found")
    return found


async def team(call: TempoCall) -> web.StreamResponse:
    return answer(render.team(call, _team(call)))


async def members(call: TempoCall) -> web.StreamResponse:
    found = _team(call)
    head, shown = page(call, list(found.members))
    results: list[Json] = []
    for number in shown:
        membership = render.membership(call, found, number)
        active = {name: membership[name] for name in ("self", "id", "commitmentPercent", "role")}
        results.append(
            {
                "team": {"self": call.link(f"teams/{found.id}")},
                "member": membership["member"],
                "memberships": {"self": call.link(f"team-memberships/member/{number}"), "active": active},
            }
        )
    return answer({**head, "results": results})


async def memberships(call: TempoCall) -> web.StreamResponse:
    found = _team(call)
    return whole(call, [render.membership(call, found, number) for number in found.members])


async def audit(call: TempoCall) -> web.StreamResponse:
    body = call.object()
    if body.get("from") is None:
        raise TempoError(400, "from must not be null")
    start = _moment(body["from"], "from")
    end = _moment(body["to"], "to") if body.get("to") else None
    limit = call.number("limit", 100)
    if not 1 <= limit <= 1000:
        raise TempoError(400, "limit must be between 1 and 1000")
    wanted = {name: set(body.get(name) or ()) for name in ("action", "entityType", "author", "worker")}
    found = [e for e in call.state.audit if e.at >= start and (end is None or e.at <= end) and _wanted(e, wanted)]
    offset = call.number("nextPageToken", 0)
    metadata: Json = {"limit": limit}
    if offset + limit < len(found):
        metadata["nextPageToken"] = str(offset + limit)
        metadata["nextPageUrl"] = str(call.request.url.update_query(nextPageToken=offset + limit, limit=limit))
    shown = found[offset : offset + limit]
    return answer({"self": str(call.request.url), "metadata": metadata, "results": [_event(e) for e in shown]})


def _moment(text: Any, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return moment_of(text, name)
    return moment if moment.tzinfo else moment_of(text, name)


def _wanted(event: AuditEvent, wanted: dict[str, set[str]]) -> bool:
    held = {
        "action": event.action,
        "entityType": event.entity_type,
        "author": event.author,
        "worker": event.worker,
    }
    return all(not values or held[name] in values for name, values in wanted.items())


def _event(event: AuditEvent) -> Json:
    return {
        "action": event.action,
        "author": event.author,
        "entityId": event.entity_id,
        "entityType": event.entity_type,
        "parentId": event.parent_id,
        "timestamp": event.at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{event.at.microsecond // 1000:03d}Z",
        "worker": event.worker,
        "changes": [{"field": f, "previous": old, "new": new} for f, old, new in event.changes],
    }
