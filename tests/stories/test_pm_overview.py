"""Projects as a whole: the Monday card, the roll-up, the metrics, Home, and setting a project up."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from db.tenancy import account_scope
from sandbox.client import Message, Person, blocks_text, visible_text
from services.accounts.settings import LEADERSHIP
from services.pm.project_form import values_of, version_of
from tests.stories.stage import Stage

HERE = "FlowPilot"


async def opened(person: Person, words: str) -> Message:
    """Wait until the modal shows something."""
    async with asyncio.timeout(20):
        while True:
            view = await person.modal()
            if words in blocks_text(view["blocks"]):
                return view
            await asyncio.sleep(0.05)


async def runs(person: Person, agent: str, answer: str) -> str:
    await person.types(f"/pm run {agent}", HERE)
    return visible_text(await person.sees(answer, HERE))


@pytest.mark.requirement("JOIN-5", "PM-6.5", "PM-7.2", "TRUST-7")
async def test_a_week_is_told_on_monday_rolled_up_for_leadership_and_measured(stage: Stage) -> None:
    priya, marcus, jonas = stage.person("priya"), stage.person("marcus"), stage.person("jonas")
    services = stage.application.services
    with account_scope(stage.account.id):
        await services.accounts.set_setting(LEADERSHIP, [jonas.id])
    await runs(priya, "monday-card", "2 cards: 2 projects with something to say, 4 quiet")
    card = await priya.sees(r"Your projects, week of Nov 16 to 22", HERE)
    text = visible_text(card)
    care, over = stage.story("retainer-care"), stage.story("overrun")
    used = "*CARE* Lumen Health care plan\n• Budget: *92 %* of 160 h used, 12 h 48 min left"
    assert f"{used}, at this pace until *Wed Nov 18*" in text
    assert (care["percent"], care["hours"]) == (92.0, 147.2)
    assert f"2 epics over forecast: <{services.settings.jira_url}/browse/{over['epic']}|{over['epic']}> *+47 %*" in text
    assert "Quiet: TOOLS." in text
    assert "Nothing needs you this week. Quiet: BREW, CPE, PORT." in visible_text(
        await marcus.sees("Your projects, week of", HERE)
    )

    await runs(priya, "epic-rollup", "No week has been counted yet")
    await runs(priya, "epic-assignment", r"13 of \d+ open tickets in PORT, SHOP have no epic")
    with account_scope(stage.account.id):
        rows = (await services.epic_rollups.data(stage.sandbox.clock.now().date(), "America/New_York")).rows
    total, orphaned = sum(row.total for row in rows), sum(row.orphaned for row in rows)
    assert orphaned == 13
    percent = 100 * (total - orphaned) // total
    await runs(priya, "epic-rollup", rf"{percent} % of {total} open tickets have an epic, 1 project below 90 %")
    message = await jonas.sees("Tickets with an epic, week of Nov 16 to 22", HERE)
    told = visible_text(message)
    assert f"*{percent} %* have an epic: {total - orphaned} of {total} open tickets." in told
    assert "*Below 90 %*\n• *SHOP* Kestrel Outdoor storefront" in told

    # leadership opens its message's numbers, whatever the role
    await jonas.clicks("Show the numbers", message, HERE)
    numbers = blocks_text((await opened(jonas, "All projects"))["blocks"])
    assert f"({total} open - 13 without an epic) / {total} x 100" in numbers

    await runs(priya, "time-tracking", "6 compliant, 1 partial, 2 non-compliant|compliant")
    await priya.types("/pm metrics", HERE)
    found = await priya.sees("How the agents do, last 12 weeks", HERE)
    shown = visible_text(found)
    assert (
        f"*{percent} %*  Tickets with an epic (target &gt; 90 %)\n{total - orphaned} of {total} open tickets" in shown
    )
    assert "Reconciliation accuracy*: No month has been reported yet" in shown
    await priya.clicks("pm.metrics.how:linked", found, HERE)
    how = blocks_text((await opened(priya, "Formula"))["blocks"])
    assert "(open tickets - those without an epic) / open tickets x 100" in how
    shop = next(row for row in rows if row.project_key == "SHOP")
    assert f"SHOP, week of Nov 16: {shop.total - shop.orphaned} of {shop.total}" in how


@pytest.mark.requirement("PM-7.3")
async def test_a_project_is_changed_in_its_form_and_home_shows_it(stage: Stage) -> None:
    priya, marcus, dana = stage.person("priya"), stage.person("marcus"), stage.person("dana")
    home = blocks_text((await priya.home(containing="CARE"))["blocks"])
    assert "*CARE* Lumen Health care plan\n`█████████░` *92 %* of 160 h, at this pace until *Wed Nov 18*" in home
    assert "_you only look_" in blocks_text((await dana.home(containing="CARE"))["blocks"])

    await marcus.types("/pm projects", HERE)
    listed = await opened(marcus, "CARE")
    found = await marcus.submits(listed, search="lumen")
    assert found["response_action"] == "update"
    await marcus.clicks_in_view("pm.projects.edit:CARE", await opened(marcus, "CARE"))
    assert not (await opened(marcus, "Its PM and admins can change this")).get("submit")

    await priya.types("/pm projects", HERE)
    await priya.clicks_in_view("pm.projects.edit:CARE", await opened(priya, "CARE"))
    form = await opened(priya, "How it is paid")
    refused = await priya.submits(form, retainer="many", pm={"selected_user": dana.id})
    assert set(refused["errors"]) == {"retainer", "pm"}
    assert (await priya.submits(form, retainer="184", pm={"selected_user": priya.id})) == {"ok": True}
    receipt = await priya.sees(
        r"\*CARE\* Lumen Health care plan is changed.\n• Retainer, hours a month: 160 h → 184 h", HERE
    )
    assert "*80 %* of 184 h" in blocks_text((await priya.home(containing="184 h"))["blocks"])
    with account_scope(stage.account.id):
        lines = await stage.application.services.audit.lines(target="project CARE")
    assert [(line.action, line.before["retainer"], line.after["retainer"]) for line in lines] == [
        ("project.change", "160 h", "184 h")
    ]
    await priya.clicks("pm.projects.undo", receipt, HERE)
    await priya.sees(r"Taken back by .*\*CARE\*.\n• Retainer, hours a month: 184 h → 160 h", HERE)
    assert "of 160 h" in blocks_text((await priya.home(containing="160 h"))["blocks"])

    await priya.types("/pm projects", HERE)
    await priya.clicks_in_view("pm.projects.edit:CARE", await opened(priya, "CARE"))
    form = await opened(priya, "How it is paid")
    projects = stage.application.services.projects
    with account_scope(stage.account.id):
        care = await projects.project("CARE")
        assert care is not None
        assert care.pm is not None
        await projects.save(care.pm, "CARE", replace(values_of(care), rate_cents=17500), version_of(care))
    stale = await priya.submits(form, retainer="200")
    assert "Somebody has changed this project since you opened the form" in stale["errors"]["name"]

    await priya.types("/pm settings", HERE)
    settings = await opened(priya, "Monday card")
    refused = await priya.submits(settings, **{"metrics.minutes": "sleep=9"})
    assert "ACTION=minutes" in refused["errors"]["metrics.minutes"]
    shadow = {"selected_option": {"text": {"type": "plain_text", "text": "shadow"}, "value": "shadow"}}
    await priya.submits(settings, **{"metrics.minutes": "epic=4", "agents.monday-card.mode": shadow})
    saved = visible_text(await priya.sees(r"Saved.*\n• Monday card: live → shadow", HERE))
    assert "spares: worklog=2, reminder=5, epic=3, change=1, report=120 → worklog=2, reminder=5, epic=4," in saved
    await stage.person("sam").types("/pm status", HERE)
    await stage.person("sam").sees(r"To look at.*No alerts channel is set.*`monday-card`\) · shadow", HERE)
