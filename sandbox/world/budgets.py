"""Hours that have to come out exactly: retainers of a month, an epic against its forecast."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from random import Random

from sandbox.world.clock import Calendar
from sandbox.world.drafts import Draft
from sandbox.world.people import Forecast, World
from sandbox.world.tickets import Tickets
from sandbox.world.timesheets import HOUR_S, Entry, move_seconds, total

ALMOST_SPENT, ON_TRACK = Fraction(92, 100), Fraction(41, 100)
FAR_ENOUGH_DAYS = 8
OVERRUN_EPIC, OVERRUN = "Loyalty programme", Fraction(147, 100)
BY_EYE = {"Checkout and payments": 0.24, "Quoting and tariffs": -0.06, "Shipment tracking map": 0.08}
NO_FORECAST = "Product reviews and photos"


def months(calendar: Calendar) -> list[date]:
    """Return the first days of the months of the world, this month last; the first is left out when cut off."""
    first = calendar.today.replace(day=1)
    found = [first]
    while found[0] - timedelta(days=1) >= calendar.first_day:
        found.insert(0, (found[0] - timedelta(days=1)).replace(day=1))
    return [month for month in found if month >= calendar.first_day]


def elapsed(calendar: Calendar) -> tuple[int, int]:
    """Return this month's working days before today, and all of them."""
    start = calendar.today.replace(day=1)
    after = (start + timedelta(days=32)).replace(day=1)
    return len(list(calendar.working_days(start, calendar.today))), len(list(calendar.working_days(start, after)))


def retainer_share(calendar: Calendar, share: Fraction) -> Fraction:
    """Return how much of a month's retainer is used by today: all of `share` from the eighth working day on.

    Before that the month is too young, and the share is in proportion to the working days gone.
    """
    gone, whole = elapsed(calendar)
    return share if gone >= FAR_ENOUGH_DAYS else share * gone / whole


def retainer_seconds(hours: int, share: Fraction) -> int:
    """Return a share of a retainer in whole minutes, as seconds."""
    return int(share * hours * 60) * 60


def book_retainers(random: Random, calendar: Calendar, world: World, tickets: Tickets, entries: list[Entry]) -> None:
    """Rebook entries so that each month of each retainer comes out as planned."""
    this_month = months(calendar)[-1]
    for project in world.projects:
        if project.monthly_retainer_hours is None:
            continue
        for month in months(calendar):
            share = Fraction(random.randrange(72, 97), 100)
            if month == this_month:
                share = retainer_share(calendar, ALMOST_SPENT if project.key == "CARE" else ON_TRACK)
            seconds = retainer_seconds(project.monthly_retainer_hours, share)
            _set_month(random, tickets, entries, project.key, month, seconds)


def _set_month(random: Random, tickets: Tickets, entries: list[Entry], project: str, month: date, seconds: int) -> None:
    def in_month(entry: Entry) -> bool:
        return (entry.day.year, entry.day.month) == (month.year, month.month)

    held = total(entries, lambda e: in_month(e) and e.ticket.project == project)
    if held > seconds:
        elsewhere = _tickets_of(tickets, ("SHOP", "PORT"), month)
        move_seconds(
            entries,
            held - seconds,
            lambda e: in_month(e) and e.ticket.project == project,
            lambda e: random.choice(elsewhere),
        )
        return
    own = _tickets_of(tickets, (project,), month)
    movable = ("SHOP", "PORT", "TOOLS", "CPE")
    move_seconds(
        entries,
        seconds - held,
        lambda e: in_month(e) and e.ticket.project in movable and (e.day.toordinal() + len(e.person)) % 2 == 0,
        lambda e: random.choice(own),
    )
    held = total(entries, lambda e: in_month(e) and e.ticket.project == project)
    move_seconds(
        entries,
        seconds - held,
        lambda e: in_month(e) and e.ticket.project in movable,
        lambda e: random.choice(own),
    )


def _tickets_of(tickets: Tickets, projects: tuple[str, ...], month: date) -> list[Draft]:
    known = [d for d in tickets.all if d.project in projects and d.type in ("Story", "Task", "Bug") and d.topic]
    return [d for d in known if d.created.date() < month] or known


def epic_of(draft: Draft) -> Draft | None:
    """Return the epic above a ticket or sub-task."""
    above = draft.parent
    while above is not None and above.type != "Epic":
        above = above.parent
    return above


def epic_seconds(entries: list[Entry], epic: Draft) -> int:
    """Return all seconds under an epic."""
    return total(entries, lambda e: e.ticket is epic or epic_of(e.ticket) is epic)


def book_overrun(tickets: Tickets, entries: list[Entry]) -> int:
    """Rebook finished work until one epic is exactly 47 % over a round forecast; return the forecast in hours."""
    epic = tickets.epics[OVERRUN_EPIC]
    held = epic_seconds(entries, epic)
    forecast = 5
    while int(forecast * OVERRUN * HOUR_S) < held:
        forecast += 5
    own = [d for d in tickets.all if d.parent is epic and d.steps]
    finished = tickets.epics["Launch of the new brand design"]
    move_seconds(
        entries,
        int(forecast * OVERRUN * HOUR_S) - held,
        lambda e: epic_of(e.ticket) is finished,
        lambda e: own[e.day.toordinal() % len(own)],
    )
    return forecast


def forecasts(random: Random, tickets: Tickets, entries: list[Entry], overrun_hours: int) -> list[Forecast]:
    """Return the forecasts of the scope projects' epics; one epic has none."""
    made = []
    for name, epic in tickets.epics.items():
        if epic.project not in ("SHOP", "PORT") or name == NO_FORECAST:
            continue
        actual = epic_seconds(entries, epic) / HOUR_S
        variance = BY_EYE.get(name, random.uniform(-0.3, 0.12))
        hours = overrun_hours if name == OVERRUN_EPIC else max(20, round(actual / (1 + variance)))
        made.append(Forecast(epic.key, epic.project, float(hours), round(actual, 4)))
    return made
