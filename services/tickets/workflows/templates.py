"""Reading the templates: YAML files beside this module, checked before anything uses them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from services.errors import NotConfiguredError

FOLDER = Path(__file__).parent
HINT = "Correct the file; macos-remediation.yml shows the form."

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255, pattern=r"^[^\r\n]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SubtaskTemplate(_Part):
    """One sub-task; its description is Markdown."""

    summary: Line
    description: str = ""


class Phase(_Part):
    """A status of the workflow by Jira's name, and what it takes to get through it."""

    status: Line = Field(max_length=100)
    subtasks: tuple[SubtaskTemplate, ...] = Field(default=(), max_length=20)

    @field_validator("subtasks")
    @classmethod
    def _differ(cls, subtasks: tuple[SubtaskTemplate, ...]) -> tuple[SubtaskTemplate, ...]:
        _refuse_twins(subtask.summary for subtask in subtasks)
        return subtasks


class WorkflowTemplate(_Part):
    """The phases of a workflow in their order."""

    title: Line
    phases: tuple[Phase, ...] = Field(min_length=1)

    @field_validator("phases")
    @classmethod
    def _are_different(cls, phases: tuple[Phase, ...]) -> tuple[Phase, ...]:
        _refuse_twins(phase.status for phase in phases)
        return phases

    def phase(self, status: str) -> Phase | None:
        """Return the phase of a status, None where the template has none."""
        return next((phase for phase in self.phases if phase.status.casefold() == status.casefold()), None)


def _refuse_twins(names: Iterable[str]) -> None:
    twins = [name for name, times in Counter(name.casefold() for name in names).items() if times > 1]
    if twins:
        raise ValueError(f"“{twins[0]}” is there twice")


def load_templates(folder: Path = FOLDER) -> Mapping[str, WorkflowTemplate]:
    """Return the templates by their files' names without `.yml`; `NotConfiguredError` names file, place and problem."""
    return {path.stem: _load(path) for path in sorted(folder.glob("*.yml"))}


def _load(path: Path) -> WorkflowTemplate:
    try:
        return WorkflowTemplate.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
    except UnicodeDecodeError:
        problem = "it is not UTF-8 text"
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        problem = f"{place}: {first['msg']}" if place else first["msg"]
    raise NotConfiguredError(f"The workflow template {path.name} cannot be used: {problem}.", hint=HINT)
