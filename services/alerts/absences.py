"""Who is off today: leave and public holidays by Tempo's schedules. A look-up that fails holds nothing up."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

import structlog

from db.engine import Database
from db.repositories import alerts as repository
from db.tenancy import current_account_id
from services.alerts.decide import SATURDAY, zone_named
from services.alerts.types import Absence, is_person
from services.clock import Now
from services.errors import FlowPilotError, VendorRejectedError
from services.mirror.types import ScheduleDay

ScheduleDays = Callable[[Collection[str], date, date], Awaitable[Sequence[ScheduleDay]]]

PATIENCE_S = 5.0
ASK_AGAIN_AFTER = timedelta(minutes=5)
"""After a failure people count as at work for so long, so that a vendor that is down does not slow every alert."""

log = structlog.get_logger(__name__)


def absence_on(day: ScheduleDay) -> Absence | None:
    """Return why nobody is to be disturbed on a day of their schedule; None for a working day and a plain weekend."""
    if day.required_seconds > 0:
        return None
    if day.leave_seconds > 0:
        return Absence("on leave", is_leave=True)
    if "HOLIDAY" in day.day_type:
        return Absence("a public holiday")
    # whether weekends are quiet is the person's own preference
    return None if day.day.weekday() >= SATURDAY else Absence("not a working day")


class Absences:
    """Looks up who of some people is off today, on their own calendars."""

    def __init__(self, database: Database, schedule_days: ScheduleDays, now: Now) -> None:
        self._database = database
        self._schedule_days = schedule_days
        self._now = now
        self._failed_at: dict[str, datetime] = {}

    async def of(self, slack_ids: Collection[str]) -> Mapping[str, Absence]:
        """Return why people are off by Slack id; who is at work, or of whom nothing is known, is not in it."""
        failed_at = self._failed_at.get(current_account_id())
        people = {each for each in slack_ids if is_person(each)}
        if not people or (failed_at is not None and self._now() < failed_at + ASK_AGAIN_AFTER):
            return {}
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._look_up(people)
        except (FlowPilotError, TimeoutError) as error:
            log.warning("absences_unknown", why=str(error) or "too slow")
        except Exception:
            log.exception("absences_unknown")
        self._failed_at[current_account_id()] = self._now()
        return {}

    async def _look_up(self, people: Collection[str]) -> Mapping[str, Absence]:
        async with self._database.transaction(write=False) as session:
            members = await repository.members_of(session, people)
        by_day: dict[date, dict[str, str]] = defaultdict(dict)
        for member in members:
            if member.jira_account_id:
                today = self._now().astimezone(zone_named(member.time_zone)).date()
                by_day[today][member.jira_account_id] = member.slack_user_id
        found: dict[str, Absence] = {}
        for day, slack_ids in by_day.items():
            for row in await self._schedule(list(slack_ids), day):
                if absence := absence_on(row):
                    found[slack_ids[row.jira_account_id]] = absence
        return found

    async def _schedule(self, accounts: Sequence[str], day: date) -> list[ScheduleDay]:
        try:
            return list(await self._schedule_days(accounts, day, day))
        except VendorRejectedError:  # Tempo refuses a whole list because of one closed account
            if len(accounts) == 1:
                return []
            return [row for account in accounts for row in await self._schedule([account], day)]
