"""Cut scripts into pieces: what is code, what is quoted, what is a comment."""

from __future__ import annotations

from services.pilot.scripts.lexing.bash import BashLexer
from services.pilot.scripts.lexing.pieces import Kind, Lexer, Piece
from services.pilot.scripts.lexing.powershell import PowerShellLexer
from services.pilot.scripts.lexing.python import PythonLexer
from services.pilot.scripts.types import Language

__all__ = ["Kind", "Piece", "is_whole", "lex"]

_LEXERS: dict[Language, type[Lexer]] = {
    Language.POWERSHELL: PowerShellLexer,
    Language.BASH: BashLexer,
    Language.PYTHON: PythonLexer,
}


def lex(language: Language, text: str) -> list[Piece]:
    """Return pieces that cover the text from its first to its last character."""
    return _read(language, text).pieces


def is_whole(language: Language, text: str) -> bool:
    """Tell whether every quote, here-document and substitution is closed."""
    return _read(language, text).is_whole


def _read(language: Language, text: str) -> Lexer:
    lexer = _LEXERS[language](text)
    lexer.code()
    return lexer
