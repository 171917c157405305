"""What a run makes of what waits: which items are unusual, which are blocked, the trend of weeks. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol, cast
from zoneinfo import ZoneInfo

from services.pm.bottlenecks.stuck import (
    BottleneckFindings,
    Flagged,
    Readiness,
    Scan,
    StuckItem,
    Trend,
    TrendLine,
    WaitingItem,
)
from services.pm.bottlenecks.types import READY_DAYS, Activity, Anomaly, ItemType

if TYPE_CHECKING:
    from services.pm.bottlenecks.training import BottleneckModel

TREND_WEEKS = 4
TREND_NAMES = 3
DEFAULT_DEVIATION = 2.0


def assess_waiting(scan: Scan) -> BottleneckFindings:
    """Flag what is anomalous, and what is blocked by its status or by a link to an open issue; riskiest first.

    A threshold that feedback moved up (`deviation`) moves the forest's part of the rule up by as much.
    """
    model = cast("BottleneckModel | None", scan.model)
    anomalies: Sequence[Anomaly | None] = [None] * len(scan.items)
    if model is not None:
        anomalies = model.assess_all([item.visit for item in scan.items], scan.at)
    flagged = []
    for item, anomaly in zip(scan.items, anomalies, strict=True):
        unusual = anomaly is not None and is_unusual(anomaly, scan.deviation)
        if unusual or _is_blocked(item):
            flagged.append(Flagged(item, anomaly, unusual))
    flagged.sort(key=lambda each: (-each.risk, each.item.visit.entered_at, each.item.key))
    return BottleneckFindings(scan, tuple(flagged), _readiness(scan.items, anomalies))


def is_unusual(anomaly: Anomaly, deviation: float) -> bool:
    """Tell whether a visit is unusual by a deviation that may be stricter than the default 2."""
    from services.pm.bottlenecks.anomalies import is_anomalous

    return anomaly.is_anomalous and is_anomalous(anomaly.score - (deviation - DEFAULT_DEVIATION), anomaly.isolation)


def _is_blocked(item: WaitingItem) -> bool:
    return item.is_blocked or bool(item.open_blockers)


def _readiness(items: Iterable[WaitingItem], anomalies: Iterable[Anomaly | None]) -> Readiness:
    """Name the projects whose baselines are too young; one whose every status is new has no history at all."""
    days: dict[str, int] = {}
    for item, anomaly in zip(items, anomalies, strict=True):
        known = anomaly.baseline.history_days if anomaly else 0
        days[item.visit.project_key] = max(days.get(item.visit.project_key, 0), known)
    short = tuple(sorted((key, known) for key, known in days.items() if known < READY_DAYS))
    return Readiness(short)


class Stay(Protocol):
    """What decides whether a stuck item is told by itself."""

    @property
    def key(self) -> str: ...
    @property
    def item_type(self) -> ItemType: ...
    @property
    def activity(self) -> Activity: ...
    @property
    def ticket_keys(self) -> tuple[str, ...]: ...


def told_with(items: Iterable[Stay]) -> dict[str, str]:
    """Return by stuck pull request the stuck ticket that it is told with, so that one thing is told and counted once.

    What is blocked stays by itself: its blocker is the news.
    """
    known = list(items)
    tickets = {each.key for each in known if each.item_type is ItemType.TICKET}
    found = {}
    for each in known:
        mine = next((key for key in each.ticket_keys if key in tickets), None)
        if each.item_type is ItemType.PULL_REQUEST and mine and each.activity is not Activity.BLOCKED:
            found[each.key] = mine
    return found


def joined(items: Sequence[StuckItem]) -> list[StuckItem]:
    """Return the items with stuck pull requests put to the stuck ticket that they are told with."""
    ticket_of = told_with(items)
    under: dict[str, list[StuckItem]] = defaultdict(list)
    for each in items:
        if each.key in ticket_of:
            under[ticket_of[each.key]].append(each)
    alone = [each for each in items if each.key not in ticket_of]
    return [replace(each, joined=tuple(under[each.key])) if each.key in under else each for each in alone]


def trend_of(items: Iterable[StuckItem], now: datetime, zone: ZoneInfo, weeks: int = TREND_WEEKS) -> Trend:
    """Count for each of the last weeks the stuck items that waited on any of its days, by status, person and team.

    An item that got stuck counts in all weeks from when it came to its status until it moved.
    """
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    starts = tuple(monday - timedelta(weeks=back) for back in range(weeks - 1, -1, -1))
    overall = [0] * weeks
    groups: tuple[dict[str, list[int]], ...] = ({}, {}, {})
    for item in items:
        places = [n for n, start in enumerate(starts) if _was_stuck(item, start, zone)]
        person = item.people.assignee.display_name if item.people.assignee else item.people.assignee_name
        for n in places:
            overall[n] += 1
            for group, name in zip(groups, (item.status, person, item.team), strict=True):
                if name:
                    group.setdefault(name, [0] * weeks)[n] += 1
    statuses, people, teams = (_lines(group) for group in groups)
    return Trend(starts, TrendLine("all", tuple(overall)), statuses, people, teams)


def _was_stuck(item: StuckItem, start: date, zone: ZoneInfo) -> bool:
    end = start + timedelta(weeks=1)
    left = item.resolved_at.astimezone(zone).date() if item.resolved_at else date.max
    return item.entered_at.astimezone(zone).date() < end and left >= start


def _lines(group: dict[str, list[int]]) -> tuple[TrendLine, ...]:
    lines = [TrendLine(name, tuple(counts)) for name, counts in group.items() if counts[-1]]
    return tuple(sorted(lines, key=lambda line: (-line.now, line.name))[:TREND_NAMES])
