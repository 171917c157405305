"""Cut what a person typed into words, quoted phrases and Slack's entities."""

from __future__ import annotations

import re
from dataclasses import dataclass

TOKEN = re.compile(r'"([^"]*)"(?=\s|$)|[“”]([^“”]*)[“”](?=\s|$)|((?:<[^<>]*>|\S)+)')
SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class Token:
    """One word (or quoted phrase without its quotes) and where it stands in the text."""

    text: str
    start: int
    end: int
    is_quoted: bool


def split(text: str) -> list[Token]:
    """Return the tokens of `text`; an unclosed quote is an ordinary character."""
    tokens = []
    for match in TOKEN.finditer(text):
        quoted = match[1] if match[1] is not None else match[2]
        word = quoted if quoted is not None else match[3]
        tokens.append(Token(word, match.start(), match.end(), quoted is not None))
    return tokens


def quote(text: str) -> str:
    """Return typed text as code, short, unable to mention anybody or to end the code."""
    shown = " ".join(text.split()).replace("`", "'").replace("<", "&lt;").replace(">", "&gt;")
    if len(shown) > SHOWN_CHARACTERS:
        shown = shown[: SHOWN_CHARACTERS - 1] + "…"
    return f"`{shown}`" if shown else "nothing"
