"""The syntax tree of JQL and its tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal


class JqlError(ValueError):
    """What is wrong with a query, one message per complaint, in Jira's words."""

    def __init__(self, *messages: str) -> None:
        super().__init__(" ".join(messages))
        self.messages = list(messages)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text; `kind` is word, string, symbol or end."""

    kind: Literal["word", "string", "symbol", "end"]
    text: str
    position: int

    @property
    def word(self) -> str:
        """Return the upper-case word, empty for anything quoted."""
        return self.text.upper() if self.kind == "word" else ""


@dataclass(frozen=True, slots=True)
class Value:
    """A literal."""

    text: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function call, `startOfDay(-1d)`."""

    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Empty:
    """The keyword EMPTY (or NULL)."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list in parentheses."""

    items: tuple[Value | Function | Empty, ...]


Operand = Value | Function | Empty | Listed


@dataclass(frozen=True, slots=True)
class Clause:
    """`field operator operand`; operators are lower case."""

    field: str
    operator: str
    operand: Operand


@dataclass(frozen=True, slots=True)
class Compound:
    """Clauses joined by and/or, or one clause negated."""

    operator: Literal["and", "or", "not"]
    clauses: tuple[Node, ...]


Node = Clause | Compound


@dataclass(frozen=True, slots=True)
class OrderBy:
    """One field to sort by."""

    field: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query."""

    where: Node | None
    order_by: tuple[OrderBy, ...]


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<symbol>!=|!~|>=|<=|&&|\|\||[=<>~(),!&|])
    | (?P<word>cf\[\d+\]|[^\s"'=!<>~(),&|]+)
    )""",
    re.VERBOSE,
)
RESERVED_CHARACTERS = frozenset(";?*/%^$#@[]{}")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


def tokenize(text: str) -> list[Token]:
    """Split a query into tokens, an end token last."""
    tokens: list[Token] = []
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            quote = text[start:]
            raise JqlError(
                f"Error in the JQL Query: The quoted string '{quote[1:]}' has not been completed. {place(text, start)}"
            )
        kind = match.lastgroup
        raw = match.group(kind or 0)
        start = match.end() - len(raw)
        if kind == "string":
            tokens.append(Token("string", _ESCAPE.sub(_unescape, raw[1:-1]), start))
        elif kind == "symbol":
            tokens.append(Token("symbol", {"&&": "AND", "||": "OR"}.get(raw, raw), start))
        else:
            _refuse_reserved(text, raw, start)
            tokens.append(Token("word", raw, start))
        position = match.end()
    return [*tokens, Token("end", "", len(text))]


def _refuse_reserved(text: str, word: str, start: int) -> None:
    if word.startswith("cf["):
        return
    for offset, character in enumerate(word):
        if character in RESERVED_CHARACTERS:
            raise JqlError(
                f"Error in the JQL Query: The character '{character}' is a reserved JQL character. You must enclose it "
                f"in a string or use the escape '\\u{ord(character):04x}' instead. {place(text, start + offset)}"
            )


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1)
    return chr(int(code[1:], 16)) if len(code) == 5 else _ESCAPED.get(code, code)


def place(text: str, position: int) -> str:
    """Return Jira's "(line 1, character 9)"."""
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    return f"(line {line}, character {column})"
