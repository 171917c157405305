"""What each agent must say of the world: the story it is there for, with the figures of `Figures`."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from fractions import Fraction
from io import BytesIO
from typing import Any

import aiohttp

from application.demo_check.figures import Figures, by_project, seconds, spoken
from application.demo_check.report import HERE, expect, expect_in, expect_not_in
from sandbox.client import SandboxClient, SandboxError, visible_text

Details = dict[str, Any]
Story = Callable[[SandboxClient, Figures, str], Awaitable[Details]]
SCOPE = ("PORT", "SHOP")
ALERT_FROM = 75
"""Per cent of a retainer."""


async def hours_of_the_week(client: SandboxClient, figures: Figures, told: str) -> Details:
    """Who lacks hours is told how many, and nobody else is; what they then log from the drafts is in Tempo."""
    week = await figures.week()
    for person in week:
        reminded = re.search(rf"To <@{person.slack_id}>, would [^\n]*\nYou logged \*(.+?)\* of \*(.+?)\*", told)
        found = reminded.groups() if reminded else None
        behind = person.verdict != "compliant"
        expect(found, (spoken(person.logged), spoken(person.required)) if behind else None, person.slack_id)
        if behind:
            line = (
                rf"<@{person.slack_id}> \(\w+\): {person.verdict}, {spoken(person.logged)} of {spoken(person.required)}"
            )
            expect(bool(re.search(line, told)), True, f"their PM reads {line!r}")
    return {"behind": {person.slack_id: spoken(person.logged) for person in week if person.verdict != "compliant"}}


async def retainers(client: SandboxClient, figures: Figures, told: str) -> Details:
    """The care plan is warned of from 75 per cent, with its hours and a chart; the other retainer stays quiet."""
    found = {}
    for key in ("CARE", "BREW"):
        used, whole = await figures.month_so_far(key), figures.retainer(key)
        percent = 100 * used // whole
        expect_in(f"{key} {percent} %", told)
        sums = f"{spoken(whole)}: {spoken(used)}, {spoken(whole - used)} left"
        alert = rf"\*{key}\* .* has used \*{percent} %\* of \w+'s {sums}"
        expect(bool(re.search(alert, told)), percent >= ALERT_FROM, f"the alert of {key} at {percent} %")
        found[key] = f"{percent} %, {spoken(used)}"
    if "*CARE*" in told:
        message = await client.person("priya").sees(r"\*CARE\* .* has used", HERE)
        (image,) = [block for block in message["blocks"] if block["type"] == "image"]
        expect((await file(client, image["slack_file"]["id"]))[:4], b"\x89PNG", "the chart")
    return found


async def variance(client: SandboxClient, figures: Figures, told: str) -> Details:
    """The epic that overran is told of with its hours, its variance and what is done."""
    epic = figures.stories["overrun"]["epic"]
    logged, forecast = await figures.epic_seconds(epic), await figures.forecast(epic)
    percent = Fraction(logged - forecast, forecast) * 100
    expect(float(round(percent, 1)), figures.stories["overrun"]["variance_percent"], f"variance of {epic}")
    done, whole = await figures.done_under(epic)
    expect_in(f"*{round(percent)} % over forecast*: <", told)
    expect_in(f"*{spoken(logged)}* of {spoken(forecast)}, +{round(percent)} %", told)
    expect_in(f"({done} of {whole} issues)", told)
    return {"epic": epic, "logged": spoken(logged), "forecast": spoken(forecast), "percent": float(round(percent, 1))}


async def month_closed(client: SandboxClient, figures: Figures, told: str) -> Details:
    """Last month's workbook holds what Tempo holds, by project and in all, to the second."""
    worklogs = await figures.worklogs(*await figures.last_month())
    total = seconds(worklogs)
    expect_in(f"*{spoken(total)}* over {len(by_project(worklogs))} projects", told)
    priya = client.person("priya")
    message = await priya.sees(rf"^Reconciliation, .*\*{spoken(total)}\* over", HERE)
    thread = await priya.sees("", HERE, thread_ts=message["ts"])
    shared = [
        each for answer in [thread, *await priya.messages(HERE, message["ts"])] for each in answer.get("files", [])
    ]
    if not shared:
        raise SandboxError("there is no workbook in the thread of the reconciliation")
    expect(workbook(await file(client, shared[0]["id"])), by_project(worklogs), shared[0]["name"])
    return {"total": spoken(total), "worklogs": len(worklogs), "file": shared[0]["name"]}


def workbook(content: bytes) -> Mapping[str, int]:
    """Add up the teams' rows of a reconciliation's details by project, in seconds."""
    from openpyxl import load_workbook

    totals: dict[str, int] = {}
    rows = load_workbook(BytesIO(content), read_only=True)["Epic Details"].iter_rows(5, max_col=6, values_only=True)
    for level, project, *_, hours in rows:
        if level == "Team" and hours:
            totals[str(project)] = totals.get(str(project), 0) + round(float(str(hours)) * 3600)
    return totals


async def stuck_work(client: SandboxClient, figures: Figures, told: str) -> Details:
    """What lies in review is stuck, what is blocked has its blocker; what is worked on, and a robot's, are not told."""
    stories, marcus = figures.stories, client.person("marcus")
    stuck, blocked, pull = (
        stories["stuck-review"]["key"],
        stories["blocked"],
        stories["stuck-review-pr"]["pull_request"],
    )
    days = await figures.days_in_status(stuck)
    expect(days, stories["stuck-review"]["days"], stuck)
    links = [link for link in (await client.issue(blocked["key"]))["links"] if blocked["blocker"] in str(link)]
    expect(len(links), 1, f"links from {blocked['key']} to {blocked['blocker']}")
    shown = {}
    for project in ("SHOP", "PORT", "TOOLS"):
        await marcus.types(f"/pm stuck {project}", HERE)
        shown[project] = visible_text(await marcus.sees(rf"stuck in \*?{project}", HERE))
    expect_in(f"*Code Review* for *{days} days*", shown["SHOP"].partition(f"|{stuck}>")[2][:300])
    waiting = await figures.days_waiting_for_review(pull)
    expect_in(f"{pull}> Review requested, {waiting} days", shown["SHOP"])
    expect_in(f"Blocked by {blocked['blocker']}", shown["PORT"].partition(f"|{blocked['key']}>")[2])
    expect_in(f"{blocked['key']} is blocked by {blocked['blocker']}", told)
    unsaid = {stories["active-pr"]["pull_request"], *await figures.bot_pulls()}
    for text in (told, *shown.values()):
        for each in unsaid:
            expect_not_in(f"|{each}>", text)
    return {
        "stuck": stuck,
        "days": days,
        "blocked": blocked["key"],
        "by": blocked["blocker"],
        "not_told": sorted(unsaid),
    }


async def orphans(client: SandboxClient, figures: Figures, told: str) -> Details:
    """Every open ticket without an epic is listed, and the clear ones with the epic they belong to."""
    open_tickets = [row for key in SCOPE for row in await figures.open_tickets(key)]
    keys = {key for project in SCOPE for key in await figures.orphans(project)}
    expect_in(f"{len(keys)} of {len(open_tickets)} open tickets in PORT, SHOP have no epic", told)
    facts = figures.stories["orphans"]
    expect(keys, {*facts["easy"], *facts["ambiguous"], *facts["none"]}, "tickets without an epic")
    shown = "\n".join(
        [visible_text(await client.person(pm).sees("Tickets without an epic: ", HERE)) for pm in ("priya", "marcus")]
    )
    for key in keys:
        expect_in(f"|{key}>", shown)
    for key, epics in facts["easy"].items():
        line = next(
            line for line in shown.partition(f"|{key}>")[2].splitlines() if "_question: " in line or "bulb: " in line
        )
        # a title that is mostly markup says too little to be sure of
        expect_in(f"{'' if key == figures.stories['hostile']['key'] else 'Suggested: '}{epics[0]} ", line)
    for key in facts["not_listed"].values():
        expect_not_in(f"|{key}>", shown)
    return {"without": len(keys), "clear": {key: epics[0] for key, epics in facts["easy"].items()}}


async def rolled_up(client: SandboxClient, figures: Figures, told: str) -> Details:
    """Leadership reads how many open tickets have an epic."""
    whole = sum([len(await figures.open_tickets(key)) for key in SCOPE])
    without = sum([len(await figures.orphans(key)) for key in SCOPE])
    percent = 100 * (whole - without) // whole
    expect_in(f"*{percent} %* have an epic: {whole - without} of {whole} open tickets.", told)
    return {"percent": percent, "of": whole}


async def monday(client: SandboxClient, figures: Figures, told: str) -> Details:
    """A PM's card has the budget, the overrun and the stuck work of that PM's projects."""
    stories = figures.stories
    used, whole, epic = await figures.month_so_far("CARE"), figures.retainer("CARE"), stories["overrun"]["epic"]
    percent = 100 * used // whole
    if percent >= ALERT_FROM:
        expect_in(f"• Budget: *{percent} %* of {spoken(whole)} used, {spoken(whole - used)} left", told)
    over = Fraction(await figures.epic_seconds(epic), await figures.forecast(epic)) * 100 - 100
    expect_in(f"|{epic}> *+{round(over)} %*", told)
    stuck, blocked = stories["stuck-review"]["key"], stories["blocked"]
    expect_in(f"|{stuck}> {await figures.days_in_status(stuck)} days in Code Review", told)
    expect_in(
        f"|{blocked['key']}> blocked by {blocked['blocker']}, {await figures.days_in_status(blocked['key'])} day", told
    )
    for pull in await figures.bot_pulls():
        expect_not_in(pull, told)
    return {"budget": f"{percent} %", "over": f"+{round(over)} %", "stuck": stuck, "blocked": blocked["key"]}


STORIES: Mapping[str, Story] = {
    "time-tracking": hours_of_the_week,
    "retainer-budget": retainers,
    "forecast-variance": variance,
    "reconciliation": month_closed,
    "bottlenecks": stuck_work,
    "epic-assignment": orphans,
    "epic-rollup": rolled_up,
    "monday-card": monday,
}


async def file(client: SandboxClient, file_id: str) -> bytes:
    """Return a file as Slack gives it."""
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{client.url}/sandbox/api/slack/file/{file_id}", raise_for_status=True) as response:
            return await response.read()
