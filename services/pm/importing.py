"""Put what the files say into the account: in one transaction, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.accounts import Member
from db.models.pm import Project, UserTeam
from db.repositories import pm as repository
from services.accounts.types import Role
from services.pm.imports import ImportReport, Parsed, PersonRow, Problem, ProjectRow

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"


@dataclass
class Changes:
    """What an import changes, by person or project: fields before (None for what is new) and after."""

    before: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    after: dict[str, dict[str, Any]] = field(default_factory=dict)

    def note(self, name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
        """Keep what differs, and return what became of it: created, updated or unchanged."""
        if before is None:
            self.before[name], self.after[name] = None, dict(after)
            return CREATED
        changed = {key: value for key, value in after.items() if before.get(key) != value}
        if not changed:
            return UNCHANGED
        self.before[name], self.after[name] = {key: before.get(key) for key in changed}, changed
        return UPDATED


async def import_people(
    session: AsyncSession, parsed: Parsed[PersonRow], zone: str, now: datetime, changes: Changes
) -> ImportReport:
    """Create and update members and their teams; people whom the file does not name stay as they are."""
    members = list(await repository.members(session))
    problems = [*parsed.problems, *_people_problems(parsed.rows, members)]
    if problems:
        return ImportReport(problems=tuple(problems))
    by_slack = {member.slack_user_id: member for member in members}
    before_teams = {team.member_id: _team_state(team) for team in await repository.user_teams(session)}
    before = {member.id: _state(member) | before_teams.get(member.id, _team_state(None)) for member in members}
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
        team = await _set_team(session, member.id, row, by_email, teams.get(member.id))
        done.append(changes.note(row.email, before.get(member.id), _state(member) | _team_state(team)))
    return _report(done)


def _state(member: Member) -> dict[str, Any]:
    names = ("display_name", "email", "role", "time_zone", "jira_account_id", "github_login")
    return {name: getattr(member, name) for name in names}


def _team_state(team: UserTeam | None) -> dict[str, Any]:
    return {name: getattr(team, name, None) for name in ("team", "pm_member_id", "hourly_rate_cents")}


def _fill(member: Member, row: PersonRow, zone: str) -> None:
    member.display_name, member.email, member.role = row.name, row.email, row.role
    member.time_zone = row.time_zone or member.time_zone or zone
    if row.jira_account_id:
        member.jira_account_id = row.jira_account_id
    if "github_login" in row.columns:
        member.github_login = row.github_login


async def _set_team(
    session: AsyncSession, member_id: int, row: PersonRow, by_email: Mapping[str, Member], team: UserTeam | None
) -> UserTeam | None:
    """Set or take away a person's team and rate (without a column it stays); return what they have then."""
    rate = row.hourly_rate_cents if "hourly_rate" in row.columns else team.hourly_rate_cents if team else None
    if not row.team and not row.pm_email and rate is None:
        if team is not None:
            await session.delete(team)
        return None
    pm = by_email[row.pm_email].id if row.pm_email else None
    if team is None:
        team = UserTeam(member_id=member_id)
        session.add(team)
    team.team, team.pm_member_id, team.hourly_rate_cents = row.team, pm, rate
    return team


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


async def import_projects(session: AsyncSession, parsed: Parsed[ProjectRow], changes: Changes) -> ImportReport:
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
        before = None if project is None else {name: getattr(project, name) for name in values}
        if project is None:
            session.add(Project(project_key=row.key, **values))
        else:
            for name, value in values.items():
                setattr(project, name, value)
        done.append(changes.note(row.key, before, values))
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
