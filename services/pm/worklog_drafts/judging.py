"""What may be logged, and what a week comes to. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from services.accounts.types import MemberRef
from services.pm.time_tracking import status_of
from services.pm.types import DayHours, Week, WeekRecord
from services.pm.worklog_drafts.gathering import REOPEN
from services.pm.worklog_drafts.hours_input import DAY_S
from services.pm.worklog_drafts.types import DraftDay, DraftRow, DraftWeek


def week_of(
    member: MemberRef, week: Week, days: tuple[DraftDay, ...], locked: str, silent: tuple[str, ...]
) -> DraftWeek:
    """Return the week with its verdict."""
    status = status_of(sum(day.logged_seconds for day in days), sum(day.required_seconds for day in days))
    return DraftWeek(member, week, days, status, locked, silent)


def wanted_rows(week: DraftWeek, wanted: Mapping[int, int]) -> list[tuple[DraftDay, DraftRow]]:
    """Return the rows, with their days, that were approved and are not in Tempo yet."""
    return [(day, row) for day in week.days for row in day.open_rows if row.id in wanted]


def obstacle(
    week: DraftWeek, day: DraftDay, row: DraftRow, wanted_s: int, seen: Mapping[date, int], totals: Mapping[date, int]
) -> str:
    """Say why a row must not be logged now; "" when it may."""
    if week.locked:
        return f"{week.locked} {REOPEN}"
    if day.is_ahead:
        return f"{day.day:%A} is still to come."
    if seen.get(day.day, day.logged_seconds) != day.logged_seconds:
        return f"{day.day:%A} changed in Tempo since you looked. Look again, and decide anew."
    if totals[day.day] + row.seconds > DAY_S:
        return f"{day.day:%A} would have more than 24 hours."
    if row.seconds != wanted_s:
        return "It was drafted anew since you looked. Look again, and decide anew."
    return ""


def recorded(record: WeekRecord, days: Sequence[DayHours]) -> WeekRecord:
    """Return a recorded week with what is logged by now."""
    logged, required = sum(day.logged_seconds for day in days), sum(day.required_seconds for day in days)
    missing = tuple(day.day for day in days if day.is_missing)
    return WeekRecord(
        record.member_id, record.week, record.team, logged, required, status_of(logged, required), missing
    )
