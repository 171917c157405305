"""Measures of people's weeks: compliance, how quiet it was, and what they were spared. Pure."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from services.effort import ACTIONS
from services.pm.metrics.definitions import definition_of
from services.pm.metrics.types import Measured, MeasureName, MetricsData, Point, Row
from services.pm.types import ComplianceStatus, Week


def compliance(data: MetricsData) -> Measured:
    """Share of person-weeks that were compliant, of those in which something was required (PM-1.2)."""
    judged = [r for r in data.compliance if r.status is not ComplianceStatus.NOT_REQUIRED and r.week in data.weeks]
    total = Counter(record.week for record in judged)
    good = Counter(record.week for record in judged if record.status is ComplianceStatus.COMPLIANT)
    trend = tuple(Point(week, _percent(good[week], total[week])) for week in data.weeks)
    rows = tuple(
        Row(f"Week of {week.start:%b} {week.start.day}", f"{good[week]} of {total[week]}", good[week] < total[week])
        for week in reversed(data.weeks)
        if total[week]
    )
    value = _percent(good.total(), total.total())
    said = f"{good.total()} of {total.total()} person-weeks" if judged else ""
    return Measured(definition_of(MeasureName.COMPLIANCE), value, said, rows, trend)


def quietness(data: MetricsData) -> Measured:
    """Messages by person and week, over the people who got any and the weeks since the first."""
    sent = [(message.recipient, _week_of(data, message.day)) for message in data.messages]
    known = [(recipient, week) for recipient, week in sent if week is not None]
    definition = definition_of(MeasureName.QUIETNESS)
    if not known:
        return Measured(definition, None)
    people, first = {recipient for recipient, _ in known}, min(week for _, week in known)
    weeks = [week for week in data.weeks if week >= first]
    by_week, by_person = Counter(week for _, week in known), Counter(known)
    trend = tuple(Point(week, Fraction(by_week[week], len(people)) if week >= first else None) for week in data.weeks)
    rows = []
    for week in reversed(weeks):
        most = max((count for (_, of), count in by_person.items() if of == week), default=0)
        rows.append(
            Row(f"Week of {week.start:%b} {week.start.day}", f"{by_week[week]} messages, {most} at most to one")
        )
    value = Fraction(len(known), len(people) * len(weeks))
    said = f"{len(known)} messages to {len(people)} people"
    return Measured(definition, value, said, tuple(rows), trend)


def hours_saved(data: MetricsData) -> Measured:
    """Add up what was done, each by its minutes; an estimate, and said to be one."""
    definition = definition_of(MeasureName.HOURS_SAVED)
    done = {action: count for action in ACTIONS if (count := data.actions.get(action, 0))}
    if not done:
        return Measured(definition, None)
    each = {action: data.minutes.get(action, minutes) for action, (_, minutes) in ACTIONS.items()}
    rows = tuple(
        Row(ACTIONS[action][0], f"{count} x {each[action]} min = {count * each[action]} min")
        for action, count in done.items()
    )
    minutes = sum(count * each[action] for action, count in done.items())
    return Measured(definition, Fraction(minutes, 60), f"{sum(done.values())} things done", rows)


def _percent(part: int, whole: int) -> Fraction | None:
    return Fraction(100 * part, whole) if whole else None


def _week_of(data: MetricsData, day: object) -> Week | None:
    return next((week for week in data.weeks if day in week), None)
