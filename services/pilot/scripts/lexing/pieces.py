"""What scripts are cut into: pieces that cover the text without a gap, and what may stand inside each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

MAX_DEPTH = 30
"""Substitutions inside substitutions; people nest three."""


class Kind(StrEnum):
    """What a piece of a script is."""

    SPACE = "space"
    NEWLINE = "newline"
    COMMENT = "comment"
    WORD = "word"
    NUMBER = "number"
    OPTION = "option"
    VARIABLE = "variable"
    OPERATOR = "operator"
    QUOTE = "quote"
    """Quotes, and what opens or ends a here-document."""
    LITERAL = "literal"
    """Text inside quotes that expand nothing."""
    EXPANDED = "expanded"
    """Text inside quotes beside which variables are expanded."""
    ESCAPE = "escape"
    CLOSED = "closed"
    """Text that is read by other rules: arithmetic, `${…}`, bytes. Nothing is ever put there."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters `start` to `end`; `style` names the quotes around it, `group` the string that it belongs to."""

    kind: Kind
    start: int
    end: int
    style: str = ""
    group: int = 0


class Lexer:
    """Where a lexer stands, and what it has found; it reads any text, and `is_whole` tells whether all was closed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.pieces: list[Piece] = []
        self.is_whole = True
        self._groups = 0
        self._depth = 0

    def code(self, until: str = "") -> None:
        """Read code up to the closing `until`, or to the end."""
        raise NotImplementedError

    def nested(self, until: str) -> None:
        """Read code inside a string or a substitution; beyond `MAX_DEPTH` the rest of the text is closed."""
        if self._depth >= MAX_DEPTH:
            self.emit(Kind.CLOSED, len(self.text))
            self.is_whole = False
            return
        self._depth += 1
        self.code(until)
        self._depth -= 1

    def new_group(self) -> int:
        """Number the next string."""
        self._groups += 1
        return self._groups

    def emit(self, kind: Kind, end: int, style: str = "", group: int = 0) -> None:
        """Add the text up to `end` as one piece."""
        end = min(end, len(self.text))
        if end > self.position:
            self.pieces.append(Piece(kind, self.position, end, style, group))
            self.position = end

    def take(
        self, kind: Kind, expression: re.Pattern[str], style: str = "", group: int = 0, limit: int | None = None
    ) -> bool:
        """Add what matches here (not beyond `limit`), if anything does."""
        match = expression.match(self.text, self.position, len(self.text) if limit is None else limit)
        if match is None or match.end() == self.position:
            return False
        self.emit(kind, match.end(), style, group)
        return True

    def ahead(self, text: str) -> bool:
        """Tell whether `text` comes next."""
        return self.text.startswith(text, self.position)

    @property
    def is_at_end(self) -> bool:
        """Tell whether everything was read."""
        return self.position >= len(self.text)

    @property
    def is_word_start(self) -> bool:
        """Tell whether nothing stands directly before."""
        return not self.pieces or self.pieces[-1].kind in (Kind.SPACE, Kind.NEWLINE, Kind.OPERATOR, Kind.COMMENT)
