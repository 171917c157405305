"""Epic assignment: each day at 14:00, which open tickets of scope projects have no epic, and which one they may get."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from agents.delivering import messages_of
from agents.schedule import Daily
from agents.spec import AgentSpec, Delivery, Message, RunMode, Slot
from blocks.pm import epics as blocks
from services.accounts.types import MemberRef
from services.alerts import Action, Finding, Outcome, Recipient, Status
from services.alerts.policy import severity_of
from services.errors import VendorError
from services.pm.epic_assignment import assess as assessing
from services.pm.epic_assignment.types import EpicFindings, ProjectFindings, ProjectList, Scan, SuggestionItem, Tier

if TYPE_CHECKING:
    from services.container import Services

NAME = "epic-assignment"
log = structlog.get_logger(__name__)


async def collect(services: Services, slot: Slot) -> Scan:
    """Read the scope projects' tickets, epics and suggestions from a fresh mirror."""
    return await services.epic_assignments.collect(slot.at, slot.day.isoformat())


def assess(data: Scan, now: datetime) -> EpicFindings:
    """Sort the tickets without an epic; `now` changes nothing, the scan carries its instant."""
    return assessing.assess(data)


async def deliver(services: Services, findings: EpicFindings, mode: RunMode) -> Delivery:
    """Keep the suggestions, and show each project's PM theirs: one message a day, changed in place by a later run."""
    if mode is not RunMode.DRY_RUN:
        await services.epic_assignments.record(findings)
    messages: list[Message] = []
    for project in findings.projects:
        messages += await _tell(services, findings.day, project, mode)
    return Delivery(_line(findings), _counts(findings), tuple(messages))


async def _tell(services: Services, day: str, project: ProjectFindings, mode: RunMode) -> tuple[Message, ...]:
    epics = services.epic_assignments
    key = project.project.key
    listing = await (epics.preview(project) if mode is RunMode.DRY_RUN else epics.list_of(key))
    if not project.proposals:
        listing = replace(listing, items=())
    text = blocks.message_text(listing)
    shown = blocks.list_blocks(blocks.intro_blocks(listing, project.basis), listing)
    findings = [_finding(day, member, listing, text, shown) for member in await epics.recipients(project)]
    if not project.proposals:  # nothing to tell, but a message of this morning must not go on asking
        for finding in findings:
            await _update_earlier(services, finding, mode)
        return ()
    outcomes = await services.alerts.deliver(findings, mode)
    return messages_of([await _or_updated(services, outcome, mode) for outcome in outcomes], mode)


def _finding(day: str, member: MemberRef, listing: ProjectList, text: str, shown: list[blocks.Block]) -> Finding:
    return Finding(
        dedupe_key=f"{NAME}:{listing.project_key}:{day}",
        agent=NAME,
        severity=severity_of(NAME, "list"),
        recipient=Recipient.person(member),
        subject=f"{NAME}:{listing.project_key}",
        text=text,
        blocks=shown,
        digestible=False,  # its buttons are the point
        facts={
            "project": listing.project_key,
            "suggestions": [_claim(item) for item in listing.items if _is_sure(item)],
        },
    )


def _is_sure(item: SuggestionItem) -> bool:
    return item.epic_key is not None and item.tier is Tier.HIGH


def _claim(item: SuggestionItem) -> dict[str, Any]:
    return {"ticket_key": item.ticket_key, "epic_key": item.epic_key, "confidence": item.confidence}


async def _or_updated(services: Services, outcome: Outcome, mode: RunMode) -> Outcome:
    """Change today's earlier message in place where there is one (SLK-3)."""
    is_known = outcome.decision.action is Action.DROP
    if is_known and await _update_earlier(services, outcome.finding, mode):
        why = "today's message was brought up to date"
        return replace(outcome, decision=replace(outcome.decision, why=why))
    return outcome


async def _update_earlier(services: Services, finding: Finding, mode: RunMode) -> bool:
    if mode is not RunMode.LIVE:
        return False
    earlier = await services.epic_assignments.message_for(finding.dedupe_key, finding.recipient.slack_id)
    if earlier is None or earlier.status not in (Status.SENT, Status.HELD):
        return False
    if earlier.channel_id and earlier.message_ts:
        shown = await services.alerts.with_feedback(earlier.id, finding.text, finding.blocks)
        try:
            await services.slack.update(earlier.channel_id, earlier.message_ts, finding.text, shown)
        except VendorError as error:  # deleted by somebody, say: the list is kept, and the run has done its work
            log.warning("message_not_updated", delivery=earlier.id, why=error.message)
            return False
    await services.epic_assignments.rewrite_message(earlier.id, finding.text, finding.blocks)
    return True


def _counts(findings: EpicFindings) -> dict[str, int]:
    proposals = [proposal for project in findings.projects for proposal in project.proposals]
    by_tier = {tier.value: sum(proposal.tier is tier for proposal in proposals) for tier in Tier}
    looked_at = sum(project.basis.open_tickets for project in findings.projects)
    return {"looked_at": looked_at, "without_epic": len(proposals), **by_tier, "settled": len(findings.settled)}


def _line(findings: EpicFindings) -> str:
    if not findings.projects:
        return "No project is of the type scope, so there was nothing to look at"
    counts = _counts(findings)
    keys = ", ".join(project.project.key for project in findings.projects)
    if not counts["without_epic"]:
        return f"Every ticket has an epic: {counts['looked_at']} open tickets in {keys}"
    review = counts[Tier.NONE] + counts[Tier.LOW]
    return (
        f"{counts['without_epic']} of {counts['looked_at']} open tickets in {keys} have no epic: "
        f"{counts[Tier.HIGH]} with a suggestion, {review} for review"
    )


SPEC = AgentSpec(
    name=NAME,
    title="Epic assignment",
    description="Finds open tickets of scope projects without an epic and suggests one, to assign at one click.",
    schedule=Daily((time(14),), working_days_only=False),
    collect=collect,
    assess=assess,
    deliver=deliver,
    grace=timedelta(hours=6),
    tells_of_now=True,
)
