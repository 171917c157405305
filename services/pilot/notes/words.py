"""Words of a sentence as far as they carry meaning: stems in order, and those that must never get lost.

English; other languages are compared word for word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NOT = "not"
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*(?:[.:/\\@_+%$#-]+[^\W_]+)*%?")
_PLAIN_PARTS = re.compile(r"[-/+]")
_SENTENCE_END = re.compile(r"(?<=[.!?؟。])\s+(?=[^\Wa-z_]|[\"'“(\[])")

_FILLING_WORDS = (
    "a an the of to in on at for with into onto this that these those it its there here is are was were be been"
    " being am has have had having do does did doing done and but as also both too while whereas however which who whom"
    " i we you they me us them my our your their"
)
_FILLING = frozenset(_FILLING_WORDS.split())
"""Words that a sentence may have more or fewer of and say the same."""

_NEGATIONS = frozenset(("not", "no", "never", "none", "nobody", "nothing", "cannot", "neither", "nor", "without"))
_GUARDED_WORDS = (
    "or only except unless if when whenever until till before after since because due therefore so then than instead"
    " sometimes intermittently occasionally often rarely always maybe perhaps possibly probably likely apparently"
    " suspected suspect suspects seems seem might may could can should would will must shall almost nearly about"
    " approximately some any all every each most many few several either again still already yet now once twice"
    " reported reportedly claims believes thinks assumed assumes unclear unknown from by off out down up over under"
    " against least more less"
)
_GUARDED = frozenset(_GUARDED_WORDS.split())
"""Words that turn or limit a statement: restating it without them, or with others, is another statement."""


@dataclass(frozen=True)
class Token:
    """A word's stem; guarded ones (negations, limits, numbers, names) may be neither added nor left out."""

    stem: str
    is_guarded: bool


def tokens_of(text: str) -> list[Token]:
    """Return the words of `text` that carry meaning, in order."""
    found: list[Token] = []
    for index, match in enumerate(_TOKEN.finditer(text.replace("’", "'"))):
        for word in _parts(match[0]):
            folded = word.casefold()
            if folded in _NEGATIONS or folded.endswith("n't"):
                found.append(Token(folded if folded == "without" else NOT, True))
            elif folded in _GUARDED:
                found.append(Token(folded, True))
            elif folded not in _FILLING:
                is_name = word[0].isupper() and (index > 0 or not word[1:].islower())
                has_sign = re.search(r"[\d@\\_.:%$#]", word) is not None
                found.append(Token(folded if has_sign else stem(folded), has_sign or is_name))
    return found


def _parts(word: str) -> list[str]:
    """Split `sign-in` and `on/off`, leave `PC-0142`, `10:15` and `ana@acme.example` whole."""
    parts = _PLAIN_PARTS.split(word)
    return parts if len(parts) > 1 and all(part.replace("'", "").isalpha() for part in parts) else [word]


def stem(word: str) -> str:
    """Take the commonest English endings off a lower-case word."""
    word = word.removesuffix("'s").removesuffix("'")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    for ending, least in (("ing", 5), ("ed", 4), ("es", 4), ("s", 4)):
        if len(word) >= least and word.endswith(ending) and not word.endswith(("ss", "us", "is")):
            word = word.removesuffix(ending)
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 2 else word


def sentences_of(text: str) -> list[str]:
    """Split a text into its sentences, without changing a word."""
    return [part for part in (piece.strip() for piece in _SENTENCE_END.split(text)) if part]


def as_sentence(text: str) -> str:
    """End a statement with a full stop where it has no end of its own."""
    text = text.strip()
    return text if not text or text[-1] in ".!?…؟。" else f"{text}."
