"""The worklogs and schedule behind one person's week, so that each number can be opened (TRUST-7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from services.mirror.types import ScheduleDay, WorklogRow
from services.pm.time_tracking import TimeTrackingData, TimeTrackingFindings
from services.pm.types import PersonWeek


@dataclass(frozen=True)
class PersonNumbers:
    """A person's week with every worklog and every day of the schedule that it was judged by."""

    week: PersonWeek
    worklogs: tuple[WorklogRow, ...]
    schedule: dict[date, ScheduleDay]
    mirrored_at: datetime | None


def numbers_of(data: TimeTrackingData, findings: TimeTrackingFindings, member_id: int) -> PersonNumbers | None:
    """Return a person's numbers; None for one whose week was not assessed."""
    week = next((each for each in findings.people if each.person.member.id == member_id), None)
    if week is None:
        return None
    account = week.person.member.jira_account_id
    return PersonNumbers(
        week=week,
        worklogs=tuple(w for w in data.worklogs if w.author_account_id == account and w.start_date in week.week),
        schedule={d.day: d for d in data.schedule if d.jira_account_id == account and d.day in week.week},
        mirrored_at=data.mirrored_at,
    )
