"""What survives: killed processes, shutdowns, dead replicas."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from services.durable import Durable, StepFailedError, WorkflowStatus
from services.durable.postgres import PostgresReplica
from services.errors import NotConfiguredError, VendorRejectedError
from tests.durable.conftest import ACCOUNT, ended, until

ROOT = Path(__file__).parents[2]
ARGUMENTS = {"account_id": ACCOUNT}


def _worker(url: str, journal: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.durable.worker", url, str(journal), "killed:1", *options]
    return subprocess.Popen(command, cwd=ROOT)


def _lines(journal: Path) -> list[str]:
    return journal.read_text().splitlines() if journal.exists() else []


def _kill_in_second_step(url: str, journal: Path) -> None:
    process = _worker(url, journal, "--stop-in-second-step")
    deadline = time.monotonic() + 90
    while "second" not in _lines(journal):
        assert process.poll() is None, "the worker ended by itself"
        assert time.monotonic() < deadline, "the worker never reached its second step"
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait(30)


@pytest.mark.requirement("SYS-4")
def test_after_a_kill_the_next_process_goes_on_where_the_work_was_cut(durable_url: str, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    _kill_in_second_step(durable_url, journal)
    assert _lines(journal) == ["first", "second"]
    assert _worker(durable_url, journal).wait(90) == 0
    assert _lines(journal) == ["first", "second", "second", "third", "done 6"], (
        "the finished step is not run again, the one that was cut is"
    )


@pytest.mark.requirement("SYS-4")
async def test_a_living_replica_takes_over_what_a_killed_one_was_running(postgres_url: str, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    survivor = Durable(postgres_url, poll_interval_s=0.05, takeover_interval_s=0.2)

    @survivor.register("three-steps")
    async def three_steps(arguments: dict[str, Any]) -> dict[str, Any]:
        async def known(number: int) -> int:
            return number

        names = ("first", "second", "third")
        return {"numbers": [await survivor.step(name, lambda: known(10)) for name in names]}

    await survivor.launch()
    try:
        await asyncio.to_thread(_kill_in_second_step, postgres_url, journal)
        state = await ended(survivor, "killed:1")
    finally:
        await survivor.shutdown(0)
    assert state.result == {"numbers": [1, 10, 10]}, "the first step's result is the dead replica's"


@pytest.mark.requirement("SYS-4")
def test_replicas_that_start_the_same_slot_at_the_same_moment_run_it_once(postgres_url: str, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    processes = [_worker(postgres_url, journal) for _ in range(2)]
    assert [process.wait(90) for process in processes] == [0, 0]
    assert _lines(journal) == ["first", "second", "third", "done 6"]


async def test_a_replica_whose_connection_breaks_takes_its_lock_again(postgres_url: str) -> None:
    first, second = (PostgresReplica(make_url(postgres_url)) for _ in range(2))
    await first.acquire()
    await second.acquire()
    try:
        async with await psycopg.AsyncConnection.connect(_plain(postgres_url), autocommit=True) as other:
            await other.execute("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'")
        await second.refresh()
        async with second.if_dead(first.executor_id) as is_dead:
            assert is_dead
        await first.refresh()
        async with second.if_dead(first.executor_id) as is_dead:
            assert not is_dead
    finally:
        await first.release()
        await second.release()


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


async def test_a_replica_that_lives_keeps_its_work(postgres_url: str, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    process = _worker(postgres_url, journal, "--stop-in-second-step")
    onlooker = Durable(postgres_url, poll_interval_s=0.05, takeover_interval_s=3600)
    await onlooker.launch()
    try:

        async def is_in_second_step() -> bool:
            return "second" in _lines(journal)

        await until(is_in_second_step)
        assert await onlooker.take_over() == 0
        os.kill(process.pid, signal.SIGKILL)
        await asyncio.to_thread(process.wait, 30)

        async def is_taken() -> bool:
            return await onlooker.take_over() == 1

        await until(is_taken)
    finally:
        await onlooker.shutdown(0)


def _waiting_durable(url: str, seen: list[asyncio.AbstractEventLoop]) -> Durable:
    durable = Durable(url, poll_interval_s=0.05, takeover_interval_s=0.2)

    @durable.register("wait")
    async def wait(arguments: dict[str, Any]) -> dict[str, Any]:
        answer = await durable.wait_for("answer")
        seen.append(asyncio.get_running_loop())
        return {"answer": answer}

    return durable


async def _waits(durable: Durable) -> bool:
    state = await durable.status("wait:1")
    return state is not None and state.status is WorkflowStatus.WAITING


async def test_what_waits_for_a_person_survives_restarts_and_goes_on_in_the_applications_event_loop(
    durable_url: str,
) -> None:
    seen: list[asyncio.AbstractEventLoop] = []
    for _ in range(2):
        durable = _waiting_durable(durable_url, seen)
        await durable.launch()
        await durable.start("wait", "wait:1", ARGUMENTS)
        await until(partial(_waits, durable))
        await durable.shutdown(5)
    durable = _waiting_durable(durable_url, seen)
    await durable.launch()
    await durable.signal("wait:1", "answer", "yes")
    state = await ended(durable, "wait:1")
    await durable.shutdown(5)
    assert state.result == {"answer": "yes"}
    assert seen == [asyncio.get_running_loop()]


async def test_a_shutdown_lets_the_running_step_end_and_begins_no_other(durable_url: str) -> None:
    ran: list[str] = []
    entered = asyncio.Event()

    def build() -> Durable:
        durable = Durable(durable_url, poll_interval_s=0.05, takeover_interval_s=0.2)

        async def first() -> None:
            entered.set()
            await asyncio.sleep(0.3)
            ran.append("first")

        async def second() -> None:
            ran.append("second")

        @durable.register("two")
        async def two(arguments: dict[str, Any]) -> dict[str, Any]:
            await durable.step("first", first)
            await durable.step("second", second)
            return {}

        return durable

    durable = build()
    await durable.launch()
    await durable.start("two", "two:1", ARGUMENTS)
    await entered.wait()
    await durable.shutdown(10)
    assert ran == ["first"]
    durable = build()
    await durable.launch()
    await ended(durable, "two:1")
    await durable.shutdown(0)
    assert ran == ["first", "second"]


async def test_a_failed_step_reads_the_same_after_a_restart(durable_url: str) -> None:
    errors: list[tuple[str, str, str]] = []

    def build() -> Durable:
        durable = Durable(durable_url, poll_interval_s=0.05, takeover_interval_s=0.2)

        async def refused() -> None:
            raise VendorRejectedError("jira", "Jira says no.", hint="Ask it nicely.")

        @durable.register("fails")
        async def fails(arguments: dict[str, Any]) -> dict[str, Any]:
            try:
                await durable.step("refused", refused)
            except StepFailedError as error:
                errors.append((error.kind, error.message, error.hint))
            return {"answer": await durable.wait_for("answer")}

        return durable

    async def has_failed_step(times: int) -> bool:
        return len(errors) == times

    durable = build()
    await durable.launch()
    await durable.start("fails", "fails:1", ARGUMENTS)
    await until(lambda: has_failed_step(1))
    await durable.shutdown(5)
    durable = build()
    await durable.launch()
    await until(lambda: has_failed_step(2))
    await durable.shutdown(0)
    assert errors == [("VendorRejectedError", "Jira says no.", "Ask it nicely.")] * 2


async def test_a_second_process_on_the_same_sqlite_file_is_refused_with_what_to_do(sqlite_url: str) -> None:
    first, second = Durable(sqlite_url), Durable(sqlite_url)
    await first.launch()
    try:
        with pytest.raises(NotConfiguredError, match="Another FlowPilot process"):
            await second._replica.acquire()
    finally:
        await first.shutdown(0)
    await second.launch()
    await second.shutdown(0)


async def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    durable = Durable("postgresql+psycopg://someone:hunter2@127.0.0.1:1/nothing")
    with pytest.raises(NotConfiguredError) as caught:
        await durable.launch()
    assert "hunter2" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)
    assert not durable.is_launched


async def test_threads_work_after_a_shutdown_and_another_instance_can_follow(sqlite_url: str) -> None:
    for _ in range(3):
        durable = Durable(sqlite_url, poll_interval_s=0.05)
        await durable.launch()
        assert await durable.list() == []
        await durable.shutdown(0)
        assert await asyncio.to_thread(lambda: "threads work") == "threads work"


async def test_two_instances_at_once_are_refused(sqlite_url: str, tmp_path: Path) -> None:
    first = Durable(sqlite_url)
    await first.launch()
    try:
        with pytest.raises(RuntimeError, match="another Durable"):
            await Durable(f"sqlite:///{tmp_path / 'other.sqlite'}").launch()
    finally:
        await first.shutdown(0)


async def test_steps_that_run_side_by_side_keep_their_own_results_over_a_restart(durable_url: str) -> None:
    ran: list[int] = []

    def build() -> Durable:
        durable = Durable(durable_url, poll_interval_s=0.05, takeover_interval_s=0.2)

        async def square(number: int) -> int:
            await asyncio.sleep(0.02 * (4 - number))
            ran.append(number)
            return number * number

        @durable.register("squares")
        async def squares(arguments: dict[str, Any]) -> dict[str, Any]:
            steps = (durable.step(f"square {number}", partial(square, number)) for number in range(4))
            results = await asyncio.gather(*steps)
            return {"squares": results, "answer": await durable.wait_for("answer")}

        return durable

    async def all_ran() -> bool:
        state = await durable.status("squares:1")
        return state is not None and state.status is WorkflowStatus.WAITING

    durable = build()
    await durable.launch()
    await durable.start("squares", "squares:1", ARGUMENTS)
    await until(all_ran)
    await durable.shutdown(5)
    durable = build()
    await durable.launch()
    await durable.signal("squares:1", "answer", "yes")
    state = await ended(durable, "squares:1")
    await durable.shutdown(0)
    assert state.result == {"squares": [0, 1, 4, 9], "answer": "yes"}
    assert ran == [3, 2, 1, 0]
