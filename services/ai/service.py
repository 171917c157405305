"""Run AI tasks: choose the model, keep the budget, record the call, and answer by rules when there is no answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any

import structlog

from db.engine import Database
from db.models.ai import ModelCall
from db.repositories import ai as repository
from services.ai.budget import ModelBudget, OverBudgetError
from services.ai.grants import MOST_REQUESTS, ToolCall, ToolGrants, most_read
from services.ai.material import restored, sections
from services.ai.prices import Prices
from services.ai.routing import ModelChoice, ModelRoutes
from services.ai.sanitise import Redactor
from services.ai.streaming import ChatTask, NoAnswerError, RestoringStream, Spoken
from services.ai.types import RULE_BASED, AiTask, Answer, InputT, Outcome, OutputT, TokenUse, stable_prompt
from services.clock import Now
from services.settings import Settings

if TYPE_CHECKING:
    from pydantic_ai.toolsets import AbstractToolset

    from services.ai.provider import ModelProvider
    from services.ai.tools import ToolsetFactory

log = structlog.get_logger(__name__)

MOST_MODEL_CHARACTERS = 100


@dataclass(frozen=True)
class _Call:
    """One question: to whom, what it says without what should not leave, and which servers may be asked meanwhile.

    `subject` is the session that it is for, "" where it is for none.
    """

    choice: ModelChoice
    redactor: Redactor
    parts: Mapping[str, str]
    characters: int
    servers: Sequence[str]
    heard: list[str]
    subject: str = ""


class AiTasks:
    """The one way to ask a model. Never raises for what a model or vendor does."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        now: Now,
        *,
        toolsets: Mapping[str, ToolsetFactory] | None = None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._now = now
        self._routes = ModelRoutes(settings)
        self._prices = Prices(settings.model_prices)
        self._budget = ModelBudget(database, now, settings.model_monthly_budget_usd)
        self._grants = ToolGrants(settings, database, toolsets)
        self._provider: ModelProvider | None = None
        self._loaded: set[str] = set()
        self._loading = asyncio.Lock()

    async def warm(self, task: AiTask[Any, Any] | ChatTask[Any]) -> None:
        """Load what a task's model needs, so that the first question does not wait for it."""
        if choice := self._routes.choose(task):
            await self._load(choice)

    async def _load(self, choice: ModelChoice) -> None:
        """Load the vendor's SDK and the price lists in a thread: for a second and more nothing else would run."""
        async with self._loading:
            if choice.protocol not in self._loaded:
                await asyncio.to_thread(self._load_here, choice)
                self._loaded.add(choice.protocol)

    def _load_here(self, choice: ModelChoice) -> None:
        self._connected().load(choice)
        self._prices.estimate_microdollars(choice, 1, 1, self._now())

    async def close(self) -> None:
        """Close connections to models."""
        if self._provider is not None:
            await self._provider.close()

    async def run(self, task: AiTask[InputT, OutputT], data: InputT, *, subject: str = "") -> Answer[OutputT]:
        """Answer `data` by the task's model, or by its rules; the answer says which, and `model_calls` keeps it.

        `subject` is the session that it is for: `costs` adds up what one has cost.
        """
        choice = self._routes.choose(task)
        if choice is None:
            return await self._by_rules(task, data, Outcome.FALLBACK, "no model is configured")
        await self._load(choice)
        call = await self._prepared(task, choice, data, [], subject)
        try:
            async with self._promise(call, task.max_output_tokens):
                return await self._by_model(task, data, call)
        except OverBudgetError as error:
            return await self._by_rules(task, data, Outcome.BUDGET, str(error), model=choice.label)

    def model_for(self, task: AiTask[Any, Any] | ChatTask[Any]) -> str | None:
        """Return the label of the model that would be asked, None where none is configured."""
        choice = self._routes.choose(task)
        return choice.label if choice else None

    async def costs(self, subjects: Collection[str], since: datetime | None = None) -> dict[str, int]:
        """Return what models have cost for each subject (since an instant), in microdollars; nothing where nothing."""
        async with self._database.transaction(write=False) as session:
            return await repository.cost_by_subject(session, subjects, since)

    async def stream(
        self,
        task: ChatTask[InputT],
        data: InputT,
        heard: list[str] | None = None,
        *,
        subject: str = "",
        held_back: list[str] | None = None,
    ) -> AsyncGenerator[str, None]:
        """Yield a model's text as it comes, under the same rules as `run`; close it (`aclosing`) to stop the model.

        `heard` collects what tools returned: words of others that the model may repeat. `subject` is as in `run`.
        `held_back` gets what had come and was not given out when it is stopped: the start of a placeholder.
        Raises `NoAnswerError`, at the start or later, when no model answers to the end; `model_calls` keeps each call,
        those that were stopped as well.
        """
        choice = self._routes.choose(task)
        if choice is None:
            await self._record(task.name, RULE_BASED, _unspoken(Outcome.FALLBACK, "no model is configured"))
            raise NoAnswerError("no model is configured", Outcome.FALLBACK)
        await self._load(choice)
        call = await self._prepared(task, choice, data, [] if heard is None else heard, subject)
        try:
            async with self._promise(call, task.max_output_tokens):
                held_back = [] if held_back is None else held_back
                async with aclosing(self._streamed(task, call, held_back)) as pieces:
                    async for piece in pieces:
                        yield piece
        except OverBudgetError as error:
            await self._record(task.name, choice.label, _unspoken(Outcome.BUDGET, str(error)))
            raise NoAnswerError(str(error), Outcome.BUDGET) from error

    async def _streamed(self, task: ChatTask[InputT], call: _Call, held_back: list[str]) -> AsyncGenerator[str, None]:
        from pydantic_ai.usage import RunUsage

        from services.ai.provider import ModelFailedError, Request, tokens_of

        choice = call.choice
        request = Request(
            prompt=stable_prompt(task.prompt),
            sections=call.parts,
            request_field=task.request_field,
            output_type=str,
            max_output_tokens=task.max_output_tokens,
            timeout_s=self._patience_s(call),
            toolsets=await self._toolsets(task.name, call),
        )
        started, usage, restoring = perf_counter(), RunUsage(), RestoringStream(call.redactor)
        answer = _unspoken(Outcome.ERROR, f"{choice.label}: it was stopped")
        try:
            async with aclosing(self._connected().stream(choice, request, usage)) as pieces:
                async for piece in pieces:
                    if text := restoring.feed(piece):
                        yield text
            if rest := restoring.finish():
                yield rest
            answer = replace(answer, answered_by=choice.label, outcome=Outcome.OK, reason="")
        except ModelFailedError as error:
            log.warning("model_failed", task=task.name, model=choice.label, why=str(error))
            answer = replace(answer, reason=error.trouble.value, detail=f"{choice.label}: {error}")
            if rest := restoring.finish():
                yield rest
            raise NoAnswerError(error.trouble.value, Outcome.ERROR) from error
        finally:
            held_back.append(restoring.finish())
            tokens = tokens_of(usage)
            cost, latency = self._bill(choice, tokens), _milliseconds_since(started)
            answer = replace(answer, tokens=tokens, cost_microdollars=cost, latency_ms=latency)
            await self._record(task.name, choice.label, answer, call.subject)

    async def _by_model(
        self,
        task: AiTask[InputT, OutputT],
        data: InputT,
        call: _Call,
    ) -> Answer[OutputT]:
        from services.ai.provider import ModelFailedError, Request

        problem, choice, redactor = task.problem, call.choice, call.redactor
        request = Request(
            prompt=stable_prompt(task.prompt),
            sections=call.parts,
            request_field=task.request_field,
            output_type=task.output_type,
            max_output_tokens=task.max_output_tokens,
            timeout_s=self._patience_s(call),
            problem=(lambda output: problem(data, output)) if problem else None,
            toolsets=await self._toolsets(task.name, call),
        )
        started = perf_counter()
        try:
            output, tokens = await self._connected().ask(choice, request)
        except ModelFailedError as error:
            log.warning("model_failed", task=task.name, model=choice.label, why=str(error))
            cost = self._bill(choice, error.tokens)
            answer = await self._by_rules(
                task,
                data,
                Outcome.ERROR,
                error.trouble.value,
                choice.label,
                cost,
                error.tokens,
                started,
                call.subject,
                detail=f"{choice.label}: {error}",
            )
            return replace(answer, redacted=redactor.found)
        answer = Answer(
            output=task.output_type.model_validate(restored(output.model_dump(), redactor)),
            answered_by=choice.label,
            outcome=Outcome.OK,
            tokens=tokens,
            cost_microdollars=self._bill(choice, tokens),
            latency_ms=_milliseconds_since(started),
            redacted=redactor.found,
        )
        await self._record(task.name, choice.label, answer, call.subject)
        return answer

    async def _by_rules(
        self,
        task: AiTask[InputT, OutputT],
        data: InputT,
        outcome: Outcome,
        why: str,
        model: str = RULE_BASED,
        cost: int = 0,
        tokens: TokenUse | None = None,
        started: float | None = None,
        subject: str = "",
        detail: str = "",
    ) -> Answer[OutputT]:
        answer = Answer(
            output=task.rules(data),
            answered_by=RULE_BASED,
            outcome=outcome,
            reason=why,
            detail=detail,
            tokens=tokens or TokenUse(),
            cost_microdollars=cost,
            latency_ms=_milliseconds_since(started) if started is not None else 0,
        )
        await self._record(task.name, model, answer, subject)
        return answer

    def _bill(self, choice: ModelChoice, tokens: TokenUse) -> int:
        return self._prices.cost_microdollars(choice, tokens, self._now())

    def _connected(self) -> ModelProvider:
        if self._provider is None:
            from services.ai.provider import ModelProvider

            self._provider = ModelProvider()
        return self._provider

    async def _prepared(
        self,
        task: AiTask[InputT, Any] | ChatTask[InputT],
        choice: ModelChoice,
        data: InputT,
        heard: list[str],
        subject: str,
    ) -> _Call:
        redactor = Redactor()
        parts = sections(data, redactor)
        size = len(stable_prompt(task.prompt)) + sum(len(part) for part in parts.values())
        return _Call(choice, redactor, parts, size, await self._grants.servers(task.name), heard, subject)

    async def _toolsets(self, task: str, call: _Call) -> list[AbstractToolset[None]]:
        async def record(used: ToolCall) -> None:
            outcome = Outcome.ERROR if used.problem else Outcome.OK
            reason = f"{used.tool}: {used.problem}" if used.problem else used.tool
            answer = replace(_unspoken(outcome, reason), latency_ms=used.latency_ms)
            await self._record(task, f"mcp:{used.server}"[:MOST_MODEL_CHARACTERS], answer)

        return await self._grants.toolsets(call.servers, call.redactor, record, call.heard)

    def _patience_s(self, call: _Call) -> float:
        """Return how long an answer is waited for: time for the model, and for each server."""
        return self._settings.model_timeout_s + len(call.servers) * self._settings.mcp_timeout_s

    def _promise(self, call: _Call, max_output_tokens: int) -> AbstractAsyncContextManager[None]:
        """Set the call's highest cost aside while it runs."""
        read, said = call.characters, max_output_tokens
        if call.servers:
            read, said = most_read(read), MOST_REQUESTS * said
        return self._budget.promise(self._prices.estimate_microdollars(call.choice, read, said, self._now()))

    async def _record(self, task: str, model: str, answer: Answer[OutputT], subject: str = "") -> None:
        row = ModelCall(
            task=task,
            model=model,
            outcome=answer.outcome,
            detail=answer.detail or answer.reason,
            input_tokens=answer.tokens.input,
            output_tokens=answer.tokens.output,
            cache_read_tokens=answer.tokens.cache_read,
            cache_write_tokens=answer.tokens.cache_write,
            latency_ms=answer.latency_ms,
            cost_microdollars=answer.cost_microdollars,
            correlation_id=str(structlog.contextvars.get_contextvars().get("correlation_id", ""))[:40],
            subject=subject[:60],
            called_at=self._now(),
        )
        async with self._database.transaction() as session:
            session.add(row)


def _unspoken(outcome: Outcome, why: str) -> Answer[Spoken]:
    return Answer(output=Spoken(text=""), answered_by=RULE_BASED, outcome=outcome, reason=why)


def _milliseconds_since(started: float) -> int:
    return round((perf_counter() - started) * 1000)
