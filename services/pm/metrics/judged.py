"""Measures of suggestions and alerts: what people took, and how right agents were. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from services.pm.hindsight.types import TrackRecord, wilson
from services.pm.metrics.definitions import definition_of
from services.pm.metrics.types import EpicWeek, Measured, MeasureName, MetricsData, Point, Row


def linked(data: MetricsData) -> Measured:
    """Share of open tickets with an epic, by the newest week of each project; by week as trend."""
    known = [each for each in data.epic_weeks if each.week in data.weeks]
    newest = {each.project_key: each for each in sorted(known, key=lambda each: each.week)}
    rows = tuple(
        Row(f"{key}, week of {each.week.start:%b} {each.week.start.day}", _of(each), _share([each], 100) <= 90)
        for key, each in sorted(newest.items())
        if each.total
    )
    by_week = {week: [each for each in known if each.week == week and each.total] for week in data.weeks}
    trend = tuple(Point(week, _share(of, 100) if of else None) for week, of in by_week.items())
    counted = [each for each in newest.values() if each.total]
    definition = definition_of(MeasureName.LINKED)
    if not counted:
        return Measured(definition, None, trend=trend)
    total, orphaned = sum(each.total for each in counted), sum(each.orphaned for each in counted)
    said = f"{total - orphaned} of {total} open tickets"
    return Measured(definition, _share(counted, 100), said, rows, trend)


def _of(each: EpicWeek) -> str:
    return f"{each.total - each.orphaned} of {each.total}"


def _share(weeks: list[EpicWeek], scale: int) -> Fraction:
    total = sum(each.total for each in weeks)
    return Fraction(scale * (total - sum(each.orphaned for each in weeks)), total)


def first_choice(data: MetricsData) -> Measured:
    """Share of tickets that got the epic which was suggested first."""
    decided = [each for each in data.decided if each.decided_on >= data.first_day]
    definition = definition_of(MeasureName.FIRST_CHOICE)
    if not decided:
        return Measured(definition, None)
    right = sum(each.suggested == each.actual for each in decided)
    rows = tuple(
        Row(
            each.ticket_key,
            f"got {each.actual}, as suggested"
            if each.suggested == each.actual
            else f"got {each.actual}, not {each.suggested}",
            each.suggested != each.actual,
        )
        for each in sorted(decided, key=lambda each: (each.decided_on, each.ticket_key), reverse=True)
    )
    low, high = _bounds(right, len(decided))
    value = Fraction(100 * right, len(decided))
    return Measured(definition, value, f"{right} of {len(decided)}", rows, low=low, high=high)


def bottlenecks(data: MetricsData) -> Measured:
    """Precision of the bottleneck agent."""
    definition = definition_of(MeasureName.BOTTLENECKS)
    record = next((each for each in data.records if each.agent == definition.agent and each.judged), None)
    if record is None:
        return Measured(definition, None)
    rows = (
        Row("said to be useful", str(record.useful)),
        Row("said not to be useful", str(record.not_useful), record.not_useful > 0),
        Row("turned out right", str(record.right)),
        Row("turned out wrong", str(record.wrong), record.wrong > 0),
        Row("still open", str(record.open)),
    )
    good = record.useful + record.right
    low, high = _bounds(good, record.judged)
    value = Fraction(100 * good, record.judged)
    return Measured(definition, value, f"{good} of {record.judged}", rows, low=low, high=high)


def precision(data: MetricsData, titles: Mapping[str, str] | None = None) -> Measured:
    """Precision of all agents' alerts together, with a row for each that was judged."""
    judged = [record for record in data.records if record.judged]
    definition = definition_of(MeasureName.PRECISION)
    if not judged:
        return Measured(definition, None)
    good = sum(record.useful + record.right for record in judged)
    total = sum(record.judged for record in judged)
    rows = tuple(Row((titles or {}).get(record.agent, record.agent), _record(record)) for record in judged)
    low, high = _bounds(good, total)
    return Measured(definition, Fraction(100 * good, total), f"{good} of {total}", rows, low=low, high=high)


def _record(record: TrackRecord) -> str:
    good = record.useful + record.right
    low, high = _bounds(good, record.judged)
    return (
        f"{100 * good // record.judged} % ({good} of {record.judged}, {int(low)} to {-int(-high // 1)} %); "
        f"{record.useful} useful, {record.not_useful} not, {record.right} right, {record.wrong} wrong, "
        f"{record.open} open"
    )


def _bounds(good: int, total: int) -> tuple[Fraction, Fraction]:
    low, high = wilson(good, total)
    return Fraction(low).limit_denominator(10_000) * 100, Fraction(high).limit_denominator(10_000) * 100
