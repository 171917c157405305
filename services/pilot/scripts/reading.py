"""Read a script as words: which are commands, which are their arguments, which are assigned to what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from services.pilot.scripts.lexing import Kind, Piece, lex
from services.pilot.scripts.types import Language

MARK = re.compile(r"Zq\d{5}qZ")
"""What stands for a placeholder while a template is read."""

_BETWEEN = frozenset({Kind.SPACE, Kind.NEWLINE, Kind.OPERATOR, Kind.COMMENT})


class Role(StrEnum):
    """What a word is in its statement."""

    COMMAND = "command"
    ARGUMENT = "argument"
    ASSIGNED = "assigned"
    EXPRESSION = "expression"
    REDIRECT = "redirect"


@dataclass(frozen=True)
class Word:
    """A run of pieces without space between; `name` is the variable it is assigned to or the option it belongs to."""

    pieces: tuple[Piece, ...]
    text: str
    role: Role
    name: str = ""
    command: str = ""

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.pieces[0].start

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.pieces[-1].end


@dataclass
class Use:
    """A command with what it is given."""

    name: str
    start: int
    arguments: list[Word] = field(default_factory=list)
    redirects: list[tuple[str, Word]] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        """Return the arguments as they are written, without the quotes around whole words."""
        return [unquoted(word.text) for word in self.arguments]


@dataclass
class Reading:
    """All of a script: `functions` are those that it defines."""

    pieces: list[Piece]
    words: list[Word] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)


def unquoted(text: str) -> str:
    """Return a word without the plain quotes around it."""
    return text[1:-1] if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"" else text


def read(language: Language, text: str) -> Reading:
    """Read a shell script; Python has no commands and gives its pieces only."""
    from services.pilot.scripts.statements import BashStatements, PowerShellStatements

    reading = Reading(lex(language, text))
    if language is Language.POWERSHELL:
        PowerShellStatements(text, reading).sweep(reading.pieces)
    elif language is Language.BASH:
        BashStatements(text, reading).sweep(reading.pieces)
    return reading


def runs(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, ...]]:
    """Yield words and the pieces between them; a string with all that is inside it is in one word."""
    ends = {piece.group: index for index, piece in enumerate(pieces) if piece.group}
    run: list[Piece] = []
    index = 0
    while index < len(pieces):
        piece = pieces[index]
        end = ends[piece.group] if piece.group else index
        if piece.group and piece.kind is not Kind.QUOTE:  # a here-document: its text has no opening quote
            yield tuple(pieces[index : end + 1])
        elif piece.kind in _BETWEEN:
            if run:
                yield tuple(run)
            run = []
            yield (piece,)
        else:
            run += pieces[index : end + 1]
        index = end + 1
    if run:
        yield tuple(run)


def inner_code(run: Sequence[Piece]) -> list[Piece]:
    """Return the code that stands inside a word's strings."""
    found: list[Piece] = []
    owner = 0
    for piece in run:
        if owner == 0 and piece.kind is Kind.QUOTE:
            owner = piece.group
        elif piece.kind is Kind.QUOTE and piece.group == owner:
            owner = 0
        elif owner and piece.group != owner:
            found.append(piece)
    return found
