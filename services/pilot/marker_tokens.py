"""Cut a text that comes in chunks into plain text, code, and the heads and ends of markers.

A token is given out once nothing that may follow can change it, so that it does not matter where the chunks are cut.
What waits is bounded: a line of code, the head of a marker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LONGEST_HEAD = 2_000
"""Characters of a marker's head with its attributes."""

LONGEST_INLINE = 2_000
"""Characters of inline code, and of what stands behind a fence's opening: no text is held back longer than that."""

_SPECIAL = re.compile(r"[\[`~]")
_BACKTICKS = re.compile(r"`+")
_TILDES = re.compile(r"~+")
_NAME = re.compile(r"\[[A-Z_]*")
_BLANKS = re.compile(r"\s*")
_ATTRIBUTE_NAME = re.compile(r"[a-z_]+")
_VALUE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')


@dataclass(frozen=True)
class Plain:
    """Text without any meaning for markers."""

    source: str


@dataclass(frozen=True)
class Code:
    """Inline code, or one line of a fenced block."""

    source: str


@dataclass(frozen=True)
class Head:
    """The beginning of a marker; without attributes (None, not empty) it is not well-formed."""

    source: str
    kind: str
    attributes: Mapping[str, str] | None


@dataclass(frozen=True)
class Close:
    """The end of a marker."""

    source: str
    kind: str


Token = Plain | Code | Head | Close


class Tokens:
    """The tokens of a text whose markers are of certain kinds."""

    def __init__(self, kinds: frozenset[str]) -> None:
        self._kinds = kinds
        self._closes = {f"[/{kind}]": kind for kind in kinds}
        marks = "|".join(re.escape(close) for close in self._closes)
        self._fence_ends = {mark: rf"[ \t]*{mark}{{%d,}}(?!{mark})(?:(?=[ \t]*(?:{marks}))|[ \t\r]*$)" for mark in "`~"}
        self._text = ""
        self._fence: re.Pattern[str] | None = None
        self.fence_end = ""
        """What closes the fence that is open, "" where none is."""
        self._is_blank_line = True

    def feed(self, chunk: str) -> list[Token]:
        """Return the tokens that are certain now."""
        self._text += chunk
        return self._take(is_final=False)

    def finish(self) -> list[Token]:
        """Return the tokens of what is left, as nothing follows any more."""
        return self._take(is_final=True)

    def _take(self, *, is_final: bool) -> list[Token]:
        tokens: list[Token] = []
        position = 0
        while position < len(self._text):
            if self._fence is not None:
                token = self._fenced(position, is_final, self._fence)
            else:
                token = self._next(position, is_final)
            if token is None:
                break
            tokens.append(token)
            position += len(token.source)
            self._note_line(token)
        self._text = self._text[position:]
        return tokens

    def _note_line(self, token: Token) -> None:
        _, newline, line = token.source.rpartition("\n")
        is_blank = not line.strip(" \t")
        # a fence may follow a marker's head as it may begin a line
        self._is_blank_line = isinstance(token, Head) or (is_blank and (bool(newline) or self._is_blank_line))

    def _next(self, position: int, is_final: bool) -> Token | None:
        special = _SPECIAL.search(self._text, position)
        if special is None:
            return Plain(self._text[position:])
        if special.start() > position:
            return Plain(self._text[position : special.start()])
        match special[0]:
            case "`":
                return self._backticks(position, is_final)
            case "~":
                return self._tildes(position, is_final)
            case _:
                return self._bracket(position, is_final)

    def _backticks(self, position: int, is_final: bool) -> Token | None:
        text = self._text
        run = _run(_BACKTICKS, text, position)
        start = position + len(run)
        furthest = start + LONGEST_INLINE
        newline = text.find("\n", start, furthest)
        end = newline if newline >= 0 else min(len(text), furthest)
        for closing in _BACKTICKS.finditer(text, start, end):
            if closing.end() == end and newline < 0 and not (is_final and end == len(text)):
                break  # the run may go on
            if len(closing[0]) == len(run):
                return Code(text[position : closing.end()])
        if newline < 0 and end < furthest and not is_final:
            return None
        if len(run) >= 3 and end < furthest and "`" not in text[start:end]:
            return self._fence_opening(position, end, run)
        return Plain(run)

    def _tildes(self, position: int, is_final: bool) -> Token | None:
        run = _run(_TILDES, self._text, position)
        if not self._is_blank_line:
            return Plain(run)
        if position + len(run) == len(self._text) and not is_final:
            return None
        if len(run) < 3:
            return Plain(run)
        newline = self._text.find("\n", position)
        if newline < 0 and not is_final:
            return None
        return self._fence_opening(position, newline if newline >= 0 else len(self._text), run)

    def _fence_opening(self, position: int, end: int, run: str) -> Code:
        self._fence, self.fence_end = re.compile(self._fence_ends[run[0]] % len(run)), run
        return Code(self._text[position : end + 1])

    def _fenced(self, position: int, is_final: bool, closing: re.Pattern[str]) -> Token | None:
        newline = self._text.find("\n", position)
        if newline < 0 and not is_final:
            return None
        end = newline if newline >= 0 else len(self._text)
        found = closing.match(self._text, position, end)
        if found is None:
            return Code(self._text[position : end + 1])
        self._fence, self.fence_end = None, ""
        return Code(self._text[position : end + 1 if found.end() == end else found.end()])

    def _bracket(self, position: int, is_final: bool) -> Token | None:
        window = self._text[position : position + LONGEST_HEAD]
        for close, kind in self._closes.items():
            if window.startswith(close):
                return Close(close, kind)
        name = _run(_NAME, window, 0)
        if len(name) == len(window) or window.startswith("[/"):
            beginnings = (*self._closes, *(f"[{kind}" for kind in self._kinds))
            if not is_final and any(beginning.startswith(window) for beginning in beginnings):
                return None
            return Plain("[")
        if name[1:] not in self._kinds or not (window[len(name)] == "]" or window[len(name)].isspace()):
            return Plain("[")
        is_complete = is_final or len(window) == LONGEST_HEAD
        return _head(window, name, is_complete)


def _head(window: str, name: str, is_complete: bool) -> Head | None:
    """Read a head at the start of `window`; None while more of it may come, no attributes where it breaks the rules."""
    broken = Head(name, name[1:], None)
    unfinished = broken if is_complete else None
    attributes: dict[str, str] = {}
    position = len(name)
    while True:
        blanks = _run(_BLANKS, window, position)
        position += len(blanks)
        if position == len(window):
            return unfinished
        if window[position] == "]":
            return Head(window[: position + 1], name[1:], attributes)
        key = _ATTRIBUTE_NAME.match(window, position)
        if key is None or not blanks or key[0] in attributes:
            return broken if key is None or key.end() < len(window) or not blanks else unfinished
        if window[key.end() : key.end() + 2] != '="':
            could_be = '="'.startswith(window[key.end() :])
            return unfinished if could_be else broken
        value = _VALUE.match(window, key.end() + 1)
        if value is None:
            return unfinished
        attributes[key[0]] = _ESCAPED.sub(r"\1", value[1])
        position = value.end()


def _run(pattern: re.Pattern[str], text: str, position: int) -> str:
    match = pattern.match(text, position)
    return match[0] if match else ""


def tokens_of(text: str, kinds: frozenset[str]) -> Iterator[Token]:
    """Return the tokens of a whole text."""
    tokens = Tokens(kinds)
    yield from tokens.feed(text)
    yield from tokens.finish()
