"""Why an epic is above its forecast, as far as numbers tell: patterns, each with the figures that support it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from services.mirror.types import IssueRow
from services.pm.forecasts import Forecast
from services.pm.hours import LoggedTime, seconds_by, total_seconds
from services.pm.months import Month
from services.pm.variance.types import Cause, CauseKind, Completion, Figure

SCOPE_SHARE = Fraction(1, 4)
GAP_POINTS = 20
NEW_PEOPLE_SHARE = Fraction(3, 10)
NEW_PEOPLE_LEAST_SECONDS = 8 * 3600
DEFECT_SHARE = Fraction(35, 100)
ONE_ISSUE_SHARE = Fraction(3, 10)
LATE_MONTHS = 1
FRESH_FORECAST = timedelta(days=14)
"""A forecast younger than this says nothing of what was planned when the work began."""

PLANNING = timedelta(days=30)
"""Issues that come within this after the first hours are the plan taking shape."""


@dataclass(frozen=True)
class EpicFacts:
    """What patterns are looked for in; `entries` are all hours known one by one, oldest first."""

    day: date
    month: Month
    inception: Figure
    completion: Completion
    issues: Sequence[IssueRow]
    entries: Sequence[LoggedTime]
    forecasts: Sequence[Forecast]

    @property
    def first_day(self) -> date | None:
        """The first day with hours."""
        return min((entry.day for entry in self.entries), default=None)


def causes_of(facts: EpicFacts) -> tuple[Cause, ...]:
    """Return the patterns that hold, the strongest first; without any, that there is none."""
    scope = _scope_creep(facts)
    found = [cause for cause in (scope, *_others(facts, is_scope_stable=scope is None)) if cause is not None]
    found.sort(key=lambda cause: (-cause.strength, cause.kind))
    return tuple(found) or (
        Cause(CauseKind.UNEXPLAINED, Fraction(0), "The numbers show no pattern; the people on it will know more."),
    )


def _others(facts: EpicFacts, *, is_scope_stable: bool) -> Iterator[Cause | None]:
    yield _under_estimation(facts) if is_scope_stable else None
    yield _team_change(facts)
    yield _late_start(facts)
    yield _defects(facts)
    yield _one_issue(facts)


def _scope_creep(facts: EpicFacts) -> Cause | None:
    planned_on, what = _planned_on(facts)
    standard = [issue for issue in facts.issues if issue.hierarchy_level == 0]
    if planned_on is None or not standard:
        return None
    added = [issue for issue in standard if issue.created_at.date() > planned_on]
    share = Fraction(len(added), len(standard))
    if share < SCOPE_SHARE:
        return None
    day = f"{planned_on:%b} {planned_on.day}"
    says = f"{len(added)} of its {len(standard)} issues ({_percent(share)}) were added after {what} on {day}."
    numbers = {"issues added": str(len(added)), "issues": str(len(standard)), "planned on": planned_on.isoformat()}
    return Cause(CauseKind.SCOPE_CREEP, share, says, numbers)


def _planned_on(facts: EpicFacts) -> tuple[date | None, str]:
    """Return when the scope was settled: when the forecast was made or, if that is new, a month after work began."""
    forecast_on = min((forecast.changed_at.date() for forecast in facts.forecasts), default=None)
    if forecast_on is not None and facts.day - forecast_on >= FRESH_FORECAST:
        return forecast_on, "the forecast was set"
    return (facts.first_day + PLANNING if facts.first_day else None), "the first month of work, which ended"


def _under_estimation(facts: EpicFacts) -> Cause | None:
    used, done = facts.inception.hours_percent, facts.completion.percent
    if used is None or done is None or used - done < GAP_POINTS:
        return None
    counted = f"{facts.completion.done} of {facts.completion.total}"
    shares = f"{_whole(used)} % of the hours are used and {_whole(done)} % of the issues done ({counted})"
    says = f"{shares}; the scope is stable."
    numbers = {"hours used": f"{_whole(used)} %", "issues done": counted}
    return Cause(CauseKind.UNDER_ESTIMATION, min((used - done) / 100, Fraction(1)), says, numbers)


def _team_change(facts: EpicFacts) -> Cause | None:
    earlier = {entry.jira_account_id for entry in facts.entries if entry.month < facts.month}
    now = [entry for entry in facts.entries if entry.month == facts.month]
    whole = total_seconds(now)
    new = [entry for entry in now if entry.jira_account_id not in earlier]
    if not earlier or whole < NEW_PEOPLE_LEAST_SECONDS:
        return None
    share = Fraction(total_seconds(new), whole)
    if share < NEW_PEOPLE_SHARE:
        return None
    people = len({entry.jira_account_id for entry in new})
    who = "1 person" if people == 1 else f"{people} people"
    of = f"{_percent(share)} of the hours in {facts.month.title} ({_hours(new)} of {_hours(now)})"
    says = f"{of} are by {who} new to the epic."
    numbers = {
        "hours by new people": _hours(new),
        f"hours in {facts.month.title}": _hours(now),
        "new people": str(people),
    }
    return Cause(CauseKind.TEAM_CHANGE, share, says, numbers)


def _late_start(facts: EpicFacts) -> Cause | None:
    planned = min((forecast.month for forecast in facts.forecasts if forecast.month), default=None)
    if planned is None or facts.first_day is None:
        return None
    began = Month.of(facts.first_day)
    late = (began.year - planned.year) * 12 + began.number - planned.number
    if late < LATE_MONTHS:
        return None
    says = f"It was planned from {planned.title} on and began in {began.title}, {late} month{'s' * (late > 1)} later."
    numbers = {"planned from": planned.title, "began": began.title, "months late": str(late)}
    return Cause(CauseKind.LATE_START, min(Fraction(late, 6), Fraction(1)), says, numbers)


def _defects(facts: EpicFacts) -> Cause | None:
    kinds = {issue.key: issue.issue_type.casefold() for issue in facts.issues}
    whole = total_seconds(facts.entries)
    on_bugs = [entry for entry in facts.entries if kinds.get(entry.issue_key) == "bug"]
    if not whole or (share := Fraction(total_seconds(on_bugs), whole)) < DEFECT_SHARE:
        return None
    says = f"{_percent(share)} of the hours ({_hours(on_bugs)} of {_hours(facts.entries)}) went into bugs."
    numbers = {"hours on bugs": _hours(on_bugs), "hours": _hours(facts.entries)}
    return Cause(CauseKind.DEFECTS, share, says, numbers)


def _one_issue(facts: EpicFacts) -> Cause | None:
    by_issue: Mapping[str, int] = seconds_by(facts.entries, lambda entry: entry.issue_key)
    whole = sum(by_issue.values())
    if len(by_issue) < 3 or not whole:
        return None
    key = max(sorted(by_issue), key=lambda each: by_issue[each])
    share = Fraction(by_issue[key], whole)
    if share < ONE_ISSUE_SHARE:
        return None
    hours = f"{by_issue[key] / 3600:,.1f} h"
    says = f"{key} alone took {hours}, {_percent(share)} of all hours."
    return Cause(CauseKind.ONE_ISSUE, share, says, {"issue": key, "its hours": hours, "hours": _hours(facts.entries)})


def _percent(share: Fraction) -> str:
    return f"{_whole(share * 100)} %"


def _whole(percent: Fraction) -> int:
    return int(percent + Fraction(1, 2))


def _hours(entries: Sequence[LoggedTime]) -> str:
    return f"{total_seconds(entries) / 3600:,.1f} h"
