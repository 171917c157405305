"""Bottlenecks: four times a working day, which tickets and pull requests are stuck, and what blocks them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from agents.delivering import messages_of
from agents.schedule import Daily
from agents.spec import AgentSpec, Delivery, RunMode, Slot
from blocks.pm import bottlenecks as blocks
from blocks.pm.words import counted, listed
from services.accounts.types import MemberRef
from services.alerts import Finding, Recipient
from services.alerts.policy import line_of
from services.pm.bottlenecks.assess import assess_waiting
from services.pm.bottlenecks.listing import shown
from services.pm.bottlenecks.stuck import (
    AGENT as NAME,
)
from services.pm.bottlenecks.stuck import (
    ESCALATION_DAYS,
    STUCK_DAYS,
    BottleneckFindings,
    Digest,
    Judged,
    Scan,
    StuckItem,
)
from services.pm.bottlenecks.types import READY_DAYS, Activity

if TYPE_CHECKING:
    from services.container import Services

RUNS_AT = (time(8), time(12), time(16), time(20))


async def collect(services: Services, slot: Slot) -> Scan:
    """Read what waits, and what is usual, from a fresh mirror."""
    return await services.bottlenecks.scan(slot.at, slot.day, slot.time_zone)


def assess(data: Scan, now: datetime) -> BottleneckFindings:
    """Flag what is unusual or blocked; the scan carries its instant."""
    return assess_waiting(data)


async def deliver(services: Services, findings: BottleneckFindings, mode: RunMode) -> Delivery:
    """Find out what is going on with each, keep it, tell who can do something, and at 16:00 each PM all of it."""
    bottlenecks, scan = services.bottlenecks, findings.scan
    judged = await bottlenecks.judge(findings)
    if mode is RunMode.DRY_RUN:
        items = await bottlenecks.preview(scan, judged)
    else:
        items = await bottlenecks.keep(scan, judged)
    admins = [member for member in await services.accounts.members() if member.role.value == "admin"]
    stuck = shown(items)
    alerts = [finding for item in stuck for finding in _alerts(item, admins)]
    digests = await bottlenecks.digests(items, scan, scan.notes) if scan.is_digest_due else []
    alerts, in_digests = _divided(alerts, digests)
    # together, so that somebody whom several concern gets one message
    outcomes = await services.alerts.deliver(alerts, mode)
    outcomes += await services.alerts.deliver([*in_digests, *(_digest(each) for each in digests)], mode)
    counts = _counts(findings, judged, stuck)
    return Delivery(_line(findings, counts), counts, messages_of(outcomes, mode))


def _alerts(item: StuckItem, admins: Sequence[MemberRef]) -> list[Finding]:
    """Return who is told of an item apart from the digest: each kind once per stay."""
    managers = [item.people.pm] if item.people.pm else list(admins)
    if item.activity is Activity.BLOCKED:
        assignee = [item.people.assignee] if item.people.assignee else []
        told = [_finding("blocked", item, each, managers) for each in _each_once([*assignee, *managers])]
    elif item.working_days > STUCK_DAYS:
        told = [_finding("stuck", item, each, managers) for each in item.concerned]
    else:
        told = []
    if item.working_days > ESCALATION_DAYS:
        told += [_finding("escalation", item, each, ()) for each in managers]
    return told


def _divided(alerts: Sequence[Finding], digests: Sequence[Digest]) -> tuple[list[Finding], list[Finding]]:
    """Return what is told by itself, and what the first page of its reader's digest says too."""
    told_in = {
        (digest.recipient.slack_user_id, f"{NAME}:{item.key}"): _digest_key(digest.day)
        for digest in digests
        if digest.recipient
        for item in blocks.page_of(digest.items, 1)[0]
    }
    known = [replace(each, told_in=told_in.get((each.recipient.slack_id, each.subject), "")) for each in alerts]
    return [each for each in known if not each.told_in], [each for each in known if each.told_in]


def _digest_key(day: date) -> str:
    """Return what names a day's digest."""
    return f"{NAME}:digest:{day}"


def _each_once(members: Sequence[MemberRef]) -> list[MemberRef]:
    return list({member.id: member for member in members}.values())


def _finding(kind: str, item: StuckItem, to: MemberRef, managers: Sequence[MemberRef]) -> Finding:
    build = {"blocked": blocks.blocked, "stuck": blocks.stuck, "escalation": blocks.escalation}[kind]
    text, shown_blocks = build(item, to)
    line = line_of(NAME, kind)
    stand_in = next((each for each in managers if each.id != to.id), None) if line.stand_in else None
    return Finding(
        dedupe_key=f"{NAME}:{kind}:{item.key}:{item.entered_at.isoformat()}",
        agent=NAME,
        severity=line.severity,
        recipient=Recipient.person(to),
        subject=f"{NAME}:{item.key}",
        text=text,
        blocks=shown_blocks,
        digestible=not line.alone,
        facts=facts_of(item),
        kind=kind,
        stand_in=Recipient.person(stand_in) if stand_in else None,
    )


def _digest(found: Digest) -> Finding:
    assert found.recipient is not None
    text, shown_blocks = blocks.digest(found, found.recipient)
    line = line_of(NAME, "digest")
    return Finding(
        dedupe_key=_digest_key(found.day),
        agent=NAME,
        severity=line.severity,
        recipient=Recipient.person(found.recipient),
        subject=f"{NAME}:digest",
        text=text,
        blocks=shown_blocks,
        digestible=not line.alone,
        facts={"items": [facts_of(item) for item in found.items]},
        kind="digest",
    )


def facts_of(item: StuckItem) -> dict[str, Any]:
    """Return the figures that a message about an item claims, to be judged by what came."""
    return {
        "item_key": item.key,
        "item_type": item.item_type.value,
        "project_key": item.project_key,
        "status": item.status,
        "entered_at": item.entered_at.isoformat(),
        "seconds_in_status": item.seconds,
        "expected_seconds": item.expected_seconds,
        "p90_seconds": item.p90_seconds,
        "score": round(item.score, 2),
        "activity": item.activity.value,
        "blocker": item.blocker,
        "confidence": item.confidence,
    }


def _counts(findings: BottleneckFindings, judged: Sequence[Judged], stuck: Sequence[StuckItem]) -> dict[str, int]:
    """Return the figures of a run; `stuck` is what the list shows, of which some are blocked."""
    visible = [each.context.activity for each in judged if each.flagged.item.is_shown]
    return {
        "looked_at": len(findings.scan.items),
        "unusual": sum(each.is_anomalous for each in findings.flagged),
        "stuck": len(stuck),
        "blocked": sum(each.activity is Activity.BLOCKED for each in stuck),
        "worked_on": visible.count(Activity.ACTIVELY_WORKED),
    }


def _line(findings: BottleneckFindings, counts: Mapping[str, int]) -> str:
    waiting = counted(counts["looked_at"], "item waits", "items wait")
    parts = [f"{waiting}: {blocks.how_many(counts['stuck'], counts['blocked'])}"]
    if counts["worked_on"]:
        parts.append(f"{counts['worked_on']} late but worked on")
    if short := findings.readiness.too_short:
        names = listed([f"{key} ({counted(days, 'day')})" for key, days in short])
        verb = "has" if len(short) == 1 else "have"
        parts.append(f"{names} {verb} under {READY_DAYS} days of history, so only what is blocked is told there")
    return "; ".join([*parts, *findings.scan.notes])


SPEC = AgentSpec(
    name=NAME,
    title="Bottlenecks",
    description="Finds tickets and pull requests that are stuck or blocked, says why, and helps to push them on.",
    schedule=Daily(RUNS_AT, working_days_only=True),
    collect=collect,
    assess=assess,
    deliver=deliver,
    tells_of_now=True,
)
