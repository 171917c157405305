"""Keep one row per stay in a waiting status: made when it is flagged, brought up to date, resolved when it moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.pm import WorkflowBottleneck
from db.repositories import pm_bottlenecks as repository
from services.pm.bottlenecks.stuck import Judged
from services.pm.bottlenecks.types import Anomaly, Visit

NO_LONGER_UNUSUAL = "It is not unusual any more by what is usual now."
NO_LONGER_WATCHED = "Its status is not one that work waits in any more."
MAX_BLOCKER = 200


async def keep(
    session: AsyncSession, judged: Sequence[Judged], ongoing: Iterable[Visit], now: datetime
) -> list[WorkflowBottleneck]:
    """Store what a run found, and return its rows in their order.

    A row that goes on but was not flagged this time is stuck no more. What a person called not stuck stays so, and what
    was seen later than `now`, the run's instant, stays as it was seen then.
    """
    keys = {each.flagged.item.key for each in judged}
    known: dict[str, list[WorkflowBottleneck]] = defaultdict(list)
    for row in await repository.stays_of(session, keys):
        known[row.item_key].append(row)
    rows = []
    for each in judged:
        visit = each.flagged.item.visit
        found = next((row for row in reversed(known[visit.item_key]) if is_of(row, visit)), None)
        if found is None:
            found = new_row(visit, now)
            session.add(found)
            fill(found, each, now)
        elif found.seen_at <= now:
            fill(found, each, now)
        rows.append(found)
    await session.flush()
    flagged = {row.id for row in rows}
    watched = {visit.item_key for visit in ongoing}
    for row in await repository.open_stays(session):
        if row.id in flagged or row.seen_at > now:
            continue
        row.is_truly_stuck, row.seen_at = False, now
        row.seconds_in_status = round((now - row.entered_at).total_seconds())
        if row.dismissed_by_member_id is None:
            row.context = NO_LONGER_UNUSUAL if row.item_key in watched else NO_LONGER_WATCHED
    return rows


def is_of(row: WorkflowBottleneck, visit: Visit) -> bool:
    """Tell whether a row is of this stay; a beginning that a longer history corrected is the same stay."""
    if row.status != visit.status:
        return False
    return row.entered_at == visit.entered_at or (row.resolved_at is None and row.returns == visit.returns)


def new_row(visit: Visit, now: datetime) -> WorkflowBottleneck:
    """Return a row for a stay, not yet filled."""
    return WorkflowBottleneck(
        item_key=visit.item_key,
        item_type=visit.item_type.value,
        project_key=visit.project_key,
        status=visit.status,
        entered_at=visit.entered_at,
        detected_at=now,
        resolved_at=None,
        dismissed_by_member_id=None,
    )


def fill(row: WorkflowBottleneck, judged: Judged, now: datetime) -> None:
    """Write what a run says of a stay into its row."""
    flagged, context = judged.flagged, judged.context
    visit, anomaly = flagged.item.visit, flagged.anomaly
    row.priority, row.assignee, row.team = visit.priority, visit.assignee, visit.team
    row.seconds_in_status = round((now - row.entered_at).total_seconds())
    row.returns, row.seen_at, row.resolved_at = visit.returns, now, None
    row.expected_seconds = round(anomaly.baseline.median_seconds) if anomaly else 0
    row.p90_seconds = anomaly.baseline.p90_seconds if anomaly else 0.0
    row.anomaly_score = anomaly.score if anomaly else 0.0
    row.isolation_score = anomaly.isolation if anomaly else None
    row.risk = flagged.risk
    row.baseline = baseline_named(anomaly)
    row.activity, row.context, row.confidence = context.activity.value, context.says, context.confidence
    row.blocker, row.rule_based = context.blocker[:MAX_BLOCKER], context.is_rule_based
    row.quote, row.quoted = context.quote, context.quoted[:MAX_BLOCKER]
    row.is_truly_stuck = judged.is_truly_stuck and row.dismissed_by_member_id is None


def baseline_named(anomaly: Anomaly | None) -> str:
    """Name the baseline with its sample: "SHOP · Code Review · High, 84 visits"; "" where there is none."""
    if anomaly is None or not anomaly.is_anomalous:
        return ""
    known = anomaly.baseline
    return f"{known.name}, {known.sample_size:,} {'visit' if known.sample_size == 1 else 'visits'}"


async def resolve(
    session: AsyncSession, visits: Mapping[str, Sequence[Visit]], now: datetime
) -> list[WorkflowBottleneck]:
    """Resolve the open rows whose item has moved, at the instant that its history tells; return them.

    `visits` are all of an item's by key; an item that is not in it is gone, or closed.
    """
    moved = []
    for row in await repository.open_stays(session):
        own = visits.get(row.item_key, ())
        if any(visit.is_censored and is_of(row, visit) for visit in own):
            continue
        left = [visit.left_at for visit in own if visit.left_at is not None and is_of(row, visit)]
        row.resolved_at = max(row.entered_at, left[0]) if left else now
        moved.append(row)
    return moved
