"""The one place that talks to models, through Pydantic AI.

Importing it takes half a second, the SDK of a vendor as long again and 30 MiB: they are loaded on the first call, in a
thread (`AiTasks.warm`), never with `services.ai`, and only the SDK of the vendor that is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, Generic, TypeVar

import httpx2
import stamina
from pydantic import BaseModel
from pydantic_ai import Agent, AgentRunResultEvent, ModelRetry
from pydantic_ai.agent import AgentRunEvents
from pydantic_ai.exceptions import (
    AgentRunError,
    ModelAPIError,
    ModelConnectionError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelRateLimitError,
    ModelServerError,
    ModelTimeoutError,
    ModelUnavailableError,
    UnexpectedModelBehavior,
    UsageLimitExceeded,
    UserError,
)
from pydantic_ai.framing import register_tag, wrap
from pydantic_ai.messages import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta
from pydantic_ai.models import Model, create_async_httpx2_client
from pydantic_ai.settings import ModelSettings
from pydantic_ai.toolsets import AbstractToolset
from pydantic_ai.usage import RunUsage, UsageLimits

from services.ai.grants import MOST_REQUESTS, MOST_TOOL_CALLS
from services.ai.routing import ModelChoice
from services.ai.types import TokenUse, Trouble

OutputT = TypeVar("OutputT", bound=BaseModel)
SaidT = TypeVar("SaidT", bound=BaseModel | str)

DATA_TAG = register_tag("outside_data")
REQUEST_TAG = register_tag("person_request")
NO_KEY = "none"  # local servers want some key and take any
TRIES = 2
LONGEST_WAIT_S = 5.0
LIMITS = UsageLimits(request_limit=MOST_REQUESTS, tool_calls_limit=MOST_TOOL_CALLS)


class ModelFailedError(Exception):
    """The model gave no usable answer; the message says exactly why, `trouble` for people, `tokens` what it cost."""

    def __init__(self, why: str, trouble: Trouble, tokens: TokenUse) -> None:
        super().__init__(why)
        self.trouble = trouble
        self.tokens = tokens


class PassingError(Exception):
    """Worth another try. Its message is ours: retries get logged, and a vendor's error may repeat the prompt."""

    def __init__(self, why: str, trouble: Trouble) -> None:
        super().__init__(why)
        self.trouble = trouble


@dataclass(frozen=True)
class Request(Generic[SaidT]):
    """One question: the stable prompt, the sections of data, and the form of the answer."""

    prompt: str
    sections: Mapping[str, str]
    request_field: str
    output_type: type[SaidT]
    max_output_tokens: int
    timeout_s: float
    problem: Callable[[SaidT], str] | None = None
    toolsets: Sequence[AbstractToolset[None]] = ()

    @property
    def message(self) -> str:
        """Return the volatile part: every section inside a tag that its text cannot close."""
        return "\n\n".join(
            wrap(REQUEST_TAG, text) if name == self.request_field else wrap(DATA_TAG, text, name=name)
            for name, text in self.sections.items()
        )


class ModelProvider:
    """Models by choice, over one HTTP client."""

    def __init__(self) -> None:
        self._http = create_async_httpx2_client()
        self._models: dict[ModelChoice, Model] = {}

    def load(self, choice: ModelChoice) -> None:
        """Load what a choice's calls need; what is wrong with it shows in the call."""
        with suppress(UserError, ValueError, TypeError):
            self._model(choice)

    async def ask(self, choice: ModelChoice, request: Request[OutputT]) -> tuple[OutputT, TokenUse]:
        """Return the model's answer and its tokens; raises `ModelFailedError` for anything else."""
        usage = RunUsage()
        try:
            async with asyncio.timeout(request.timeout_s):
                output = await self._ask(choice, request, usage)
        except TimeoutError as error:
            raise _too_slow(request, usage) from error
        except PassingError as error:
            raise ModelFailedError(str(error), error.trouble, tokens_of(usage)) from error
        except (AgentRunError, UserError, httpx2.HTTPError, ValueError, TypeError, KeyError, AttributeError) as error:
            # the last four: what an SDK raises when a server answers nonsense
            raise ModelFailedError(*_why(error), tokens_of(usage)) from error
        return output, tokens_of(usage)

    async def stream(self, choice: ModelChoice, request: Request[str], usage: RunUsage) -> AsyncGenerator[str, None]:
        """Yield the model's text as it comes, counting into `usage`; raises `ModelFailedError`, also for a cut end.

        `timeout_s` counts the time spent waiting for the model, not what the reader does in between.
        """
        try:
            for tries_left in reversed(range(TRIES)):
                has_begun = False
                try:
                    async with aclosing(self._texts(choice, request, usage)) as texts:
                        async for text in texts:
                            has_begun = True
                            yield text
                    return
                except ModelAPIError as error:
                    if has_begun or not tries_left or not _is_passing(error):
                        raise
        except TimeoutError as error:
            raise _too_slow(request, usage) from error
        except (AgentRunError, UserError, httpx2.HTTPError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ModelFailedError(*_why(error), tokens_of(usage)) from error

    async def _texts(self, choice: ModelChoice, request: Request[str], usage: RunUsage) -> AsyncGenerator[str, None]:
        async with self._agent(choice, request).run_stream_events(
            request.message, usage=usage, usage_limits=LIMITS, toolsets=list(request.toolsets)
        ) as events:
            async for event in _within(request.timeout_s, events):
                if text := _text_of(event):
                    yield text
                if isinstance(event, AgentRunResultEvent) and event.result.response.finish_reason == "length":
                    raise ModelFailedError("its answer was cut off", Trouble.CUT_OFF, tokens_of(usage))

    async def _ask(self, choice: ModelChoice, request: Request[OutputT], usage: RunUsage) -> OutputT:
        agent = self._agent(choice, request)
        async for attempt in stamina.retry_context(on=PassingError, attempts=TRIES, timeout=None, wait_initial=0.3):
            with attempt:
                try:
                    result = await agent.run(
                        request.message, usage=usage, usage_limits=LIMITS, toolsets=list(request.toolsets)
                    )
                except ModelAPIError as error:
                    if _is_passing(error):
                        raise PassingError(*_why(error)) from error
                    raise
        return result.output

    def _agent(self, choice: ModelChoice, request: Request[SaidT]) -> Agent[None, SaidT]:
        settings = ModelSettings(
            max_tokens=request.max_output_tokens,
            request_timeout=request.timeout_s,
            max_retries=0,
            cache={"messages": False},  # only the stable prefix comes back in later calls
        )
        agent: Agent[None, SaidT] = Agent(
            self._model(choice),
            output_type=request.output_type,
            instructions=request.prompt,
            deps_type=type(None),
            model_settings=settings,
            retries={"output": 1, "tools": 1},
        )
        if (problem := request.problem) is not None:

            @agent.output_validator
            def check(output: SaidT) -> SaidT:
                if wrong := problem(output):
                    raise ModelRetry(wrong)
                return output

        return agent

    def _model(self, choice: ModelChoice) -> Model:
        if choice not in self._models:
            self._models[choice] = build_model(choice, self._http)
        return self._models[choice]

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()


def build_model(choice: ModelChoice, http: httpx2.AsyncClient) -> Model:
    """Return Pydantic AI's model for a choice."""
    key = choice.key.get_secret_value() or NO_KEY
    url = choice.base_url
    match choice.protocol:
        case "anthropic":
            from pydantic_ai.models.anthropic import AnthropicModel
            from pydantic_ai.providers.anthropic import AnthropicProvider

            return AnthropicModel(choice.name, provider=AnthropicProvider(api_key=key, base_url=url, http_client=http))
        case "google":
            from pydantic_ai.models.google import GoogleModel
            from pydantic_ai.providers.google import GoogleProvider

            return GoogleModel(choice.name, provider=GoogleProvider(api_key=key, base_url=url, http_client=http))
        case "openai-responses":
            from pydantic_ai.models.openai import OpenAIResponsesModel
            from pydantic_ai.providers.openai import OpenAIProvider

            return OpenAIResponsesModel(
                choice.name, provider=OpenAIProvider(api_key=key, base_url=url, http_client=http)
            )
        case "openai-chat":
            from pydantic_ai.models.openai import OpenAIChatModel
            from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

            return OpenAIChatModel(
                choice.name,
                provider=OpenAICompatibleProvider("openai-compatible", api_key=key, base_url=url, http_client=http),
            )


async def _within(seconds: float, events: AgentRunEvents[str]) -> AsyncGenerator[Any, None]:
    """Yield events, waiting for all of them together no longer than `seconds`."""
    while True:
        started = monotonic()
        try:
            async with asyncio.timeout(seconds):
                event = await anext(events)
        except StopAsyncIteration:
            return
        seconds -= monotonic() - started
        yield event


def _text_of(event: object) -> str:
    match event:
        case PartStartEvent(part=TextPart(content=text)) | PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
            return text
        case _:
            return ""


def tokens_of(usage: RunUsage) -> TokenUse:
    """Return what a run used."""
    return TokenUse(
        input=usage.input_tokens,
        output=usage.output_tokens,
        cache_read=usage.cache_read_tokens,
        cache_write=usage.cache_write_tokens,
    )


def _is_passing(error: ModelAPIError) -> bool:
    if isinstance(error, ModelRateLimitError):
        return error.retry_after is None or error.retry_after <= LONGEST_WAIT_S
    if isinstance(error, ModelHTTPError) and error.status_code < 500:
        return False
    return isinstance(error, ModelServerError | ModelUnavailableError | ModelConnectionError)


def _too_slow(request: Request[Any], usage: RunUsage) -> ModelFailedError:
    return ModelFailedError(f"it did not answer within {request.timeout_s:g} s", Trouble.SLOW, tokens_of(usage))


def _why(error: Exception) -> tuple[str, Trouble]:
    """Say what happened, exactly and for people, without quoting the body, which may repeat what was sent."""
    reasons: tuple[tuple[type[Exception], str, Trouble], ...] = (
        (ModelRateLimitError, "it is rate-limiting us (429)", Trouble.BUSY),
        (ModelNotFoundError, "it does not know this model", Trouble.REFUSED),
        (ModelTimeoutError, "it did not answer in time", Trouble.SLOW),
        (ModelConnectionError, "it could not be reached", Trouble.DOWN),
        (UsageLimitExceeded, "it asked for too many steps", Trouble.UNUSABLE),
        (UnexpectedModelBehavior, "its answer was not of the wanted form", Trouble.UNUSABLE),
    )
    if isinstance(error, ModelHTTPError) and error.status_code in (401, 403):
        return "it refused the key", Trouble.REFUSED
    for kind, text, trouble in reasons:
        if isinstance(error, kind):
            return text, trouble
    if isinstance(error, ModelHTTPError):
        return f"it answered {error.status_code}", Trouble.DOWN if error.status_code >= 500 else Trouble.UNUSABLE
    if isinstance(error, ModelAPIError):
        return "it answered with an error", Trouble.DOWN
    return f"its answer could not be read ({type(error).__name__})", Trouble.UNUSABLE
