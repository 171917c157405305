"""What people's comments say of work that waits, by their words: working on it, waiting for something, or free again.

English only; what it does not understand says nothing, and the item's activity decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Says = Literal["working", "waiting", "unblocked", "nothing"]

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+|,?\s+\b(?:but|however|though)\b,?\s+", re.IGNORECASE)
_NOT_NOW = re.compile(
    r"\b(?:if|unless|in case|once|when|might|may|could|would)\b[^.]{0,40}\b(?:blocked|waiting|stuck|working)\b",
    re.IGNORECASE,
)
_NOT = r"(?:not|no longer|isn[’']?t|aren[’']?t|wasn[’']?t|never|nothing|nobody|no one|neither)"
_FREE = re.compile(
    rf"\b{_NOT}\b[^.]{{0,25}}\b(?:block(?:ed|ing|s)|waiting|stuck|held up)\b"
    r"|\b(?:was|were|had been|used to be|has been)\b\s+(?:\w+\s+){0,2}(?:blocked|waiting|stuck|held up)\b"
    r"|\bunblocked\b|\bblocker is (?:gone|resolved|fixed|done)\b|\bcan (?:go on|continue|proceed)(?: again| now)?\b"
    r"|\b(?:got|received|have) (?:it|them|access|the \w+(?: \w+)?) now\b",
    re.IGNORECASE,
)
_STOP = r"(?=\s*(?:[.,;:!?()\n]|$|\b(?:to|so|before|since|because|and|which|who|that|until|as|still)\b))"
_WAITING = re.compile(
    r"\b(?:waiting (?:for|on)|waits? (?:for|on)|blocked (?:by|on)|depends on|held up by|stuck on|pending on"
    r"|(?:haven[’']?t|have not|hasn[’']?t) (?:heard|received|got)(?: anything)?(?: back)?(?: from)?)\s+"
    rf"(?P<what>[^.,;:!?()\n]{{2,80}}?){_STOP}",
    re.IGNORECASE,
)
_MISSING = re.compile(r"\b(?:still )?no (?P<what>[^.,;:!?()\n]{3,60}?) yet\b", re.IGNORECASE)
_CANNOT = re.compile(
    r"\b(?:can(?:no|[’'])?t|cannot|can not|unable to|not able to)\b[^.]{0,30}"
    r"\b(?:go on|proceed|continue|start|test|finish|move|work)\b|\bblocked\b",
    re.IGNORECASE,
)
_REVIEW = re.compile(r"\b(?:review|approval)\b", re.IGNORECASE)
_NOT_WORKING = re.compile(
    r"\b(?:not|stopped|no longer|isn[’']?t|nobody|no one|haven[’']?t|wasn[’']?t|was|were|who|anybody|anyone|supposed)\b"
    r"[^.]{0,25}\b(?:work(?:ing)?|on it|look(?:ing|ed)?)\b",
    re.IGNORECASE,
)
_WORKING = re.compile(
    r"\bworking on (?:this|it|that|the)\b|\b(?:i[’']?m|i am|we[’']?re|we are) (?:on (?:it|this)|working|looking|fixing"
    r"|testing|reviewing|finishing|going through)\b|^\s*on it\b|\blooking (?:at|into) (?:this|it)\b"
    r"|\b(?:will|i[’']?ll|going to) (?:finish|push|review|test|fix|look|have a look|do (?:it|this)|continue"
    r"|go on|pick)\b"
    r"|\b(?:almost|nearly|half) (?:done|finished|there|through)\b|\bgoing on (?:today|tomorrow|now)\b"
    r"|\b(?:picked|picking) (?:it|this) up\b|\bin the middle of\b|\bhad a look\b",
    re.IGNORECASE,
)
_NUDGE = re.compile(
    r"\b(?:any (?:news|updates?|progress|movement)|what[’']?s the status|where (?:are we|is this|does this stand)"
    r"|status\s*\?|ping|bump|(?:gentle|friendly|kind)? ?reminder)\b",
    re.IGNORECASE,
)
NUDGE_CHARACTERS = 200


@dataclass(frozen=True)
class Words:
    """What a text says, the words that say so (as they stand in it), and what is waited for ("" if it is not said)."""

    says: Says
    quote: str = ""
    blocker: str = ""


NOTHING = Words("nothing")


def what_is_said(text: str) -> Words:
    """Return what a comment says in the end: its last sentence that says anything."""
    for sentence in reversed([part.strip() for part in _SENTENCE_END.split(text) if part and part.strip()]):
        found = _of_sentence(sentence)
        if found.says != "nothing":
            return found
    return NOTHING


def _of_sentence(sentence: str) -> Words:
    if sentence.endswith("?") or _NOT_NOW.search(sentence):
        return NOTHING
    if _FREE.search(sentence):
        return Words("unblocked", sentence)
    if named := _WAITING.search(sentence) or _MISSING.search(sentence):
        what = " ".join(named["what"].split())
        # that a review is waited for is what a review status says already
        return NOTHING if _REVIEW.search(what) else Words("waiting", sentence, what)
    if _CANNOT.search(sentence):
        return Words("waiting", sentence)
    if _WORKING.search(sentence) and not _NOT_WORKING.search(sentence):
        return Words("working", sentence)
    return NOTHING


def is_nudge(text: str) -> bool:
    """Tell whether a comment only asks how it stands: that is no work on it."""
    return len(text) <= NUDGE_CHARACTERS and _NUDGE.search(text) is not None and what_is_said(text).says == "nothing"
