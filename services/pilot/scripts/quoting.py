"""Write a value into a script so that it is read back as it is, and read a literal of a script.

PowerShell: about_Quoting_Rules (and curly quotes, as `CodeGeneration.EscapeSingleQuotedStringContent` doubles them).
Bash: the manual, "Quoting" and "Here Documents". Python: the language reference, "String and Bytes literals".
"""

from __future__ import annotations

import ast
import re

from services.errors import InvalidInputError
from services.pilot.scripts.lexing.powershell import DOUBLE_QUOTES, SINGLE_QUOTES
from services.pilot.scripts.types import Language, ParameterType

BARE = re.compile(r"[A-Za-z0-9_.:/@%+][A-Za-z0-9_.:/@%+-]*", re.ASCII)
"""What a shell reads as itself without quotes; no `-` at the start, no `~`, `=`, `,` or wildcard."""

_POWERSHELL_BARE = re.compile(r"[A-Za-z\\/][A-Za-z0-9_.:/\\@-]*", re.ASCII)
_PYTHON_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def in_code(language: Language, type_: ParameterType, value: str, *, is_bare: bool = False) -> str:
    """Return the literal that stands for `value` in code."""
    if type_ is ParameterType.NUMBER and value:
        return value
    if type_ is ParameterType.BOOLEAN and value:
        return {
            Language.POWERSHELL: f"${value}",
            Language.BASH: value,
            Language.PYTHON: value.capitalize(),
        }[language]
    if language is Language.PYTHON:
        return repr(value)
    if language is Language.POWERSHELL:
        if is_bare and _POWERSHELL_BARE.fullmatch(value):
            return value
        return f"'{in_string(language, 'single', value)}'"
    return value if BARE.fullmatch(value) else "'" + value.replace("'", r"'\''") + "'"


def in_string(language: Language, style: str, value: str) -> str:
    """Return `value` as it stands inside quotes of that style; `InvalidInputError` where it cannot."""
    if language is Language.POWERSHELL:
        return _in_powershell(style, value)
    return _in_bash(style, value) if language is Language.BASH else _in_python(style, value)


def _in_powershell(style: str, value: str) -> str:
    if style == "single":
        return re.sub(f"([{SINGLE_QUOTES}])", r"\1\1", value)
    if style == "double":
        return re.sub(f"([`${DOUBLE_QUOTES}])", r"`\1", value)
    if style == "here_double":
        return re.sub(r"([`$])", r"`\1", value)
    return value


def _in_bash(style: str, value: str) -> str:
    if style == "single":
        return value.replace("'", r"'\''")
    if style == "double":
        return re.sub(r"([\\$`\"])", r"\\\1", value)
    if style == "heredoc":
        return re.sub(r"([\\$`])", r"\\\1", value)
    return value


def _in_python(style: str, value: str) -> str:
    prefix = re.match("[a-z]*", style)
    quote = style[prefix.end() if prefix else 0 :]
    letters = prefix[0] if prefix else ""
    if "r" in letters:
        if quote[0] in value or value.endswith("\\") or ("\n" in value and len(quote) == 1):
            raise InvalidInputError("A raw string cannot hold that value.", hint="Leave out quotes and final \\.")
        text = value
    else:
        escapes = dict(_PYTHON_ESCAPES)
        if len(quote) == 3:
            del escapes["\n"], escapes["\t"]
        else:
            escapes[quote] = "\\" + quote
        text = "".join(escapes.get(character, character) for character in value)
        if len(quote) == 3:
            # as people write it: only at its ends, and as the third in a row, can a quote end the text
            ends = rf"\A{quote[0]}|{quote[0]}\Z|(?<={quote[0]}{quote[0]}){quote[0]}"
            text = re.sub(ends, rf"\\{quote[0]}", text)
    return text.replace("{", "{{").replace("}", "}}") if "f" in letters else text


def decoded(language: Language, style: str, raw: str) -> str | None:
    """Return what a literal without expansions says, `raw` being what stands between its quotes; None if unclear."""
    if language is Language.PYTHON:
        prefix = style.rstrip("'\"")
        try:
            value = ast.literal_eval(f"{prefix}{style[len(prefix) :]}{raw}{style[len(prefix) :]}")
        except (SyntaxError, ValueError):
            return None
        return value if isinstance(value, str) else None
    if style == "single":
        if language is Language.BASH:
            return raw
        return re.sub(f"([{SINGLE_QUOTES}])[{SINGLE_QUOTES}]", r"\1", raw)
    if style == "double":
        return _decoded_double(language, raw)
    return raw if style in ("here_single", "heredoc_raw") else None


def _decoded_double(language: Language, raw: str) -> str | None:
    if language is Language.BASH:
        return re.sub(r"\\([\\$`\"])", r"\1", raw.replace("\\\n", ""))
    if re.search(r"`[a-z0]", raw):  # `n, `t and their like: no plain text
        return None
    return re.sub(f"`([\\s\\S])|([{DOUBLE_QUOTES}])[{DOUBLE_QUOTES}]", lambda m: m[1] or m[2], raw)
