"""Projects and teams of the current account, and what the PM agents read and keep."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.models.pm import Project, TimeTrackingCompliance
from db.repositories import pm as repository
from db.repositories import pm_overview
from db.tenancy import current_account_id
from services.accounts.types import MemberRef
from services.clock import Now
from services.effects.types import Actor
from services.errors import VendorNotFoundError, VendorRejectedError
from services.pm import importing
from services.pm.imports import ImportReport, parse_people, parse_projects
from services.pm.time_tracking import TREND_WEEKS, TimeTrackingData
from services.pm.types import ComplianceStatus, ProjectRef, ProjectType, TeamMember, Week, WeekRecord

if TYPE_CHECKING:
    from services.accounts import Accounts
    from services.effects import AuditTrail
    from services.mirror import Mirror
    from services.mirror.types import ScheduleDay

HISTORY_WEEKS = 26
"""How far back a row of non-compliant weeks is followed."""


class ProjectManagement:
    """One door to projects, teams and the history of time tracking."""

    def __init__(self, database: Database, accounts: Accounts, mirror: Mirror, audit: AuditTrail, now: Now) -> None:
        self._database = database
        self._accounts = accounts
        self._mirror = mirror
        self._audit = audit
        self._now = now

    async def projects(self) -> list[ProjectRef]:
        """Return the account's projects by key."""
        members = {member.id: member for member in await self._accounts.members()}
        async with self._database.transaction(write=False) as session:
            return [_project_ref(row, members) for row in await repository.projects(session)]

    async def learned_days(self) -> int | None:
        """Return how many days of history are known of how long work waits; None before anything was learned."""
        async with self._database.transaction(write=False) as session:
            return await pm_overview.longest_history(session)

    async def import_people(self, text: str) -> ImportReport:
        """Take people.csv: create and update members, teams and PMs; with any problem nothing is changed."""
        account_zone, changes = await self._account_zone(), importing.Changes()
        async with self._database.transaction() as session:
            report = await importing.import_people(session, parse_people(text), account_zone, self._now(), changes)
            await self._note_import(session, "people", changes, report)
        self._accounts.forget_cached_members()
        return report

    async def import_projects(self, text: str) -> ImportReport:
        """Take projects.csv: create and update projects; with any problem nothing is changed."""
        changes = importing.Changes()
        async with self._database.transaction() as session:
            report = await importing.import_projects(session, parse_projects(text), changes)
            await self._note_import(session, "projects", changes, report)
        return report

    async def _note_import(
        self, session: AsyncSession, what: str, changes: importing.Changes, report: ImportReport
    ) -> None:
        if changes.after:
            await self._audit.append(
                session,
                actor=Actor(None, "the command line"),
                action=f"{what}.import",
                target=f"{what}.csv",
                result="done",
                before=changes.before,
                after=changes.after,
                detail=str(report),
            )

    async def _account_zone(self) -> str:
        accounts = {account.id: account for account in await self._accounts.all_accounts()}
        return accounts[current_account_id()].time_zone

    async def team_members(self) -> list[TeamMember]:
        """Return all members by name, each with team and PM where they have them."""
        members = await self._accounts.members()
        async with self._database.transaction(write=False) as session:
            teams = {row.member_id: row for row in await repository.user_teams(session)}
        return [
            TeamMember(member, row.team, row.pm_member_id, row.hourly_rate_cents)
            if (row := teams.get(member.id))
            else TeamMember(member)
            for member in members
        ]

    async def time_tracking_data(self, week: Week, *, refresh: bool = True) -> TimeTrackingData:
        """Read what the assessment of a week needs; a stale mirror is brought up to date first if `refresh` says so.

        Raises `NotConfiguredError` without Tempo, and `VendorUnavailableError` while it is down.
        """
        if refresh:
            await self._refresh()
        first = week.back(TREND_WEEKS - 1).start
        people = await self.team_members()
        accounts = [person.member.jira_account_id for person in people if person.member.jira_account_id]
        schedule, unknown = await self._schedule(accounts, first, week.end)
        return TimeTrackingData(
            week=week,
            people=tuple(people),
            worklogs=tuple(await self._mirror.worklogs(first, week.end)),
            schedule=tuple(schedule),
            history=tuple(await self.week_records(week.back(HISTORY_WEEKS), week.back(1))),
            without_schedule=frozenset(unknown),
            mirrored_at=(await self._mirror.freshness("tempo")).last_success_at,
        )

    async def _refresh(self) -> None:
        # leave is recognised by the issue that it is planned on, so that issues have to be there at all
        if (await self._mirror.freshness("jira")).last_success_at is None:
            await self._mirror.sync("jira")
        if (await self._mirror.freshness("tempo")).is_stale:
            await self._mirror.sync("tempo")

    async def _schedule(
        self, accounts: Collection[str], first: date, last: date
    ) -> tuple[list[ScheduleDay], list[str]]:
        """Return what is required of people, and of whom Tempo knows nothing (such as closed Jira accounts)."""
        try:
            return await self._mirror.schedule_days(accounts, first, last), []
        except VendorRejectedError as error:
            days, refused = await self._schedule_of_each(accounts, first, last)
            if len(refused) == len(accounts) and not isinstance(error, VendorNotFoundError):
                raise  # it is not about single people
            return days, refused

    async def _schedule_of_each(
        self, accounts: Collection[str], first: date, last: date
    ) -> tuple[list[ScheduleDay], list[str]]:
        days: list[ScheduleDay] = []
        refused: list[str] = []
        for account in accounts:
            try:
                days += await self._mirror.schedule_days([account], first, last)
            except VendorRejectedError:
                refused.append(account)
        return days, refused

    async def week_records(self, first: Week, last: Week) -> list[WeekRecord]:
        """Return the recorded weeks of everybody, oldest first."""
        async with self._database.transaction(write=False) as session:
            rows = await repository.compliance(session, first.start, last.start)
            return [_week_record(row) for row in rows]

    async def keep_weeks(self, records: Sequence[WeekRecord]) -> None:
        """Record weeks; one that is recorded already is replaced, but stays marked as told."""
        if not records:
            return
        starts = [record.week.start for record in records]
        async with self._database.transaction() as session:
            rows = await repository.compliance(session, min(starts), max(starts))
            known = {(row.member_id, row.week_start_date): row for row in rows}
            for record in records:
                row = known.get((record.member_id, record.week.start))
                if row is None:
                    row = TimeTrackingCompliance(member_id=record.member_id, week_start_date=record.week.start)
                    session.add(row)
                row.team = record.team
                row.seconds_logged, row.seconds_required = record.logged_seconds, record.required_seconds
                row.status = record.status
                row.is_compliant = record.status in (ComplianceStatus.COMPLIANT, ComplianceStatus.NOT_REQUIRED)
                row.missing_days = [day.isoformat() for day in record.missing_days]
                row.assessed_at = self._now()

    async def mark_notified(self, week: Week, member_ids: Collection[int]) -> None:
        """Note that members were told of a week."""
        async with self._database.transaction() as session:
            await repository.mark_notified(session, week.start, member_ids)


def _project_ref(row: Project, members: dict[int, MemberRef]) -> ProjectRef:
    return ProjectRef(
        key=row.project_key,
        name=row.name,
        type=ProjectType(row.project_type),
        pm=members.get(row.pm_member_id or 0),
        channel_id=row.slack_channel_id,
        monthly_retainer_minutes=row.monthly_retainer_minutes,
        stakeholder_member_ids=tuple(row.stakeholder_member_ids),
        hourly_rate_cents=row.hourly_rate_cents,
        github_repositories=tuple(row.github_repositories),
    )


def _week_record(row: TimeTrackingCompliance) -> WeekRecord:
    return WeekRecord(
        member_id=row.member_id,
        week=Week(row.week_start_date),
        team=row.team,
        logged_seconds=row.seconds_logged,
        required_seconds=row.seconds_required,
        status=ComplianceStatus(row.status),
        missing_days=tuple(date.fromisoformat(day) for day in row.missing_days),
        notification_sent=row.notification_sent,
    )
