"""What is required of people day by day, leave taken off."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from db.engine import Database
from db.models.mirror import JiraIssue
from db.repositories.mirror import issues as issue_repository
from db.repositories.mirror import worklogs as repository
from services.clock import Now
from services.errors import VendorUnavailableError
from services.mirror.rows import Stored, schedule_day
from services.mirror.types import ScheduleDay
from services.vendors.tempo import TempoClient
from services.vendors.types import TempoDay, TempoPlan

FRESH_FOR = timedelta(hours=6)
LEAVE = re.compile(
    r"\b(leave|vacation|holidays?|pto|time[ -]?off|absen(ce|t)|sick|parental|out of office)\b",
    re.IGNORECASE,
)


class Schedules:
    """Reads Tempo's schedules on demand and keeps them for `FRESH_FOR`."""

    def __init__(self, database: Database, tempo: TempoClient, now: Now) -> None:
        self._database = database
        self._tempo = tempo
        self._now = now

    async def days(self, account_ids: Collection[str], from_date: date, to_date: date) -> list[ScheduleDay]:
        """Return one row per person and day, both ends included.

        While Tempo is down, older rows are given if they are complete (see `synced_at`); else `VendorUnavailableError`.
        """
        wanted = sorted(set(account_ids))
        stored = await self._stored(wanted, from_date, to_date)
        fresh_from = self._now() - FRESH_FOR
        count = (to_date - from_date).days + 1
        lacking = [a for a in wanted if _count(stored, a, fresh_from) < count]
        if not lacking:
            return stored
        try:
            await self._read(lacking, from_date, to_date)
        except VendorUnavailableError:
            if all(_count(stored, account_id) == count for account_id in lacking):
                return stored
            raise
        return await self._stored(wanted, from_date, to_date)

    async def _stored(self, account_ids: Sequence[str], from_date: date, to_date: date) -> list[ScheduleDay]:
        async with self._database.transaction(write=False) as session:
            return [schedule_day(row) for row in await repository.days(session, account_ids, from_date, to_date)]

    async def _read(self, account_ids: Sequence[str], from_date: date, to_date: date) -> None:
        read_at = self._now()
        leaves = await self._leave(await self._tempo.plans(account_ids, from_date, to_date))
        rows: list[Stored] = []
        for account_id in account_ids:
            days = await self._tempo.user_schedule(account_id, from_date, to_date)
            rows += [_stored_day(account_id, day, leaves.get((account_id, day.day), 0), read_at) for day in days]
        async with self._database.transaction() as session:
            await repository.store_days(session, rows)

    async def _leave(self, plans: Iterable[TempoPlan]) -> dict[tuple[str, date], int]:
        """Return the seconds of leave by person and day."""
        approved = [plan for plan in plans if plan.is_approved]
        issue_ids = [plan.item_id for plan in approved if plan.item_type == "ISSUE"]
        async with self._database.transaction(write=False) as session:
            found = await issue_repository.issues(session, JiraIssue.jira_id.in_(issue_ids)) if issue_ids else []
        issues = {issue.jira_id: issue for issue in found}
        seconds: dict[tuple[str, date], int] = {}
        for plan in approved:
            if is_leave(plan, issues.get(plan.item_id) if plan.item_type == "ISSUE" else None):
                for day, planned in plan.seconds_by_day.items():
                    seconds[plan.account_id, day] = seconds.get((plan.account_id, day), 0) + planned
        return seconds


def is_leave(plan: TempoPlan, issue: JiraIssue | None) -> bool:
    """Tell whether a plan is time off: Tempo has no mark for it, so its own words and its issue's decide."""
    words = [plan.description]
    if issue is not None:
        words += [issue.summary, issue.issue_type, *issue.labels]
    return any(LEAVE.search(text) for text in words)


def _stored_day(account_id: str, day: TempoDay, leave_seconds: int, read_at: datetime) -> Stored:
    leave = min(leave_seconds, day.required_seconds)
    return {
        "jira_account_id": account_id,
        "day": day.day,
        "required_seconds": day.required_seconds - leave,
        "day_type": day.day_type,
        "leave_seconds": leave,
        "synced_at": read_at,
    }


def _count(days: Sequence[ScheduleDay], account_id: str, fresh_from: datetime | None = None) -> int:
    return sum(
        day.jira_account_id == account_id and (fresh_from is None or day.synced_at >= fresh_from) for day in days
    )
