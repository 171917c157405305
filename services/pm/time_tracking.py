"""Arithmetic of time-tracking compliance: pure, in whole seconds and days of the calendar."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction

from services.accounts.types import Role
from services.mirror.types import ScheduleDay, WorklogRow
from services.pm.types import (
    Compliance,
    ComplianceStatus,
    DayHours,
    PersonWeek,
    TeamMember,
    TeamWeek,
    TimeTrackingSummary,
    TrendPoint,
    UnknownAuthor,
    Week,
    WeekRecord,
)

COMPLIANT_SHARE = Fraction(32, 40)
PARTIAL_SHARE = Fraction(16, 40)
"""Shares of the required time: 32 and 16 hours of a week of 40, less where a person's week requires less."""

TREND_WEEKS = 6

Seconds = Mapping[tuple[str, date], int]


@dataclass(frozen=True)
class TimeTrackingData:
    """What a week's assessment reads: worklogs and schedules of the week and of the five before it."""

    week: Week
    people: tuple[TeamMember, ...]
    worklogs: tuple[WorklogRow, ...]
    schedule: tuple[ScheduleDay, ...]
    history: tuple[WeekRecord, ...] = ()
    without_schedule: frozenset[str] = frozenset()
    """Jira accounts of which Tempo knows no schedule."""
    mirrored_at: datetime | None = None


@dataclass(frozen=True)
class TimeTrackingFindings:
    """What came of a week: everybody's, earlier weeks that the history lacked, and a summary for each PM."""

    week: Week
    people: tuple[PersonWeek, ...]
    earlier: tuple[WeekRecord, ...]
    summaries: tuple[TimeTrackingSummary, ...]


def status_of(logged_seconds: int, required_seconds: int) -> ComplianceStatus:
    """Return the verdict over a week; where nothing is required, nobody is judged."""
    if required_seconds <= 0:
        return ComplianceStatus.NOT_REQUIRED
    if logged_seconds >= COMPLIANT_SHARE * required_seconds:
        return ComplianceStatus.COMPLIANT
    if logged_seconds >= PARTIAL_SHARE * required_seconds:
        return ComplianceStatus.PARTIAL
    return ComplianceStatus.NON_COMPLIANT


def logged_by_day(worklogs: Iterable[WorklogRow]) -> dict[tuple[str, date], int]:
    """Return the seconds logged by Jira account and day."""
    seconds: dict[tuple[str, date], int] = defaultdict(int)
    for worklog in worklogs:
        seconds[worklog.author_account_id, worklog.start_date] += worklog.time_spent_seconds
    return dict(seconds)


def required_by_day(schedule: Iterable[ScheduleDay]) -> dict[tuple[str, date], int]:
    """Return the seconds required by Jira account and day."""
    return {(day.jira_account_id, day.day): day.required_seconds for day in schedule}


def person_week(person: TeamMember, week: Week, logged: Seconds, required: Seconds) -> PersonWeek:
    """Return a person's week by their linked Jira account."""
    account = person.member.jira_account_id or ""
    days = tuple(DayHours(day, logged.get((account, day), 0), required.get((account, day), 0)) for day in week)
    verdict = status_of(sum(day.logged_seconds for day in days), sum(day.required_seconds for day in days))
    return PersonWeek(person, week, days, verdict)


def unknown_authors(week: Week, logged: Seconds, known: Iterable[str]) -> tuple[UnknownAuthor, ...]:
    """Return who logged time in the week without being anybody's linked account, most hours first."""
    accounts, seconds = set(known), defaultdict[str, int](int)
    for (account, day), spent in logged.items():
        if day in week and account not in accounts:
            seconds[account] += spent
    return tuple(UnknownAuthor(*pair) for pair in sorted(seconds.items(), key=lambda pair: (-pair[1], pair[0])))


def compliance_of(statuses: Iterable[ComplianceStatus]) -> Compliance:
    """Count the compliant among those of whom something was required."""
    judged = [status for status in statuses if status is not ComplianceStatus.NOT_REQUIRED]
    return Compliance(judged.count(ComplianceStatus.COMPLIANT), len(judged))


def weeks_in_a_row(week: Week, statuses: Mapping[Week, ComplianceStatus]) -> int:
    """Count the non-compliant weeks up to `week`, 0 if it is none itself.

    A week that required nothing (leave) neither counts nor ends the row; one of which nothing is known ends it.
    """
    if statuses.get(week) is not ComplianceStatus.NON_COMPLIANT:
        return 0
    count = 0
    while (status := statuses.get(week)) in (ComplianceStatus.NON_COMPLIANT, ComplianceStatus.NOT_REQUIRED):
        count += status is ComplianceStatus.NON_COMPLIANT
        week = week.back(1)
    return count


def earlier_weeks(person: TeamMember, data: TimeTrackingData, logged: Seconds, required: Seconds) -> list[WeekRecord]:
    """Return the weeks before that the history lacks, from the first one in which the person logged anything.

    Before that nobody knows whether they worked here at all, so nothing is held against them.
    """
    account = person.member.jira_account_id
    first = min((day for author, day in logged if author == account), default=None)
    known = {record.week for record in data.history if record.member_id == person.member.id}
    weeks = [data.week.back(back) for back in range(1, TREND_WEEKS)]
    return [
        person_week(person, week, logged, required).record
        for week in weeks
        if first is not None and week.end >= first and week not in known
    ]


def assess_week(data: TimeTrackingData) -> TimeTrackingFindings:
    """Return everybody's week, and the summaries in which it is told."""
    logged, required = logged_by_day(data.worklogs), required_by_day(data.schedule)
    tracked = [p for p in data.people if p.member.jira_account_id and not _is_without_schedule(p, data)]
    earlier = [record for person in tracked for record in earlier_weeks(person, data, logged, required)]
    past: dict[int, dict[Week, ComplianceStatus]] = defaultdict(dict)
    for record in (*data.history, *earlier):
        if record.week < data.week:
            past[record.member_id][record.week] = record.status
    people = [_with_row(person_week(person, data.week, logged, required), past) for person in tracked]
    unknown = unknown_authors(data.week, logged, (p.member.jira_account_id or "" for p in data.people))
    return TimeTrackingFindings(data.week, tuple(people), tuple(earlier), _summaries(data, people, unknown, past))


def _is_without_schedule(person: TeamMember, data: TimeTrackingData) -> bool:
    return person.member.jira_account_id in data.without_schedule


def _with_row(this: PersonWeek, past: Mapping[int, Mapping[Week, ComplianceStatus]]) -> PersonWeek:
    statuses = {**past.get(this.person.member.id, {}), this.week: this.status}
    return replace(this, weeks_in_a_row=weeks_in_a_row(this.week, statuses))


def is_expected(person: TeamMember) -> bool:
    """Tell whether time tracking is about this member: anybody in a team, and outside of teams all but viewers."""
    return bool(person.team) or person.pm_member_id is not None or person.member.role is not Role.VIEWER


def _summaries(
    data: TimeTrackingData,
    people: Sequence[PersonWeek],
    unknown: tuple[UnknownAuthor, ...],
    past: Mapping[int, Mapping[Week, ComplianceStatus]],
) -> tuple[TimeTrackingSummary, ...]:
    """Return a summary for each PM; what is nobody's goes to the admins, or without any to all PMs."""
    members = {person.member.id: person.member for person in data.people}
    managers = {person.pm_member_id for person in data.people} & set(members)
    caretakers = {member.id for member in members.values() if member.role is Role.ADMIN} or managers
    summaries = []
    for recipient in sorted((members[id_] for id_ in managers | caretakers if id_), key=lambda m: m.display_name):
        takes_care = recipient.id in caretakers
        own = [week for week in people if week.person.pm_member_id == recipient.id]
        rest = [w for w in people if takes_care and w.person.pm_member_id not in members and _concerns(w)]
        listed = [p for p in data.people if _is_for(p, recipient.id, members, takes_care) and is_expected(p)]
        summary = TimeTrackingSummary(
            recipient=recipient,
            week=data.week,
            teams=_teams(own),
            without_pm=tuple(rest),
            not_linked=tuple(p for p in listed if not p.member.jira_account_id),
            no_schedule=tuple(p for p in listed if _is_without_schedule(p, data)),
            unknown_authors=unknown if takes_care else (),
            trend=_trend(data.week, [*own, *rest], past),
            mirrored_at=data.mirrored_at,
        )
        if summary.people or summary.not_linked or summary.no_schedule or summary.unknown_authors:
            summaries.append(summary)
    return tuple(summaries)


def _is_for(person: TeamMember, recipient: int, members: Container[int | None], takes_care: bool) -> bool:
    return person.pm_member_id == recipient or (takes_care and person.pm_member_id not in members)


def _concerns(week: PersonWeek) -> bool:
    # viewers outside of teams, such as customers, are listed only if Tempo has them at all
    return is_expected(week.person) or week.logged_seconds > 0 or week.required_seconds > 0


def _teams(people: Sequence[PersonWeek]) -> tuple[TeamWeek, ...]:
    names = sorted({week.person.team for week in people})
    grouped = [(name, tuple(week for week in people if week.person.team == name)) for name in names]
    return tuple(TeamWeek(name, team, compliance_of(week.status for week in team)) for name, team in grouped)


def _trend(
    week: Week, people: Sequence[PersonWeek], past: Mapping[int, Mapping[Week, ComplianceStatus]]
) -> tuple[TrendPoint, ...]:
    points = []
    for each in (week.back(back) for back in range(TREND_WEEKS - 1, 0, -1)):
        known = [past.get(person.person.member.id, {}).get(each) for person in people]
        points.append(TrendPoint(each, compliance_of(status for status in known if status is not None)))
    return (*points, TrendPoint(week, compliance_of(person.status for person in people)))
