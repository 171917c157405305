"""What people do about alerts: snooze, judge, look back at shadow mode, let an agent go live."""

from __future__ import annotations

from datetime import timedelta

import pytest

from db.tenancy import account_scope
from sandbox.client import Person, visible_text
from services.accounts import Role
from services.alerts import Finding, Recipient, Severity
from services.modes import RunMode
from tests.stories.stage import Stage

APP = "FlowPilot"
TITLE = "Tickets without an epic"


@pytest.mark.requirement("PM-7.1", "SLK-3")
async def test_an_alert_is_judged_once_stays_judged_and_its_project_is_snoozed_and_woken(stage: Stage) -> None:
    priya = stage.person("priya")
    await priya.types("/pm run epic-assignment")
    message = await priya.sees(TITLE, APP)
    await priya.clicks("Useful", message, APP)
    message = await priya.sees("You found this useful", APP)
    ticket = next(key for key in stage.story("orphans")["easy"] if key.startswith("SHOP"))
    await priya.clicks(f"epic_review:{ticket}", message, APP)
    message = await priya.sees("reviews it in Jira", APP)
    assert "You found this useful" in visible_text(message), "drawn anew, it is still judged"
    assert "Not useful" not in visible_text(message)

    await priya.types("/pm snooze SHOP 3d")
    await priya.sees("SHOP.*is snoozed until.*critical reaches you")
    stage.advance(timedelta(days=1))
    await priya.types("/pm run epic-assignment")
    await priya.sees("not sent: snoozed until 2026-11-21")
    await priya.types("/pm snooze SHOP soon")
    await priya.sees("Use 12h, 3d or 1w")
    await priya.types("/pm snooze")
    listed = await priya.sees("Wake.*SHOP.*is snoozed until")
    await priya.clicks("Wake", listed)
    await priya.sees("You hear of \\*SHOP\\* again")
    await priya.types("/pm snooze")
    await priya.sees("You hear of everything")


@pytest.mark.requirement("JOIN-7", "PM-7.1", "TRUST-1")
async def test_an_agent_in_shadow_shows_how_right_it_was_goes_live_and_votes_move_a_threshold(stage: Stage) -> None:
    priya, services = stage.person("priya"), stage.application.services
    with account_scope(stage.account.id):
        await services.accounts.set_setting("agents.epic-assignment.mode", RunMode.SHADOW.value)
        member = await services.accounts.member(stage.account, priya.id)
        await services.accounts.set_role(member.id, Role.ADMIN)
    easy = stage.story("orphans")["easy"]
    first, second = [key for key in easy if key.startswith("SHOP")][:2]
    await priya.types("/pm run epic-assignment")
    await priya.sees("Shadow mode, nothing was sent")
    wrong = next(epic for epics in easy.values() for epic in epics if epic not in easy[second] and "SHOP" in epic)
    for ticket, epic in ((first, easy[first][0]), (second, wrong)):
        await stage.client.post(f"jira/issue/{ticket}", user="U0ALICE", op="parent", value=epic)
    stage.advance(timedelta(days=7))
    with account_scope(stage.account.id):
        await services.mirror.sync("jira")
        record = await services.hindsight.track_record("epic-assignment")
    assert (record.right, record.wrong) == (1, 1)
    assert record.open >= 3
    await priya.types("/pm shadow")
    await priya.clicks("Look back", await priya.sees(r"1 of 8 agents\* is in shadow mode.*Epic assignment\*.*shadow"))
    shown = await priya.sees("in shadow mode.*50 %.*right.*1 of 2 claims came true")
    assert "Alert 1 of 2" in visible_text(shown)
    assert TITLE not in " ".join(visible_text(m) for m in await priya.messages(APP))
    await priya.clicks("Next", shown)
    shown = await priya.sees("Alert 2 of 2")
    await priya.clicks("Go live", shown)
    await priya.sees("Epic assignment\\* is live")
    with account_scope(stage.account.id):
        assert await services.accounts.get_setting("agents.epic-assignment.mode") == "live"
    await _votes_move_a_threshold(stage, priya)


async def _votes_move_a_threshold(stage: Stage, priya: Person) -> None:
    services = stage.application.services
    with account_scope(stage.account.id):
        member = await services.accounts.member(stage.account, priya.id)
        recipient = Recipient.person(member)
        found = [
            Finding(f"x:{n}", "bottlenecks", Severity.NOTICE, recipient, f"bottlenecks:SHOP-{n}", f"SHOP-{n} waits")
            for n in range(8)
        ]
        await services.alerts.deliver(found)
        message = await priya.sees("Bottlenecks: 8 alerts", APP)
        for _ in range(8):
            await priya.clicks("Not useful", message, APP)
            message = await priya.sees("You did not find this useful", APP)
    notice = await priya.sees("Deviation from what is usual.*is now 2.25", APP)
    await priya.types("/pm thresholds")
    await priya.sees("2.25 robust standard deviations, may move from 2 to 3.5 by 0.25")
    await priya.clicks("Undo", notice, APP)
    await priya.sees("Deviation from what is usual in a status\\* is 2 robust standard deviations again", APP)
