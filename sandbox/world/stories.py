"""What the agents should find in the world, with the exact figures."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sandbox.core import Sandbox
from sandbox.world.budgets import ALMOST_SPENT, ON_TRACK, OVERRUN_EPIC, elapsed, retainer_seconds, retainer_share
from sandbox.world.clock import Calendar
from sandbox.world.people import Story, World
from sandbox.world.specials import BLOCKED_DAYS, STUCK_DAYS, Specials
from sandbox.world.tickets import Tickets
from sandbox.world.timesheets import HOUR_S, TRACKED, Entry, Timesheets, total

FULL, PARTIAL = 32 * HOUR_S, 16 * HOUR_S
WEEK_S = 40 * HOUR_S


def time_stories(
    sandbox: Sandbox, world: World, calendar: Calendar, sheets: Timesheets, entries: list[Entry]
) -> list[Story]:
    """Return the stories of last week's hours."""
    week = calendar.week(1)
    facts = {key: _week_facts(sandbox, world, sheets, entries, calendar, key) for key in TRACKED}
    monday, sunday = week[0].isoformat(), week[6].isoformat()
    stories = [
        Story(
            "week",
            "time-tracking",
            f"Hours of {monday} to {sunday} by person: who is compliant, partial, non-compliant",
            f"Tempo, {monday} to {sunday}",
            {"from": monday, "to": sunday, "people": facts},
        )
    ]
    for key, what in _what(calendar, sheets, facts).items():
        person = world.person(key)
        stories.append(
            Story(f"week-{key}", "time-tracking", f"{person.name} {what}", f"Tempo, {monday} to {sunday}", facts[key])
        )
    holidays = [day for day in week if day in calendar.holidays and day.weekday() < 5]
    if holidays:
        name = calendar.holidays[holidays[0]]
        stories.append(
            Story(
                "week-holiday",
                "time-tracking",
                f"{name} takes a day off everyone's required hours",
                f"Tempo user schedules, {holidays[0]}",
                {"date": holidays[0].isoformat(), "name": name},
            )
        )
    return stories


def _what(calendar: Calendar, sheets: Timesheets, facts: dict[str, dict[str, Any]]) -> dict[str, str]:
    skipped = " and ".join(f"{day:%A}" for day in sheets.skipped_days())

    def hours(key: str) -> str:
        return f"{facts[key]['hours']:g} h"

    return {
        "jonas": f"logged {hours('jonas')}: compliant by far",
        "alice": f"logged {hours('alice')}: compliant by far",
        "bob": f"logged {hours('bob')}: non-compliant, for the third week in a row",
        "sam": f"logged {hours('sam')} with nothing on {skipped}: partial",
        "mei": f"logged {hours('mei')} and was on leave for three days: compliant by what was left to work",
        "fatima": f"logged {hours('fatima')} of a 20-hour week: compliant by her own schedule",
        "luca": "logged nothing: non-compliant",
    }


def _week_facts(
    sandbox: Sandbox, world: World, sheets: Timesheets, entries: list[Entry], calendar: Calendar, key: str
) -> dict[str, Any]:
    week = calendar.week(1)
    days = {
        d.day: d.required_seconds for d in sandbox.tempo.schedule(world.person(key).jira_account_id, week[0], week[6])
    }
    scheduled = sum(days.values())
    required = sum(seconds for day, seconds in days.items() if day not in sheets.leave[key])
    logged = total(entries, lambda e: e.person == key and e.day in days)
    worked = {e.day for e in entries if e.person == key}
    missing = [d for d, seconds in days.items() if seconds and d not in worked and d not in sheets.leave[key]]
    scale = Fraction(required, WEEK_S)
    verdict = "compliant" if logged >= FULL * scale else "partial" if logged >= PARTIAL * scale else "non-compliant"
    return {
        "hours": logged / HOUR_S,
        "scheduled_hours": scheduled / HOUR_S,
        "required_hours": required / HOUR_S,
        "leave_days": [d.isoformat() for d in sorted(sheets.leave[key]) if d in days],
        "missing_days": [day.isoformat() for day in missing],
        "status": verdict,
        "weeks_in_a_row": 3 if key == "bob" else 1 if verdict == "non-compliant" else 0,
    }


def money_stories(world: World, calendar: Calendar, tickets: Tickets) -> list[Story]:
    """Return the stories of retainers and forecasts."""
    stories = []
    gone, whole = elapsed(calendar)
    for key, share in (("CARE", ALMOST_SPENT), ("BREW", ON_TRACK)):
        project = world.project(key)
        used = retainer_share(calendar, share)
        budget = project.monthly_retainer_hours or 0
        stories.append(
            Story(
                f"retainer-{key.lower()}",
                "retainer-budget",
                f"{project.name} has used {float(used):.0%} of this month's {budget} hours",
                f"{key}, {calendar.today:%B %Y}",
                {
                    "project": key,
                    "percent": round(float(used * 100), 2),
                    "hours": retainer_seconds(budget, used) / HOUR_S,
                    "working_days_gone": gone,
                    "working_days": whole,
                },
            )
        )
    epic = tickets.epics[OVERRUN_EPIC]
    forecast = next(f for f in world.forecasts if f.epic_key == epic.key)
    children = [d for d in tickets.all if d.parent is epic and d.type != "Sub-task"]
    done = sum(1 for draft in children if draft.status == "Done")
    stories.append(
        Story(
            "overrun",
            "forecast-variance",
            f"{epic.key} {epic.summary} is 47 % over its forecast",
            epic.key,
            {
                "epic": epic.key,
                "forecast_hours": forecast.forecast_hours,
                "actual_hours": forecast.actual_hours,
                "variance_percent": 47.0,
                "done": done,
                "total": len(children),
            },
        )
    )
    return stories


def ticket_stories(tickets: Tickets, specials: Specials) -> list[Story]:
    """Return the stories of tickets: orphans, stuck and blocked work, hostile markup."""
    kinds: dict[str, dict[str, list[str]]] = {"easy": {}, "ambiguous": {}, "none": {}}
    for orphan, draft in specials.orphans:
        kind = ("none", "easy", "ambiguous")[len(orphan.topics)]
        kinds[kind][draft.key] = [tickets.epics[name].key for name in orphan.topics]
    hostile = specials.orphans[-1][1].key
    stuck, blocked, blocker = specials.stuck, specials.blocked, specials.blocker
    hidden = {"done": specials.done_orphan.key, "subtask": specials.orphan_subtask.key}
    return [
        Story(
            "orphans",
            "epic-assignment",
            f"{len(specials.orphans)} open tickets of scope projects have no epic: {len(kinds['easy'])} clear, "
            f"{len(kinds['ambiguous'])} ambiguous, {len(kinds['none'])} that fit none",
            "SHOP and PORT",
            {**kinds, "not_listed": hidden},
        ),
        Story(
            "hostile",
            "epic-assignment",
            "A title full of Slack markup must show as plain text",
            hostile,
            {"key": hostile},
        ),
        Story(
            "stuck-review",
            "bottlenecks",
            f"{stuck.key} lies in Code Review for {STUCK_DAYS} days and nobody says anything",
            stuck.key,
            {"key": stuck.key, "status": "Code Review", "days": STUCK_DAYS, "assignee": "sam", "reviewer": "alice"},
        ),
        Story(
            "blocked",
            "bottlenecks",
            f"{blocked.key} is blocked by {blocker.key}",
            blocked.key,
            {"key": blocked.key, "status": "Blocked", "days": BLOCKED_DAYS, "blocker": blocker.key},
        ),
    ]
