"""The same commands as tools that a model can call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.commands.parser import convert
from services.commands.registry import Commands, Invocation
from services.commands.spec import CommandSpec, Parameter
from services.commands.tokens import quote
from services.commands.types import MemberMention, Rest, TicketKey
from services.errors import InvalidInputError


def tool_schemas(commands: Commands) -> list[dict[str, Any]]:
    """Return one `{name, description, parameters (JSON Schema), reads_only, role}` per command."""
    return [_schema(spec) for spec in commands]


def _schema(spec: CommandSpec) -> dict[str, Any]:
    parameters = (*spec.arguments, *spec.options)
    return {
        "name": spec.tool_name,
        "description": " ".join(part for part in (spec.summary + ".", spec.description) if part),
        "parameters": {
            "type": "object",
            "properties": {parameter.name: _property(parameter) for parameter in parameters},
            "required": [parameter.name for parameter in parameters if parameter.is_required],
            "additionalProperties": False,
        },
        "reads_only": spec.reads_only,
        "role": spec.role.value,
    }


def _property(parameter: Parameter) -> dict[str, Any]:
    if parameter.choices:
        return {"type": "string", "enum": list(parameter.choices)}
    if parameter.type is bool:
        return {"type": "boolean"}
    if parameter.type is int:
        return {"type": "integer", "minimum": 0}
    described = {
        TicketKey: "Jira issue key such as ABC-123",
        MemberMention: "Slack mention <@U123> or name",
        datetime: "ISO 8601 date or time",
    }.get(parameter.type)
    return {"type": "string"} | ({"description": described} if described else {})


def bind_tool_call(commands: Commands, name: str, arguments: dict[str, Any]) -> Invocation:
    """Return the command that a model called; what does not fit its schema raises `InvalidInputError`."""
    spec = next((spec for spec in commands if spec.tool_name == name), None)
    if spec is None:
        raise InvalidInputError(f"There is no tool {quote(name)}.")
    parameters = {parameter.name: parameter for parameter in (*spec.arguments, *spec.options)}
    unknown = arguments.keys() - parameters.keys()
    if unknown:
        raise InvalidInputError(f"{quote(min(unknown))} is no argument of {quote(name)}.")
    return Invocation(spec, {key: _value(spec, parameter, arguments.get(key)) for key, parameter in parameters.items()})


def _value(spec: CommandSpec, parameter: Parameter, value: Any) -> Any:
    if value is None:
        if parameter.is_required:
            raise InvalidInputError(f"`{parameter.name}` of `{spec.title}` is missing.")
        return parameter.default
    if parameter.type is bool:
        if not isinstance(value, bool):
            raise InvalidInputError(f"`{parameter.name}` is true or false.")
        return value
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise InvalidInputError(f"`{parameter.name}` is a text or a number.")
    return Rest(str(value)) if parameter.type is Rest else convert(parameter, str(value), spec)
