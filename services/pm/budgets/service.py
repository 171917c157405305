"""Retainer budgets of the current account: read from the mirror, and which thresholds were told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from db.engine import Database
from db.models.pm import RetainerBudgetAlert
from db.repositories import pm_budgets as repository
from db.tenancy import current_account_id
from services.accounts.types import Role
from services.clock import Now
from services.pm.budgets.months import PEOPLE_MONTHS, BudgetMonth, capacity_of, people_shares
from services.pm.budgets.types import BudgetAlert, BudgetData, RetainerData
from services.pm.budgets.usual import KEPT_MONTHS
from services.pm.hours import LoggedTime, logged_time, seconds_by, team_names
from services.pm.months import Month
from services.pm.types import ProjectType
from services.pm.working_days import WorkingCalendar, WorkingDays, local_day

if TYPE_CHECKING:
    from services.accounts import Accounts
    from services.mirror import Mirror
    from services.pm.service import ProjectManagement

Required = Mapping[tuple[str, date], int]


class RetainerBudgets:
    """One door to retainer budgets."""

    def __init__(
        self,
        database: Database,
        mirror: Mirror,
        accounts: Accounts,
        pm: ProjectManagement,
        working_days: WorkingDays,
        now: Now,
    ) -> None:
        self._database = database
        self._mirror = mirror
        self._accounts = accounts
        self._pm = pm
        self._working_days = working_days
        self._now = now

    async def data(self, day: date, time_zone: str, *, is_last_run: bool = False, refresh: bool = True) -> BudgetData:
        """Read all retainers of the month of `day`; a stale mirror is brought up to date first if `refresh` says so.

        As of a day that is over, what was logged for later days is left out. Raises `NotConfiguredError` without
        Tempo, and `VendorUnavailableError` while it is down.
        """
        if refresh:
            await self._refresh()
        month = Month.of(day)
        projects = [project for project in await self._pm.projects() if project.type is ProjectType.RETAINER]
        people = await self._pm.team_members()
        first = month.back(KEPT_MONTHS + PEOPLE_MONTHS)
        until = day if day < local_day(self._now(), time_zone) else month.end
        worklogs = await self._mirror.worklogs(first.start, until)
        keys = {project.key for project in projects}
        entries = [entry for entry in logged_time(worklogs, team_names(people)) if entry.project_key in keys]
        calendar = await self._working_days.calendar(current_account_id(), time_zone)
        required = await self._required(sorted({entry.jira_account_id for entry in entries}), first, month)
        passed = await self._passed(month)
        retainers = [
            _retainer(project.key, month, [e for e in entries if e.project_key == project.key], required, calendar)
            for project in projects
        ]
        return BudgetData(
            day=day,
            month=month,
            working_days=tuple(calendar.working_days(month.start, month.end)),
            retainers=tuple(
                RetainerData(project, *months, passed=passed[project.key])
                for project, months in zip(projects, retainers, strict=True)
            ),
            rates={p.member.jira_account_id or "": p.hourly_rate_cents for p in people if p.hourly_rate_cents},
            admins=tuple(p.member for p in people if p.member.role is Role.ADMIN),
            is_last_run=is_last_run,
            mirrored_at=(await self._mirror.freshness("tempo")).last_success_at,
        )

    async def names(self) -> dict[str, str]:
        """Return people's names by Jira account."""
        members = await self._accounts.members()
        return {member.jira_account_id: member.display_name for member in members if member.jira_account_id}

    async def _refresh(self) -> None:
        if (await self._mirror.freshness("jira")).last_success_at is None:
            await self._mirror.sync("jira")
        if (await self._mirror.freshness("tempo")).is_stale:
            await self._mirror.sync("tempo")

    async def _required(self, people: Sequence[str], first: Month, last: Month) -> Required:
        days = await self._working_days.schedule(people, first.start, last.end)
        return {(day.jira_account_id, day.day): day.required_seconds for day in days}

    async def _passed(self, month: Month) -> Mapping[str, frozenset[int]]:
        found: dict[str, frozenset[int]] = defaultdict(frozenset)
        async with self._database.transaction(write=False) as session:
            for row in await repository.alerts_of_month(session, str(month)):
                found[row.project_key] |= {row.threshold}
        return found

    async def record(self, alert: BudgetAlert) -> None:
        """Keep that thresholds were passed, and what was known then; only the one that was told has a time of it."""
        status, now = alert.status, self._now()
        async with self._database.transaction() as session:
            rows = await repository.alerts_of_month(session, str(status.month))
            known = {(row.project_key, row.threshold) for row in rows}
            for threshold in alert.passed_now:
                if (status.project.key, threshold) in known:
                    continue
                session.add(
                    RetainerBudgetAlert(
                        project_key=status.project.key,
                        month=str(status.month),
                        threshold=threshold,
                        seconds_consumed=status.consumed_seconds,
                        retainer_seconds=status.retainer_seconds,
                        burn_seconds_per_day=status.burn_seconds_per_day or 0,
                        projected_seconds=status.projection.point,
                        projected_low_seconds=status.projection.low,
                        projected_high_seconds=status.projection.high,
                        passed_at=now,
                        alert_sent_at=now if threshold == alert.threshold else None,
                    )
                )


def _retainer(
    key: str, month: Month, entries: Sequence[LoggedTime], required: Required, calendar: WorkingCalendar
) -> tuple[BudgetMonth, tuple[BudgetMonth, ...], tuple[LoggedTime, ...]]:
    """Return a project's month, the months before it, and the month's entries."""
    by_month = {each: [e for e in entries if e.month == each] for each in _months(month, KEPT_MONTHS + PEOPLE_MONTHS)}
    made = []
    for each in _months(month, KEPT_MONTHS):
        before = [each.back(number) for number in range(1, PEOPLE_MONTHS + 1)]
        shares = _shares([entry for m in before for entry in by_month.get(m, [])], before, required)
        worked = list(calendar.working_days(each.start, each.end))
        logged = seconds_by(by_month[each], lambda entry: entry.day)
        made.append(BudgetMonth(each, logged, capacity_of(each, shares, required, worked)))
    return made[-1], tuple(made[:-1]), tuple(by_month[month])


def _months(last: Month, back: int) -> list[Month]:
    return [last.back(number) for number in range(back, -1, -1)]


def _shares(entries: Sequence[LoggedTime], months: Sequence[Month], required: Required) -> dict[str, float]:
    asked: dict[str, int] = defaultdict(int)
    for (person, day), seconds in required.items():
        if Month.of(day) in months:
            asked[person] += seconds
    return people_shares(seconds_by(entries, lambda entry: entry.jira_account_id), asked)
