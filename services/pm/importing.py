"""Put what the files say into the account: in one transaction, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.accounts import Member
from db.models.pm import Project, UserTeam
from db.repositories import pm as repository
from services.accounts.types import Role
from services.pm.imports import ImportReport, Parsed, PersonRow, Problem, ProjectRow

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"


async def import_people(session: AsyncSession, parsed: Parsed[PersonRow], zone: str, now: datetime) -> ImportReport:
    """Create and update members and their teams; people whom the file does not name stay as they are."""
    members = list(await repository.members(session))
    problems = [*parsed.problems, *_people_problems(parsed.rows, members)]
    if problems:
        return ImportReport(problems=tuple(problems))
    by_slack = {member.slack_user_id: member for member in members}
    before = {member.id: _state(member) for member in members}
    # two people may swap Jira accounts, which must not meet in between
    for row in parsed.rows:
        if row.jira_account_id and row.slack_user_id in by_slack:
            by_slack[row.slack_user_id].jira_account_id = None
    await session.flush()
    for row in parsed.rows:
        if row.slack_user_id not in by_slack:
            by_slack[row.slack_user_id] = Member(slack_user_id=row.slack_user_id, created_at=now, preferences={})
            session.add(by_slack[row.slack_user_id])
        _fill(by_slack[row.slack_user_id], row, zone)
    await session.flush()
    by_email = {member.email.lower(): member for member in by_slack.values() if member.email}
    teams = {team.member_id: team for team in await repository.user_teams(session)}
    done = []
    for row in parsed.rows:
        member = by_slack[row.slack_user_id]
        team = await _set_team(session, member.id, row, by_email, teams)
        known = before.get(member.id)
        changed = team or known != _state(member)
        done.append(CREATED if known is None else UPDATED if changed else UNCHANGED)
    return _report(done)


def _state(member: Member) -> tuple[Any, ...]:
    return (
        member.display_name,
        member.email,
        member.role,
        member.time_zone,
        member.jira_account_id,
        member.github_login,
    )


def _fill(member: Member, row: PersonRow, zone: str) -> None:
    member.display_name, member.email, member.role = row.name, row.email, row.role
    member.time_zone = row.time_zone or member.time_zone or zone
    if row.jira_account_id:
        member.jira_account_id = row.jira_account_id
    if "github_login" in row.columns:
        member.github_login = row.github_login


async def _set_team(
    session: AsyncSession, member_id: int, row: PersonRow, by_email: Mapping[str, Member], teams: dict[int, UserTeam]
) -> bool:
    """Set or take away a person's team and rate (without a column it stays); tell whether anything changed."""
    team = teams.get(member_id)
    rate = row.hourly_rate_cents if "hourly_rate" in row.columns else team.hourly_rate_cents if team else None
    if not row.team and not row.pm_email and rate is None:
        if team is not None:
            await session.delete(team)
        return team is not None
    pm = by_email[row.pm_email].id if row.pm_email else None
    if team is None:
        session.add(UserTeam(member_id=member_id, team=row.team, pm_member_id=pm, hourly_rate_cents=rate))
        return True
    changed = (team.team, team.pm_member_id, team.hourly_rate_cents) != (row.team, pm, rate)
    team.team, team.pm_member_id, team.hourly_rate_cents = row.team, pm, rate
    return changed


def _people_problems(rows: Sequence[PersonRow], members: Sequence[Member]) -> list[Problem]:
    in_file = {row.slack_user_id for row in rows}
    others = [member for member in members if member.slack_user_id not in in_file]
    emails = {row.email for row in rows} | {member.email.lower() for member in others if member.email}
    linked = {member.jira_account_id: member for member in others if member.jira_account_id}
    kept = {member.slack_user_id: member.jira_account_id for member in members}
    linked_to_row = {kept[row.slack_user_id]: row for row in rows if kept.get(row.slack_user_id)}
    problems = []
    for row in rows:
        if row.pm_email and row.pm_email not in emails:
            problems.append(Problem(row.line, "pm_email", row.pm_email, "is nobody's e-mail address here"))
        account = row.jira_account_id
        holder = linked_to_row.get(account)
        keeps = holder is not None and holder is not row and not holder.jira_account_id
        if account and (account in linked or keeps):
            name = linked[account].display_name if account in linked else holder.name if holder else ""
            problems.append(Problem(row.line, "jira_account_id", account, f"is linked to {name} already"))
    had_admin = any(member.role == Role.ADMIN for member in members)
    if had_admin and not any(m.role == Role.ADMIN for m in others) and all(row.role is not Role.ADMIN for row in rows):
        problems.append(Problem(1, "role", "", "nobody would be admin any more"))
    return problems


async def import_projects(session: AsyncSession, parsed: Parsed[ProjectRow]) -> ImportReport:
    """Create and update projects; those that the file does not name stay as they are."""
    by_email = {member.email.lower(): member.id for member in await repository.members(session) if member.email}
    problems = [*parsed.problems, *_project_problems(parsed.rows, by_email)]
    if problems:
        return ImportReport(problems=tuple(problems))
    known = {project.project_key: project for project in await repository.projects(session)}
    done = []
    for row in parsed.rows:
        values = _project_values(row, by_email)
        project = known.get(row.key)
        if project is None:
            session.add(Project(project_key=row.key, **values))
            done.append(CREATED)
            continue
        changed = {name: value for name, value in values.items() if getattr(project, name) != value}
        for name, value in changed.items():
            setattr(project, name, value)
        done.append(UPDATED if changed else UNCHANGED)
    return _report(done)


def _project_values(row: ProjectRow, by_email: Mapping[str, int]) -> dict[str, Any]:
    """Return what a line says; rate and repositories only where the file has their columns."""
    optional = {"hourly_rate": row.hourly_rate_cents, "github_repositories": list(row.github_repositories)}
    names = {"hourly_rate": "hourly_rate_cents", "github_repositories": "github_repositories"}
    given = {names[column]: value for column, value in optional.items() if column in row.columns}
    return given | {
        "name": row.name,
        "project_type": row.type.value,
        "pm_member_id": by_email[row.pm_email] if row.pm_email else None,
        "slack_channel_id": row.channel_id,
        "monthly_retainer_minutes": row.monthly_retainer_minutes,
        "stakeholder_member_ids": [by_email[email] for email in row.stakeholder_emails],
    }


def _project_problems(rows: Iterable[ProjectRow], by_email: Mapping[str, int]) -> list[Problem]:
    what = "is nobody's e-mail address here; import people.csv first"
    problems = []
    for row in rows:
        if row.pm_email and row.pm_email not in by_email:
            problems.append(Problem(row.line, "pm_email", row.pm_email, what))
        problems += [
            Problem(row.line, "stakeholder_emails", email, what)
            for email in row.stakeholder_emails
            if email not in by_email
        ]
    return problems


def _report(done: Sequence[str]) -> ImportReport:
    return ImportReport(done.count(CREATED), done.count(UPDATED), done.count(UNCHANGED))
