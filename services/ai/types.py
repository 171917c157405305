"""What an AI task is, and what its answer says about itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

PROMPTS = Path(__file__).parent / "prompts"
RULE_BASED = "rule-based"

InputT = TypeVar("InputT", bound=BaseModel)
OutputT = TypeVar("OutputT", bound=BaseModel)


class Tier(StrEnum):
    """How much thought a task is worth; settings say which model each is."""

    FAST = "fast"
    STANDARD = "standard"
    DEEP = "deep"


class Trouble(StrEnum):
    """What went wrong with a model, as people are told; numbers and names are in the log and in `model_calls`."""

    DOWN = "the model is down just now"
    SLOW = "the model did not answer in time"
    BUSY = "the model has too much to do just now"
    REFUSED = "the model's key or name is not accepted"
    CUT_OFF = "the model's answer was cut off"
    UNUSABLE = "the model's answer could not be used"


class Outcome(StrEnum):
    """How a call ended: by the model, or by rules because of no model, a failure, or the budget."""

    OK = "ok"
    FALLBACK = "fallback"
    ERROR = "error"
    BUDGET = "budget"


@dataclass(frozen=True)
class AiTask(Generic[InputT, OutputT]):
    """One thing that a model can do, and how it is done without one.

    `prompt` names a file in `prompts/`. `rules` answers from the same input by rules alone. `problem` says what is
    wrong with a model's output ("" if nothing); the model then gets one more try. `request_field` names the input field
    that holds the asking person's own words; all other fields are data from outside.
    """

    name: str
    tier: Tier
    prompt: str
    output_type: type[OutputT]
    rules: Callable[[InputT], OutputT]
    problem: Callable[[InputT, OutputT], str] | None = None
    request_field: str = ""
    max_output_tokens: int = 4000


@dataclass(frozen=True)
class TokenUse:
    """Tokens of one call; `input` includes what was read from and written to the cache."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0


@dataclass(frozen=True)
class Answer(Generic[OutputT]):
    """A task's output and where it comes from: `answered_by` is "rule-based" or a model, such as "anthropic:…".

    `reason` says in plain words why no model answered, `detail` more exactly for the record.
    """

    output: OutputT
    answered_by: str
    outcome: Outcome
    reason: str = ""
    detail: str = ""
    tokens: TokenUse = field(default_factory=TokenUse)
    cost_microdollars: int = 0
    latency_ms: int = 0
    redacted: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_rule_based(self) -> bool:
        """Tell whether rules answered."""
        return self.answered_by == RULE_BASED


@cache
def stable_prompt(task_prompt: str) -> str:
    """Return the part of the prompt that is the same for every call of a task: what vendors cache."""
    return f"{(PROMPTS / 'house.md').read_text('utf-8')}\n{(PROMPTS / f'{task_prompt}.md').read_text('utf-8')}"
