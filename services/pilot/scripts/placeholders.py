"""Where parameters stand in a template's body, and what may be put there.

A placeholder is `{{name}}` of a declared parameter; any other `{{…}}` is text of the script. In code it stands for a
whole literal, quotes included; inside quotes or a here-document for text between them. `{{name:bare}}` is an argument
that PowerShell may read without quotes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.pilot.scripts.lexing import Kind, Piece, is_whole
from services.pilot.scripts.reading import Reading, Role, Word, read
from services.pilot.scripts.rereading import AGAIN, DECIDES, PythonPlaces, python_places, shell_problem
from services.pilot.scripts.types import Language, Parameter
from services.pilot.scripts.values import CLOSED_TYPES

PLACEHOLDER = re.compile(r"\{\{([a-z][a-z0-9_]{0,39})(:bare)?\}\}")
_QUOTED = frozenset({Kind.LITERAL, Kind.EXPANDED})


@dataclass(frozen=True)
class Spot:
    """One placeholder: `start` and `end` in the body, the piece that it stands in, and what is wrong with that."""

    parameter: Parameter
    is_bare: bool
    start: int
    end: int
    kind: Kind
    style: str
    is_option_risk: bool
    problem: str


@dataclass(frozen=True)
class Masked:
    """A body with words of letters where placeholders were; `cuts` are (start, end) of those in the masked text."""

    text: str
    cuts: tuple[tuple[int, int], ...]


def matches(body: str, names: Collection[str]) -> list[re.Match[str]]:
    """Return the placeholders of declared parameters, in order."""
    return [match for match in PLACEHOLDER.finditer(body) if match[1] in names]


def masked(body: str, names: Collection[str]) -> Masked:
    """Put a plain word in the place of each placeholder, so that the script can be read."""
    parts: list[str] = []
    cuts: list[tuple[int, int]] = []
    position = length = 0
    for number, match in enumerate(matches(body, names)):
        before = body[position : match.start()]
        start = length + len(before)
        word = f"Zq{number:05d}qZ"
        cuts.append((start, start + len(word)))
        parts += [before, word]
        length, position = start + len(word), match.end()
    return Masked("".join([*parts, body[position:]]), tuple(cuts))


def spots(language: Language, body: str, parameters: Sequence[Parameter]) -> list[Spot]:
    """Return every placeholder with what it stands in."""
    by_name = {parameter.name: parameter for parameter in parameters}
    mask = masked(body, by_name)
    reading = read(language, mask.text)
    places = python_places(mask.text) if language is Language.PYTHON else PythonPlaces()
    found: list[Spot] = []
    for match, (start, end) in zip(matches(body, by_name), mask.cuts, strict=True):
        parameter = by_name[match[1]]
        piece = next(piece for piece in reading.pieces if piece.end > start)
        word = next((word for word in reading.words if word.start <= start < word.end), None)
        around = _Surroundings(language, mask.text, reading, piece, word, start, end, places)
        problem = around.problem(parameter, is_bare=bool(match[2]))
        found.append(
            Spot(
                parameter,
                bool(match[2]),
                match.start(),
                match.end(),
                piece.kind,
                piece.style,
                around.is_option_risk,
                problem,
            )
        )
    return found


def problems_of(language: Language, body: str, parameters: Sequence[Parameter]) -> list[str]:
    """Say what is wrong with a template's body; nothing if it can be filled in safely."""
    names = [parameter.name for parameter in parameters]
    found = [f"{spot.parameter.name}: {spot.problem}" for spot in spots(language, body, parameters) if spot.problem]
    used = {match[1] for match in matches(body, names)}
    found += [f"{name}: the script does not use it" for name in names if name not in used]
    mask = masked(body, names)
    if language is Language.PYTHON and (problem := python_places(mask.text).problem):
        found.append(problem)
    if not is_whole(language, mask.text):
        found.append("A quote, a bracket or a here-document is not closed")
    return found


@dataclass(frozen=True)
class _Surroundings:
    """What is around one mark of a masked text."""

    language: Language
    text: str
    reading: Reading
    piece: Piece
    word: Word | None
    start: int
    end: int
    python: PythonPlaces

    def problem(self, parameter: Parameter, *, is_bare: bool) -> str:
        """Say why nothing may be put here; "" when it may."""
        if self.end > self.piece.end:
            return "it stands where an escape cuts into it"
        if self.piece.kind is Kind.COMMENT:
            return ""
        if self.piece.kind in _QUOTED:
            return self._read_again(parameter)
        if self.piece.kind is not Kind.WORD:
            return "it stands where values are read by other rules (arithmetic, ${…}, bytes, a variable's name)"
        return self._in_code(is_bare) or self._read_again(parameter)

    def _in_code(self, is_bare: bool) -> str:
        whole = (self.piece.start, self.piece.end) == (self.start, self.end)
        if self.language is Language.PYTHON:
            is_value = self.text[self.start : self.end] in self.python.values
            return "" if whole and is_value else "it has to be a value of its own"
        if self.word is None or self.word.role is Role.COMMAND:
            return DECIDES
        if self.language is Language.BASH:
            return "" if "[" not in self.text[self.word.start : self.start] else "it stands in an index"
        if not whole:
            return "it has to be a value of its own"
        alone = (self.word.start, self.word.end) == (self.start, self.end)
        return "" if not is_bare or (alone and self.word.role is Role.ARGUMENT) else "only an argument can be bare"

    def _read_again(self, parameter: Parameter) -> str:
        if self.language is Language.PYTHON:
            is_safe = parameter.type in CLOSED_TYPES or parameter.is_secret
            is_code = self.python.problem or self.text[self.start : self.end] in self.python.code
            return AGAIN if is_code and not is_safe else ""
        return shell_problem(self.language, self.text, self.reading, self.word, self.start, parameter.type)

    @property
    def is_option_risk(self) -> bool:
        """Tell whether a value that begins with `-` would be read as an option."""
        if self.language is not Language.BASH or self.word is None or self.word.role is not Role.ARGUMENT:
            return False
        return self.text[self.word.start : self.start].strip("'\"") == ""
