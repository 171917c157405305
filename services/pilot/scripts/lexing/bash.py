"""Cut Bash into pieces, by the manual's sections on quoting, expansions and here-documents."""

from __future__ import annotations

import re

from services.pilot.scripts.lexing.pieces import MAX_DEPTH, Kind, Lexer

_SPACE = re.compile(r"[ \t\r]+")
_COMMENT = re.compile(r"#[^\n]*")
_VARIABLE = re.compile(r"\$(?:[A-Za-z_]\w*|[0-9@*#?$!_-])")
_OPERATOR = re.compile(r"<<<|<<-|<<|;;&|;;|;&|&&|&>>|&>|\|\||\|&|>>|>\||>&|<&|<>|<\(|>\(|[;&|<>()]")
_WORD = re.compile(r"[^\s'\"\\$`;&|<>()]+")
_ESCAPE = re.compile(r"\\[\s\S]")
_DOUBLE_TEXT = re.compile(r"[^\\$`\"]+")
_HEREDOC_TEXT = re.compile(r"[^\\$`]+")
_DOUBLE_ESCAPE = re.compile(r"\\[$`\"\\\n]")
_DELIMITER = re.compile(r"[ \t]*(?P<word>(?:'[^'\n]*'|\"[^\"\n]*\"|\\.|[^\s;&|<>()'\"\\])+)")
_ANSI = re.compile(r"(?:[^'\\]|\\[\s\S])*")


class BashLexer(Lexer):
    """Reads a whole script."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._heredocs: list[tuple[str, bool, bool]] = []

    def code(self, until: str = "") -> None:
        """Read code up to the closing `until` of a substitution, or to the end."""
        depth = cases = 0
        while not self.is_at_end:
            if until == "`" and self.ahead("`"):
                self.emit(Kind.OPERATOR, self.position + 1)
                return
            first = len(self.pieces)
            self._next()
            piece = self.pieces[first]
            text = self.text[piece.start : piece.end]
            if piece.kind is Kind.WORD and text in ("case", "esac") and self._is_command(first):
                cases = max(0, cases + (1 if text == "case" else -1))
            elif piece.kind is Kind.OPERATOR and text in ("(", "<(", ">("):
                depth += 1
            elif piece.kind is Kind.OPERATOR and text == ")":
                if depth == 0 and cases == 0 and until == ")":
                    return
                depth = max(0, depth - 1)
        self.is_whole = self.is_whole and not until and not self._heredocs

    def _is_command(self, index: int) -> bool:
        before = next((piece for piece in reversed(self.pieces[:index]) if piece.kind is not Kind.SPACE), None)
        if before is None or before.kind in (Kind.NEWLINE, Kind.COMMENT):
            return True
        text = self.text[before.start : before.end]
        return before.kind is Kind.OPERATOR or text in ("then", "do", "else", "{", "in")

    def _next(self) -> None:
        if self.ahead("\n"):
            self.emit(Kind.NEWLINE, self.position + 1)
            while self._heredocs and not self.is_at_end:
                self._heredoc(*self._heredocs.pop(0))
        elif self.take(Kind.SPACE, _SPACE) or (self.is_word_start and self.take(Kind.COMMENT, _COMMENT)):
            return
        elif self.ahead("((") and self.is_word_start:
            self._arithmetic("((")
        elif not (self._dollar() or self._quoted() or self._operator() or self._bare()):
            self.emit(Kind.WORD, self.position + 1)

    def _bare(self) -> bool:
        return self.take(Kind.WORD, _WORD) or self.take(Kind.ESCAPE, _ESCAPE)

    def _quoted(self) -> bool:
        if self.ahead("'"):
            self._raw("single", 1, re.compile(r"[^']*"))
        elif self.ahead('"'):
            self._double(1)
        elif self.ahead("`"):
            self.emit(Kind.OPERATOR, self.position + 1)
            self.nested("`")
        else:
            return False
        return True

    def _raw(self, style: str, opening: int, run: re.Pattern[str]) -> None:
        group = self.new_group()
        self.emit(Kind.QUOTE, self.position + opening, style, group)
        self.take(Kind.LITERAL if style == "single" else Kind.CLOSED, run, style, group)
        self.is_whole = self.is_whole and not self.is_at_end
        self.emit(Kind.QUOTE, self.position + 1, style, group)

    def _double(self, opening: int) -> None:
        group = self.new_group()
        self.emit(Kind.QUOTE, self.position + opening, "double", group)
        while not self.is_at_end:
            if self.ahead('"'):
                self.emit(Kind.QUOTE, self.position + 1, "double", group)
                return
            self._inside("double", group, _DOUBLE_TEXT)
        self.is_whole = False

    def _inside(self, style: str, group: int, run: re.Pattern[str], limit: int | None = None) -> None:
        if self.take(Kind.ESCAPE, _DOUBLE_ESCAPE, style, group) or self._dollar(group, is_quoted=True):
            return
        if self.ahead("`"):
            self.emit(Kind.OPERATOR, self.position + 1, "", group)
            self.nested("`")
        elif not self.take(Kind.EXPANDED, run, style, group, limit):
            self.emit(Kind.EXPANDED, self.position + 1, style, group)

    def _dollar(self, group: int = 0, *, is_quoted: bool = False) -> bool:
        if not self.ahead("$"):
            return False
        if self.ahead("$(("):
            self._arithmetic("$((", group)
        elif self.ahead("$("):
            self.emit(Kind.OPERATOR, self.position + 2, "", group)
            self.nested(")")
        elif self.ahead("${"):
            self._expansion(group)
        elif self.ahead("$'") and not is_quoted:
            self._raw("ansi", 2, _ANSI)
        elif self.ahead('$"') and not is_quoted:
            self._double(2)
        elif not self.take(Kind.VARIABLE, _VARIABLE, "", group):
            style = "double" if is_quoted else ""
            self.emit(Kind.EXPANDED if is_quoted else Kind.WORD, self.position + 1, style, group)
        return True

    def _arithmetic(self, opening: str, group: int = 0) -> None:
        self.emit(Kind.CLOSED, self.position + len(opening), "", group)
        depth = 0
        while not self.is_at_end:
            if depth == 0 and self.ahead("))"):
                self.emit(Kind.CLOSED, self.position + 2, "", group)
                return
            if self._dollar(group, is_quoted=True):
                continue
            depth += {"(": 1, ")": -1}.get(self.text[self.position], 0)
            self.emit(Kind.CLOSED, self.position + 1, "", group)
        self.is_whole = False

    def _expansion(self, group: int) -> None:
        if self._depth >= MAX_DEPTH:
            self.is_whole = False
            self.emit(Kind.CLOSED, len(self.text), "", group)
            return
        self._depth += 1
        self.emit(Kind.CLOSED, self.position + 2, "", group)
        self._expanded_name(group)
        self._depth -= 1

    def _expanded_name(self, group: int) -> None:
        while not self.is_at_end:
            if self.ahead("}"):
                self.emit(Kind.CLOSED, self.position + 1, "", group)
                return
            if self.take(Kind.CLOSED, _ESCAPE, "", group) or self._dollar(group, is_quoted=True):
                continue
            if self.ahead("'") or self.ahead('"') or self.ahead("`"):
                self._quoted()
            else:
                self.emit(Kind.CLOSED, self.position + 1, "", group)
        self.is_whole = False

    def _operator(self) -> bool:
        start = self.position
        if not self.take(Kind.OPERATOR, _OPERATOR):
            return False
        operator = self.text[start : self.position]
        if operator in ("<<", "<<-") and (match := _DELIMITER.match(self.text, self.position)):
            word = match["word"]
            self.emit(Kind.QUOTE, match.end())
            plain = re.sub(r"['\"\\]", "", word)
            self._heredocs.append((plain, plain != word, operator == "<<-"))
        return True

    def _heredoc(self, delimiter: str, is_raw: bool, strips_tabs: bool) -> None:
        tabs = r"\t*" if strips_tabs else ""
        ending = re.compile(rf"^{tabs}{re.escape(delimiter)}(?:\r?$)", re.MULTILINE).search(self.text, self.position)
        end = ending.start() if ending else len(self.text)
        style = "heredoc_raw" if is_raw else "heredoc"
        group = self.new_group()
        if is_raw:
            self.emit(Kind.LITERAL, end, style, group)
        while self.position < end:
            self._inside(style, group, _HEREDOC_TEXT, end)
        if ending:
            self.emit(Kind.QUOTE, max(ending.end(), self.position), style, group)
        else:
            self.is_whole = False
