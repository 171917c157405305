"""Take secrets out of scripts before they are stored: out of their literals and comments, never out of their code.

A secret is what has the shape of one, what is told to be one (`net user bob …`), and a literal that is assigned or
given to a name such as `$AdminPassword`. Names, commands and calls stay, however much they sound like secrets.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator

from services.pilot.redaction import replaced, secret_spans, without_secrets
from services.pilot.scripts.constants import Constant, constants_of
from services.pilot.scripts.lexing import Kind, Piece, is_whole, lex
from services.pilot.scripts.reading import Role, read
from services.pilot.scripts.secrets import is_secret, secret_ranges
from services.pilot.scripts.types import Language

Span = tuple[int, int]

_TEXT = frozenset({Kind.LITERAL, Kind.EXPANDED, Kind.ESCAPE, Kind.CLOSED})
_BARE = frozenset({Kind.WORD, Kind.NUMBER})
_SPEAKS_OF_ONE = re.compile(
    r"(?i)(?:names?|ur[il]s?|prompts?|ids?|paths?|messages?|titles?|texts?|labels?|endpoints?|types?|stores?|vaults?"
    r"|groups?|users?|hosts?|hash(?:es)?|fields?|columns?|patterns?|regex|env|vars?|scopes?|audiences?)$"
)
"""`$TokenUrl`, `-SecretName`: what such names hold is no secret itself."""

_NO_SECRET = re.compile(
    r"\s*|.*\[SECRET_\d+\].*|\w+://.*|(?:[A-Z]:)?[\\/].*|\S+@\S+\.\w+|-{1,2}[A-Za-z][\w-]*", re.DOTALL
)
_NAMING = frozenset({"read", "unset", "export", "readonly", "local", "declare", "typeset", "getopts"})
"""Commands of Bash whose bare arguments are names of variables."""

_MIN_CHARACTERS = 4
_MIN_KNOWN_CHARACTERS = 6


def script_without_secrets(language: str, script: str) -> str:
    """Return `script` with `[SECRET_1]`… for secrets in its literals and comments; all else is left byte for byte.

    A script in no known language, or with a quote that nothing closes, is taken for plain text.
    """
    try:
        known = Language(language.lower())
    except ValueError:
        return without_secrets(script)
    if not is_whole(known, script):
        return without_secrets(script)
    literals = _literals(known, script)
    found = [*_shaped(script, literals), *_named(known, script), *_spoken(known, script)]
    return replaced(script, [*found, *_again(script, literals, {script[start:end] for start, end in found})])


def _literals(language: Language, script: str) -> list[Span]:
    """Return what is text of the script and no code: strings, here-documents, comments, bare arguments."""
    pieces = lex(language, script)
    found = [
        (piece.start, piece.end)
        for piece in pieces
        if piece.kind is Kind.COMMENT or (piece.kind in _TEXT and piece.style and piece.group)
    ]
    if language is not Language.PYTHON:
        for word in read(language, script).words:
            is_name = word.command in _NAMING and word.role is Role.ARGUMENT
            if word.role is Role.COMMAND or is_name:
                continue
            is_bash_value = word.role is Role.ASSIGNED and language is Language.BASH
            first = script.index("=", word.start) + 1 if is_bash_value else word.start
            bare = (piece for piece in word.pieces if piece.kind in _BARE and not piece.group and piece.end > first)
            found += [(max(first, piece.start), piece.end) for piece in bare]
    return found


def _shaped(script: str, literals: list[Span]) -> Iterator[Span]:
    """Find secrets by their shape in the whole script, and keep of them what is literal."""
    yield from _within(secret_ranges(script), literals)


def _named(language: Language, script: str) -> Iterator[Span]:
    """Find literals by what they are assigned or given to."""
    for constant in constants_of(language, script):
        if constant.kind in (Kind.LITERAL, Kind.EXPANDED, Kind.WORD) and _is_named_secret(constant):
            yield constant.start, constant.end


def _is_named_secret(constant: Constant) -> bool:
    value = (constant.value or constant.raw).strip()
    if len(value) < _MIN_CHARACTERS or _NO_SECRET.fullmatch(value) or _SPEAKS_OF_ONE.search(constant.name.rstrip(":")):
        return False
    return (" " not in value or re.search(r"\d", value) is not None) and is_secret(constant, [])


def _spoken(language: Language, script: str) -> Iterator[Span]:
    """Find what comments and strings say, each read as a text of its own."""
    texts: list[list[Piece]] = []
    groups: dict[int, list[Piece]] = defaultdict(list)
    for piece in lex(language, script):
        if piece.kind is Kind.COMMENT:
            texts.append([piece])
        elif piece.group and piece.kind is not Kind.QUOTE:
            groups[piece.group].append(piece)
    for pieces in (*texts, *groups.values()):
        start, end = pieces[0].start, pieces[-1].end
        inside = [(p.start, p.end) for p in pieces if p.kind is Kind.COMMENT or (p.kind in _TEXT and p.style)]
        yield from _within([(start + a, start + b) for a, b in secret_spans(script[start:end])], inside)


def _again(script: str, literals: list[Span], values: set[str]) -> Iterator[Span]:
    """Find in other literals what is a secret in one."""
    for value in values:
        if len(value) >= _MIN_KNOWN_CHARACTERS:
            places = [match.span() for match in re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", script)]
            yield from _within(places, literals)


def _within(spans: list[Span], literals: list[Span]) -> Iterator[Span]:
    """Return the parts of `spans` that are literal; `literals` do not overlap."""
    literals = sorted(literals)
    for start, end in spans:
        at = max(0, bisect_right(literals, (start, start)) - 1)
        while at < len(literals) and literals[at][0] < end:
            first, last = max(start, literals[at][0]), min(end, literals[at][1])
            if first < last:
                yield first, last
            at += 1
