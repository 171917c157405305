"""`pilot.script_extraction`: name and describe the parameters of a script that becomes a template (FLP-5.2)."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field

from services.ai.sanitise import SECRET, find_all
from services.ai.types import AiTask, Tier

MAX_DESCRIPTION_CHARACTERS = 400
MAX_LABEL_CHARACTERS = 40
MAX_SYMPTOMS = 6
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_BROADCAST = re.compile(r"<!|@(?:channel|here|everyone)\b")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class ExtractedParameter(_Part):
    """A parameter as rules found it; its value is not shown."""

    name: str
    type: str


class ExtractionInput(_Part):
    """The script with placeholders such as {{mailbox}} where its values were."""

    title: str
    language: str
    body: str
    parameters: tuple[ExtractedParameter, ...] = ()


class ParameterName(BaseModel):
    """What one parameter should be called."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="The parameter's name now.")
    new_name: str = Field(description="What it should be called in the script: small letters, digits, _.")
    label: str = Field(description="What the form calls it, up to 40 characters.")
    help: str = Field(default="", description="What to put in, in one short sentence; empty if the label says it.")


class ExtractionNames(BaseModel):
    """Names and words for a template."""

    model_config = ConfigDict(extra="forbid")

    description: str = Field(description="What the script does, in one or two sentences.")
    symptoms: list[str] = Field(default_factory=list, description="What people say who need it, up to 6 phrases.")
    parameters: list[ParameterName] = Field(description="Every parameter of the data, once.")


def names_by_rules(data: ExtractionInput) -> ExtractionNames:
    """Keep the names that rules found, and make labels of them."""
    parameters = [
        ParameterName(name=each.name, new_name=each.name, label=each.name.replace("_", " ").capitalize())
        for each in data.parameters
    ]
    return ExtractionNames(description="", symptoms=[], parameters=parameters)


def problem_with(data: ExtractionInput, names: ExtractionNames) -> str:
    """Say what is wrong with a model's names: parameters missing or made up, names twice or in use, secrets."""
    given = [each.name for each in names.parameters]
    if sorted(given) != sorted(each.name for each in data.parameters):
        return "parameters must hold every parameter of the data exactly once, and no other."
    new = [each.new_name for each in names.parameters]
    if len(set(new)) != len(new):
        return "new_name is used twice."
    for each in names.parameters:
        if not _NAME.fullmatch(each.new_name):
            return f"new_name {each.new_name[:50]!r} is not made of small letters, digits and _."
        if each.new_name not in given and f"{{{{{each.new_name}" in data.body:
            return f"new_name {each.new_name!r} stands in the script already, between braces."
        if not each.label.strip() or len(each.label) > MAX_LABEL_CHARACTERS:
            return f"label of {each.name} is empty or has more than {MAX_LABEL_CHARACTERS} characters."
    return _problem_with_words(names)


def _problem_with_words(names: ExtractionNames) -> str:
    if len(names.description) > MAX_DESCRIPTION_CHARACTERS:
        return f"description has more than {MAX_DESCRIPTION_CHARACTERS} characters."
    if len(names.symptoms) > MAX_SYMPTOMS:
        return f"symptoms has more than {MAX_SYMPTOMS} phrases."
    words = [names.description, *names.symptoms, *(f"{each.label}\n{each.help}" for each in names.parameters)]
    text = "\n".join(words)
    if _BROADCAST.search(text):
        return "The words address everybody; name nobody with @ or <!."
    if any(find.kind == SECRET for find in find_all(text)):
        return "The words hold what looks like a secret."
    return ""


EXTRACTION: AiTask[ExtractionInput, ExtractionNames] = AiTask(
    name="pilot.script_extraction",
    tier=Tier.FAST,
    prompt="pilot_script_extraction",
    output_type=ExtractionNames,
    rules=names_by_rules,
    problem=problem_with,
)
