"""Monday card: how each project stands at the beginning of the week, for its PM (JOIN-5)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from agents.delivering import messages_of
from agents.schedule import WorkingMonday
from agents.spec import AgentSpec, Delivery, RunMode, Slot
from blocks.pm import monday as blocks
from blocks.pm.words import counted
from services.alerts import Finding, Recipient
from services.alerts.policy import line_of
from services.pm.monday.compose import compose
from services.pm.monday.types import MondayCard, MondayData, MondayFindings, ProjectCard

if TYPE_CHECKING:
    from services.container import Services

NAME = "monday-card"


async def collect(services: Services, slot: Slot) -> MondayData:
    """Read budgets, variances and stuck items of all projects as of the slot's day."""
    return await services.monday_cards.data(slot.at, slot.day, slot.time_zone)


def assess(data: MondayData, now: datetime) -> MondayFindings:
    """Compose the cards; the data carry their instant."""
    return compose(data)


async def deliver(services: Services, findings: MondayFindings, mode: RunMode) -> Delivery:
    """Tell each PM once a week, and the projects' channels where that is set."""
    url = services.settings.jira_url
    found = [_finding(card, findings, url) for card in findings.cards]
    found += [_channel_finding(card, findings, url) for card in findings.for_channels]
    outcomes = await services.alerts.deliver(found, mode)
    return Delivery(_line(findings), _counts(findings), messages_of(outcomes, mode))


def _finding(card: MondayCard, findings: MondayFindings, jira_url: str) -> Finding:
    line = line_of(NAME, "card")
    text, shown = blocks.message(card, findings.at, jira_url)
    return Finding(
        dedupe_key=f"{NAME}:{card.week.start}:{card.recipient.id}",
        agent=NAME,
        kind=line.kind,
        severity=line.severity,
        recipient=Recipient.person(card.recipient),
        subject=NAME,
        text=text,
        blocks=shown,
        digestible=not line.alone,
        facts={
            "week": card.week.start.isoformat(),
            "projects": {each.project.key: each.trouble.name.lower() for each in card.cards},
            "quiet": [project.key for project in card.quiet],
        },
    )


def _channel_finding(card: ProjectCard, findings: MondayFindings, jira_url: str) -> Finding:
    line = line_of(NAME, "card")
    text, shown = blocks.channel_message(card, findings.at, findings.day, jira_url)
    return Finding(
        dedupe_key=f"{NAME}:{findings.week.start}:{card.project.key}",
        agent=NAME,
        kind=line.kind,
        severity=line.severity,
        recipient=Recipient.channel(str(card.project.channel_id)),
        subject=f"{NAME}:{card.project.key}",
        text=text,
        blocks=shown,
        facts={"week": findings.week.start.isoformat(), "project": card.project.key},
    )


def _counts(findings: MondayFindings) -> dict[str, int]:
    loud = {card.project.key for each in findings.cards for card in each.cards}
    quiet = {project.key for each in findings.cards for project in each.quiet}
    return {"cards": len(findings.cards), "projects": len(loud), "quiet": len(quiet)}


def _line(findings: MondayFindings) -> str:
    counts = _counts(findings)
    if not findings.cards:
        return "No project is set up yet, so there was nothing to say"
    return (
        f"{counted(counts['cards'], 'card')}: {counted(counts['projects'], 'project')} with something to say, "
        f"{counts['quiet']} quiet"
    )


SPEC = AgentSpec(
    name=NAME,
    title="Monday card",
    description="Begins each PM's week with one card: budget runway, variance and stuck items of their projects.",
    schedule=WorkingMonday(time(11, 30)),
    collect=collect,
    assess=assess,
    deliver=deliver,
    grace=timedelta(hours=12),
    tells_of_now=True,
)
