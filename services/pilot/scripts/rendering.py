"""Fill a template in. Values come out of the script as they went in, whatever they hold; secrets as references."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence

from services.errors import InvalidInputError
from services.pilot.scripts.lexing import Kind, lex
from services.pilot.scripts.placeholders import Spot, masked, spots
from services.pilot.scripts.quoting import in_code, in_string
from services.pilot.scripts.types import SECRET_PREFIX, Language, Parameter
from services.pilot.scripts.values import InvalidValuesError, clean_values

_PLAIN = frozenset({Kind.WORD, Kind.NUMBER, Kind.QUOTE, Kind.LITERAL, Kind.EXPANDED, Kind.ESCAPE, Kind.COMMENT})


def render(language: Language, body: str, parameters: Sequence[Parameter], given: Mapping[str, str]) -> str:
    """Return the script for checked values, or raise `InvalidValuesError` with the parameters that do not fit."""
    values = clean_values(parameters, given)
    places = spots(language, body, parameters)
    for spot in places:
        if spot.problem:
            raise InvalidInputError(f"The template cannot be filled in: {spot.parameter.name}: {spot.problem}.")
    texts = _texts(language, places, values)
    script = _joined(body, places, texts)
    _check_structure(language, body, parameters, places, texts)
    if language is not Language.PYTHON:
        return script
    tree = _parsed(script)
    return _importing_os(script, tree) if any(spot.parameter.is_secret for spot in places) else script


def secret_variable(reference: str) -> str:
    """Return the environment variable that holds a secret when a Bash or Python script runs."""
    return "FLOWPILOT_SECRET_" + re.sub(r"\W", "_", reference.removeprefix(SECRET_PREFIX)).upper()


def _joined(body: str, places: Sequence[Spot], texts: Sequence[str]) -> str:
    parts: list[str] = []
    position = 0
    for spot, text in zip(places, texts, strict=True):
        parts += [body[position : spot.start], text]
        position = spot.end
    return "".join([*parts, body[position:]])


def _texts(language: Language, places: Sequence[Spot], values: Mapping[str, str]) -> list[str]:
    texts: list[str] = []
    problems: dict[str, InvalidInputError] = {}
    for spot in places:
        try:
            texts.append(_text(language, spot, values[spot.parameter.name]))
        except InvalidInputError as error:
            problems.setdefault(spot.parameter.name, error)
    if problems:
        raise InvalidValuesError(problems)
    return texts


def _text(language: Language, spot: Spot, value: str) -> str:
    if spot.kind is Kind.COMMENT:
        if "\n" in value:
            raise InvalidInputError(f"“{spot.parameter.title}” stands in a comment and has to be one line.")
        return value
    if spot.parameter.is_secret:
        return _secret(language, spot, value)
    if spot.is_option_risk and value.startswith("-"):
        raise InvalidInputError(
            f"“{spot.parameter.title}” begins with “-”: the command would read it as an option.",
            hint="Leave out the “-”, or put “./” before a file's name.",
        )
    if spot.style:
        return in_string(language, spot.style, value)
    return in_code(language, spot.parameter.type, value, is_bare=spot.is_bare)


def _secret(language: Language, spot: Spot, reference: str) -> str:
    """Return what reads the secret when the script runs."""
    if not reference:
        return in_string(language, spot.style, "") if spot.style else in_code(language, spot.parameter.type, "")
    name = reference.removeprefix(SECRET_PREFIX)
    if language is Language.POWERSHELL:
        read = f"(Get-Secret -Name '{name}' -AsPlainText)"
        return {"": read, "double": f"${read}", "here_double": f"${read}"}.get(spot.style) or _no_place(spot)
    variable = secret_variable(reference)
    if language is Language.BASH:
        read = f"${{{variable}:?}}"
        return {"": f'"{read}"', "double": read, "heredoc": read}.get(spot.style) or _no_place(spot)
    if not spot.style:
        # text of the script that is written, which reads its own environment when it runs
        return f'os.environ["{variable}"]'
    if spot.kind is not Kind.EXPANDED:
        return _no_place(spot)
    quote = "'" if '"' in spot.style else '"'
    return f"{{os.environ[{quote}{variable}{quote}]}}"


def _no_place(spot: Spot) -> str:
    raise InvalidInputError(
        f"“{spot.parameter.title}” is a secret inside quotes that expand nothing.",
        hint="Let it stand on its own, outside of the quotes.",
    )


def _check_structure(
    language: Language, body: str, parameters: Sequence[Parameter], places: Sequence[Spot], texts: Sequence[str]
) -> None:
    """Refuse a value that changes how the rest of the script is read, such as the end of a here-document."""
    names = {parameter.name for parameter in parameters}
    mask = masked(body, names)
    before = _kinds(language, mask.text)
    after = _kinds(language, _joined(body, places, texts))
    position_before = position_after = 0
    for (start, end), spot, text in zip(mask.cuts, places, texts, strict=True):
        length = start - position_before
        same = before[position_before:start] == after[position_after : position_after + length]
        position_before, position_after = end, position_after + length + len(text)
        inside = after[position_after - len(text) : position_after]
        if not same or not (spot.parameter.is_secret or _is_plain(spot, inside)):
            raise _breaks(spot)
    if places and before[position_before:] != after[position_after:]:
        raise _breaks(places[-1])


def _is_plain(spot: Spot, inside: Sequence[tuple[Kind, str]]) -> bool:
    if spot.style:
        is_reopened = (Kind.ESCAPE, "") if spot.style == "single" else None  # Bash's 'it'\\''s'
        return all((style == spot.style and kind in _PLAIN) or (kind, style) == is_reopened for kind, style in inside)
    return all(kind in _PLAIN or (kind is Kind.VARIABLE and not style) for kind, style in inside)


def _breaks(spot: Spot) -> InvalidValuesError:
    error = InvalidInputError(
        f"“{spot.parameter.title}” would change how the script is read.",
        hint="Use a value without quotes or new lines.",
    )
    return InvalidValuesError({spot.parameter.name: error})


def _kinds(language: Language, text: str) -> list[tuple[Kind, str]]:
    found: list[tuple[Kind, str]] = []
    for piece in lex(language, text):
        found += [(piece.kind, piece.style)] * (piece.end - piece.start)
    return found


def _parsed(script: str) -> ast.Module:
    try:
        return ast.parse(script)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        raise InvalidInputError(f"The script is no Python{f': line {line}' if line else ''}.") from error


def _importing_os(script: str, tree: ast.Module) -> str:
    """Add `import os` behind docstring and future imports, if the script does not import it."""
    for node in tree.body:
        if isinstance(node, ast.Import) and any(alias.name == "os" and not alias.asname for alias in node.names):
            return script
    line = 0
    for node in tree.body:
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not (is_docstring or (isinstance(node, ast.ImportFrom) and node.module == "__future__")):
            line = node.lineno - 1
            break
    lines = script.splitlines(keepends=True)
    return "".join([*lines[:line], "import os\n", *lines[line:]])
