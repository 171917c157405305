"""The deterministic world: the same seed and the same day give the same tickets and hours."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from sandbox.core import Sandbox
from sandbox.world.budgets import book_overrun, book_retainers, forecasts
from sandbox.world.clock import ZONE, Calendar
from sandbox.world.drafts import write_drafts
from sandbox.world.people import World
from sandbox.world.psa import make_psa
from sandbox.world.pulls import make_pulls
from sandbox.world.sites import us_holidays
from sandbox.world.specials import Specials, make_specials
from sandbox.world.stories import money_stories, ticket_stories, time_stories
from sandbox.world.tickets import TicketMaker
from sandbox.world.timesheets import Timesheets, write_entries

SEED = 20_26
LINKS = 24


def calendar_of(sandbox: Sandbox) -> Calendar:
    """Return the world's calendar as of the sandbox's clock."""
    now = sandbox.clock.now()
    today = now.astimezone(ZONE).date()
    return Calendar(today, now, us_holidays(today))


def build(sandbox: Sandbox, world: World, calendar: Calendar) -> None:
    """Fill Jira and Tempo, and record the stories in the world."""
    random = Random(SEED)
    maker = TicketMaker(random, calendar, world)
    maker.epics()
    specials = make_specials(calendar, world, maker.tickets)
    maker.fill()
    tickets = maker.tickets
    write_drafts(sandbox.jira, tickets.all)
    _link(sandbox, random, specials)
    sheets = Timesheets(random, calendar, tickets, world)
    entries = sheets.entries()
    book_retainers(random, calendar, world, tickets, entries)
    overrun_hours = book_overrun(tickets, entries)
    write_entries(sandbox, world, random, entries)
    _plan_leave(sandbox, world, calendar, sheets, specials)
    world.forecasts = forecasts(random, tickets, entries, overrun_hours)
    world.stories = [
        *time_stories(sandbox, world, calendar, sheets, entries),
        *money_stories(world, calendar, tickets),
        *ticket_stories(tickets, specials),
        *make_pulls(sandbox, world, calendar, tickets, specials),
        *make_psa(sandbox, world, calendar),
    ]


def _link(sandbox: Sandbox, random: Random, specials: Specials) -> None:
    """Link the blocked ticket to its blocker, and some others by chance."""
    jira = sandbox.jira
    assert specials.blocker.issue is not None
    assert specials.blocked.issue is not None
    jira.link(jira.link_types["Blocks"], specials.blocker.issue, specials.blocked.issue)
    for project in ("SHOP", "PORT", "CARE", "CPE"):
        issues = [i for i in jira.by_project[project].values() if i.type.level == 0]
        for _ in range(LINKS // 4):
            first, second = random.sample(issues, 2)
            jira.link(jira.link_types[random.choice(("Relates", "Relates", "Duplicate"))], first, second)


def _plan_leave(sandbox: Sandbox, world: World, calendar: Calendar, sheets: Timesheets, specials: Specials) -> None:
    """Plan everybody's leave in Tempo, one plan for days that follow each other, and Tomás's coming week."""
    assert specials.absence.issue is not None
    item = ("ISSUE", specials.absence.issue.id)
    for key, days in sheets.leave.items():
        account = world.person(key).jira_account_id
        run: list[int] = []
        for ordinal in [*sorted(day.toordinal() for day in days), 0]:
            if run and ordinal != run[-1] + 1:
                start, end = (calendar.today.fromordinal(n) for n in (run[0], run[-1]))
                sandbox.tempo.add_plan(account, item, start, end, description="Leave")
                run = []
            run.append(ordinal)
    monday = calendar.week(-1)[0]
    tomas = world.person("tomas").jira_account_id
    sandbox.tempo.add_plan(tomas, item, monday, monday + timedelta(days=4), description="Leave")
