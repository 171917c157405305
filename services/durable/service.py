"""The one module that knows the workflow engine (DBOS); everybody else says start, signal, status, cancel."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import structlog
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from db.tenancy import current_account_id_or_none
from services.durable import setup
from services.durable.replicas import Replica, replica_for
from services.durable.running import RunningWorkflows, WorkflowFunction
from services.durable.states import WAITING_FOR, state_of
from services.durable.steps import NO_RETRY, Retry, attempt, unwrap
from services.durable.transactions import Transactions
from services.durable.types import JsonObject, WorkflowState, as_json
from services.errors import NotFoundError

if TYPE_CHECKING:
    from dbos import DBOS
    from dbos import WorkflowStatus as EngineStatus

log = structlog.get_logger(__name__)

__all__ = ["Durable", "WorkflowFunction"]

FOREVER_S = 10 * 365 * 86_400.0
TIMER = "timer"
_COLLECTED_AT_ONCE = 500
_ENDED = ["SUCCESS", "ERROR", "CANCELLED"]


class Durable:
    """Workflows that survive restarts. One instance can be launched at a time in a process.

    A workflow is `async function(arguments) -> dict`, arguments and result plain JSON, `account_id` among the
    arguments. It repeats from its first line after a crash, with the results of finished steps given back: whatever
    touches the world, the clock or chance belongs into `step`. A step runs at least once: writes to the outside go
    through `services.effects`, rows are upserted by a unique key or written in a `transaction_step`. A changed workflow
    gets a new name; the old one stays until nothing of it is left.
    """

    _launched: ClassVar[Durable | None] = None

    def __init__(
        self,
        url: str,
        *,
        database_url: str | None = None,
        name: str = "flowpilot",
        application_version: str = "1",
        poll_interval_s: float = 0.5,
        takeover_interval_s: float = 5.0,
    ) -> None:
        self._url = make_url(url)
        self._name = name
        self._application_version = application_version
        self._poll_interval_s = poll_interval_s
        self._takeover_interval_s = takeover_interval_s
        self._database_url = database_url
        self._transactions: Transactions | None = None
        self._replica: Replica = replica_for(self._url)
        self._functions: dict[str, WorkflowFunction] = {}
        self._registered: dict[str, Callable[[JsonObject], Any]] = {}
        self._running = RunningWorkflows()
        self._takeover: asyncio.Task[None] | None = None

    def register(self, name: str) -> Callable[[WorkflowFunction], WorkflowFunction]:
        """Make a function startable as `name`; before `launch`."""

        def decorate(function: WorkflowFunction) -> WorkflowFunction:
            if name in self._functions:
                raise ValueError(f"a workflow named {name!r} is registered already")
            if Durable._launched is self:
                raise RuntimeError(f"workflow {name!r} was registered after launch: it would miss what is recovered")
            self._functions[name] = function
            return function

        return decorate

    @property
    def is_launched(self) -> bool:
        """Tell whether workflows run now (for readiness)."""
        return Durable._launched is self

    async def launch(self) -> None:
        """Open the database and go on with what was left unfinished; `NotConfiguredError` when that cannot be."""
        if Durable._launched is not None:
            raise RuntimeError("another Durable is launched in this process: shut it down first")
        await self._replica.acquire()
        Durable._launched = self
        try:
            self._running = RunningWorkflows()
            engine = await asyncio.to_thread(self._open)
            # launched from a thread it would run workflows on a loop of its own, where no client of ours works
            engine._background_event_loop.set_main_loop()
            if self._database_url is not None:
                self._transactions = Transactions(self._database_url)
                await self._transactions.open()
            await asyncio.to_thread(engine.launch)
        except DBAPIError as error:
            await self._close()
            raise setup.refusal(self._url, error) from error
        except BaseException:
            await self._close()
            raise
        if self._url.get_backend_name() != "sqlite":
            self._takeover = asyncio.create_task(self._take_over_forever())

    def _open(self) -> DBOS:
        from dbos import DBOS

        setup.quiet_logging()
        setup.refuse_pickle()
        if self._url.get_backend_name() == "sqlite":
            setup.use_write_ahead_log(Path(self._url.database or ""))
        engine = DBOS(
            config=setup.engine_config(
                self._url,
                name=self._name,
                application_version=self._application_version,
                executor_id=self._replica.executor_id,
                poll_interval_s=self._poll_interval_s,
            )
        )
        for name, function in self._functions.items():
            # no limit: a workflow that waits for weeks is recovered at every deployment
            self._registered[name] = DBOS.workflow(name=name, max_recovery_attempts=None)(self._entry(name, function))
        return engine

    def _entry(self, name: str, function: WorkflowFunction) -> WorkflowFunction:
        async def run_workflow(arguments: JsonObject) -> JsonObject:
            from dbos import DBOS

            return await self._running.run(str(DBOS.workflow_id), name, function, arguments)

        return run_workflow

    async def shutdown(self, grace_s: float = 20.0) -> None:
        """Let running steps end within `grace_s` seconds, and stop; the next launch goes on after them."""
        if Durable._launched is not self:
            return
        if self._takeover is not None:
            self._takeover.cancel()
            await asyncio.gather(self._takeover, return_exceptions=True)
            self._takeover = None
        await self._running.stop(grace_s)
        await self._close()

    async def _close(self) -> None:
        from dbos import DBOS

        # the engine made its own thread pool the loop's default one, and is about to close it
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(setup.MAX_THREADS))
        try:
            await asyncio.to_thread(DBOS.destroy, destroy_registry=True)
            if self._transactions is not None:
                await self._transactions.close()
                self._transactions = None
        finally:
            Durable._launched = None
            await self._replica.release()

    async def start(self, name: str, workflow_id: str, arguments: JsonObject) -> bool:
        """Start a workflow once per id, ever; False when the id has been used already, whatever became of it."""
        from dbos import DBOS, DBOSContextSetAuth, PortableWorkflowError, SetWorkflowID, error

        account_id = arguments.get("account_id")
        if not isinstance(account_id, str) or not account_id:
            raise ValueError(f"workflow {name!r} was started without an account_id in its arguments")
        try:
            # the engine's "user" is how its rows are told apart by account
            with DBOSContextSetAuth(account_id, None), SetWorkflowID(workflow_id, workflow_id_reuse_policy="reject"):
                await DBOS.start_workflow_async(self._registered[name], as_json(arguments))
        except error.DBOSWorkflowIDInUseError:
            return False
        except PortableWorkflowError as replayed:  # the same refusal, read back by a workflow that starts another one
            if replayed.name != error.DBOSWorkflowIDInUseError.__name__:
                raise
            return False
        return True

    async def step(
        self,
        name: str,
        function: Callable[[], Awaitable[Any]],
        *,
        retry: Retry = NO_RETRY,
        stop_on_cancel: bool = False,
    ) -> Any:
        """Run `function` once per workflow and return its JSON result, also after a crash; raises `StepFailedError`.

        `stop_on_cancel` cancels the coroutine within about a second of `cancel`; otherwise it runs to its end.
        Outside a workflow it just runs.
        """
        from dbos import DBOS

        self._running.stop_here_when_stopping()

        async def run_step() -> JsonObject:
            return await attempt(name, function, retry)

        outcome = await DBOS.run_step_async({"name": name, "preemptible": stop_on_cancel}, run_step)
        return unwrap(name, outcome)

    async def transaction_step(self, name: str, function: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
        """Write to the application's database exactly once per workflow; `function` gets a session of the account.

        For rows that nothing makes unique. Only inside a workflow, and only with `database_url` given.
        """
        self._running.stop_here_when_stopping()
        if self._transactions is None:
            raise RuntimeError("transaction steps need a launched Durable that knows the application's database")
        return await self._transactions.step(name, function)

    async def wait_for(self, topic: str, timeout_s: float | None = None) -> Any:
        """Wait inside a workflow for `signal` on `topic`; return its payload, or None after `timeout_s` (None: never).

        The deadline counts from the first time this line was reached, restarts included.
        """
        from dbos import DBOS

        self._running.stop_here_when_stopping()
        with self._running.waiting():
            await DBOS.set_event_async(WAITING_FOR, topic)
            payload = await DBOS.recv_async(topic, timeout_seconds=FOREVER_S if timeout_s is None else timeout_s)
            await DBOS.set_event_async(WAITING_FOR, None)
        return payload

    async def sleep(self, seconds: float) -> None:
        """Wait inside a workflow; restarts do not prolong it, and `cancel` ends it."""
        await self.wait_for(TIMER, seconds)

    async def signal(self, workflow_id: str, topic: str, payload: Any, *, idempotency_key: str | None = None) -> None:
        """Hand `payload` to the workflow's `wait_for(topic)`, now or when it gets there; `NotFoundError`.

        Signals queue up: what one is about (a plan's hash) belongs into the topic, a click's id into the key.
        """
        from dbos import DBOS

        await self._existing(workflow_id)
        await DBOS.send_async(workflow_id, as_json(payload), topic, idempotency_key=idempotency_key)

    async def cancel(self, workflow_id: str) -> bool:
        """Stop a workflow at its next step and wake it if it waits; False when it had ended; `NotFoundError`."""
        from dbos import DBOS

        state = await self._existing(workflow_id)
        if state.status.is_final:
            return False
        await DBOS.cancel_workflow_async(workflow_id)
        if state.waiting_for is not None:
            # a waiting workflow looks at its status only when it wakes
            await DBOS.send_async(workflow_id, None, state.waiting_for)
        return True

    async def status(self, workflow_id: str) -> WorkflowState | None:
        """Return a workflow's state; None for an unknown one and, within `account_scope`, for another account's."""
        from dbos import DBOS

        found = await DBOS.list_workflows_async(workflow_ids=[workflow_id], user=current_account_id_or_none())
        return await self._state(found[0]) if found else None

    async def list(
        self, *, account_id: str | None = None, name: str | None = None, id_prefix: str | None = None, limit: int = 50
    ) -> list[WorkflowState]:
        """Return the newest workflows first; of the current account unless another is named."""
        from dbos import DBOS

        found = await DBOS.list_workflows_async(
            user=account_id or current_account_id_or_none(),
            name=name,
            workflow_id_prefix=id_prefix,
            limit=limit,
            sort_desc=True,
        )
        return [await self._state(one) for one in found]

    async def garbage_collect(self, older_than: timedelta) -> int:
        """Delete workflows that ended longer ago than that; return how many. Their ids could then be used again."""
        from dbos import DBOS

        before = (datetime.now(UTC) - older_than).isoformat()
        deleted = 0
        while ended := await DBOS.list_workflows_async(
            status=_ENDED, completed_before=before, limit=_COLLECTED_AT_ONCE, load_input=False, load_output=False
        ):
            await DBOS.delete_workflows_async([one.workflow_id for one in ended])
            deleted += len(ended)
        return deleted

    async def _existing(self, workflow_id: str) -> WorkflowState:
        state = await self.status(workflow_id)
        if state is None:
            raise NotFoundError("That work is not known any more.", hint="It may have ended more than a month ago.")
        return state

    async def _state(self, found: EngineStatus) -> WorkflowState:
        from dbos import DBOS

        events = await DBOS.get_all_events_async(found.workflow_id) if found.status == "PENDING" else {}
        return state_of(found, events)

    async def _take_over_forever(self) -> None:
        while True:
            try:
                await self._replica.refresh()
                await self.take_over()
            except Exception:
                log.exception("looking for dead replicas failed")
            await asyncio.sleep(self._takeover_interval_s)

    async def take_over(self) -> int:
        """Continue here what replicas that have died were running; return how many workflows."""
        from dbos import DBOS

        running = await DBOS.list_workflows_async(status="PENDING", load_input=False, load_output=False)
        others = {one.executor_id for one in running if one.executor_id} - {self._replica.executor_id}
        taken = 0
        for executor_id in sorted(others):
            async with self._replica.if_dead(executor_id) as is_dead:
                if not is_dead:
                    continue
                # listed again under the lock: another survivor may have been here between
                left = await DBOS.list_workflows_async(
                    status="PENDING", executor_id=executor_id, load_input=False, load_output=False
                )
                for one in left:
                    await DBOS.resume_workflow_async(one.workflow_id)
                taken += len(left)
                log.info("took over from a dead replica", executor_id=executor_id, workflows=len(left))
        return taken
