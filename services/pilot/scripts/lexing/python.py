"""Cut Python into pieces; f-strings nest as PEP 701 says. Text that is no Python is read all the same."""

from __future__ import annotations

import re

from services.pilot.scripts.lexing.pieces import Kind, Lexer

_SPACE = re.compile(r"[^\S\n]+|\\\r?\n")
_COMMENT = re.compile(r"#[^\n]*")
_OPENS = re.compile(r"(?i:[rbu]|br|rb|f|fr|rf)?(?:'''|\"\"\"|'|\")")
_NAME = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(r"(?:\d[\d_]*)?\.?\d[\w.]*")
_OPERATOR = re.compile(r":=|[-+*/%&|^<>=!@]=|\*\*|//|->|[\s\S]")


class PythonLexer(Lexer):
    """Reads a whole script."""

    def code(self, until: str = "") -> None:
        """Read code up to the `}` of an f-string's field, or to the end."""
        depth = 0
        while not self.is_at_end:
            character = self.text[self.position]
            if until and character == "}" and depth == 0:
                self.emit(Kind.OPERATOR, self.position + 1)
                return
            if until and character in "{}":
                depth += 1 if character == "{" else -1
            self._next()
        self.is_whole = self.is_whole and not until

    def _next(self) -> None:
        if self.ahead("\n"):
            self.emit(Kind.NEWLINE, self.position + 1)
        elif match := _OPENS.match(self.text, self.position):
            self._string(match[0])
        else:
            for kind, expression in (
                (Kind.SPACE, _SPACE),
                (Kind.COMMENT, _COMMENT),
                (Kind.WORD, _NAME),
                (Kind.NUMBER, _NUMBER),
                (Kind.OPERATOR, _OPERATOR),
            ):
                if self.take(kind, expression):
                    return

    def _string(self, opening: str) -> None:
        quote = opening.lstrip("rRbBuUfF")
        style = opening.lower()
        prefix = style.removesuffix(quote)
        group = self.new_group()
        self.emit(Kind.QUOTE, self.position + len(opening), style, group)
        kind = Kind.CLOSED if "b" in prefix else Kind.EXPANDED if "f" in prefix else Kind.LITERAL
        while not self.is_at_end and not self.ahead(quote):
            if len(quote) == 1 and self.ahead("\n"):
                self.is_whole = False
                return
            if self.ahead("\\"):
                self.emit(kind if "r" in prefix else Kind.ESCAPE, self.position + 2, style, group)
            elif "f" in prefix and (self.ahead("{{") or self.ahead("}}")):
                self.emit(Kind.ESCAPE, self.position + 2, style, group)
            elif "f" in prefix and self.ahead("{"):
                self.emit(Kind.OPERATOR, self.position + 1, "", group)
                self.nested("}")
            else:
                self._run(kind, style, quote, group)
        self.is_whole = self.is_whole and not self.is_at_end
        self.emit(Kind.QUOTE, self.position + len(quote), style, group)

    def _run(self, kind: Kind, style: str, quote: str, group: int) -> None:
        stops = "\\\\{}" if kind is Kind.EXPANDED else "\\\\"
        newline = "\\n" if len(quote) == 1 else ""
        match = re.compile(rf"[^{stops}{quote[0]}{newline}]+").match(self.text, self.position)
        self.emit(kind, match.end() if match else self.position + 1, style, group)
