"""Cut PowerShell into pieces, by about_Quoting_Rules and about_Parsing.

Curly quotes quote as straight ones do: PowerShell reads U+2018 to U+201B as `'`, U+201C to U+201E as `"`.
"""

from __future__ import annotations

import re

from services.pilot.scripts.lexing.pieces import Kind, Lexer

SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b"
DOUBLE_QUOTES = '"\u201c\u201d\u201e'
_ENDS = rf"\s{SINGLE_QUOTES}{DOUBLE_QUOTES}`$(){{}}\[\];,|&<>="
_COMMENT = re.compile(r"<#[\s\S]*?(?:#>|\Z)|#[^\n]*")
_VARIABLE = re.compile(r"\$(?:\{[^}]*\}|[$^]|(?:\w+:(?=\w))?[\w?]+)")
_SPLAT = re.compile(r"@[A-Za-z_]\w*")
_SPACE = re.compile(r"[^\S\n]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[kmgtp]b)?(?=[\s;,|&(){}\[\]<>=+*/%]|\.\.|\Z)", re.IGNORECASE)
_OPTION = re.compile(r"[-\u2013\u2014\u2015][A-Za-z_][\w-]*:?")
_WORD = re.compile(rf"[^{_ENDS}@#][^{_ENDS}]*")
_OPERATOR = re.compile(r"@[({]|\$\(|&&|\|\||[(){}\[\];,|&<>=@$#]")
_VERBATIM = re.compile(r"--%[^\n]*")
_SINGLE_TEXT = re.compile(f"[^{SINGLE_QUOTES}]+")
_DOUBLE_TEXT = re.compile(f"[^`${DOUBLE_QUOTES}]+")
_HERE_TEXT = re.compile(r"[^`$]+")
_HERE_OPENS = re.compile(rf"@[{SINGLE_QUOTES}{DOUBLE_QUOTES}][^\S\n]*\n")


class PowerShellLexer(Lexer):
    """Reads a whole script."""

    def code(self, until: str = "") -> None:
        """Read code up to the closing `until` of a `$(`, or to the end."""
        depth = 0
        while not self.is_at_end:
            start = len(self.pieces)
            self._next()
            if len(self.pieces) == start:  # nothing fits: a character on its own
                self.emit(Kind.OPERATOR, self.position + 1)
            text = self.text[self.pieces[start].start : self.pieces[start].end]
            if self.pieces[start].kind is Kind.OPERATOR and text[-1] == "(":
                depth += 1
            elif text == ")" and until:
                depth -= 1
                if depth < 0:
                    return
        self.is_whole = self.is_whole and not until

    def _next(self) -> None:
        character = self.text[self.position]
        if character == "\n":
            self.emit(Kind.NEWLINE, self.position + 1)
        elif character in SINGLE_QUOTES:
            self._single()
        elif character in DOUBLE_QUOTES:
            self._double()
        elif character == "`":
            step = 3 if self.text.startswith("`\r\n", self.position) else 2
            self.emit(Kind.ESCAPE, self.position + step)
        elif _HERE_OPENS.match(self.text, self.position):
            self._here()
        else:
            self._plain()

    def _plain(self) -> None:
        for kind, expression in (
            (Kind.SPACE, _SPACE),
            (Kind.COMMENT, _COMMENT),
            (Kind.CLOSED, _VERBATIM),
            (Kind.VARIABLE, _VARIABLE),
            (Kind.VARIABLE, _SPLAT),
        ):
            if self.take(kind, expression):
                return
        if self.is_word_start and (self.take(Kind.OPTION, _OPTION) or self.take(Kind.NUMBER, _NUMBER)):
            return
        if not self.take(Kind.WORD, _WORD):
            self.take(Kind.OPERATOR, _OPERATOR)

    def _single(self) -> None:
        group = self.new_group()
        self.emit(Kind.QUOTE, self.position + 1, "single", group)
        while not self.is_at_end:
            if self.take(Kind.LITERAL, _SINGLE_TEXT, "single", group):
                continue
            if self.text[self.position + 1 : self.position + 2] in tuple(SINGLE_QUOTES):
                self.emit(Kind.ESCAPE, self.position + 2, "single", group)
                continue
            self.emit(Kind.QUOTE, self.position + 1, "single", group)
            return
        self.is_whole = False

    def _double(self) -> None:
        group = self.new_group()
        self.emit(Kind.QUOTE, self.position + 1, "double", group)
        while not self.is_at_end:
            if self.text[self.position] not in DOUBLE_QUOTES:
                self._inside(_DOUBLE_TEXT, "double", group)
            elif self.text[self.position + 1 : self.position + 2] in tuple(DOUBLE_QUOTES):
                self.emit(Kind.ESCAPE, self.position + 2, "double", group)
            else:
                self.emit(Kind.QUOTE, self.position + 1, "double", group)
                return
        self.is_whole = False

    def _inside(self, run: re.Pattern[str], style: str, group: int, limit: int | None = None) -> None:
        if self.ahead("`"):
            self.emit(Kind.ESCAPE, self.position + 2, style, group)
        elif self.ahead("$("):
            self.emit(Kind.OPERATOR, self.position + 2, "", group)
            self.nested(")")
        elif not self.take(Kind.VARIABLE, _VARIABLE, "", group, limit) and not self.take(
            Kind.EXPANDED, run, style, group, limit
        ):
            self.emit(Kind.EXPANDED, self.position + 1, style, group)

    def _here(self) -> None:
        quotes = SINGLE_QUOTES if self.text[self.position + 1] in SINGLE_QUOTES else DOUBLE_QUOTES
        style = "here_single" if quotes is SINGLE_QUOTES else "here_double"
        group = self.new_group()
        self.emit(Kind.QUOTE, self.text.index("\n", self.position) + 1, style, group)
        ending = re.compile(rf"(?:\r?\n|(?<=\n))[{quotes}]@").search(self.text, self.position)
        end = ending.start() if ending else len(self.text)
        if style == "here_single":
            self.emit(Kind.LITERAL, end, style, group)
        while self.position < end:
            self._inside(_HERE_TEXT, style, group, end)
        if ending:
            self.emit(Kind.QUOTE, max(ending.end(), self.position), style, group)
        else:
            self.is_whole = False
