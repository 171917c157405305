"""`/pm` and the button of the summary, as handlers get them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from agents.by_hand import run_by_hand
from agents.catalogue import AGENTS
from agents.pm.time_tracking import SPEC
from agents.spec import RunMode
from blocks.pm.time_numbers import SHOW_NUMBERS
from handlers import pm
from handlers.agent_runs import shown
from handlers.commands import perform
from handlers.request import Delivery, Kind, Request
from handlers.router import Router
from sandbox.client import blocks_text
from services.accounts.types import AccountRef
from services.commands.types import Reply
from services.errors import InvalidInputError, NotAllowedError
from tests.pm.time_tracking.conftest import NEW_YORK, Office

ACCOUNT = AccountRef("acc_test", "T0TEST", "Test", NEW_YORK)


@pytest.fixture
def router() -> Router:
    router = Router()
    pm.register(router)
    return router


async def request_of(office: Office, key: str, kind: Kind, **payload: Any) -> Request:
    nowhere: Any = None
    delivery = Delivery(kind, "/pm", payload, "T0TEST", f"U0{key.upper()}", trigger_id="t")
    return Request(office.whole, ACCOUNT, await office.member(key), delivery, "c", nowhere)


async def types(office: Office, router: Router, key: str, text: str) -> str:
    """Return what a person is answered to `/pm text`."""
    request = await request_of(office, key, Kind.COMMAND)
    reply = await perform(request, router.commands, router.commands.parse("/pm", text))
    assert isinstance(reply, Reply)
    return reply.text


async def clicks(office: Office, router: Router, key: str, week: str) -> None:
    """Click "Show the numbers" of a week."""
    route = router.find(Kind.ACTION, SHOW_NUMBERS)
    assert route is not None
    assert route.handler is not None
    await route.handler(await request_of(office, key, Kind.ACTION, actions=[{"value": json.dumps({"week": week})}]))


@pytest.mark.requirement("PM-1.1")
async def test_a_dry_run_shows_the_messages_and_sends_none(office: Office, router: Router) -> None:
    answer = await types(office, router, "priya", "run time-tracking --dry-run")
    assert "Dry run, nothing was sent. Week of Nov 16 to 22" in answer
    assert "To <@U0BOB>, would send:\nYou logged *9 h 30 min* of *40 h*" in answer
    assert office.slack.messages == []


@pytest.mark.requirement("PM-1.1", "PM-1.6")
async def test_a_run_says_who_was_told_and_a_second_one_that_nobody_is_told_again(
    office: Office, router: Router
) -> None:
    assert "<@U0BOB>: sent" in await types(office, router, "marcus", "run time-tracking")
    assert "<@U0BOB>: not sent: already sent" in await types(office, router, "marcus", "run time-tracking")
    assert len(office.slack.to("bob")) == 1


async def test_a_run_as_of_an_earlier_day_is_about_the_week_before_it(office: Office, router: Router) -> None:
    assert "Week of Nov 2 to 8" in await types(
        office, router, "priya", "run time-tracking --dry-run --as-of 2026-11-12"
    )
    with pytest.raises(InvalidInputError, match="still to come"):
        await types(office, router, "priya", "run time-tracking --as-of 2026-12-01")


async def test_as_of_a_day_that_is_over_nobody_is_told_how_things_stood_then(office: Office) -> None:
    spec, priya = replace(SPEC, tells_of_now=True), await office.member("priya")
    result = await run_by_hand(office.whole, spec, ACCOUNT, as_of=datetime(2026, 11, 12, tzinfo=UTC))
    assert result.run.mode is RunMode.DRY_RUN
    assert "As of a day that is over, so nothing was sent" in shown("", result, priya, asked_to_send=True)[0]
    assert office.slack.messages == []
    assert (await run_by_hand(office.whole, spec, ACCOUNT)).run.mode is RunMode.LIVE
    assert {each.name for each in AGENTS if not each.tells_of_now} == {"time-tracking", "reconciliation"}


async def test_engineers_run_no_agents_and_only_admins_set_their_mode(office: Office, router: Router) -> None:
    with pytest.raises(NotAllowedError, match=r"role \*pm\*"):
        await types(office, router, "bob", "run time-tracking")
    with pytest.raises(NotAllowedError, match=r"role \*admin\*"):
        await types(office, router, "marcus", "settings time-tracking off")


@pytest.mark.requirement("JOIN-7")
async def test_an_agent_in_shadow_mode_stays_silent_whoever_runs_it(office: Office, router: Router) -> None:
    assert "only records" in await types(office, router, "priya", "settings time-tracking shadow")
    assert "Shadow mode, nothing was sent." in await types(office, router, "marcus", "run time-tracking")
    assert office.slack.messages == []
    (line,) = [line for line in await office.audit.lines() if line.action == "account.settings"]
    assert line.before == {"agents.time-tracking.mode": None}
    assert (line.after, line.actor_name) == ({"agents.time-tracking.mode": "shadow"}, "Priya Shah")


async def test_status_shows_last_run_next_run_and_mode(office: Office, router: Router) -> None:
    before = await types(office, router, "bob", "status")
    assert "never run" in before
    assert "GitHub is not set up: pull requests are left out" in before
    assert "Nothing was learned of how long work usually waits yet" in before
    await types(office, router, "priya", "run time-tracking")
    answer = await types(office, router, "bob", "status")
    assert "*Time tracking* (`time-tracking`) · live" in answer
    assert "6 compliant, 1 partial, 2 non-compliant" in answer
    assert "next <!date^" in answer
    await types(office, router, "priya", "settings time-tracking off")
    assert "· off" in await types(office, router, "bob", "status")


async def test_agents_and_projects_are_listed(office: Office, router: Router) -> None:
    assert "Runs Mondays at 10:00." in await types(office, router, "bob", "agents")
    request = await request_of(office, "bob", Kind.COMMAND)
    assert await perform(request, router.commands, router.commands.parse("/pm", "projects")) is None
    [view] = office.slack.views
    care = "*CARE* Lumen Health care plan · retainer · 160 h a month · $150 an hour\n<@U0PRIYA> · <#C0PROJCARE>"
    assert care in blocks_text(view["blocks"])
    assert "Change…" not in blocks_text(view["blocks"])


async def test_an_agent_that_does_not_exist_is_answered_with_those_that_do(office: Office, router: Router) -> None:
    with pytest.raises(InvalidInputError, match="`time-tracking`"):
        await types(office, router, "priya", "run time-travel")


@pytest.mark.requirement("TRUST-7")
async def test_the_numbers_open_for_the_pm_and_hold_only_their_people(office: Office, router: Router) -> None:
    await types(office, router, "priya", "run time-tracking")
    await clicks(office, router, "marcus", "2026-11-16")
    loading, numbers = office.slack.views
    assert "Reading the numbers" in str(loading)
    assert "*Luca Moretti* 0 h / 40 h = 0.0 %: non-compliant" in str(numbers)
    assert "Bob" not in str(numbers)


@pytest.mark.requirement("TRUST-7")
async def test_the_numbers_are_for_nobody_else_and_a_broken_button_says_so(office: Office, router: Router) -> None:
    with pytest.raises(NotAllowedError):
        await clicks(office, router, "bob", "2026-11-16")
    assert "9 h 30 min" not in str(office.slack.views)
    for week in ("2026-11-17", "yesterday"):
        with pytest.raises(InvalidInputError, match="older version"):
            await clicks(office, router, "marcus", week)
