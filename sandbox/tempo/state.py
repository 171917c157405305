"""What anyone can do in Tempo."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import count

from sandbox.core import Bus, SandboxClock
from sandbox.jira.events import JiraEvent
from sandbox.jira.model import Issue, Worklog
from sandbox.jira.state import JiraState
from sandbox.tempo.model import AuditEvent, Holiday, HolidayScheme, Plan, ScheduleDay, Team, WorkloadScheme

FIRST_TEMPO_ID = 700_001
FIRST_JIRA_ID = 10_000
DAY_S = 8 * 3600
ACTIONS = {"worklog_created": "Created", "worklog_updated": "Updated", "worklog_deleted": "Deleted"}


def tempo_id(worklog_id: int) -> int:
    """Return Tempo's id of a Jira worklog."""
    return worklog_id - FIRST_JIRA_ID + FIRST_TEMPO_ID


def jira_id(tempo_worklog_id: int) -> int:
    """Return Jira's id of a Tempo worklog."""
    return tempo_worklog_id - FIRST_TEMPO_ID + FIRST_JIRA_ID


def monday_of(day: date) -> date:
    """Return the first day of the approval period that `day` is in: a week."""
    return day - timedelta(days=day.weekday())


class TempoState:
    """A Tempo installation on a Jira site: worklogs live there, the rest here."""

    def __init__(self, clock: SandboxClock, bus: Bus, jira: JiraState) -> None:
        self.clock = clock
        self.bus = bus
        self.jira = jira
        self.teams: dict[int, Team] = {}
        self.plans: dict[int, Plan] = {}
        self.audit: list[AuditEvent] = []
        self._ids = count(1)
        self._plan_ids = count(101)
        self.approvals: dict[tuple[str, date], str] = {}
        self.workloads: dict[int, WorkloadScheme] = {}
        self.holiday_schemes: dict[int, HolidayScheme] = {}
        self.add_workload("Full time", (DAY_S,) * 5, default=True)
        self.add_holiday_scheme("United States", default=True)
        jira.listeners.append(self._on_jira)

    def add_workload(self, name: str, weekdays: Iterable[int], default: bool = False) -> WorkloadScheme:
        """Add a workload scheme; `weekdays` are seconds from Monday on, missing days are free."""
        days = (*weekdays, 0, 0, 0, 0, 0, 0, 0)
        scheme = WorkloadScheme(
            next(self._ids), name, (days[0], days[1], days[2], days[3], days[4], days[5], days[6]), default
        )
        self.workloads[scheme.id] = scheme
        return scheme

    def add_holiday_scheme(self, name: str, default: bool = False) -> HolidayScheme:
        """Add a holiday scheme."""
        scheme = HolidayScheme(next(self._ids), name, default)
        self.holiday_schemes[scheme.id] = scheme
        return scheme

    def add_holiday(self, scheme: HolidayScheme, day: date, name: str, seconds: int = DAY_S) -> Holiday:
        """Add a holiday that takes `seconds` off the day."""
        holiday = Holiday(next(self._ids), day, name, seconds)
        scheme.holidays[day] = holiday
        return holiday

    def add_team(self, name: str, lead: str, members: Iterable[str]) -> Team:
        """Add a team of account ids."""
        team = Team(next(self._ids), name, lead)
        team.members = {next(self._ids): member for member in members}
        self.teams[team.id] = team
        return team

    def add_plan(
        self,
        account_id: str,
        item: tuple[str, int],
        start: date,
        end: date,
        seconds_per_day: int = DAY_S,
        description: str = "",
    ) -> Plan:
        """Plan a person's time on ("ISSUE"|"PROJECT", id) for each working day from start to end, both included."""
        now = self.clock.now()
        plan = Plan(
            next(self._plan_ids), account_id, item[0], item[1], start, end, seconds_per_day, description, now, now
        )
        self.plans[plan.id] = plan
        return plan

    def workload(self, account_id: str) -> WorkloadScheme:
        """Return the workload scheme of a person."""
        schemes = self.workloads.values()
        own = next((s for s in schemes if account_id in s.members), None)
        return own or next(s for s in schemes if s.default)

    def holiday_scheme(self, account_id: str) -> HolidayScheme:
        """Return the holiday scheme of a person."""
        schemes = self.holiday_schemes.values()
        own = next((s for s in schemes if account_id in s.members), None)
        return own or next(s for s in schemes if s.default)

    def schedule(self, account_id: str, start: date, end: date) -> Iterator[ScheduleDay]:
        """Yield what is required of a person from start to end, both included; leave is not subtracted."""
        workload, holidays = self.workload(account_id), self.holiday_scheme(account_id)
        day = start
        while day <= end:
            seconds = workload.seconds[day.weekday()]
            holiday = holidays.holidays.get(day)
            kind = "WORKING_DAY" if seconds else "NON_WORKING_DAY"
            if holiday:
                kind = "HOLIDAY" if seconds else "HOLIDAY_AND_NON_WORKING_DAY"
                seconds = max(0, seconds - holiday.seconds)
            yield ScheduleDay(day, seconds, kind, holiday, holidays.id)
            day += timedelta(days=1)

    def set_approval(self, account_id: str, day: date, status: str) -> None:
        """Make the timesheet of the week of `day` OPEN, IN_REVIEW or APPROVED; only an open one takes worklogs."""
        self.approvals[account_id, monday_of(day)] = status

    def approval(self, account_id: str, day: date) -> str:
        """Return where a person's timesheet of the week of `day` stands."""
        return self.approvals.get((account_id, monday_of(day)), "OPEN")

    def worklogs(
        self,
        start: date | None = None,
        end: date | None = None,
        updated_from: datetime | None = None,
        authors: Iterable[str] = (),
        issue_ids: Iterable[int] = (),
        project_ids: Iterable[int] = (),
    ) -> list[Worklog]:
        """Return worklogs by id; the days are both included, an empty filter takes all."""
        by_author, by_issue, by_project = set(authors), set(issue_ids), {str(i) for i in project_ids}
        jira = self.jira
        return [
            worklog
            for worklog in jira.worklogs.values()
            if (start is None or worklog.day >= start)
            and (end is None or worklog.day <= end)
            and (updated_from is None or worklog.updated >= updated_from)
            and (not by_author or worklog.author in by_author)
            and (not by_issue or worklog.issue_id in by_issue)
            and (not by_project or jira.issues[worklog.issue_id].project.id in by_project)
        ]

    def worklog(self, tempo_worklog_id: int) -> Worklog | None:
        """Return a worklog by Tempo's id."""
        return self.jira.worklogs.get(jira_id(tempo_worklog_id))

    def create_worklog(
        self,
        actor: str,
        author: str,
        issue: Issue,
        started: datetime,
        seconds: int,
        description: str = "",
        billable_seconds: int | None = None,
    ) -> Worklog:
        """Log time; `started` is the author's wall clock."""
        return self.jira.add_worklog(actor, author, issue, started, seconds, description, billable_seconds)

    def update_worklog(
        self,
        actor: str,
        worklog: Worklog,
        started: datetime,
        seconds: int,
        description: str,
        author: str = "",
        billable_seconds: int | None = None,
    ) -> None:
        """Replace a worklog's values; an unnamed author stays."""
        worklog.started, worklog.seconds, worklog.description = started, seconds, description
        worklog.author, worklog.billable_seconds = author or worklog.author, billable_seconds
        self.jira.worklog_changed(actor, worklog)

    def delete_worklog(self, actor: str, worklog: Worklog) -> None:
        """Delete a worklog."""
        self.jira.delete_worklog(actor, worklog)

    def _on_jira(self, event: JiraEvent) -> None:
        worklog = event.worklog
        if worklog is None:
            return
        action = ACTIONS[event.name]
        identifier = tempo_id(worklog.id)
        values = (("timeSpentSeconds", str(worklog.seconds)), ("startDate", worklog.day.isoformat()))
        gone = action == "Deleted"
        changes = tuple((name, value if gone else None, None if gone else value) for name, value in values)
        self.audit.append(
            AuditEvent(
                action,
                "worklog",
                str(identifier),
                str(worklog.issue_id),
                event.actor,
                worklog.author,
                event.at,
                changes,
            )
        )
        self.bus.publish("tempo", id=identifier, op=action.lower())
