"""Which days are worked: Tempo first, public holidays where it says nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

import pytest

from agents.pm.retainer_budget import SPEC
from agents.schedule import slots_between
from services.accounts.settings import holiday_region
from services.errors import VendorRejectedError, VendorUnavailableError
from services.mirror.types import ScheduleDay
from services.pm.working_days import WorkingCalendar, WorkingDays, worked_by_most

NOW = datetime(2026, 11, 18, 15, tzinfo=UTC)
THANKSGIVING, COMPANY_DAY = date(2026, 11, 26), date(2026, 11, 20)


def day(person: str, at: date, kind: str = "WORKING_DAY", seconds: int = 28800) -> ScheduleDay:
    return ScheduleDay(person, at, seconds, kind, 0, NOW)


def test_a_day_is_worked_if_at_least_half_of_those_who_ever_work_are_due() -> None:
    days = [day("ana", COMPANY_DAY, "HOLIDAY"), day("ben", COMPANY_DAY, "HOLIDAY"), day("cleo", COMPANY_DAY)]
    usual = [day(who, date(2026, 11, 19)) for who in ("ana", "ben", "cleo")]
    idle = [day("boss", at, "NON_WORKING_DAY", 0) for at in (COMPANY_DAY, date(2026, 11, 19))]
    on_leave = [day("ana", date(2026, 11, 23), seconds=0)]
    assert worked_by_most([*days, *usual, *idle, *on_leave]) == {
        COMPANY_DAY: False,
        date(2026, 11, 19): True,
        date(2026, 11, 23): True,
    }


def test_tempo_goes_before_the_public_holidays_and_they_before_monday_to_friday() -> None:
    calendar = WorkingCalendar({COMPANY_DAY: False, THANKSGIVING: True}, "US")
    assert not calendar.is_working_day(COMPANY_DAY)
    assert calendar.is_working_day(THANKSGIVING)
    assert not calendar.is_working_day(date(2026, 12, 25))
    assert not calendar.is_working_day(date(2026, 11, 21))
    assert WorkingCalendar({}, None).is_working_day(date(2026, 12, 25))
    assert not WorkingCalendar({}, "DE", "BY").is_working_day(date(2027, 1, 6))
    assert WorkingCalendar({}, "DE", "BE").is_working_day(date(2027, 1, 6))


def test_the_country_is_the_settings_or_the_time_zones() -> None:
    assert holiday_region(None, "America/New_York") == ("US", None)
    assert holiday_region(None, "Europe/Berlin") == ("DE", None)
    assert holiday_region("DE-BY", "America/New_York") == ("DE", "BY")
    assert holiday_region("none", "America/New_York") == (None, None)


@pytest.mark.requirement("PM-2.1")
def test_runs_keep_to_the_wall_clock_over_clock_changes_and_the_31st_and_skip_holidays() -> None:
    calendar = WorkingCalendar({date(2026, 11, 2): False}, "US")
    start, end = datetime(2026, 10, 30, 4, tzinfo=UTC), datetime(2026, 11, 4, 4, tzinfo=UTC)
    slots = slots_between(SPEC.schedule, "America/New_York", start, end, calendar.is_working_day)
    assert [f"{slot:%d %H}" for slot in slots] == ["30 13", "30 17", "30 21", "03 14", "03 18", "03 22"]
    in_march = datetime(2027, 3, 31, 4, tzinfo=UTC), datetime(2027, 4, 1, 4, tzinfo=UTC)
    assert len(slots_between(SPEC.schedule, "America/New_York", *in_march, calendar.is_working_day)) == 3


class Accounts:
    """Two people, no settings."""

    async def get_setting(self, key: str, default: Any = None) -> Any:
        return default

    async def members(self) -> list[Any]:
        return [type("Member", (), {"jira_account_id": who})() for who in ("ana", "gone")]


class Mirror:
    """Knows a company holiday; asking Tempo fails as told."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def schedule_days(self, people: Collection[str], first: date, last: date) -> list[ScheduleDay]:
        if "gone" in people:
            raise self.error
        return [day("ana", COMPANY_DAY, "HOLIDAY"), day("ana", date(2026, 11, 19))]

    async def known_schedule_days(self, people: Collection[str], first: date, last: date) -> list[ScheduleDay]:
        return [day("ana", date(2026, 11, 19)), day("ana", date(2026, 11, 23), "HOLIDAY")]


async def calendar_with(error: Exception) -> WorkingDays:
    accounts, mirror = Accounts(), Mirror(error)
    found = WorkingDays(accounts, mirror, lambda: NOW)  # type: ignore[arg-type]
    assert await found.refresh("acc", "America/New_York")
    assert not await found.refresh("acc", "America/New_York")
    return found


async def test_somebody_whom_tempo_does_not_know_costs_only_their_own_days() -> None:
    is_working_day = (await calendar_with(VendorRejectedError("Tempo", "no such user"))).of("acc")
    assert not is_working_day(COMPANY_DAY)
    assert not is_working_day(THANKSGIVING)


async def test_while_tempo_is_down_what_is_known_counts_and_for_the_rest_the_holidays() -> None:
    is_working_day = (await calendar_with(VendorUnavailableError("Tempo", "down"))).of("acc")
    assert not is_working_day(date(2026, 11, 23))
    assert is_working_day(COMPANY_DAY)
    assert not is_working_day(THANKSGIVING)
