"""Histories of retainers for the back-test: the sandbox's world, and generated ones of which the truth is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from sandbox.core import Sandbox
from sandbox.server import create_sandbox
from sandbox.world import populate
from services.pm.budgets.months import PEOPLE_MONTHS, BudgetMonth, capacity_of, people_shares
from services.pm.months import Month
from services.pm.working_days import WorkingCalendar

WORLD_DAYS = ("2026-03-11", "2026-06-30", "2026-09-16", "2026-11-18")
WORLD_MONTHS = 8
FIRST_MONTH, MONTHS = Month(2025, 1), 14
PEOPLE = ("ana", "ben", "cleo", "dev")
REQUIRED_S = 8 * 3600

Logged = Mapping[tuple[str, date], int]
Required = Mapping[tuple[str, date], int]
IsWorked = Callable[[date], bool]


@dataclass(frozen=True)
class History:
    """The months of one group of projects (of one account), and which days are worked there."""

    projects: tuple[tuple[BudgetMonth, ...], ...]
    is_worked: IsWorked


def months_of(logged: Logged, required: Required, months: Sequence[Month], is_worked: IsWorked) -> list[BudgetMonth]:
    """Return a project's months; each one's people are those of the months before it."""
    made = []
    for number, month in enumerate(months):
        before = months[max(number - PEOPLE_MONTHS, 0) : number]
        shares = people_shares(_by_person(logged, before), _by_person(required, before))
        capacity = capacity_of(month, shares, required, [day for day in month if is_worked(day)])
        by_day: dict[date, int] = defaultdict(int)
        for (_, day), seconds in logged.items():
            if day in month:
                by_day[day] += seconds
        made.append(BudgetMonth(month, dict(by_day), capacity))
    return made


def _by_person(seconds: Mapping[tuple[str, date], int], months: Sequence[Month]) -> dict[str, int]:
    totals: dict[str, int] = defaultdict(int)
    for (person, day), each in seconds.items():
        if any(day in month for month in months):
            totals[person] += each
    return dict(totals)


def world_history(as_of: str) -> History:
    """Return the retainer projects of the sandbox's world of a day, all months that are over and whole."""
    sandbox = create_sandbox(empty=True)
    sandbox.clock.set(datetime.fromisoformat(f"{as_of}T15:30").replace(tzinfo=UTC))
    populate(sandbox)
    assert sandbox.world is not None
    worked_from = min(worklog.day for worklog in sandbox.jira.worklogs.values())
    this = Month.of(date.fromisoformat(as_of))
    months = [month for back in range(WORLD_MONTHS, 0, -1) if (month := this.back(back)).start >= worked_from]
    required = _required(sandbox, months)
    worked = _worked(sandbox, months)

    def is_worked(day: date) -> bool:
        return day in worked

    keys = [plan.key for plan in sandbox.world.projects if plan.monthly_retainer_hours]
    projects = [months_of(_logged(sandbox, key), required, months, is_worked) for key in keys]
    return History(tuple(tuple(project) for project in projects), is_worked)


def _worked(sandbox: Sandbox, months: Sequence[Month]) -> set[date]:
    """Return the days on which a person on the usual schedule works."""
    assert sandbox.world is not None
    usual = sandbox.world.person("alice").jira_account_id
    days = sandbox.tempo.schedule(usual, months[0].start, months[-1].end)
    return {day.day for day in days if day.required_seconds}


def _required(sandbox: Sandbox, months: Sequence[Month]) -> dict[tuple[str, date], int]:
    assert sandbox.world is not None
    required = {}
    for person in sandbox.world.people:
        account = person.jira_account_id
        for day in sandbox.tempo.schedule(account, months[0].start, months[-1].end):
            required[account, day.day] = day.required_seconds
    for plan in sandbox.tempo.plans.values():
        for number in range((plan.end - plan.start).days + 1):
            required[plan.account_id, plan.start + timedelta(days=number)] = 0
    return required


def _logged(sandbox: Sandbox, key: str) -> Logged:
    logged: dict[tuple[str, date], int] = defaultdict(int)
    for worklog in sandbox.jira.worklogs.values():
        if sandbox.jira.issues[worklog.issue_id].project.key == key:
            logged[worklog.author, worklog.day] += worklog.seconds
    return logged


@dataclass(frozen=True)
class Regime:
    """How hours come about: `course` is the intensity over a month (0 to 1), `noise` the spread of a day's (0: none).

    `bursts` is the share of days on which anything happens, `drift` how far the level wanders from month to month.
    """

    course: Callable[[float], float] = lambda _: 1.0
    noise: float = 0.5
    bursts: float = 1.0
    drift: float = 0.12
    leave: float = 0.0


REGIMES = {
    "steady": Regime(noise=0.4),
    "front_loaded": Regime(course=lambda at: 1.8 - 1.6 * at),
    "rush_at_the_end": Regime(course=lambda at: 0.5 + 2.5 * at**3),
    "bursty": Regime(bursts=0.3, noise=0.6, drift=0.2),
    "changing_level": Regime(drift=0.35),
    "leave": Regime(leave=0.12),
}
"""Public holidays are in all of them."""


def generated_history(name: str, seed: int) -> History:
    """Return one project of a regime: four people with shares of their time, a level that wanders, days that vary."""
    regime, random = REGIMES[name], Random(f"{name}:{seed}")
    is_worked = WorkingCalendar(country="US").is_working_day
    months = [FIRST_MONTH.back(-number) for number in range(MONTHS)]
    days = [day for month in months for day in month]
    required = {(who, day): REQUIRED_S if is_worked(day) else 0 for who in PEOPLE for day in days}
    for who in PEOPLE:
        _take_leave(random, regime, who, days, required)
    shares = {who: random.uniform(0.1, 0.6) for who in PEOPLE}
    level, logged = 0.0, {}
    for month in months:
        level = 0.6 * level + random.gauss(0, regime.drift)
        for day in month:
            intensity = _intensity(random, regime, day, month) * 2.718281828**level
            for who in PEOPLE:
                if seconds := int(intensity * shares[who] * required[who, day] * random.uniform(0.6, 1.4)):
                    logged[who, day] = seconds
    return History((tuple(months_of(logged, required, months, is_worked)),), is_worked)


def _intensity(random: Random, regime: Regime, day: date, month: Month) -> float:
    shape = 1 / max(regime.noise, 0.01) ** 2
    burst = 1 / regime.bursts if random.random() < regime.bursts else 0.0
    return regime.course(day.day / month.end.day) * random.gammavariate(shape, 1 / shape) * burst


def _take_leave(
    random: Random, regime: Regime, who: str, days: Sequence[date], required: dict[tuple[str, date], int]
) -> None:
    """Take whole weeks off, planned before the month begins."""
    for start in days[::7]:
        if random.random() < regime.leave:
            for number in range(7):
                required[who, start + timedelta(days=number)] = 0
