"""Workflows as the rest of the application uses them, on SQLite and on Postgres."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from db.tenancy import account_scope, current_account_id
from services.durable import Durable, Retry, StepFailedError, WorkflowStatus
from services.errors import NotFoundError, VendorRejectedError, VendorUnavailableError
from tests.durable.conftest import ACCOUNT, PATIENCE_S, ended, until

ARGUMENTS = {"account_id": ACCOUNT}


async def test_a_workflow_returns_what_its_steps_returned_in_the_scope_of_its_account(durable: Durable) -> None:
    @durable.register("sum")
    async def add(arguments: dict[str, Any]) -> dict[str, Any]:
        async def one() -> int:
            return int(arguments["number"])

        return {"sum": await durable.step("one", one) + 1, "account": current_account_id()}

    await durable.launch()
    assert await durable.start("sum", "sum:1", {**ARGUMENTS, "number": 41})
    state = await ended(durable, "sum:1")
    assert (state.status, state.result) == (WorkflowStatus.DONE, {"sum": 42, "account": ACCOUNT})
    assert (state.name, state.account_id) == ("sum", ACCOUNT)


async def test_an_id_starts_one_workflow_only_even_when_many_start_it_at_once(durable: Durable) -> None:
    runs = []

    @durable.register("count")
    async def count(arguments: dict[str, Any]) -> dict[str, Any]:
        runs.append(1)
        return {}

    await durable.launch()
    started = await asyncio.gather(*(durable.start("count", "count:1", ARGUMENTS) for _ in range(8)))
    await ended(durable, "count:1")
    assert sorted(started) == [False] * 7 + [True]
    assert await durable.start("count", "count:1", ARGUMENTS) is False
    assert runs == [1]


async def test_a_workflow_waits_for_a_signal_and_a_signal_that_came_early_is_kept(durable: Durable) -> None:
    @durable.register("approval")
    async def approval(arguments: dict[str, Any]) -> dict[str, Any]:
        return {"first": await durable.wait_for("first"), "second": await durable.wait_for("second")}

    await durable.launch()
    await durable.start("approval", "approval:1", ARGUMENTS)

    async def waits() -> bool:
        state = await durable.status("approval:1")
        return state is not None and state.status is WorkflowStatus.WAITING and state.waiting_for == "first"

    await until(waits)
    await durable.signal("approval:1", "second", {"by": "Priya"})
    await durable.signal("approval:1", "first", {"by": "Sam"})
    state = await ended(durable, "approval:1")
    assert state.result == {"first": {"by": "Sam"}, "second": {"by": "Priya"}}


async def test_a_wait_that_nobody_answers_ends_with_nothing(durable: Durable) -> None:
    @durable.register("impatient")
    async def impatient(arguments: dict[str, Any]) -> dict[str, Any]:
        return {"answer": await durable.wait_for("answer", 0.1)}

    await durable.launch()
    await durable.start("impatient", "impatient:1", ARGUMENTS)
    assert (await ended(durable, "impatient:1")).result == {"answer": None}


async def test_cancelling_wakes_a_workflow_that_waits_and_nothing_after_the_wait_happens(durable: Durable) -> None:
    happened: list[str] = []
    ended_tasks: list[bool] = []

    @durable.register("waits")
    async def waits(arguments: dict[str, Any]) -> dict[str, Any]:
        try:
            await durable.wait_for("never")
            happened.append("after the wait")
        finally:
            ended_tasks.append(True)
        return {}

    await durable.launch()
    await durable.start("waits", "waits:1", ARGUMENTS)

    async def is_waiting() -> bool:
        state = await durable.status("waits:1")
        return state is not None and state.status is WorkflowStatus.WAITING

    await until(is_waiting)
    assert await durable.cancel("waits:1") is True
    assert (await ended(durable, "waits:1")).status is WorkflowStatus.CANCELLED

    async def has_left() -> bool:
        return bool(ended_tasks)

    await until(has_left)
    assert happened == []
    assert await durable.cancel("waits:1") is False


async def test_cancelling_stops_a_long_step_that_allows_it(durable: Durable) -> None:
    entered = asyncio.Event()
    stopped = asyncio.Event()

    async def long_step() -> None:
        entered.set()
        try:
            await asyncio.sleep(3600)
        finally:
            stopped.set()

    @durable.register("long")
    async def long(arguments: dict[str, Any]) -> dict[str, Any]:
        await durable.step("long", long_step, stop_on_cancel=True)
        return {}

    await durable.launch()
    await durable.start("long", "long:1", ARGUMENTS)
    await entered.wait()
    assert await durable.cancel("long:1")
    async with asyncio.timeout(PATIENCE_S):
        await stopped.wait()
    assert (await ended(durable, "long:1")).status is WorkflowStatus.CANCELLED


async def test_a_step_is_tried_again_on_the_errors_it_names_and_its_failure_keeps_the_safe_message(
    durable: Durable,
) -> None:
    tries = {"down": 0, "no": 0}

    async def down_twice() -> str:
        tries["down"] += 1
        if tries["down"] < 3:
            raise VendorUnavailableError("jira", "Jira does not answer.")
        return "up"

    async def says_no() -> None:
        tries["no"] += 1
        raise VendorRejectedError("jira", "Jira says no.", hint="Ask it nicely.")

    @durable.register("retries")
    async def retries(arguments: dict[str, Any]) -> dict[str, Any]:
        retry = Retry(attempts=3, wait_initial_s=0.001, wait_max_s=0.002)
        result = {"down": await durable.step("down", down_twice, retry=retry)}
        try:
            await durable.step("no", says_no, retry=retry)
        except StepFailedError as error:
            result |= {"kind": error.kind, "text": str(error)}
        return result

    await durable.launch()
    await durable.start("retries", "retries:1", ARGUMENTS)
    expected = {"down": "up", "kind": "VendorRejectedError", "text": "Jira says no. Ask it nicely."}
    assert (await ended(durable, "retries:1")).result == expected
    assert tries == {"down": 3, "no": 1}


async def test_the_text_of_an_unforeseen_error_is_not_shown_to_people(durable: Durable) -> None:
    @durable.register("bug")
    async def bug(arguments: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeError("password=hunter2")

    await durable.launch()
    await durable.start("bug", "bug:1", ARGUMENTS)
    state = await ended(durable, "bug:1")
    assert state.status is WorkflowStatus.FAILED
    assert state.error is not None
    assert state.error.startswith("Something went wrong (reference ")
    assert "hunter2" not in state.error


@pytest.mark.parametrize("value", [{1, 2}, object(), float("nan")])
async def test_what_is_not_plain_json_is_refused_instead_of_changing_its_type_in_a_replay(
    durable: Durable, value: object
) -> None:
    @durable.register("any")
    async def anything(arguments: dict[str, Any]) -> dict[str, Any]:
        return {}

    await durable.launch()
    with pytest.raises(TypeError):
        await durable.start("any", "any:1", {**ARGUMENTS, "value": value})
    assert await durable.status("any:1") is None


async def test_a_workflow_without_an_account_is_refused(durable: Durable) -> None:
    @durable.register("homeless")
    async def homeless(arguments: dict[str, Any]) -> dict[str, Any]:
        return {}

    await durable.launch()
    with pytest.raises(ValueError, match="account_id"):
        await durable.start("homeless", "homeless:1", {})


async def test_another_account_neither_sees_nor_signals_nor_cancels_a_workflow(durable: Durable) -> None:
    @durable.register("private")
    async def private(arguments: dict[str, Any]) -> dict[str, Any]:
        return {"answer": await durable.wait_for("answer")}

    await durable.launch()
    await durable.start("private", "private:1", ARGUMENTS)
    with account_scope("acc_other"):
        assert await durable.status("private:1") is None
        assert await durable.list() == []
        with pytest.raises(NotFoundError):
            await durable.signal("private:1", "answer", {"evil": True})
        with pytest.raises(NotFoundError):
            await durable.cancel("private:1")
    with account_scope(ACCOUNT):
        assert [state.workflow_id for state in await durable.list()] == ["private:1"]
        await durable.signal("private:1", "answer", {"evil": False})
    assert (await ended(durable, "private:1")).result == {"answer": {"evil": False}}


async def test_old_finished_work_is_deleted_and_the_rest_stays(durable: Durable) -> None:
    @durable.register("quick")
    async def quick(arguments: dict[str, Any]) -> dict[str, Any]:
        return {}

    @durable.register("open")
    async def still_open(arguments: dict[str, Any]) -> dict[str, Any]:
        await durable.wait_for("never")
        return {}

    await durable.launch()
    await durable.start("quick", "quick:1", ARGUMENTS)
    await durable.start("open", "open:1", ARGUMENTS)
    await ended(durable, "quick:1")
    assert await durable.garbage_collect(timedelta(days=30)) == 0
    assert await durable.garbage_collect(timedelta(seconds=-5)) == 1
    assert await durable.status("quick:1") is None
    assert await durable.status("open:1") is not None


async def test_a_workflow_that_starts_another_one_learns_whether_it_was_the_first(durable: Durable) -> None:
    @durable.register("child")
    async def child(arguments: dict[str, Any]) -> dict[str, Any]:
        return {}

    @durable.register("parent")
    async def parent(arguments: dict[str, Any]) -> dict[str, Any]:
        first = await durable.start("child", "child:1", arguments)
        second = await durable.start("child", "child:1", arguments)
        return {"started": [first, second]}

    await durable.launch()
    await durable.start("parent", "parent:1", ARGUMENTS)
    assert (await ended(durable, "parent:1")).result == {"started": [True, False]}
