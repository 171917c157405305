"""The workflows that this process runs now: entered with their account, stopped without harm."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import structlog

from db.tenancy import account_scope
from services.durable.types import JsonObject, as_json
from services.errors import FlowPilotError

log = structlog.get_logger(__name__)

WorkflowFunction = Callable[[JsonObject], Awaitable[JsonObject]]


@dataclass(eq=False)
class _Execution:
    task: asyncio.Task[object]
    waits: int = 0


_execution: ContextVar[_Execution | None] = ContextVar("durable_execution", default=None)


class WorkflowFailedError(FlowPilotError):
    """A workflow failed in a way nobody foresaw; the log has the details under the reference."""


class RunningWorkflows:
    """Runs workflow functions, and stops them between steps: the engine goes on from there at the next launch."""

    def __init__(self) -> None:
        self._executions: set[_Execution] = set()
        self._is_stopping = False

    async def run(self, workflow_id: str, name: str, function: WorkflowFunction, arguments: JsonObject) -> JsonObject:
        """Run `function` in its account's scope; an error leaves with a text that is safe to show."""
        task = asyncio.current_task()
        assert task is not None
        execution = _Execution(task)
        token = _execution.set(execution)
        self._executions.add(execution)
        account_id = arguments["account_id"]
        try:
            with (
                account_scope(account_id),
                structlog.contextvars.bound_contextvars(account_id=account_id, workflow_id=workflow_id),
            ):
                self.stop_here_when_stopping()
                return await self._guarded(name, function, arguments)
        finally:
            self._executions.discard(execution)
            _execution.reset(token)

    async def _guarded(self, name: str, function: WorkflowFunction, arguments: JsonObject) -> JsonObject:
        try:
            result: JsonObject = as_json(await function(arguments))
        except FlowPilotError as error:
            log.warning("workflow failed", workflow=name, error=str(error))
            raise
        except Exception as error:
            reference = uuid.uuid4().hex[:8]
            log.exception("workflow failed", workflow=name, reference=reference)
            raise WorkflowFailedError(f"Something went wrong (reference {reference}).") from error
        return result

    def stop_here_when_stopping(self) -> None:
        """Leave the workflow at this point if the process is shutting down; it goes on from here later."""
        if self._is_stopping and _execution.get() is not None:
            raise asyncio.CancelledError("the process is shutting down")

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Mark that the workflow waits, so that a shutdown need not wait for it."""
        execution = _execution.get()
        if execution is None:
            yield
            return
        execution.waits += 1
        try:
            yield
        finally:
            execution.waits -= 1

    async def stop(self, grace_s: float) -> None:
        """Let steps that run end, for at most `grace_s` seconds; then leave all workflows as they are stored."""
        self._is_stopping = True
        busy = {execution.task for execution in self._executions if not execution.waits}
        if busy:
            _, unfinished = await asyncio.wait(busy, timeout=grace_s)
            if unfinished:
                log.warning("steps cut short by the shutdown run again after it", count=len(unfinished))
        tasks = {execution.task for execution in self._executions}
        for task in tasks:
            task.cancel()
        if tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait(tasks, timeout=1.0)
