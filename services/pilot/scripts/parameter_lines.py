"""Parameters as lines that people edit: `host: host = srv-01 # Print server | Where the queue runs`."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from services.pilot.scripts.checking import InvalidTemplateError
from services.pilot.scripts.types import Parameter, ParameterType

_VALUE = r'"(?:[^"\\]|\\.)*"|[^\s#|()="][^#|()="]*'
_LINE = re.compile(
    rf"\s*(?P<name>[^\s:?]+)(?P<optional>\?)?\s*:\s*(?P<type>\w+)\s*"
    rf"(?:\((?P<options>(?:\"(?:[^\"\\]|\\.)*\"|[^\")])*)\)\s*)?"
    rf"(?:=\s*(?P<default>{_VALUE})\s*)?"
    r"(?:#\s*(?P<label>[^|]*?)\s*(?:\|\s*(?P<help>.*?)\s*)?)?"
)
_OPTION = re.compile(rf"\s*({_VALUE})\s*(?:\||$)")
TYPES = ", ".join(ParameterType)
HINT = (
    "One per line: name: type = default # Label | help. A ? behind the name: may stay empty. "
    "Choices: mode: choice (Fast | Slow)"
)


def lines_of(parameters: Sequence[Parameter]) -> str:
    """Return parameters as lines; labels and helps lose line breaks and `|`."""
    return "\n".join(_line(each) for each in parameters)


def parameters_of(text: str) -> tuple[Parameter, ...]:
    """Return what the lines say, or raise `InvalidTemplateError` with the line that makes no sense."""
    return tuple(_parameter(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _line(parameter: Parameter) -> str:
    options = f" ({' | '.join(_written(each) for each in parameter.options)})" if parameter.options else ""
    default = f" = {_written(parameter.default)}" if parameter.default else ""
    label, help_ = _words(parameter.label), _words(parameter.help)
    said = f" # {label}" if label or help_ else ""
    said += f" | {help_}" if help_ else ""
    return f"{parameter.name}{'' if parameter.is_required else '?'}: {parameter.type}{options}{default}{said}"


def _written(value: str) -> str:
    return value if re.fullmatch(r'[^\s#|()="](?:[^#|()="\r\n]*[^#|()="\s])?', value) else json.dumps(value)


def _words(text: str) -> str:
    return " ".join(text.replace("|", "/").split())


def _parameter(number: int, line: str) -> Parameter:
    found = _LINE.fullmatch(line)
    if found is None:
        raise _wrong(number, "cannot be read", "It goes name: type # Label, such as host: host # Print server.")
    if found["type"].lower() not in list(ParameterType):
        raise _wrong(number, f"has no type “{found['type'][:30]}”", f"Types are {TYPES}.")
    return Parameter(
        name=found["name"],
        type=ParameterType(found["type"].lower()),
        label=found["label"] or "",
        help=found["help"] or "",
        default=_read(found["default"] or ""),
        options=tuple(_read(each) for each in _OPTION.findall(found["options"] or "")),
        is_required=not found["optional"],
    )


def _read(value: str) -> str:
    value = value.strip()
    if not value.startswith('"'):
        return value
    try:
        return str(json.loads(value))
    except ValueError:
        return value[1:-1]


def _wrong(number: int, what: str, hint: str) -> InvalidTemplateError:
    return InvalidTemplateError("parameters", f"Line {number} {what}.", hint=hint)
