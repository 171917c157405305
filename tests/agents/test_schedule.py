"""Slots of schedules: local times, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.schedule import (
    AnyOf,
    Daily,
    Every,
    FirstWorkingDay,
    Monthly,
    Schedule,
    Weekday,
    Weekly,
    next_slot,
    slots_between,
)
from services.pm.working_days import WorkingCalendar

NEW_YORK = "America/New_York"
ZONES = st.sampled_from(
    [NEW_YORK, "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca", "UTC"]
)
INSTANTS = st.integers(0, 20 * 365 * 24 * 60).map(
    lambda minutes: datetime(2015, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None))
SCHEDULES: st.SearchStrategy[Schedule] = st.one_of(
    st.builds(Weekly, st.sampled_from(Weekday), TIMES),
    st.builds(Daily, st.lists(TIMES, min_size=1, max_size=4).map(tuple), st.booleans()),
    st.builds(Monthly, st.integers(1, 31), TIMES),
    st.builds(FirstWorkingDay, TIMES),
)


def _local(slots: list[datetime], zone: str = NEW_YORK) -> list[str]:
    return [slot.astimezone(ZoneInfo(zone)).strftime("%a %d %b %H:%M") for slot in slots]


def _between(schedule: Schedule, start: str, end: str, zone: str = NEW_YORK) -> list[str]:
    first, last = (datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone)) for at in (start, end))
    return _local(slots_between(schedule, zone, first, last), zone)


def test_a_weekly_schedule_means_the_weekday_that_it_names() -> None:
    assert _between(Weekly(Weekday.MONDAY, time(10)), "2026-11-15", "2026-11-30") == [
        "Mon 16 Nov 10:00",
        "Mon 23 Nov 10:00",
    ]


def test_a_daily_schedule_leaves_the_weekend_out_unless_told_otherwise() -> None:
    at = (time(9), time(17))
    assert _between(Daily(at), "2026-11-20T12:00", "2026-11-23T12:00") == ["Fri 20 Nov 17:00", "Mon 23 Nov 09:00"]
    assert len(_between(Daily(at, working_days_only=False), "2026-11-20T12:00", "2026-11-23T12:00")) == 6


def test_public_holidays_are_no_working_days() -> None:
    is_working_day = WorkingCalendar(country="US").is_working_day
    assert not is_working_day(date(2026, 11, 26)), "Thanksgiving"
    assert is_working_day(date(2026, 11, 27))
    slots = slots_between(
        Daily((time(9),)),
        NEW_YORK,
        datetime(2026, 11, 25, tzinfo=UTC),
        datetime(2026, 11, 28, tzinfo=UTC),
        is_working_day,
    )
    assert _local(slots) == ["Wed 25 Nov 09:00", "Fri 27 Nov 09:00"]


def test_the_last_days_of_a_month_fall_on_its_last_day_where_it_is_shorter() -> None:
    expected = ["Sat 31 Jan 09:00", "Sat 28 Feb 09:00", "Tue 31 Mar 09:00", "Thu 30 Apr 09:00"]
    assert _between(Monthly(31, time(9)), "2026-01-01", "2026-05-01") == expected
    leap = ["Mon 31 Jan 09:00", "Tue 29 Feb 09:00", "Fri 31 Mar 09:00"]
    assert _between(Monthly(31, time(9)), "2028-01-01", "2028-04-01") == leap
    with pytest.raises(ValueError, match="no day 32"):
        Monthly(32, time(9))


def test_the_first_working_day_comes_after_a_weekend_and_after_new_year() -> None:
    is_working_day = WorkingCalendar(country="US").is_working_day
    start, end = datetime(2026, 7, 31, tzinfo=UTC), datetime(2027, 1, 31, tzinfo=UTC)
    slots = slots_between(FirstWorkingDay(time(9)), NEW_YORK, start, end, is_working_day)
    assert _local(slots) == [
        "Mon 03 Aug 09:00",
        "Tue 01 Sep 09:00",
        "Thu 01 Oct 09:00",
        "Mon 02 Nov 09:00",
        "Tue 01 Dec 09:00",
        "Mon 04 Jan 09:00",
    ]


def test_one_of_several_schedules_is_enough_and_the_same_instant_counts_once() -> None:
    schedule = AnyOf((Weekly(Weekday.MONDAY, time(11)), Monthly(1, time(10)), Weekly(Weekday.MONDAY, time(11))))
    assert _between(schedule, "2026-05-31", "2026-06-09") == [
        "Mon 01 Jun 10:00",
        "Mon 01 Jun 11:00",
        "Mon 08 Jun 11:00",
    ]


def test_a_time_that_spring_skips_runs_once_an_hour_later_on_the_clock() -> None:
    schedule = Daily((time(2, 30),), working_days_only=False)
    expected = ["Sat 07 Mar 02:30", "Sun 08 Mar 03:30", "Mon 09 Mar 02:30"]
    assert _between(schedule, "2026-03-07", "2026-03-10") == expected


def test_a_time_that_autumn_repeats_runs_once_the_first_time() -> None:
    schedule = Daily((time(1, 30),), working_days_only=False)
    slots = slots_between(schedule, NEW_YORK, datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC))
    assert slots == [datetime(2026, 11, 1, 5, 30, tzinfo=UTC)], "05:30 UTC is 01:30 in summer time"


def test_schedules_say_themselves_in_words() -> None:
    schedule = AnyOf((Weekly(Weekday.MONDAY, time(11)), Monthly(1, time(10))))
    assert schedule.describe() == "Mondays at 11:00 and day 1 of each month at 10:00"
    assert Daily((time(9), time(13))).describe() == "working days at 09:00, 13:00"


@settings(deadline=None)
@given(ZONES, INSTANTS, st.integers(1, 400))
def test_each_local_day_has_exactly_one_slot_at_ten(zone: str, start: datetime, days: int) -> None:
    first = start.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    end = first + timedelta(days=days)
    slots = slots_between(Daily((time(10),), working_days_only=False), zone, first, end)
    local = [slot.astimezone(ZoneInfo(zone)) for slot in slots]
    assert [at.date() for at in local] == [first.date() + timedelta(days=number) for number in range(days)]
    assert {(at.hour, at.minute) for at in local} == {(10, 0)}


@settings(deadline=None)
@given(SCHEDULES, ZONES, INSTANTS, st.integers(0, 90), st.integers(0, 90))
def test_cutting_a_span_anywhere_neither_loses_nor_doubles_a_slot(
    schedule: Schedule, zone: str, start: datetime, before: int, after: int
) -> None:
    middle, end = start + timedelta(days=before), start + timedelta(days=before + after)
    whole = slots_between(schedule, zone, start, end)
    assert slots_between(schedule, zone, start, middle) + slots_between(schedule, zone, middle, end) == whole
    assert whole == sorted(set(whole))


@settings(deadline=None)
@given(SCHEDULES, ZONES, INSTANTS)
def test_the_next_slot_is_the_first_of_those_to_come(schedule: Schedule, zone: str, after: datetime) -> None:
    slot = next_slot(schedule, zone, after)
    assert slot is not None
    assert slots_between(schedule, zone, after, slot) == [slot]


@settings(deadline=None)
@given(ZONES, INSTANTS, st.sampled_from([1, 5, 15, 60]))
def test_an_interval_never_leaves_a_longer_gap_than_it_says_but_where_clocks_change(
    zone: str, start: datetime, minutes: int
) -> None:
    slots = slots_between(Every(minutes), zone, start, start + timedelta(hours=6))
    gaps = {(later - earlier) for earlier, later in pairwise(slots)}
    assert max(gaps) <= timedelta(minutes=minutes) + timedelta(hours=1)
    assert min(gaps) > timedelta(0)


def test_an_interval_must_divide_the_day() -> None:
    with pytest.raises(ValueError, match="do not divide"):
        Every(7)


def test_a_schedule_that_never_comes_has_no_next_slot() -> None:
    assert next_slot(Daily((time(9),)), NEW_YORK, datetime(2026, 1, 1, tzinfo=UTC), lambda _: False) is None
