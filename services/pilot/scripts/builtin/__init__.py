"""Templates that come with FlowPilot: YAML files beside this module, checked when they are first read."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from services.pilot.scripts.checking import checked
from services.pilot.scripts.risk import assess
from services.pilot.scripts.types import Language, Parameter, Template, TemplateDraft

FOLDER = Path(__file__).parent


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    language: Language
    description: str
    symptoms: tuple[str, ...]
    rollback: str = ""
    parameters: tuple[dict[str, Any], ...] = ()
    body: str


@cache
def builtin_templates() -> tuple[Template, ...]:
    """Return them by name; their ids are `builtin:` and the file's name."""
    return tuple(sorted((_read(path) for path in FOLDER.glob("*.yml")), key=lambda template: template.name))


def _read(path: Path) -> Template:
    file = _File.model_validate(yaml.safe_load(path.read_text("utf-8")))
    parameters = tuple(Parameter.from_json(each) for each in file.parameters)
    draft = checked(TemplateDraft(file.name, file.language, file.body, parameters, file.description, file.symptoms))
    report = assess(draft.language, draft.body, [parameter.name for parameter in parameters])
    return Template(
        id=f"builtin:{path.stem}",
        name=draft.name,
        description=draft.description,
        symptoms=draft.symptoms,
        language=draft.language,
        body=draft.body,
        parameters=parameters,
        risk=report.risk,
        changes=report.changes,
        rollback=file.rollback or report.rollback,
        is_builtin=True,
    )
