"""What is required of people, and how far they are: schedules, schemes, approvals, periods."""

from __future__ import annotations

from datetime import date, timedelta

from aiohttp import web

from sandbox.tempo import render
from sandbox.tempo.http import Json, Route, TempoCall, TempoError, answer, page, whole
from sandbox.tempo.model import HolidayScheme
from sandbox.tempo.state import monday_of


def routes() -> list[Route]:
    """Return what to serve."""
    return [
        ("GET", "user-schedule", own_schedule),
        ("GET", "user-schedule/{account}", schedule),
        ("GET", "workload-schemes", workload_schemes),
        ("GET", "workload-schemes/users/{account}", workload_of_user),
        ("GET", "workload-schemes/{id}", workload_scheme),
        ("GET", "workload-schemes/{id}/members", workload_members),
        ("GET", "holiday-schemes", holiday_schemes),
        ("GET", "holiday-schemes/users/{account}", holidays_of_user),
        ("GET", "holiday-schemes/{id}", holiday_scheme),
        ("GET", "holiday-schemes/{id}/holidays", holidays),
        ("GET", "timesheet-approvals/user/{account}", approval),
        ("GET", "timesheet-approvals/team/{id}", team_approvals),
        ("GET", "timesheet-approvals/waiting", waiting),
        ("GET", "periods", periods),
        ("GET", "globalconfiguration", configuration),
    ]


def _schedule(call: TempoCall, account_id: str) -> web.StreamResponse:
    days = call.state.schedule(account_id, *call.days())
    return whole(call, [render.schedule_day(call, entry) for entry in days])


async def own_schedule(call: TempoCall) -> web.StreamResponse:
    return _schedule(call, call.actor)


async def schedule(call: TempoCall) -> web.StreamResponse:
    return _schedule(call, call.account())


async def workload_schemes(call: TempoCall) -> web.StreamResponse:
    head, shown = page(call, list(call.state.workloads.values()))
    return answer({**head, "results": [render.workload_scheme(call, scheme) for scheme in shown]})


async def workload_of_user(call: TempoCall) -> web.StreamResponse:
    return answer(render.workload_scheme(call, call.state.workload(call.account())))


async def workload_scheme(call: TempoCall) -> web.StreamResponse:
    scheme = call.state.workloads.get(call.id())
    if scheme is None:
        raise TempoError(404, "Workload scheme not found")
    return answer(render.workload_scheme(call, scheme))


async def workload_members(call: TempoCall) -> web.StreamResponse:
    scheme = call.state.workloads.get(call.id())
    if scheme is None:
        raise TempoError(404, "Workload scheme not found")
    head, shown = page(call, sorted(scheme.members))
    return answer({**head, "results": [render.user(call, account) for account in shown]})


async def holiday_schemes(call: TempoCall) -> web.StreamResponse:
    return whole(call, [render.holiday_scheme(call, scheme) for scheme in call.state.holiday_schemes.values()])


async def holidays_of_user(call: TempoCall) -> web.StreamResponse:
    return answer(render.holiday_scheme(call, call.state.holiday_scheme(call.account())))


def _scheme(call: TempoCall) -> HolidayScheme:
    scheme = call.state.holiday_schemes.get(call.id())
    if scheme is None:
        raise TempoError(404, "Holiday scheme not found")
    return scheme


async def holiday_scheme(call: TempoCall) -> web.StreamResponse:
    return answer(render.holiday_scheme(call, _scheme(call)))


async def holidays(call: TempoCall) -> web.StreamResponse:
    scheme = _scheme(call)
    year = call.number("year", call.state.clock.now().year)
    chosen = [held for day, held in sorted(scheme.holidays.items()) if day.year == year]
    return whole(call, [render.holiday(call, scheme.id, held) for held in chosen])


def _week(day: date) -> tuple[date, date]:
    start = monday_of(day)
    return start, start + timedelta(days=6)


def _approval(call: TempoCall, account_id: str) -> Json:
    asked = call.day("from", required=True)
    assert asked is not None
    start, end = _week(asked)
    required = sum(entry.required_seconds for entry in call.state.schedule(account_id, start, end))
    logs = call.state.worklogs(start, end, authors=[account_id])
    here = call.link(f"timesheet-approvals/user/{account_id}")
    user = render.user(call, account_id)
    dates = f"from={start}&to={end}"
    return {
        "self": f"{here}?{dates}",
        "period": {"from": start.isoformat(), "to": end.isoformat()},
        "requiredSeconds": required,
        "timeSpentSeconds": sum(log.seconds for log in logs),
        "status": {
            "key": call.state.approval(account_id, start),
            "actor": render.user(call, account_id),
            "updatedAt": render.when(call.state.clock.now()),
        },
        "user": user,
        "worklogs": {"self": call.link(f"worklogs/user/{account_id}?{dates}")},
        "actions": {"submit": {"self": f"{here}/submit?{dates}"}},
    }


async def approval(call: TempoCall) -> web.StreamResponse:
    return answer(_approval(call, call.account()))


async def team_approvals(call: TempoCall) -> web.StreamResponse:
    team = call.state.teams.get(call.id())
    if team is None:
        raise TempoError(404, f"Team with id {call.id()} was not found")
    return whole(call, [_approval(call, account) for account in team.members.values()])


async def waiting(call: TempoCall) -> web.StreamResponse:
    return whole(call, [])


async def periods(call: TempoCall) -> web.StreamResponse:
    day, end = call.days()
    found = []
    while day <= end:
        first, last = _week(day)
        found.append({"from": first.isoformat(), "to": last.isoformat()})
        day = last + timedelta(days=1)
    return answer({"periods": found})


async def configuration(call: TempoCall) -> web.StreamResponse:
    return answer(
        {
            "allowLoggingOnClosedAccount": False,
            "approvalPeriod": "WEEK",
            "approvalWeekStart": 1,
            "maxHoursPerDayPerUser": 24,
            "numberOfDaysAllowedIntoFuture": 30,
            "planApprovalEnabled": False,
            "remainingEstimateOptional": True,
            "startAndEndTimesEnabled": True,
            "startAndEndTimesForPlanningEnabled": False,
            "weekStart": 1,
            "worklogDescriptionOptional": True,
        }
    )
