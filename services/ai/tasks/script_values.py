"""`pilot.script_values`: find the values for a script's form in what a session knows (FLP-5.1)."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from services.ai.types import AiTask, Tier

MAX_VALUE_CHARACTERS = 200


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class WantedValue(_Part):
    """A field of the form that nothing was found for by rules."""

    name: str
    type: str
    label: str
    help: str = ""
    options: tuple[str, ...] = ()


class ScriptValuesInput(_Part):
    """What is asked for, and everything that the session knows."""

    script: str
    wanted: tuple[WantedValue, ...]
    known: dict[str, str]


class ProposedValue(BaseModel):
    """One value, word by word as it stands in what is known."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="The field's name, as in the data.")
    value: str = Field(description="The value, copied from what is known.")


class ScriptValues(BaseModel):
    """The values that were found; fields that nothing is known for are left out."""

    model_config = ConfigDict(extra="forbid")

    values: list[ProposedValue] = Field(default_factory=list, description="At most one for each field.")


def none_by_rules(data: ScriptValuesInput) -> ScriptValues:
    """Propose nothing: rules have looked already."""
    return ScriptValues()


def problem_with(data: ScriptValuesInput, proposed: ScriptValues) -> str:
    """Say what is wrong with a model's values: made up, of no field, twice."""
    names = [each.name for each in proposed.values]
    wanted = {each.name for each in data.wanted}
    if len(set(names)) != len(names) or not wanted.issuperset(names):
        return "values must name fields of the data, each at most once."
    told = "\n".join(data.known.values()).casefold()
    for each in proposed.values:
        if not each.value.strip() or len(each.value) > MAX_VALUE_CHARACTERS:
            return f"the value of {each.name} is empty or has more than {MAX_VALUE_CHARACTERS} characters."
        if each.value.strip().casefold() not in told:
            return f"the value of {each.name} stands nowhere in what is known; leave the field out."
    return ""


SCRIPT_VALUES: AiTask[ScriptValuesInput, ScriptValues] = AiTask(
    name="pilot.script_values",
    tier=Tier.FAST,
    prompt="pilot_script_values",
    output_type=ScriptValues,
    rules=none_by_rules,
    problem=problem_with,
    max_output_tokens=1000,
)
