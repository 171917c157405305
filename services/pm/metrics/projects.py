"""Measures of money and months: surprises, how late variances were found, whether reports are right. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from statistics import median

from services.pm.metrics.definitions import definition_of
from services.pm.metrics.types import FoundVariance, Measured, MeasureName, MetricsData, Row
from services.pm.months import Month

LATE_AFTER_DAYS = 7
OVER = Fraction(120, 100)
"""An epic is over once it has more than this share of its forecast (PM-3.5: 20 %)."""


def surprises(data: MetricsData) -> Measured:
    """Count retainer months that passed 100 % and of which nobody had been warned at 75 or 90 % by that day."""
    definition = definition_of(MeasureName.SURPRISES)
    since = data.started.get("retainer-budget")
    if since is None or not data.retainers:
        return Measured(definition, None)
    rows, missed = [], 0
    for project, month, day in _overruns(data, max(since, data.first_day)):
        warned = [
            told.told_on
            for told in data.thresholds
            if (told.project_key, told.month) == (project, month) and told.threshold < 100 and told.told_on
        ]
        is_surprise = not any(on <= day for on in warned)
        missed += is_surprise
        said = "nobody was warned" if is_surprise else f"warned on {_day(min(warned))}"
        rows.append(Row(f"{project}, {Month.parse(month).title}: over on {_day(day)}", said, is_surprise))
    over = len(rows)
    said = f"{over} {'month' if over == 1 else 'months'} over budget, {over - missed} of them announced"
    return Measured(definition, Fraction(missed), said if over else "no month over its budget", tuple(rows))


def _overruns(data: MetricsData, since: date) -> list[tuple[str, str, date]]:
    """Return project, month and the day on which it passed its retainer, of those from `since` on."""
    kept = {(told.project_key, told.month): told.retainer_seconds for told in data.thresholds}
    by_month: dict[tuple[str, str], dict[date, int]] = defaultdict(dict)
    for (project, day), seconds in data.seconds.items():
        if project in data.retainers and day <= data.today:
            by_month[project, str(Month.of(day))][day] = seconds
    found = []
    for (project, month), days in sorted(by_month.items()):
        over_on = passed_on(days, kept.get((project, month), data.retainers[project]))
        if over_on is not None and over_on >= since:
            found.append((project, month, over_on))
    return found


def passed_on(by_day: Mapping[date, int], bound_seconds: Fraction | int, before: int = 0) -> date | None:
    """Return the first day by whose end more than `bound_seconds` were logged; None if it never was."""
    total = before
    for day in sorted(by_day):
        total += by_day[day]
        if total > bound_seconds:
            return day
    return None


def latency(data: MetricsData) -> Measured:
    """Median of the days from passing 20 % over the forecast to finding it, of epics that did so while watched."""
    since = data.started.get("forecast-variance")
    days: list[int] = []
    rows = []
    for found in sorted(data.variances, key=lambda each: (each.found_on, each.epic_key), reverse=True):
        passed = _passed(found, data)
        if passed is None:
            continue
        said = f"{found.epic_key}: past 20 % on {_day(passed)}"
        if since is None or passed < since:
            rows.append(Row(said, f"found on {_day(found.found_on)}; it was so before anybody watched, not counted"))
            continue
        taken = max((found.found_on - passed).days, 0)
        days.append(taken)
        rows.append(Row(said, f"found after {taken} {'day' if taken == 1 else 'days'}", taken > LATE_AFTER_DAYS))
    definition = definition_of(MeasureName.LATENCY)
    if not days:
        return Measured(definition, None, rows=tuple(rows))
    in_time = sum(taken <= LATE_AFTER_DAYS for taken in days)
    said = f"{in_time} of {len(days)} within a week, {max(days)} {'day' if max(days) == 1 else 'days'} at most"
    return Measured(definition, Fraction(median(days)), said, tuple(rows))


def _passed(found: FoundVariance, data: MetricsData) -> date | None:
    """Return the day on which an epic passed the bound, or its forecast came; None where that cannot be told."""
    month = Month.of(found.found_on)
    own = {
        day: seconds
        for (epic, day), seconds in data.epic_seconds.items()
        if epic == found.epic_key and (day in month or not found.is_monthly)
    }
    day = passed_on(own, OVER * found.forecast_seconds, 0 if found.is_monthly else found.kept_seconds)
    if day is None or found.forecast_seconds <= 0:
        return None
    return max(day, found.forecast_since or day)


def reconciliation(data: MetricsData) -> Measured:
    """Share of reported months that equal Tempo as it is now, to the second and by project (PM-4.2)."""
    rows, right = [], 0
    for report in sorted(data.reports, key=lambda each: each.month, reverse=True):
        off = {
            key: report.now.get(key, 0) - report.reported.get(key, 0)
            for key in sorted({*report.now, *report.reported})
            if report.now.get(key, 0) != report.reported.get(key, 0)
        }
        right += not off
        said = ", ".join(f"{key or 'no project'} {seconds:+,} s" for key, seconds in off.items())
        total = sum(report.reported.values())
        name = f"{report.month} revision {report.revision}, {total:,} s"
        rows.append(Row(name, f"Tempo now differs: {said}" if off else "equal to Tempo", bool(off)))
    definition = definition_of(MeasureName.RECONCILIATION)
    if not rows:
        return Measured(definition, None)
    said = f"{right} of {len(rows)} {'month' if len(rows) == 1 else 'months'} exact"
    return Measured(definition, Fraction(100 * right, len(rows)), said, tuple(rows))


def _day(day: date) -> str:
    return f"{day:%b} {day.day}"
