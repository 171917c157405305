"""Who is off today: leave and public holidays by Tempo's schedules. A look-up that fails holds nothing up."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import structlog

from db.engine import Database
from db.repositories import alerts as repository
from db.tenancy import current_account_id
from services.alerts.decide import SATURDAY, zone_named
from services.alerts.types import Absence, is_person
from services.clock import Now
from services.errors import FlowPilotError, NotConfiguredError, VendorRejectedError
from services.mirror.types import ScheduleDay

IsPublicHoliday = Callable[[date, Any, str], bool]
"""Asked of a day, the account's setting of holidays, and its time zone."""

ScheduleDays = Callable[[Collection[str], date, date], Awaitable[Sequence[ScheduleDay]]]

HOLIDAYS = "public_holidays"
HOLIDAY = Absence("a public holiday")
PATIENCE_S = 5.0
ASK_AGAIN_AFTER = timedelta(minutes=5)
"""After a failure people count as at work for so long, so that a vendor that is down does not slow every alert."""

log = structlog.get_logger(__name__)


def absence_on(today: date, week: Sequence[ScheduleDay]) -> Absence | None:
    """Return why a person is not to be disturbed today, by their schedule of the week; None when they are at work.

    Weekends are their own preference, and somebody of whom nothing is required all week has no schedule to go by.
    """
    day = next((each for each in week if each.day == today), None)
    if day is None or day.required_seconds > 0:
        return None
    if day.leave_seconds > 0:
        return Absence("on leave", is_leave=True)
    if "HOLIDAY" in day.day_type:
        return HOLIDAY
    works_otherwise = any(each.required_seconds + each.leave_seconds > 0 for each in week)
    return Absence("not a working day") if works_otherwise and today.weekday() < SATURDAY else None


class Absences:
    """Looks up who of some people is off today, on their own calendars."""

    def __init__(
        self, database: Database, schedule_days: ScheduleDays, is_public_holiday: IsPublicHoliday, now: Now
    ) -> None:
        self._database = database
        self._schedule_days = schedule_days
        self._is_public_holiday = is_public_holiday
        self._now = now
        self._failed_at: dict[str, datetime] = {}

    async def of(self, slack_ids: Collection[str]) -> Mapping[str, Absence]:
        """Return why people are off by Slack id; who is at work, or of whom nothing is known, is not in it.

        Where Tempo says nothing of a person, or does not answer, the account's public holidays count.
        """
        people = {each for each in slack_ids if is_person(each)}
        if not people:
            return {}
        try:
            async with self._database.transaction(write=False) as session:
                account = await repository.account(session)
                members = await repository.members_of(session, people)
            today = {m.slack_user_id: self._now().astimezone(zone_named(m.time_zone)).date() for m in members}
            by_account = {m.jira_account_id: m.slack_user_id for m in members if m.jira_account_id}
            weeks = await self._weeks(by_account, today)
            found = {each: absence_on(today[each], week) for each, week in weeks.items()}
            region = (account.preferences.get(HOLIDAYS), account.time_zone)
            for each, day in today.items():
                is_told = any(row.required_seconds + row.leave_seconds > 0 for row in weeks.get(each, ()))
                if not is_told and day.weekday() < SATURDAY and self._is_public_holiday(day, *region):
                    found[each] = HOLIDAY
        except Exception:
            log.exception("absences_unknown")
            return {}
        return {each: absence for each, absence in found.items() if absence is not None}

    async def _weeks(
        self, by_account: Mapping[str, str], today: Mapping[str, date]
    ) -> Mapping[str, Sequence[ScheduleDay]]:
        """Return the schedules of the people's weeks by Slack id; none of them where Tempo does not answer in time."""
        failed_at = self._failed_at.get(current_account_id())
        if failed_at is not None and self._now() < failed_at + ASK_AGAIN_AFTER:
            return {}
        accounts: dict[date, list[str]] = defaultdict(list)
        for account, slack_id in by_account.items():
            day = today[slack_id]
            accounts[day - timedelta(days=day.weekday())].append(account)
        weeks: dict[str, list[ScheduleDay]] = defaultdict(list)
        try:
            async with asyncio.timeout(PATIENCE_S):
                for monday, wanted in accounts.items():
                    for row in await self._schedule(wanted, monday):
                        weeks[by_account[row.jira_account_id]].append(row)
        except NotConfiguredError:
            return {}
        except (FlowPilotError, TimeoutError) as error:
            log.warning("absences_unknown", why=str(error) or "Tempo is too slow")
            self._failed_at[current_account_id()] = self._now()
            return {}
        return weeks

    async def _schedule(self, accounts: Sequence[str], monday: date) -> list[ScheduleDay]:
        try:
            return list(await self._schedule_days(accounts, monday, monday + timedelta(days=6)))
        except VendorRejectedError:  # Tempo refuses a whole list because of one closed account
            if len(accounts) == 1:
                return []
            return [row for account in accounts for row in await self._schedule([account], monday)]
