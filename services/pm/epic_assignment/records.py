"""Keep suggestions and weekly compliance: one undecided suggestion per ticket, decided ones for ever (PM-6.5)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.pm import EpicAssignmentCompliance, EpicAssignmentSuggestion
from db.repositories import alerts as account_repository
from db.repositories import epics as repository
from services.pm.epic_assignment.types import EpicFindings, ProjectFindings


async def store_findings(session: AsyncSession, findings: EpicFindings, now: datetime) -> None:
    """Settle what Jira has overtaken, refresh what is undecided, add what is new, count the week."""
    undecided = {row.id: row for row in await repository.undecided(session)}
    for settled in findings.settled:
        if row := undecided.pop(settled.suggestion_id, None):
            row.accepted, row.actual_epic, row.decided_at = settled.accepted, settled.actual_epic, now
    by_ticket = {row.ticket_key: row for row in undecided.values()}
    # a run as of an earlier day must not take tickets off the newest list
    at = max([findings.at, *(row.suggested_at for row in undecided.values())])
    for project in findings.projects:
        newest = await repository.newest_run(session, project.project.key)
        # a run that is repeated after a crash finds what was decided in between
        decided = {row.ticket_key for row in newest if row.suggested_at == at and row.decided_at is not None}
        for proposal in project.proposals:
            if proposal.ticket_key in decided:
                continue
            row = by_ticket.get(proposal.ticket_key)
            if row is None:
                row = EpicAssignmentSuggestion(ticket_key=proposal.ticket_key)
                session.add(row)
            row.project_key = proposal.project_key
            row.ticket_summary = proposal.summary
            row.suggested_epic = proposal.suggested_epic
            row.confidence = proposal.confidence
            row.candidates = [asdict(candidate) for candidate in proposal.candidates]
            row.suggested_at = at
        await _store_compliance(session, project, date.fromisoformat(findings.day), now)
    await session.flush()
    for project in findings.projects:
        await count_decisions(session, project.project.key, now)


async def _store_compliance(session: AsyncSession, project: ProjectFindings, day: date, now: datetime) -> None:
    week = day - timedelta(days=day.weekday())
    row = await repository.compliance(session, project.project.key, week)
    if row is None:
        row = EpicAssignmentCompliance(project_key=project.project.key, week_start_date=week)
        session.add(row)
    row.total_tickets = project.basis.open_tickets
    row.orphaned_tickets = project.basis.without_epic
    row.orphans_by_creator = dict(project.by_creator)
    row.assessed_at = now


async def count_decisions(session: AsyncSession, project_key: str, now: datetime) -> None:
    """Count a week's tickets that got the suggested epic, and those that got another one, in its compliance row."""
    zone = ZoneInfo((await account_repository.account(session)).time_zone)
    today = now.astimezone(zone).date()
    week = today - timedelta(days=today.weekday())
    row = await repository.compliance(session, project_key, week)
    if row is None:
        return
    start = datetime.combine(week, time(), tzinfo=zone).astimezone(UTC)
    end = datetime.combine(week + timedelta(days=7), time(), tzinfo=zone).astimezone(UTC)
    decided = await repository.decided_between(session, project_key, start, end)
    row.auto_assigned = sum(bool(each.accepted) for each in decided)
    row.manual_assigned = len(decided) - row.auto_assigned
