"""Epic roll-up: Mondays, how many tickets of the scope projects have an epic, for leadership (PM-6.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from agents.delivering import messages_of
from agents.schedule import Weekday, Weekly
from agents.spec import AgentSpec, Delivery, RunMode, Slot
from blocks.pm import rollup as blocks
from blocks.pm.words import counted
from services.accounts.types import MemberRef
from services.alerts import Finding, Recipient
from services.alerts.policy import line_of
from services.pm.rollup import RollUp, RollUpData, roll_up

if TYPE_CHECKING:
    from services.container import Services

NAME = "epic-rollup"


@dataclass(frozen=True)
class Found:
    """The roll-up of a day; None when no week has been counted."""

    day: date
    rollup: RollUp | None


async def collect(services: Services, slot: Slot) -> RollUpData:
    """Read the last weeks as the epic-assignment agent has counted them."""
    return await services.epic_rollups.data(slot.day, slot.time_zone)


def assess(data: RollUpData, now: datetime) -> Found:
    """Add the weeks up; the data carry their day."""
    return Found(data.day, roll_up(data))


async def deliver(services: Services, found: Found, mode: RunMode) -> Delivery:
    """Tell leadership once a week."""
    rollup = found.rollup
    if rollup is None:
        return Delivery("No week has been counted yet: the epic-assignment agent does that each day", _counts(None))
    findings = [_finding(found, rollup, member) for member in rollup.recipients]
    outcomes = await services.alerts.deliver(findings, mode)
    below = f", {counted(len(rollup.below), 'project')} below 90 %" if rollup.below else ""
    line = f"{int(rollup.percent)} % of {counted(rollup.total, 'open ticket')} have an epic{below}"
    return Delivery(line, _counts(rollup), messages_of(outcomes, mode))


def _finding(found: Found, rollup: RollUp, member: MemberRef) -> Finding:
    line = line_of(NAME, "report")
    text, shown = blocks.message(rollup, found.day)
    return Finding(
        dedupe_key=f"{NAME}:{rollup.week.start}:{member.id}",
        agent=NAME,
        kind=line.kind,
        severity=line.severity,
        recipient=Recipient.person(member),
        subject=NAME,
        text=text,
        blocks=shown,
        digestible=not line.alone,
        facts=_facts(rollup),
    )


def _facts(rollup: RollUp) -> dict[str, Any]:
    return {
        "week": rollup.week.start.isoformat(),
        "total": rollup.total,
        "orphaned": rollup.orphaned,
        "projects": {project.key: [project.total, project.orphaned] for project in rollup.projects},
    }


def _counts(rollup: RollUp | None) -> dict[str, int]:
    if rollup is None:
        return {"projects": 0, "tickets": 0, "without_epic": 0, "below": 0}
    return {
        "projects": len(rollup.projects),
        "tickets": rollup.total,
        "without_epic": rollup.orphaned,
        "below": len(rollup.below),
    }


SPEC = AgentSpec(
    name=NAME,
    title="Epic roll-up",
    description="Tells leadership how many tickets have an epic, by project and team, and how the suggestions do.",
    schedule=Weekly(Weekday.MONDAY, time(9, 30)),
    collect=collect,
    assess=assess,
    deliver=deliver,
    grace=timedelta(hours=12),
    tells_of_now=True,
)
