"""Retainers, from worklogs to alerts, charts and the daily summary, over a week."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from agents.pm.retainer_budget import SPEC
from agents.runs import run_agent
from agents.spec import Delivery, RunMode, RunTrigger, Slot
from db.models.pm import Project, RetainerBudgetAlert
from db.repositories import pm_budgets
from db.tenancy import account_scope
from sandbox.client import Person, blocks_text, visible_text
from sandbox.jira.model import Worklog
from services.accounts.settings import ALERTS_CHANNEL
from tests.stories.stage import Stage

NEW_YORK = "America/New_York"
ALREADY = {"not sent: already sent", "not sent: already digested"}


async def run(stage: Stage, mode: RunMode = RunMode.LIVE) -> Delivery:
    """Run the agent as of the stage's now."""
    services = stage.application.services
    with account_scope(stage.account.id):
        result = await run_agent(services, SPEC, Slot(services.now(), NEW_YORK), RunTrigger.MANUAL, mode)
    assert result.delivery is not None, result.run.error
    return result.delivery


async def rows(stage: Stage, month: str = "2026-11") -> list[RetainerBudgetAlert]:
    with account_scope(stage.account.id):
        async with stage.application.services.database.transaction(write=False) as session:
            return list(await pm_budgets.alerts_of_month(session, month))


async def numbers(person: Person) -> str:
    """Wait until the modal shows what was read."""
    async with asyncio.timeout(20):
        while "of retainer" not in (shown := blocks_text((await person.modal())["blocks"])):
            await asyncio.sleep(0.05)
    return shown


def move_to(stage: Stage, moment: datetime) -> None:
    stage.advance(moment - stage.sandbox.clock.now())


@pytest.mark.requirement("PM-2.1", "PM-2.3", "PM-2.4", "PM-2.5", "PM-2.6", "TRUST-7")
async def test_the_care_plan_is_told_once_with_chart_pace_and_date_and_summed_up_in_the_evening(stage: Stage) -> None:
    priya, bob = stage.person("priya"), stage.person("bob")
    facts = stage.story("retainer-care")
    assert (facts["percent"], facts["hours"], facts["working_days_gone"]) == (92.0, 147.2, 11)
    services = stage.application.services
    with account_scope(stage.account.id):
        await services.accounts.set_setting(ALERTS_CHANNEL, "C0PMALERTS")

    rehearsed = await run(stage, RunMode.DRY_RUN)
    assert [message.outcome for message in rehearsed.messages] == ["would send", "would send"]
    assert (await rows(stage), stage.sandbox.slack.files.list()) == ([], [])

    await run(stage)
    alert = await priya.sees(
        r"CARE\* Lumen Health care plan has used \*92 %\* of November's 160 h: 147 h 12 min", "FlowPilot"
    )
    text = blocks_text(alert["blocks"])
    assert "12 h 48 min left ($1,920)" in text
    assert "At this pace (13 h 22 min a working day, $2,007 a day) the budget ends on *Wed Nov 18*" in text
    assert await bob.sees(r"CARE\* Lumen Health care plan has used \*92 %", "proj-care")
    (image,) = [block for block in alert["blocks"] if block["type"] == "image"]
    (chart,) = stage.sandbox.slack.files.list()
    assert image["slack_file"]["id"] == chart.id
    assert chart.content is not None
    assert chart.content.startswith(b"\x89PNG")
    assert "147 h 12 min logged of 160 h" in image["alt_text"]
    told = {row.threshold: (row.alert_sent_at is not None, row.seconds_consumed) for row in await rows(stage)}
    assert told == {75: (False, 529_920), 90: (True, 529_920)}

    await run(stage)
    assert len(stage.sandbox.slack.files.list()) == 1
    assert not [m for m in (await run(stage)).messages if m.outcome == "sent"]

    move_to(stage, datetime(2026, 11, 18, 22, 5, tzinfo=UTC))
    await run(stage)
    summary = await priya.sees(r"Retainers, Wed Nov 18.*CARE.*92 %.*BREW.*41 %", "pm-alerts")
    await priya.clicks("Show the numbers", summary, "pm-alerts")
    shown = await numbers(priya)
    assert "147 h 12 min logged / 160 h of retainer = *92.00 %*" in shown
    assert "$150.00 an hour (the project's rate): $22,080 of $24,000" in shown
    assert "page 1 of" in shown


@pytest.mark.requirement("PM-2.1", "PM-2.3")
async def test_a_jump_is_one_alert_a_holiday_is_quiet_and_a_new_month_begins_anew(stage: Stage) -> None:
    clock = stage.application.clock
    due = clock.next_run(SPEC, stage.account.id)
    assert due == datetime(2026, 11, 18, 18, tzinfo=UTC)
    is_working_day = stage.application.services.working_days.of(stage.account.id)
    assert not is_working_day(date(2026, 11, 26))
    assert is_working_day(date(2026, 11, 27))
    move_to(stage, datetime(2026, 11, 25, 23, tzinfo=UTC))
    assert clock.next_run(SPEC, stage.account.id) == datetime(2026, 11, 27, 14, tzinfo=UTC)
    _log(stage, "BREW", date(2026, 11, 24), 50)
    with account_scope(stage.account.id):
        await stage.application.services.mirror.sync("tempo")
    stage.fault("slack", "status", path="getUploadURLExternal", times=None)
    delivery = await run(stage)
    stage.sandbox.faults.clear()
    told = await stage.person("marcus").sees(r"BREW\* .* has used \*103 %\*", "FlowPilot")
    assert not [block for block in told["blocks"] if block["type"] == "image"]
    brew = [message.text for message in delivery.messages if "BREW" in message.text]
    assert len(brew) == 2
    assert all(":red_circle:" in text and "*103 %*" in text and "2 h 48 min over" in text for text in brew)
    assert [row.threshold for row in await rows(stage) if row.project_key == "BREW"] == [75, 90, 100]
    await _forget_alerts(stage)  # as a process leaves it that is killed after telling, before it keeps the row
    again = [message.outcome for message in (await run(stage)).messages if "BREW" in message.text]
    assert len(again) == 2
    assert set(again) <= ALREADY
    assert [row.threshold for row in await rows(stage) if row.project_key == "BREW"] == [75, 90, 100]
    assert len([m for m in await stage.person("marcus").messages("FlowPilot") if "*103 %*" in visible_text(m)]) == 1
    move_to(stage, datetime(2026, 12, 2, 15, tzinfo=UTC))
    assert not (await run(stage)).messages
    assert await rows(stage, "2026-12") == []
    await _forget_retainer(stage, "BREW")
    assert [message.outcome for message in (await run(stage)).messages] == ["sent"]
    await stage.person("marcus").sees(r"BREW\* .* is a retainer project with no retainer set", "FlowPilot")
    assert [message.outcome for message in (await run(stage)).messages] == ["not sent: already sent"]


async def _forget_alerts(stage: Stage) -> None:
    with account_scope(stage.account.id):
        async with stage.application.services.database.transaction() as session:
            await session.execute(delete(RetainerBudgetAlert))


async def _forget_retainer(stage: Stage, key: str) -> None:
    with account_scope(stage.account.id):
        async with stage.application.services.database.transaction() as session:
            await session.execute(update(Project).where(Project.project_key == key).values(monthly_retainer_minutes=0))


def _log(stage: Stage, project: str, day: date, hours: int) -> None:
    jira = stage.sandbox.jira
    issue = next(iter(jira.by_project[project].values()))
    started = datetime(day.year, day.month, day.day, 9)  # noqa: DTZ001 - the wall clock of the author
    now = stage.sandbox.clock.now() - timedelta(minutes=5)
    jira.insert_worklog(Worklog(jira.new_id("worklog"), issue.id, "712020:bob", started, hours * 3600, now, now))
