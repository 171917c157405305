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
from services.pilot.scripts.reading import Reading, Role, Use, Word, read
from services.pilot.scripts.types import Language, Parameter
from services.pilot.scripts.values import CLOSED_TYPES

PLACEHOLDER = re.compile(r"\{\{([a-z][a-z0-9_]{0,39})(:bare)?\}\}")
_QUOTED = frozenset({Kind.LITERAL, Kind.EXPANDED})
_READ_AGAIN = re.compile(
    r"(?i)(?:.*[/\\])?(?:eval|let|source|(?:ba|z|da|k)?sh|ssh|su|sudo|xargs|watch|parallel|trap|at|cmd(?:\.exe)?"
    r"|powershell(?:\.exe)?|pwsh|iex|invoke-expression|python3?|perl|ruby|awk|sed|find|bash)"
)
_SHELL_CODE = re.compile(r"(?i)-(?:c|e|command|exec|encodedcommand)")
_ALWAYS_AGAIN = frozenset({"eval", "let", "iex", "invoke-expression", "ssh", "source", "trap", "watch", "awk", "sed"})
_NUMERIC_TESTS = re.compile(r"-(?:eq|ne|lt|gt|le|ge)")
_TO_SHELL = re.compile(r"\|\s*(?:sudo\s+)?(?:(?:ba|z|da|k)?sh\b|iex\b|invoke-expression\b)", re.IGNORECASE)
_PYTHON_AGAIN = re.compile(
    r"(?:\b(?:eval|exec|compile)|os\.(?:system|popen)|subprocess\.(?:getoutput|getstatusoutput))\s*\("
)


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
    found: list[Spot] = []
    for match, (start, end) in zip(matches(body, by_name), mask.cuts, strict=True):
        parameter = by_name[match[1]]
        piece = next(piece for piece in reading.pieces if piece.end > start)
        word = next((word for word in reading.words if word.start <= start < word.end), None)
        around = _Surroundings(language, mask.text, reading, piece, word, start, end)
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
    if not is_whole(language, masked(body, names).text):
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
            before = self.text[: self.start].rstrip()[-1:]
            return "" if whole and before != "." else "it has to be a value of its own"
        if self.word is None or self.word.role is Role.COMMAND:
            return "it would decide which command runs"
        if self.language is Language.BASH:
            return "" if "[" not in self.text[self.word.start : self.start] else "it stands in an index"
        if not whole:
            return "it has to be a value of its own"
        alone = (self.word.start, self.word.end) == (self.start, self.end)
        return "" if not is_bare or (alone and self.word.role is Role.ARGUMENT) else "only an argument can be bare"

    def _read_again(self, parameter: Parameter) -> str:
        """Refuse what a second shell reads: quotes hold against the first one only."""
        if parameter.type in CLOSED_TYPES or parameter.is_secret:
            return ""
        again = "the text is read by a shell a second time; only hosts, e-mail addresses and numbers are safe there"
        if self.language is Language.PYTHON:
            line = self.text[self.text.rfind("\n", 0, self.start) + 1 : self.start]
            return again if _PYTHON_AGAIN.search(line) or "shell=True" in self._line() else ""
        if _TO_SHELL.search(self._line()):
            return again
        use = next((use for use in self.reading.uses if self.word in use.arguments), None) or self._fed()
        if use is None:
            return ""
        words = [word.text for word in use.arguments]
        name = use.name.rpartition("/")[2].lower()
        if name in ("[[", "[", "test"):
            return again if name == "[[" and any(_NUMERIC_TESTS.fullmatch(word) for word in words) else ""
        if name in _ALWAYS_AGAIN:
            return again
        if self.word is None or self.word.role is Role.REDIRECT:
            return again if any(_READ_AGAIN.fullmatch(word) for word in [use.name, *words]) else ""
        wrapped = [word for word in [use.name, *words] if _READ_AGAIN.fullmatch(word)]
        hits = any(_SHELL_CODE.fullmatch(word) for word in words) or any(word in _ALWAYS_AGAIN for word in words)
        return again if wrapped and hits else ""

    def _fed(self) -> Use | None:
        """Return the command that reads the here-document or here-string around."""
        fed = [
            (word.start, use)
            for use in self.reading.uses
            for operator, word in use.redirects
            if operator.startswith("<<") and word.start <= self.start
        ]
        is_fed = self.piece.style.startswith("heredoc") or (self.word and self.word.role is Role.REDIRECT)
        return max(fed, key=lambda each: each[0])[1] if fed and is_fed else None

    def _line(self) -> str:
        end = self.text.find("\n", self.end)
        return self.text[self.start : end if end >= 0 else len(self.text)]

    @property
    def is_option_risk(self) -> bool:
        """Tell whether a value that begins with `-` would be read as an option."""
        if self.language is not Language.BASH or self.word is None or self.word.role is not Role.ARGUMENT:
            return False
        return self.text[self.word.start : self.start].strip("'\"") == ""
