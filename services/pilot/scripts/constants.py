"""The literals of a script: what each says, and what it is assigned or given to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.pilot.scripts.lexing import Kind, Piece, lex
from services.pilot.scripts.quoting import BARE, decoded
from services.pilot.scripts.reading import Role, Word, read
from services.pilot.scripts.types import Language

_STRING = frozenset({Kind.QUOTE, Kind.LITERAL, Kind.EXPANDED, Kind.ESCAPE})
_TEXT = frozenset({Kind.LITERAL, Kind.EXPANDED})


@dataclass(frozen=True)
class Constant:
    """A literal, `start` to `end` without its quotes; `value` is what it says, None if that is not certain.

    `style` names its quotes, "" for a bare word; `name` is the variable or option; `is_assigned` tells which. A `part`
    is text between quotes beside which something is expanded.
    """

    start: int
    end: int
    raw: str
    value: str | None
    style: str
    kind: Kind
    name: str = ""
    command: str = ""
    is_assigned: bool = False
    is_part: bool = False
    outer: tuple[int, int] = (0, 0)
    """Start and end with the quotes, of a whole literal."""


def constants_of(language: Language, text: str) -> list[Constant]:
    """Return all literals and comments, in order; comments have the kind `COMMENT`."""
    found = list(_python(text) if language is Language.PYTHON else _shell(language, text))
    pieces = lex(language, text)
    for piece in pieces:
        if piece.kind is Kind.COMMENT:
            raw = text[piece.start : piece.end]
            found.append(Constant(piece.start, piece.end, raw, raw, "", Kind.COMMENT))
    covered = [(constant.start, constant.end) for constant in found]
    found += [  # here-documents and strings inside of substitutions
        _part(text, piece)
        for piece in pieces
        if piece.kind in _TEXT and not any(a <= piece.start and piece.end <= b for a, b in covered)
    ]
    return sorted(found, key=lambda constant: constant.start)


def _part(text: str, piece: Piece, name: str = "", command: str = "") -> Constant:
    raw = text[piece.start : piece.end]
    return Constant(piece.start, piece.end, raw, raw, piece.style, piece.kind, name, command, is_part=True)


def _shell(language: Language, text: str) -> Iterator[Constant]:
    for word in read(language, text).words:
        if word.role is not Role.COMMAND:
            yield from _of_word(language, text, word)


def _of_word(language: Language, text: str, word: Word) -> Iterator[Constant]:
    pieces = word.pieces
    if word.role is Role.ASSIGNED and language is Language.BASH:
        start = text.index("=", word.start) + 1
        pieces = tuple(piece for piece in pieces if piece.start >= start)
        if not pieces:  # NAME=bare, in one piece, or nothing
            yield from _bare(text, word, start, word.end)
            return
    whole = _whole(language, text, word, pieces)
    if whole is not None:
        yield whole
        return
    if len(pieces) == 1 and pieces[0].kind in (Kind.WORD, Kind.NUMBER, Kind.VARIABLE):
        start = pieces[0].start
        if word.text.startswith("-") and "=" in word.text:  # --option=value
            start += word.text.index("=") + 1
        yield from _bare(text, word, start, word.end)
        return
    for piece in pieces:
        if piece.kind in _TEXT:
            yield _part(text, piece, word.name, word.command)


def _bare(text: str, word: Word, start: int, end: int) -> Iterator[Constant]:
    raw = text[start:end]
    if raw and (BARE.fullmatch(raw) or re.fullmatch(r"[\w.:/\\@$%+-]+", raw)):
        is_assigned = word.role is Role.ASSIGNED
        kind = word.pieces[0].kind
        yield Constant(start, end, raw, raw, "", kind, word.name, word.command, is_assigned)


def _whole(language: Language, text: str, word: Word, pieces: tuple[Piece, ...]) -> Constant | None:
    first = pieces[0]
    if first.kind is not Kind.QUOTE or any(piece.kind not in _STRING or piece.group != first.group for piece in pieces):
        return None
    if pieces[-1].kind is not Kind.QUOTE or len(pieces) < 3:
        return None
    start, end = first.end, pieces[-1].start
    raw = text[start:end]
    value = decoded(language, first.style, raw)
    if value is None:
        return None
    return Constant(
        start,
        end,
        raw,
        value,
        first.style,
        Kind.LITERAL,
        word.name,
        word.command,
        word.role is Role.ASSIGNED,
        outer=(first.start, pieces[-1].end),
    )


def _python(text: str) -> Iterator[Constant]:
    """Read names before `=` and `:`, and the callee of the brackets around."""
    pieces = [piece for piece in lex(Language.PYTHON, text) if piece.kind not in (Kind.SPACE, Kind.COMMENT)]
    callees: list[str] = []
    dotted = name = ""
    is_line_start = True
    ends = {piece.group: index for index, piece in enumerate(pieces) if piece.group}
    index = 0
    while index < len(pieces):
        piece = pieces[index]
        raw = text[piece.start : piece.end]
        if piece.kind is Kind.QUOTE:
            last = ends[piece.group]
            before = text[pieces[index - 1].start : pieces[index - 1].end] if index else "\n"
            following = text[pieces[last + 1].start : pieces[last + 1].end] if last + 1 < len(pieces) else "\n"
            is_assigned = not callees and before == "=" and following in ("\n", ";")
            yield from _python_string(text, pieces[index : last + 1], name, callees, is_assigned)
            is_docstring = is_line_start and following == "\n"
            name = "" if is_docstring else name
            index = last
        elif piece.kind in (Kind.NUMBER, Kind.WORD) and (piece.kind is Kind.NUMBER or raw in ("True", "False")):
            is_assigned = not callees and index > 0 and text[pieces[index - 1].start : pieces[index - 1].end] == "="
            command = callees[-1] if callees else ""
            yield Constant(piece.start, piece.end, raw, raw, "", piece.kind, name, command, is_assigned)
        elif piece.kind is Kind.WORD:
            dotted = f"{dotted}{raw}" if dotted.endswith(".") else raw
        elif raw == ".":
            dotted += "."
        elif raw in ("=", ":", "=="):
            name, dotted = dotted, ""
        else:
            if raw in "([{":
                callees.append(dotted if raw == "(" else "")
            elif raw in ")]}" and callees:
                callees.pop()
            name = dotted = ""
        is_line_start = piece.kind is Kind.NEWLINE
        index += 1


def _python_string(
    text: str, pieces: list[Piece], name: str, callees: list[str], is_assigned: bool
) -> Iterator[Constant]:
    command = callees[-1] if callees else ""
    if any(piece.kind is Kind.EXPANDED or piece.group != pieces[0].group for piece in pieces):
        yield from (_part(text, piece, name, command) for piece in pieces if piece.kind in _TEXT)
        return
    if len(pieces) < 3 or any(piece.kind is Kind.CLOSED for piece in pieces):
        return
    start, end, style = pieces[0].end, pieces[-1].start, pieces[0].style
    value = decoded(Language.PYTHON, style, text[start:end])
    outer = (pieces[0].start, pieces[-1].end)
    yield Constant(start, end, text[start:end], value, style, Kind.LITERAL, name, command, is_assigned, outer=outer)
