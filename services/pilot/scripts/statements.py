"""Which word of a shell's statement is the command, and which are its arguments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.pilot.scripts.lexing import Kind, Piece
from services.pilot.scripts.reading import MARK, Reading, Role, Use, Word, inner_code, runs


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BASH_ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=")
_BASH_KEYWORDS = _words("if then else elif fi do done while until ! { } time esac coproc")
_BASH_NAMING = _words("for case select function")
_BASH_DECLARING = _words("export local readonly declare typeset")
_POWERSHELL_KEYWORDS = _words(
    "if elseif else foreach for while do until switch try catch finally return throw in begin process end param"
    " break continue exit trap dynamicparam using class enum default"
)
_POWERSHELL_NAMING = frozenset({"function", "filter", "workflow"})


@dataclass
class _Frame:
    """A statement that is being read: `state` is start, command, expression or name."""

    closer: str = ""
    state: str = "start"
    use: Use | None = None
    name: str = ""
    redirect: str = ""
    is_loop: bool = False
    cases: int = 0
    declares: bool = False
    """In a param block, whose commas begin the next parameter."""


class _Statements:
    """Walks over the words of a script with a stack of the brackets that are open."""

    def __init__(self, text: str, reading: Reading) -> None:
        self.text = text
        self.reading = reading
        self.frames = [_Frame()]
        self._follows_word = False
        self._opens_block = False

    @property
    def frame(self) -> _Frame:
        return self.frames[-1]

    def sweep(self, pieces: Sequence[Piece]) -> None:
        """Read pieces from the start of a statement on."""
        for run in runs(pieces):
            text = self.text[run[0].start : run[-1].end]
            if run[0].group and run[0].kind is not Kind.QUOTE:
                self._inside([piece for piece in run if piece.group != run[0].group])
            elif run[0].kind is Kind.NEWLINE:
                self.newline()
            elif run[0].kind is Kind.OPERATOR:
                self._follows_word = self.text[run[0].start - 1 : run[0].start].isalnum()
                self.operator(text)
            elif run[0].kind not in (Kind.SPACE, Kind.COMMENT):
                if nested := inner_code(run):
                    self._inside(nested)
                self.word(Word(run, text, Role.EXPRESSION))

    def _inside(self, pieces: Sequence[Piece]) -> None:
        outer, self.frames = self.frames, [_Frame()]
        self.sweep(pieces)
        self.frames = outer

    def open(self, closer: str) -> None:
        self.frames.append(_Frame(closer))

    def close(self) -> None:
        if len(self.frames) > 1:
            self.frames.pop()

    def begin(self) -> None:
        """Start the next statement."""
        self.frames[-1] = _Frame(self.frame.closer, cases=self.frame.cases, declares=self.frame.declares)

    def keep(self, word: Word, role: Role, name: str = "") -> Word:
        kept = replace(word, role=role, name=name, command=self.frame.use.name if self.frame.use else "")
        self.reading.words.append(kept)
        return kept

    def command(self, word: Word, name: str) -> None:
        self.frame.use = Use(name, word.start)
        self.reading.uses.append(self.frame.use)
        self.frame.state = "command"
        self.keep(word, Role.COMMAND)

    def newline(self) -> None:
        if self.frame.state != "pattern":
            self.begin()

    def operator(self, text: str) -> None:
        raise NotImplementedError

    def word(self, word: Word) -> None:
        raise NotImplementedError


class BashStatements(_Statements):
    """Bash: assignments come first, then the command."""

    def operator(self, text: str) -> None:
        if self.frame.state == "pattern" and text in ("(", "|", ")"):
            if text == ")":
                self.begin()
        elif text in ("(", "$(", "<(", ">("):
            self.open(")")
        elif text == "`":
            self.close() if self.frame.closer == "`" else self.open("`")
        elif text == ")":
            self.close() if self.frame.closer == ")" else self.begin()
        elif "<" in text or ">" in text:
            self.frame.redirect = text
        else:
            self.begin()
            if text.startswith((";;", ";&")) and self.frame.cases:
                self.frame.state = "pattern"

    def word(self, word: Word) -> None:
        frame = self.frame
        if word.text == "esac" and frame.state in ("pattern", "start"):
            frame.cases = max(0, frame.cases - 1)
            self.begin()
        elif frame.redirect:
            kept = self.keep(word, Role.REDIRECT)
            if frame.use is None:
                frame.use = Use("", word.start)
                self.reading.uses.append(frame.use)
            frame.use.redirects.append((frame.redirect, kept))
            frame.redirect = ""
        elif frame.state == "name":
            self._named(word)
        elif frame.state == "start":
            self._first(word)
        elif frame.use is not None:
            self._argument(word, frame.use)

    def _named(self, word: Word) -> None:
        if self.frame.is_loop:
            self.frame.state = "list"
        elif self.frame.name == "function":
            self.reading.functions.add(word.text)
            self.begin()
        elif word.text == "in":
            self.frame.cases += 1
            self.begin()
            self.frame.state = "pattern"
        else:
            self.keep(word, Role.ARGUMENT)

    def _first(self, word: Word) -> None:
        match = _BASH_ASSIGNMENT.match(word.text) if word.pieces[0].kind is Kind.WORD else None
        if match:
            self.keep(word, Role.ASSIGNED, match["name"])
        elif word.text in _BASH_NAMING:
            self.frame.state, self.frame.name = "name", word.text
            self.frame.is_loop = word.text in ("for", "select")
            if self.frame.is_loop:
                self.frame.use = Use("for", word.start)
        elif word.text not in _BASH_KEYWORDS:
            if self.text[word.end : word.end + 2] == "()":
                self.reading.functions.add(word.text)
            else:
                self.command(word, word.text)

    def _argument(self, word: Word, use: Use) -> None:
        match = _BASH_ASSIGNMENT.match(word.text)
        if use.name in _BASH_DECLARING and match:
            self.keep(word, Role.ASSIGNED, match["name"])
            return
        before = use.arguments[-1].text if use.arguments else ""
        option = before if before.startswith("-") and "=" not in before else ""
        if word.text.startswith("-") and "=" in word.text:
            option = word.text.partition("=")[0]
        use.arguments.append(self.keep(word, Role.ARGUMENT, option))


class PowerShellStatements(_Statements):
    """PowerShell: a word at the start is a command, everything else an expression."""

    def newline(self) -> None:
        if not (self.frame.use and self.frame.name == ","):
            self.begin()

    def operator(self, text: str) -> None:
        frame = self.frame
        if text[-1] in "({[":
            self.frames.append(_Frame({"(": ")", "{": "}", "[": "]"}[text[-1]], declares=self._opens_block))
            self._opens_block = False
            if text == "[" or (text == "(" and frame.closer == "]" and self._follows_word):
                self.frame.state = "expression"
        elif text in (")", "}", "]"):
            self.close()
            if text == "}" and self.frame.state != "command":
                self.begin()
        elif text in ("|", ";", "&&", "||", "&"):
            self.begin()
            self.frame.name = "call" if text == "&" else ""
        elif text == "=" and frame.state != "command":
            self.frames[-1] = _Frame(frame.closer, name=frame.name, declares=frame.declares)
        elif text == "," and frame.declares:
            self.begin()
        elif text == ",":
            frame.name = "," if frame.use else frame.name
        elif text in ("<", ">"):
            frame.redirect = text

    def word(self, word: Word) -> None:
        frame = self.frame
        first = word.pieces[0].kind
        if frame.redirect:
            frame.redirect = ""
            kept = self.keep(word, Role.REDIRECT)
            if frame.use:
                frame.use.redirects.append((">", kept))
        elif frame.state == "function":
            self.reading.functions.add(word.text)
            self.begin()
        elif frame.state == "command" and frame.use is not None:
            self._argument(word, frame.use)
        elif frame.state == "start":
            self._first(word, first)
        else:
            self.keep(word, Role.EXPRESSION)

    def _first(self, word: Word, first: Kind) -> None:
        frame = self.frame
        text = word.text
        self._opens_block = text.lower() == "param"
        if text.lower() in _POWERSHELL_NAMING:
            frame.state = "function"
        elif text == "." or (frame.name == "call" and first is not Kind.NUMBER):
            if text == ".":
                frame.name = "call"
            else:
                self.command(word, text)
        elif MARK.fullmatch(text):  # becomes a literal, which runs nothing
            self.keep(word, Role.ASSIGNED if frame.name else Role.EXPRESSION, frame.name)
            frame.state = "expression"
        elif first is Kind.WORD and text.lower() not in _POWERSHELL_KEYWORDS and text[0] not in ".:+-*/!%":
            self._bare_command(word)
        elif first is Kind.WORD and text in ("%", "?"):
            self.command(word, text)
        elif frame.declares and frame.name and text.lower() in ("$true", "$false"):
            self.keep(word, Role.ASSIGNED, frame.name)
            frame.state = "expression"
        elif first is Kind.VARIABLE and len(word.pieces) == 1:
            self.keep(word, Role.EXPRESSION)
            frame.state, frame.name = "expression", text.lstrip("$").strip("{}")
        elif first is not Kind.WORD or text[0] in ".:+-*/!%":
            self.keep(word, Role.ASSIGNED if frame.name else Role.EXPRESSION, frame.name)
            frame.state = "expression"

    def _bare_command(self, word: Word) -> None:
        following = self.text[word.end :].lstrip(" \t")
        if following.startswith("=") and not following.startswith("=="):  # a key of a hash table
            self.frame.state, self.frame.name = "expression", word.text
        else:
            self.command(word, word.text)

    def _argument(self, word: Word, use: Use) -> None:
        before = use.arguments[-1] if use.arguments else None
        option = before.text if before and before.pieces[0].kind is Kind.OPTION else ""
        if before and self.frame.name == "," and not option:
            option = before.name
        self.frame.name = ""
        use.arguments.append(self.keep(word, Role.ARGUMENT, option.rstrip(":")))
