"""What a playbook is: how a problem shows, what to ask and check, what it can be, and what helps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Part):
    """A question to ask or a check to make; `how` says how, `means` what a result tells; no `options`: any words."""

    id: str
    kind: Literal["question", "check"] = "question"
    text: str
    options: tuple[str, ...] = Field(default=(), max_length=5)
    how: str = ""
    means: Mapping[str, str] = {}


class Remedy(_Part):
    """What helps against a cause; `template` is the name of a script template."""

    title: str
    do: str
    template: str = ""


Results = Mapping[str, tuple[str, ...]]


class Cause(_Part):
    """What it can be: `weight` says how often it is that, results of steps speak `pro` and `contra`."""

    id: str
    text: str
    weight: float = Field(default=1.0, gt=0)
    pro: Results
    contra: Results = {}
    fix: Remedy


class Playbook(_Part):
    """A common case; `name` is its file's."""

    name: str
    title: str
    symptoms: tuple[str, ...] = Field(min_length=1)
    steps: tuple[Step, ...] = Field(min_length=2)
    causes: tuple[Cause, ...] = Field(min_length=1)

    @cached_property
    def by_id(self) -> Mapping[str, Step]:
        """The steps by their ids."""
        return {step.id: step for step in self.steps}

    @model_validator(mode="after")
    def _refers_to_what_is_there(self) -> Playbook:
        if len(self.by_id) != len(self.steps):
            raise ValueError(f"{self.name}: two steps have one id")
        named = [(step.id, tuple(step.means)) for step in self.steps]
        for cause in self.causes:
            named += [*cause.pro.items(), *cause.contra.items()]
        for step_id, options in named:
            step = self.by_id.get(step_id)
            unknown = set(options) - set(step.options if step else ())
            if step is None or unknown:
                raise ValueError(f"{self.name}: {step_id} with {', '.join(sorted(unknown)) or 'nothing'} is not there")
        return self
