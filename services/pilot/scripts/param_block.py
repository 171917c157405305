"""The `param()` block of a PowerShell script: what the script itself takes when it is run.

about_Functions_Advanced_Parameters: a mandatory parameter is asked for, whatever its default; any other may be left
out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.pilot.scripts.lexing import Kind, Piece, lex
from services.pilot.scripts.types import Language

_UNSEEN = frozenset({Kind.SPACE, Kind.NEWLINE, Kind.COMMENT})
_OPENING, _CLOSING = "([{", ")]}"
_MANDATORY = re.compile(r"(?i)\bMandatory\b(?!\s*=\s*(?:\$false|0))")


@dataclass(frozen=True)
class Taken:
    """A parameter of the script's own; `default` is where its default stands, None without one."""

    name: str
    is_mandatory: bool
    default: tuple[int, int] | None


def taken_by(language: Language, text: str) -> tuple[Taken, ...]:
    """Return the parameters of the script's own block, in order; () for other languages and without a block."""
    if language is not Language.POWERSHELL:
        return ()
    pieces = [piece for piece in lex(language, text) if piece.kind not in _UNSEEN]
    start = _block_start(text, pieces)
    return tuple(_one(text, part) for part in _parts(text, pieces[start:]) if _name(text, part)) if start else ()


def asked_words(language: Language, text: str) -> str:
    """Say in plain text what the script asks for and takes when it is run; "" if nothing."""
    taken = taken_by(language, text)
    asked = [f"-{each.name}" for each in taken if each.is_mandatory]
    others = [f"-{each.name}" for each in taken if not each.is_mandatory and each.default is None]
    said = [f"The script asks for {_listed(asked)} when it is run."] if asked else []
    said += [f"It {'also ' if asked else ''}takes {_listed(others)}, which may be left out."] if others else []
    return " ".join(said)


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _block_start(text: str, pieces: Sequence[Piece]) -> int:
    """Return the index behind `param(`, 0 without one: only attributes and `using` lines may stand before it."""
    depth = 0
    for index, piece in enumerate(pieces):
        raw = text[piece.start : piece.end]
        if piece.kind is Kind.OPERATOR:
            depth += (raw[-1] in _OPENING) - (raw in _CLOSING)
        if depth == 0 and raw.lower() == "param" and index + 1 < len(pieces):
            following = pieces[index + 1]
            return index + 2 if text[following.start : following.end] == "(" else 0
        line = text[text.rfind("\n", 0, piece.start) + 1 : piece.start] + raw
        if depth == 0 and raw != "]" and not re.match(r"(?i)\s*using\b", line):
            return 0
    return 0


def _parts(text: str, pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield what stands between the commas of a block, up to its end."""
    part: list[Piece] = []
    depth = 0
    for piece in pieces:
        raw = text[piece.start : piece.end]
        if piece.kind is Kind.OPERATOR:
            depth += (raw[-1] in _OPENING) - (raw in _CLOSING)
            if depth < 0:
                break
            if depth == 0 and raw == ",":
                yield part
                part = []
                continue
        part.append(piece)
    yield part


def _name(text: str, part: Sequence[Piece]) -> int | None:
    """Return the index of the variable that is declared, behind attributes and type, counted from 1."""
    depth = 0
    for index, piece in enumerate(part):
        raw = text[piece.start : piece.end]
        if piece.kind is Kind.OPERATOR:
            depth += (raw[-1] in _OPENING) - (raw in _CLOSING)
        elif depth == 0 and piece.kind is Kind.VARIABLE:
            return index + 1
    return None


def _one(text: str, part: Sequence[Piece]) -> Taken:
    behind = _name(text, part) or 1
    variable = part[behind - 1]
    before, after = text[part[0].start : variable.start], part[behind:]
    has_default = len(after) > 1 and text[after[0].start : after[0].end] == "="
    return Taken(
        name=text[variable.start : variable.end].lstrip("$").strip("{}"),
        is_mandatory=bool(_MANDATORY.search(before)),
        default=(after[1].start, after[-1].end) if has_default else None,
    )
