"""Places where a value is read a second time, as code: quotes hold against the first reading only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.pilot.scripts.reading import MARK, Reading, Role, Use, Word, unquoted
from services.pilot.scripts.types import Language, ParameterType
from services.pilot.scripts.values import CLOSED_TYPES

AGAIN = "the text is read by a shell a second time; only hosts, e-mail addresses and numbers are safe there"
DECIDES = "it would decide which command runs"
FILTERS = (
    "it stands in a filter, which reads quotes itself; only users, hosts, e-mail addresses and numbers are safe there"
)

_INTERPRETERS = re.compile(
    r"(?i)(?:.*[/\\])?(?:(?:ba|z|da|k)?sh|ssh|su|sudo|doas|xargs|parallel|cmd(?:\.exe)?|powershell(?:\.exe)?|pwsh|wsl"
    r"|python3?|perl|ruby|node|find|env|timeout|nice|nohup)"
)
_CODE_OPTION = re.compile(r"(?i)-(?:c|e|command|exec|execdir|encodedcommand|ok)|/[ck]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ALWAYS = _words(
    "eval let alias trap watch awk gawk sed ssh iex invoke-expression cmd cmd.exe at batch unset read mapfile"
)
_STARTERS = _words(
    "sudo doas xargs env command exec nohup nice time timeout builtin setsid source . sh bash zsh dash ksh"
    " start-process saps start invoke-item ii crontab"
)
_NUMERIC_TESTS = re.compile(r"-(?:eq|ne|lt|gt|le|ge|v)")
_TO_SHELL = re.compile(r"(?i)\|\s*(?:sudo\s+)?(?:(?:ba|z|da|k)?sh\b|iex\b|invoke-expression\b)")
_POWERSHELL_TEXT_AS_CODE = re.compile(
    r"(?i)scriptblock\]\s*::\s*create|expandstring|invokescript|newscriptblock|\biex\b|invoke-expression"
)
_FILTER_OPTIONS = re.compile(
    r"(?i)-(?:filter|ldapfilter|query|recipientfilter|contentfilter|searchquery|contentmatchquery)"
)
_PYTHON_CODE = _words(
    "eval exec compile __import__ importlib.import_module os.system os.popen subprocess.getoutput"
    " subprocess.getstatusoutput pickle.loads marshal.loads system popen getoutput getstatusoutput import_module loads"
)


def shell_problem(
    language: Language, text: str, reading: Reading, word: Word | None, at: int, type_: ParameterType
) -> str:
    """Say why a value of that type cannot stand at a place of a shell script; "" when it can."""
    use = _use_of(reading, word)
    if use is not None and word is not None and _decides(use, word):
        return DECIDES
    if type_ in CLOSED_TYPES or type_ is ParameterType.SECRET:
        return ""
    if sum(1 for piece in reading.pieces if piece.start < at and text[piece.start : piece.end] == "`") % 2:
        return AGAIN
    line = text[text.rfind("\n", 0, at) + 1 : (text.find("\n", at) + 1 or len(text) + 1) - 1]
    if _TO_SHELL.search(line) or (language is Language.POWERSHELL and _POWERSHELL_TEXT_AS_CODE.search(line)):
        return AGAIN
    if word is not None and _FILTER_OPTIONS.fullmatch(word.name) and word.text != MARK.sub("", word.text):
        is_alone = MARK.fullmatch(unquoted(word.text)) is not None
        return "" if is_alone or type_ is ParameterType.USER else FILTERS
    fed = use is None
    use = use or _fed(reading, word, at)
    if use is None:
        return ""
    return AGAIN if _reads_again(use, fed) else ""


def _use_of(reading: Reading, word: Word | None) -> Use | None:
    if word is None:
        return None
    if word.role is Role.ASSIGNED and word.command:  # declare NAME=value
        return next((use for use in reversed(reading.uses) if use.start <= word.start), None)
    return next((use for use in reading.uses if word in use.arguments), None)


def _reads_again(use: Use, fed: bool) -> bool:
    words = [word.text for word in use.arguments]
    name = use.name.rpartition("/")[2].lower()
    if name in _ALWAYS:
        return True
    if name in ("[[", "[", "test"):
        return (name == "[[" and any(_NUMERIC_TESTS.fullmatch(word) for word in words)) or "-v" in words
    if name == "printf":
        return "-v" in words
    if name in ("declare", "typeset", "local", "export", "readonly"):
        return any(re.fullmatch(r"-\w*[in]\w*", word) for word in words)
    interpreters = [word for word in [use.name, *words] if _INTERPRETERS.fullmatch(word)]
    hits = any(_CODE_OPTION.fullmatch(word) for word in words) or any(word in _ALWAYS for word in words)
    return bool(interpreters) and (hits or fed)


def _decides(use: Use, word: Word) -> bool:
    """Tell whether a word is what a starter such as sudo starts."""
    if use.name.rpartition("/")[2].lower() not in _STARTERS or word not in use.arguments:
        return False
    before = use.arguments[: use.arguments.index(word)]
    return all(each.text.startswith("-") or "=" in each.text for each in before)


def _fed(reading: Reading, word: Word | None, at: int) -> Use | None:
    """Return the command that reads the here-document or here-string at a place."""
    fed = [
        (target.start, use)
        for use in reading.uses
        for operator, target in use.redirects
        if operator.startswith("<<") and target.start <= at
    ]
    in_heredoc = word is None and any(
        piece.style.startswith("heredoc") and piece.start <= at < piece.end for piece in reading.pieces
    )
    is_redirect = word is not None and word.role is Role.REDIRECT
    return max(fed, key=lambda each: each[0])[1] if fed and (in_heredoc or is_redirect) else None


@dataclass(frozen=True)
class PythonPlaces:
    """Which marks of a Python script are values, and which are read as code; `problem` when it does not parse."""

    values: frozenset[str] = frozenset()
    code: frozenset[str] = frozenset()
    problem: str = ""


def python_places(text: str) -> PythonPlaces:
    """Look at every mark of a script through its syntax tree."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        return PythonPlaces(problem=f"line {line} is no Python" if line else "it is no Python")
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    values = frozenset(node.id for node in names if MARK.fullmatch(node.id))
    return PythonPlaces(values, frozenset(_marks_in_code(tree)))


def _marks_in_code(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _runs_text(node):
            yield from MARK.findall(ast.unparse(node))


def _runs_text(node: ast.Call) -> bool:
    if ast.unparse(node.func) in _PYTHON_CODE:
        return True
    if any(
        each.arg == "shell" and not (isinstance(each.value, ast.Constant) and not each.value.value)
        for each in node.keywords
    ):
        return True
    first = node.args[0] if node.args else None
    words = (
        [each.value for each in first.elts if isinstance(each, ast.Constant)]
        if isinstance(first, ast.List | ast.Tuple)
        else []
    )
    is_shell = any(isinstance(word, str) and _INTERPRETERS.fullmatch(word) for word in words)
    return is_shell and (
        any(isinstance(word, str) and _CODE_OPTION.fullmatch(word) for word in words) or "ssh" in words
    )
