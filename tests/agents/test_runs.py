"""Runs of an agent: recorded, once per slot, patient with vendors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from agents.catalogue import agent_named
from agents.history import history, overview
from agents.runs import register_agent_runs, run_agent, run_slot, scheduled_workflow_id
from agents.spec import RunMode, RunStatus, RunTrigger, Slot
from db.tenancy import account_scope
from services.accounts.types import MemberRef, Role
from services.errors import InvalidInputError, NotAllowedError, NotConfiguredError, VendorUnavailableError
from tests.agents.conftest import ACCOUNT, MONDAY_TEN, NEW_YORK, SmallServices
from tests.agents.example import Example
from tests.durable.conftest import ended

SLOT = Slot(MONDAY_TEN, NEW_YORK)
SLOT_ID = "agent:example:acc_one:2026-11-23T15:00:00Z"
ARGUMENTS: dict[str, Any] = {"account_id": ACCOUNT, "agent": "example", "slot": SLOT.iso, "time_zone": NEW_YORK}
PRIYA = MemberRef(1, "U1", "Priya", Role.PM, NEW_YORK)
EVE = MemberRef(2, "U2", "Eve", Role.ENGINEER, NEW_YORK)

DOWN = VendorUnavailableError("jira", "Jira does not answer.", hint="It is tried again.")


@pytest.mark.usefixtures("in_account")
async def test_a_run_is_recorded_with_what_it_delivered_and_who_wanted_it(services: SmallServices) -> None:
    example = Example()
    result = await run_agent(services.whole, example.spec(), SLOT, RunTrigger.MANUAL, RunMode.LIVE, PRIYA)
    assert result.delivery is not None
    assert result.run.line == "1 person told of week before 2026-11-23 as of 15:00"
    assert result.run.summary["messages"] == [
        {"recipient": "U1", "text": "week before 2026-11-23 as of 15:00", "outcome": "sent", "blocks": []}
    ]
    assert result.run.summary["by"] == "Priya"
    assert (result.run.status, result.run.slot_at, result.run.error) == (RunStatus.DONE, MONDAY_TEN, None)
    assert await history(services.whole, "example") == [result.run]


@pytest.mark.usefixtures("in_account")
async def test_a_run_as_of_another_day_is_for_that_day(services: SmallServices) -> None:
    example = Example()
    as_of = Slot(MONDAY_TEN - timedelta(days=7), NEW_YORK)
    result = await run_agent(services.whole, example.spec(), as_of, RunTrigger.MANUAL, RunMode.DRY_RUN)
    assert result.run.slot_at == as_of.at
    assert result.run.line.startswith("1 person told of week before 2026-11-16")


@pytest.mark.usefixtures("in_account")
async def test_a_dry_run_is_in_the_history_but_is_not_the_last_run(services: SmallServices) -> None:
    example = Example()
    live = await run_agent(services.whole, example.spec(), SLOT, RunTrigger.MANUAL, RunMode.LIVE)
    services.now.at += timedelta(hours=1)
    dry = await run_agent(services.whole, example.spec(), SLOT, RunTrigger.MANUAL, RunMode.DRY_RUN)
    assert example.delivered == [RunMode.LIVE, RunMode.DRY_RUN]
    assert await history(services.whole, "example") == [dry.run, live.run]
    assert [row.last for row in await overview(services.whole, (example.spec(),), NEW_YORK)] == [live.run]


@pytest.mark.usefixtures("in_account")
async def test_a_role_that_does_not_suffice_runs_nothing(services: SmallServices) -> None:
    example = Example()
    with pytest.raises(NotAllowedError, match="pm"):
        await run_agent(services.whole, example.spec(), SLOT, RunTrigger.MANUAL, RunMode.LIVE, EVE)
    assert example.slots == []
    assert await history(services.whole, "example") == []


@pytest.mark.usefixtures("in_account")
async def test_an_error_is_recorded_in_words_that_may_be_shown(services: SmallServices) -> None:
    example = Example(
        errors=[NotConfiguredError("No Tempo token.", hint="Set TEMPO_API_TOKEN."), RuntimeError("secret")]
    )
    said = await run_agent(services.whole, example.spec(), SLOT, RunTrigger.MANUAL, RunMode.LIVE)
    assert (said.run.status, said.run.error) == (RunStatus.FAILED, "No Tempo token. Set TEMPO_API_TOKEN.")
    hidden = await run_agent(services.whole, example.spec(), SLOT, RunTrigger.MANUAL, RunMode.LIVE)
    assert hidden.run.error is not None
    assert hidden.run.error.startswith("Something went wrong (reference ")


@pytest.mark.usefixtures("in_account")
async def test_a_person_is_not_kept_waiting_for_a_vendor_that_is_down(services: SmallServices) -> None:
    result = await run_agent(services.whole, Example(errors=[DOWN]).spec(), SLOT, RunTrigger.MANUAL, RunMode.LIVE)
    assert (result.run.status, result.run.error) == (RunStatus.FAILED, "Jira does not answer. It is tried again.")


@pytest.mark.usefixtures("in_account")
async def test_a_slot_waits_for_a_vendor_within_its_grace_and_then_runs_once(services: SmallServices) -> None:
    example = Example(errors=[DOWN, DOWN])
    spec = example.spec()
    waits = [await run_slot(services.whole, spec, SLOT, attempt) for attempt in (0, 1)]
    assert [wait["retry_in_s"] for wait in waits] == [60.0, 120.0]
    (waiting,) = await history(services.whole, "example")
    assert (waiting.status, waiting.finished_at) == (RunStatus.WAITING, None)
    for _ in range(2):
        assert await run_slot(services.whole, spec, SLOT, 2) == {"status": "done", "retry_in_s": None}
    assert len(example.delivered) == 1
    assert [run.status for run in await history(services.whole, "example")] == [RunStatus.DONE]


@pytest.mark.usefixtures("in_account")
async def test_a_slot_whose_grace_ends_fails_with_the_vendors_error(services: SmallServices) -> None:
    services.now.at = MONDAY_TEN + timedelta(hours=11, minutes=55)
    outcome = await run_slot(services.whole, Example(errors=[DOWN]).spec(), SLOT, 4)
    assert outcome == {"status": "failed", "retry_in_s": None}
    (failed,) = await history(services.whole, "example")
    assert (failed.status, failed.error) == (RunStatus.FAILED, "Jira does not answer. It is tried again.")


@pytest.mark.usefixtures("in_account")
async def test_a_run_that_a_crash_cut_days_ago_is_not_sent_late(services: SmallServices) -> None:
    example = Example(errors=[DOWN])
    await run_slot(services.whole, example.spec(), SLOT, 0)
    services.now.at += timedelta(days=3)
    assert await run_slot(services.whole, example.spec(), SLOT, 1) == {"status": "failed", "retry_in_s": None}
    assert example.delivered == []


@pytest.mark.usefixtures("in_account")
@pytest.mark.parametrize(
    ("setting", "delivered"), [("off", []), ("shadow", ["shadow"]), ("live", ["live"]), ("?", ["shadow"])]
)
async def test_the_accounts_setting_says_how_scheduled_runs_act(
    services: SmallServices, setting: str, delivered: list[str]
) -> None:
    services.accounts.values["agents.example.mode"] = setting
    example = Example()
    await run_slot(services.whole, example.spec(), SLOT, 0)
    assert example.delivered == delivered


@pytest.mark.requirement("SYS-4")
async def test_the_workflow_of_a_slot_runs_it_once_in_its_account(services: SmallServices) -> None:
    example = Example()
    register_agent_runs(services.whole, (example.spec(),))
    await services.durable.launch()
    assert scheduled_workflow_id("example", ACCOUNT, SLOT) == SLOT_ID
    assert await services.durable.start("agent-run", SLOT_ID, ARGUMENTS)
    assert (await ended(services.durable, SLOT_ID)).result == {"status": "done"}
    assert not await services.durable.start("agent-run", SLOT_ID, ARGUMENTS)
    assert example.slots == [SLOT]
    with account_scope(ACCOUNT):
        runs = await history(services.whole, "example")
        assert [(run.workflow_id, run.trigger) for run in runs] == [(SLOT_ID, RunTrigger.SCHEDULE)]
    with account_scope("acc_other"):
        assert await history(services.whole, "example") == []


@pytest.mark.usefixtures("in_account")
async def test_the_overview_has_the_last_and_the_next_run_of_each_agent(services: SmallServices) -> None:
    example = Example()
    specs = (example.spec("first"), example.spec("second"))
    done = await run_agent(services.whole, specs[0], SLOT, RunTrigger.MANUAL, RunMode.LIVE)
    rows = await overview(services.whole, specs, NEW_YORK)
    assert [(row.name, row.last, row.schedule) for row in rows] == [
        ("first", done.run, "Mondays at 10:00"),
        ("second", None, "Mondays at 10:00"),
    ]
    assert {row.next_at for row in rows} == {MONDAY_TEN + timedelta(days=7)}


@pytest.mark.usefixtures("in_account")
async def test_runs_are_counted(services: SmallServices) -> None:
    labels = {"agent": "counted", "trigger": "manual", "mode": "live", "status": "done"}
    await run_agent(services.whole, Example().spec("counted"), SLOT, RunTrigger.MANUAL, RunMode.LIVE)
    assert REGISTRY.get_sample_value("flowpilot_agent_runs_total", labels) == 1


def test_an_unknown_agent_is_answered_with_those_there_are() -> None:
    spec = Example().spec()
    assert agent_named("Example ", (spec,)) is spec
    with pytest.raises(InvalidInputError, match="`example`"):
        agent_named("exmaple", (spec,))
