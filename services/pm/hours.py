"""Logged time, added up by project, epic, team, person, month or day: whole seconds, so that totals always agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from services.mirror.types import WorklogRow
from services.pm.months import Month
from services.pm.types import TeamMember

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class LoggedTime:
    """Seconds that one person logged on one issue on one day; "" where there is no project, epic, team or issue known.

    A worklog on an issue that is not mirrored has no project; it counts in every total all the same.
    """

    project_key: str
    epic_key: str
    issue_key: str
    team: str
    jira_account_id: str
    day: date
    seconds: int

    @property
    def month(self) -> Month:
        """The month of the day."""
        return Month.of(self.day)


def team_names(people: Iterable[TeamMember]) -> dict[str, str]:
    """Return the team of each linked Jira account."""
    return {person.member.jira_account_id: person.team for person in people if person.member.jira_account_id}


def logged_time(worklogs: Iterable[WorklogRow], team_of: Mapping[str, str]) -> list[LoggedTime]:
    """Return worklogs with what they are added up by; `team_of` gives the team by Jira account."""
    return [
        LoggedTime(
            project_key=worklog.project_key or "",
            epic_key=worklog.epic_key or "",
            issue_key=worklog.issue_key or "",
            team=team_of.get(worklog.author_account_id, ""),
            jira_account_id=worklog.author_account_id,
            day=worklog.start_date,
            seconds=worklog.time_spent_seconds,
        )
        for worklog in worklogs
    ]


def seconds_by(entries: Iterable[LoggedTime], key: Callable[[LoggedTime], Key]) -> dict[Key, int]:
    """Add up seconds by whatever `key` says of an entry."""
    totals: dict[Key, int] = defaultdict(int)
    for entry in entries:
        totals[key(entry)] += entry.seconds
    return dict(totals)


def total_seconds(entries: Iterable[LoggedTime]) -> int:
    """Add up all seconds."""
    return sum(entry.seconds for entry in entries)
