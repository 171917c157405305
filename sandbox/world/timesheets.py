"""Eight months of worklogs: who worked on what, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sandbox.core import Sandbox
from sandbox.jira.model import Worklog
from sandbox.world.clock import ZONE, Calendar
from sandbox.world.drafts import Draft
from sandbox.world.people import World
from sandbox.world.sites import PART_TIME
from sandbox.world.tickets import CREWS, Tickets

HOUR_S, QUARTER_S, DAY_START = 3600, 900, time(9)
TRACKED = ("alice", "tomas", "ingrid", "bob", "sam", "mei", "jonas", "fatima", "luca")
NOTES = ("Implementation", "Review and fixes", "Call with the client", "Analysis", "Testing", "Pairing", "")

# Hours that the stories fix: Bob's by week, the last full week first; the others' of that week only.
BOB_WEEKS = (9.5, 11.0, 8.5)
SAM_HOURS, SAM_SKIPPED_DAYS = 22.0, (1, 3)
MEI_LEAVE_DAYS, MEI_HOURS_A_DAY = 3, 7.0
FATIMA_HOURS_A_DAY = 3.5
BY_FAR = {"jonas": 8.25, "alice": 8.0}
FAIR = {"tomas": 7.5, "ingrid": 7.25}


@dataclass
class Entry:
    """One worklog to be."""

    person: str
    day: date
    seconds: int
    ticket: Draft


class Timesheets:
    """Makes entries day by day, leave and the stories of the last weeks included."""

    def __init__(self, random: Random, calendar: Calendar, tickets: Tickets, world: World) -> None:
        self._random = random
        self._calendar = calendar
        self._tickets = tickets
        self._account = {person.key: person.jira_account_id for person in world.people}
        self.leave: dict[str, set[date]] = {key: self._leave(key) for key in TRACKED}
        self._week = self._last_weeks()

    def entries(self) -> list[Entry]:
        """Return all entries up to yesterday, oldest first."""
        made: list[Entry] = []
        spans = {key: self._active(key) for key in TRACKED}
        for day in self._calendar.working_days(self._calendar.first_day, self._calendar.today):
            for key in TRACKED:
                if day not in self.leave[key] and (seconds := self._seconds(key, day)):
                    made.extend(self._split(key, day, seconds, spans[key]))
        return made

    def _leave(self, key: str) -> set[date]:
        """Return two short holidays per person, none in the last four weeks, and Mei's three days of last week."""
        days: set[date] = set()
        for back in (self._random.randrange(35, 120), self._random.randrange(125, 230)):
            start = self._calendar.today - timedelta(days=back)
            window = self._calendar.working_days(start, start + timedelta(days=self._random.choice((4, 5, 7))))
            days.update(window)
        if key == "mei":
            days.update(self._calendar.working_week(1)[:MEI_LEAVE_DAYS])
        return days

    def _last_weeks(self) -> dict[tuple[str, date], float]:
        """Return hours of the days that the stories fix."""
        hours: dict[tuple[str, date], float] = {}
        week = self._calendar.working_week(1)
        for key, each in {**BY_FAR, **FAIR, "mei": MEI_HOURS_A_DAY, "fatima": FATIMA_HOURS_A_DAY, "luca": 0.0}.items():
            hours.update({(key, day): each for day in week})
        for back, total in enumerate(BOB_WEEKS, 1):
            hours.update(_spread("bob", self._calendar.working_week(back), total, 2))
        skipped = self.skipped_days()
        hours.update({("sam", day): 0.0 for day in skipped})
        worked = [day for day in week if day not in skipped]
        hours.update(_spread("sam", worked, SAM_HOURS, len(worked)))
        return hours

    def skipped_days(self) -> list[date]:
        """Return the two days of last week without an entry of Sam's."""
        week = self._calendar.working_week(1)
        return [week[n] for n in SAM_SKIPPED_DAYS if n < len(week)]

    def _seconds(self, key: str, day: date) -> int:
        fixed = self._week.get((key, day))
        if fixed is not None:
            return round(fixed * HOUR_S)
        usual = 4.0 if key in PART_TIME else 7.5
        hours = self._random.gauss(usual, 0.35)
        if key in ("sam", "luca") and self._random.random() < 0.06:
            return 0
        return round(max(usual - 2, hours) * HOUR_S / QUARTER_S) * QUARTER_S

    def _active(self, key: str) -> list[tuple[date, date, Draft]]:
        """Return the person's tickets and from when to when they were worked on."""
        spans = []
        for draft in self._tickets.all:
            if draft.assignee == self._account[key] and draft.type != "Epic" and draft.steps:
                last = draft.steps[-1]
                end = last[0].date() if last[1] == "Done" else self._calendar.today
                spans.append((draft.steps[0][0].date(), end, draft))
        return spans

    def _split(self, key: str, day: date, seconds: int, spans: list[tuple[date, date, Draft]]) -> Iterable[Entry]:
        active = [draft for start, end, draft in spans if start <= day <= end]
        if not active:
            active = [self._any_open(key, day)]
        chosen = self._random.sample(active, min(len(active), self._random.choice((1, 2, 2, 3))))
        rest = seconds
        for number, draft in enumerate(chosen):
            left = len(chosen) - number
            part = rest if left == 1 else max(QUARTER_S, round(rest / left / QUARTER_S) * QUARTER_S)
            if part > 0:
                yield Entry(key, day, part, draft)
            rest -= part

    def _any_open(self, key: str, day: date) -> Draft:
        projects = [project for project, crew in CREWS.items() if key in crew]
        known = [
            draft
            for draft in self._tickets.all
            if draft.project in projects
            and draft.type in ("Story", "Task", "Bug")
            and draft.created.date() <= day
            and draft.topic
        ]
        return self._random.choice(known or [d for d in self._tickets.all if d.project in projects])


def _spread(key: str, days: list[date], total: float, parts: int) -> dict[tuple[str, date], float]:
    """Spread hours evenly over the last `parts` of the days, in quarters, nothing on the others."""
    worked = days[-parts:] if parts else []
    hours = {(key, day): 0.0 for day in days}
    rest = total
    for number, day in enumerate(worked):
        left = len(worked) - number
        share = rest if left == 1 else round(rest / left * 4) / 4
        hours[key, day] = share
        rest -= share
    return hours


def total(entries: Iterable[Entry], counts: Callable[[Entry], bool]) -> int:
    """Return the seconds of the entries that count."""
    return sum(entry.seconds for entry in entries if counts(entry))


def move_seconds(
    entries: list[Entry], seconds: int, may_move: Callable[[Entry], bool], targets: Callable[[Entry], Draft]
) -> int:
    """Rebook up to `seconds` from entries that may move onto other tickets, splitting the last; return what is left.

    Nobody's hours of any day change, only what they were spent on.
    """
    for entry in list(entries):
        if seconds <= 0:
            break
        if not may_move(entry):
            continue
        if entry.seconds > seconds:
            entries.append(replace(entry, seconds=entry.seconds - seconds))
            entry.seconds = seconds
        seconds -= entry.seconds
        entry.ticket = targets(entry)
    return seconds


def write_entries(sandbox: Sandbox, world: World, random: Random, entries: list[Entry]) -> None:
    """Put the entries into Jira and Tempo; each was logged in the evening of its day."""
    account = {person.key: person.jira_account_id for person in world.people}
    ends: defaultdict[tuple[str, date], datetime] = defaultdict()
    order = {key: number for number, key in enumerate(TRACKED)}
    for entry in sorted(entries, key=lambda e: (e.day, order[e.person])):
        started = ends.get((entry.person, entry.day), datetime.combine(entry.day, DAY_START))
        ends[entry.person, entry.day] = started + timedelta(seconds=entry.seconds)
        logged = datetime.combine(entry.day, time(17, 30), ZONE).astimezone(UTC)
        assert entry.ticket.issue is not None
        sandbox.jira.insert_worklog(
            Worklog(
                sandbox.jira.new_id("worklog"),
                entry.ticket.issue.id,
                account[entry.person],
                started,
                entry.seconds,
                logged,
                logged,
                random.choice(NOTES),
            )
        )
