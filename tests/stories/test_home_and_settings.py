"""Home, identities, settings and the trail, as people meet them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from typing import Any

import pytest

from db.tenancy import account_scope
from sandbox.client import Message, Person, blocks_text, visible_text
from services.accounts import MemberRef, Role
from services.alerts import Finding, Recipient, Severity
from services.errors import VendorError
from tests.stories.stage import Stage


async def member(stage: Stage, person: Person) -> MemberRef:
    return await stage.application.services.accounts.member(stage.account, person.id)


async def trail(stage: Stage, action: str) -> list[Any]:
    with account_scope(stage.account.id):
        return [line for line in await stage.application.services.audit.lines() if line.action == action]


async def shown_home(stage: Stage, person: Person, words: str) -> Message:
    """Wait until the Home that is open already shows something; unlike `home` this opens nothing."""
    async with asyncio.timeout(20):
        while True:
            view = (await stage.client.get("slack/home", **{"as": person.id}))["view"]
            if view and words in blocks_text(view["blocks"]):
                return dict(view)
            await asyncio.sleep(0.05)


async def test_home_shows_what_concerns_one_and_says_so_where_there_is_nothing(stage: Stage) -> None:
    home = await stage.person("jonas").home(containing="Hello")
    text = blocks_text(home["blocks"])
    for part in ("Your focus", "Waiting for your approval", "Alerts on your projects", "Agents", "Jira read", "Tempo"):
        assert part in text
    assert "None. `/ticket focus KEY`" in text
    assert "Run now" not in text
    assert "Link your Jira account" not in text


async def test_home_runs_an_agent_for_a_project_manager_and_shows_what_came_of_it(stage: Stage) -> None:
    marcus = stage.person("marcus")
    home = await marcus.home(containing="Run now")
    await marcus.clicks_in_view("home_dry_run", home)
    await marcus.sees(r"Dry run, nothing was sent", "FlowPilot")
    await shown_home(stage, marcus, "Run now")
    home = await marcus.home(containing="Run now")
    await marcus.clicks_in_view("home_run", home)
    assert "Last run" in blocks_text((await shown_home(stage, marcus, "Last run"))["blocks"])


@pytest.mark.requirement("SLK-4")
async def test_a_button_of_an_old_home_is_refused_to_who_may_no_longer(stage: Stage) -> None:
    services, marcus = stage.application.services, stage.person("marcus")
    home = await marcus.home(containing="Run now")
    with account_scope(stage.account.id):
        await services.accounts.set_role((await member(stage, marcus)).id, Role.VIEWER)
    await marcus.clicks_in_view("home_run", home)
    await marcus.sees(r"You need the role \*pm\* to run", "FlowPilot")
    assert [line.result for line in await trail(stage, "agent.run")] == ["refused"]


async def test_home_counts_what_waits_for_approval_and_leads_there(stage: Stage) -> None:
    marcus = stage.person("marcus")
    home = await marcus.home(containing="Run now")
    await marcus.clicks_in_view("home_run:epic-assignment", home)
    home = await shown_home(stage, marcus, "go there")
    text = blocks_text(home["blocks"])
    assert re.search(r"\*[A-Z]+\*: \d+ tickets? without an epic · <https?://\S+\|go there>", text), text


async def test_home_follows_the_focus_and_shows_alerts_with_the_way_to_them(stage: Stage) -> None:
    services, marcus = stage.application.services, stage.person("marcus")
    await marcus.home(containing="All is quiet")
    await marcus.types("/ticket focus SHOP-1")
    await shown_home(stage, marcus, "/browse/SHOP-1|SHOP-1>")
    finding = Finding(
        dedupe_key="retainer:HLP:75",
        agent="retainer",
        severity=Severity.WARNING,
        recipient=Recipient.person(await member(stage, marcus)),
        subject="retainer:HLP",
        text="*HLP* is at 75 %",
    )
    with account_scope(stage.account.id):
        [outcome] = await services.alerts.deliver([finding])
        services.homes.changed()
    assert outcome.ts is not None
    text = blocks_text((await shown_home(stage, marcus, "*HLP* is at 75 %"))["blocks"])
    assert f"/p{outcome.ts.replace('.', '')}|show>" in text


async def test_home_is_published_again_only_when_it_differs(stage: Stage) -> None:
    services, jonas = stage.application.services, stage.person("jonas")
    await jonas.home(containing="Hello")

    def published() -> int:
        return sum(1 for call in stage.sandbox.calls.since() if call.path.endswith("views.publish"))

    with account_scope(stage.account.id):
        await services.homes.refresh()
        before = published()
        await services.homes.refresh()
        assert published() == before
        await services.accounts.set_role((await member(stage, jonas)).id, Role.LEAD)
        await services.homes.refresh()
    assert published() == before + 1


async def test_home_says_that_a_vendor_is_down(stage: Stage) -> None:
    jonas = stage.person("jonas")
    stage.fault("jira", "status", times=None, status=503)
    services = stage.application.services
    while not services.jira.is_resting:
        with contextlib.suppress(VendorError):
            await services.jira.user("712020:nobody")
    home = await jonas.home(containing="Jira does not answer")
    assert "Your focus" in blocks_text(home["blocks"])
    await jonas.types("/flowpilot link")
    await jonas.sees("Jira has failed .* times in a row")


async def test_the_messages_tab_suggests_what_to_ask(stage: Stage) -> None:
    jonas = stage.person("jonas")
    await stage.client.post("slack/open_home", user=jonas.id, tab="messages")
    channel = await jonas.channel("FlowPilot")
    async with asyncio.timeout(20):
        while True:
            found = await stage.client.get("slack/messages", **{"as": jonas.id, "channel": channel})
            if "prompts" in found:
                break
            await asyncio.sleep(0.05)
    answers = ("Your role is", "Who you are", "Open settings")
    for prompt, answer in zip(found["prompts"]["prompts"], answers, strict=True):
        await jonas.types(prompt["message"], "FlowPilot")
        message = await jonas.sees(answer, "FlowPilot")
    await jonas.clicks("Open settings", message, "FlowPilot")
    assert (await jonas.modal())["callback_id"] == "my_settings"


async def test_help_names_every_slash_command_and_what_ones_role_may_do(stage: Stage) -> None:
    dana = stage.person("dana")
    await dana.types("/flowpilot")
    text = visible_text(await dana.sees(r"Your role is \*viewer\*"))
    for words in ("/flowpilot link", "/pm run", "needs the role pm", "Where to start", "Open your Home"):
        assert words in text
    await dana.types("/flowpilot help audit")
    assert "/pm run" not in visible_text(await dana.sees(r"^\*/flowpilot\*\n`/flowpilot audit"))


async def test_a_person_confirms_who_they_are_in_jira_and_home_stops_asking(stage: Stage) -> None:
    sam = stage.person("sam")
    jira_id = (await member(stage, sam)).jira_account_id
    await sam.types("/flowpilot link")
    card = await sam.sees("Who you are")
    await sam.clicks("Unlink", card)
    card = await sam.sees("Unlinked from Jira.*Yes, that's me")
    assert (await member(stage, sam)).jira_account_id is None
    await sam.home(containing="Link your Jira account")
    await sam.clicks("Yes, that's me", card)
    await sam.sees("white_check_mark.*Linked")
    assert (await member(stage, sam)).jira_account_id == jira_id
    await shown_home(stage, sam, "Your focus")
    lines = await trail(stage, "link.jira")
    assert [(line.actor_name, line.before, line.after) for line in lines] == [("Sam Okafor", None, jira_id)]


async def test_an_account_of_somebody_else_is_refused_by_name(stage: Stage) -> None:
    sam, mei = stage.person("sam"), stage.person("mei")
    await sam.types("/flowpilot link")
    await sam.clicks("Unlink", await sam.sees("Who you are"))
    card = await sam.sees("Unlinked from Jira")
    chosen = {"text": {"type": "plain_text", "text": "Mei Tanaka"}, "value": mei.profile["jira_account_id"]}
    await sam.clicks("link_jira_search", card, selected_option=chosen)
    await sam.sees("linked to Mei Tanaka already")
    assert (await member(stage, sam)).jira_account_id is None


async def test_only_admins_link_others(stage: Stage) -> None:
    sam, priya = stage.person("sam"), stage.person("priya")
    await sam.types(f"/flowpilot link <@{priya.id}>")
    await sam.sees(r"You need the role \*admin\* to link somebody else")
    await priya.types(f"/flowpilot link <@{sam.id}>")
    await priya.sees("Who Sam Okafor is")


async def test_admins_change_settings_and_what_is_wrong_is_said_at_its_field(stage: Stage) -> None:
    priya = stage.person("priya")
    told: list[str] = []

    async def clock(account: Any) -> None:
        told.append(account.time_zone)

    stage.application.services.accounts.on_change(clock)
    await priya.types("/flowpilot settings")
    view = await priya.modal()
    refused = await priya.submits(view, alert_daily_cap="many", model_monthly_budget_usd="-1")
    assert set(refused["errors"]) == {"alert_daily_cap", "model_monthly_budget_usd"}
    berlin = {"selected_option": {"text": {"type": "plain_text", "text": "Europe/Berlin"}, "value": "Europe/Berlin"}}
    await priya.submits(view, alert_daily_cap="7", time_zone=berlin, model_monthly_budget_usd="49.50")
    receipt = await priya.sees(r"Saved.*Alerts a day: 5 → 7", "FlowPilot")
    assert told == ["Europe/Berlin"]
    [line] = await trail(stage, "account.settings")
    assert line.after == {"alert_daily_cap": 7, "model_monthly_budget_usd": 49.5}
    [line] = await trail(stage, "account.time_zone")
    assert (line.before, line.after) == ("America/New_York", "Europe/Berlin")
    await priya.clicks("settings.undo", receipt, "FlowPilot")
    await priya.sees("Taken back by.*Alerts a day: 7 → 5", "FlowPilot")
    assert told == ["Europe/Berlin", "America/New_York"]
    with account_scope(stage.account.id):
        assert "alert_daily_cap" not in await stage.application.services.accounts.settings()


async def test_what_another_admin_has_changed_meanwhile_is_not_changed_back(stage: Stage) -> None:
    priya = stage.person("priya")
    await priya.types("/flowpilot settings")
    view = await priya.modal()
    with account_scope(stage.account.id):
        await stage.application.services.accounts.set_setting("alert_daily_cap", 9)
        await priya.submits(view, quiet_from={"selected_time": "20:00"})
        await priya.sees("Quiet from: 18:00 → 20:00", "FlowPilot")
        kept = await stage.application.services.accounts.settings()
    assert kept["alert_daily_cap"] == 9
    assert kept["quiet_hours"]["start"] == "20:00"


async def test_a_form_of_who_is_no_admin_any_more_is_refused_in_the_form(stage: Stage) -> None:
    priya, sam = stage.person("priya"), stage.person("sam")
    services = stage.application.services
    await priya.types("/flowpilot settings")
    view = await priya.modal()
    with account_scope(stage.account.id):
        await services.accounts.set_role((await member(stage, sam)).id, Role.ADMIN)
        await services.accounts.set_role((await member(stage, priya)).id, Role.PM)
    refused = await priya.submits(view, alert_daily_cap="9")
    assert "You need the role" in refused["errors"]["time_zone"]
    with account_scope(stage.account.id):
        assert await services.accounts.get_setting("alert_daily_cap") is None


async def test_the_last_admin_stays_and_others_get_their_roles(stage: Stage) -> None:
    priya, sam = stage.person("priya"), stage.person("sam")
    await priya.types("/flowpilot settings")
    view = await priya.modal()
    lead = {"selected_option": {"text": {"type": "plain_text", "text": "lead"}, "value": "lead"}}
    refused = await priya.submits(view, role_member={"selected_user": priya.id}, role_new=lead)
    assert "only admin" in refused["errors"]["role_new"]
    await priya.submits(view, role_member={"selected_user": sam.id}, role_new=lead)
    await priya.sees("Role of Sam Okafor: engineer → lead", "FlowPilot")
    assert (await member(stage, sam)).role is Role.LEAD
    [line] = await trail(stage, "member.role")
    assert (line.target, line.before["role"], line.after["role"]) == ("member Sam Okafor", "engineer", "lead")


async def test_who_is_no_admin_sets_their_own_quiet_hours(stage: Stage) -> None:
    sam = stage.person("sam")
    await sam.types("/flowpilot settings workspace")
    await sam.sees(r"You need the role \*admin\* to change the workspace's settings")
    assert [line.result for line in await trail(stage, "account.settings")] == ["refused"]
    await sam.types("/flowpilot settings")
    view = await sam.modal()
    assert view["callback_id"] == "my_settings"
    await sam.submits(view, my_quiet={"selected_option": {"value": "never"}})
    await sam.sees("Saved. Your time zone is", "FlowPilot")
    with account_scope(stage.account.id):
        kept = await stage.application.services.accounts.preferences((await member(stage, sam)).id)
    assert kept["quiet_hours"] == {"start": "00:00", "end": "00:00", "weekends": False}


@pytest.mark.requirement("TKT-9.1")
async def test_the_trail_is_shown_verified_and_exported_whole(stage: Stage) -> None:
    priya, alice, sam = stage.person("priya"), stage.person("alice"), stage.person("sam")
    await sam.types("/flowpilot audit")
    await sam.sees(r"You need the role \*lead\*")
    await alice.types("/flowpilot audit")
    text = visible_text(await alice.sees("Who did what"))
    assert "refused" in text
    assert "trail intact, 4 lines, head" in text
    assert "<!date^" in text
    await alice.types("/flowpilot audit SHOP-1")
    await alice.sees("Nothing has been done on SHOP-1")
    await alice.types("/flowpilot audit --export")
    await alice.sees(r"You need the role \*admin\* to export")
    await priya.types("/flowpilot audit --export")
    message = await priya.sees("Audit trail intact", "FlowPilot")
    content = await stage.client.get(f"slack/file/{message['files'][0]['id']}", **{"as": priya.id})
    rows = [json.loads(line) for line in str(content).splitlines()]
    assert [row["result"] for row in rows] == ["done", "done", "done", "refused", "refused", "done"]
    assert [row["action"] for row in rows[:3]] == ["people.import", "projects.import", "forecasts.set"]
    priya_shah = "priya.shah@harborline.test"
    assert (rows[0]["before"][priya_shah], rows[0]["after"][priya_shah]["role"]) == (None, "admin")
