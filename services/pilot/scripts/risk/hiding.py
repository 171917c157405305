"""How scripts hide what they do: code made of text, encoded code, code from the network."""

from __future__ import annotations

import re
from functools import cache

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from services.pilot.scripts.lexing import Kind, lex
from services.pilot.scripts.risk.catalogue import FOLDER
from services.pilot.scripts.risk.found import Findings
from services.pilot.scripts.types import Language


class _Pattern(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    pattern: re.Pattern[str]
    how: str


@cache
def _patterns() -> dict[Language, list[_Pattern]]:
    text = (FOLDER / "hiding.yml").read_text("utf-8")
    return TypeAdapter(dict[Language, list[_Pattern]]).validate_python(yaml.safe_load(text))


def find_hiding(language: Language, text: str, findings: Findings) -> None:
    """Note what hides; comments count for nothing, text in quotes does."""
    code = list(text)
    for piece in lex(language, text):
        if piece.kind is Kind.COMMENT:
            code[piece.start : piece.end] = " " * (piece.end - piece.start)
        elif piece.kind is Kind.ESCAPE and language is Language.POWERSHELL and not piece.style:
            code[piece.start : piece.end] = "  " if text[piece.start + 1 : piece.end] == "\n" else "\0" * 2
    joined = "".join(code)
    if "\0" in joined and language is Language.POWERSHELL:
        findings.add_hidden(joined.index("\0"), "hides names behind backticks")
    for each in _patterns()[language]:
        if match := each.pattern.search(joined):
            findings.add_hidden(match.start(), each.how)
