"""Judge notes by the hand-marked claims of their session; knows nothing of how notes are written or verified.

A sentence is supported when nothing is left of it after the claims of what it cites are taken out (of a fact all at
once), letter by letter, but joining words; when it cites only what exists and belongs in its section; and, where facts
contradict each other, when it names all of them and says that they disagree. A fact is told when all its claims stand
in sentences that cite it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.pilot_note_sessions import Expected, Said

_KINDS = {
    "Problem": "P",
    "What we confirmed": "F",
    "What we've confirmed": "F",
    "Root cause": "XF",
    "Current hypothesis": "XF",
    "Resolution": "XSL",
    "What we've tried": "XSLF",
    "Suggested next steps": "XL",
}
_JOINING = {"and", "but", "while", "the"}
_DISAGREE = re.compile(r"not settled, (?:the facts|as (?:f\d+(?:, | and )?)+) disagree:")
_LABEL_IN_TEXT = re.compile(r"\((?:f\d+(?:, | and )?)+\)")
_WORD = re.compile(r"[^\W_]+")


@dataclass
class Verdict:
    """What was found wrong with a note."""

    sentences: int = 0
    unsupported: list[Said] = field(default_factory=list)
    facts: int = 0
    omitted: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    cause_missing: bool = False


def judge(sentences: Sequence[Said], expected: Expected, renderings: Iterable[str]) -> Verdict:
    """Hold a note's sentences and everything that was rendered of it against what is expected."""
    verdict = Verdict(sentences=len(sentences), facts=len(expected.fact_claims))
    verdict.unsupported = [said for said in sentences if not is_supported(said, expected)]
    sound = [said for said in sentences if said not in verdict.unsupported]
    for label, claims in expected.fact_claims.items():
        told = " ¶ ".join(_folded(said.text) for said in sound if label in said.cites and "confirmed" in said.section)
        if not all(_folded(claim) in told for claim in claims):
            verdict.omitted.append(label)
    rendered = "\n".join(renderings)
    verdict.leaked = [secret for secret in expected.secrets if secret in rendered]
    causes = " ¶ ".join(_folded(said.text) for said in sound if said.section in ("Root cause", "Current hypothesis"))
    verdict.cause_missing = not all(_folded(claim) in causes for claim in expected.cause_claims)
    return verdict


def is_supported(said: Said, expected: Expected) -> bool:
    """Tell whether a sentence says only what its citations do, where it may."""
    cites = set(said.cites)
    if not cites or not cites <= expected.claims.keys() or any(c[0] not in _KINDS[said.section] for c in cites):
        return False
    text = _folded(said.text)
    if any(_folded(fact) in text for fact in expected.taken_back if not cites <= {"P"}):
        return False
    if not _is_fair(text, said, expected):
        return False
    if any(_folded(good.text) == text and set(good.cites) == cites for good in expected.good):
        return True
    claims = sorted({_folded(each) for label in cites for each in _sayable(label, expected)}, key=len, reverse=True)
    rest = _LABEL_IN_TEXT.sub(" ", _DISAGREE.sub(" ", text))
    for claim in claims:
        rest = re.sub(rf"(?<!\w){re.escape(claim)}(?!\w)", " ", rest)
    return rest != text and set(_WORD.findall(rest)) <= _JOINING


def _sayable(label: str, expected: Expected) -> list[str]:
    """Return what may be said of a source piece by piece; of a fact only the whole, as pieces of two may mix."""
    claims = expected.claims[label]
    return [" ".join(claims)] if label in expected.fact_claims else claims


def _is_fair(text: str, said: Said, expected: Expected) -> bool:
    """Tell whether contradictions are told as such, and only those."""
    cites = set(said.cites)
    disagrees = _DISAGREE.search(text) is not None
    if said.section in ("Root cause", "Current hypothesis"):
        return disagrees == bool(cites & expected.disputed_causes)
    touched = [group for group in expected.conflicts if group & cites]
    if "confirmed" in said.section:
        return disagrees == bool(touched) and all(group <= cites for group in touched)
    return not disagrees


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split()).rstrip(". ")
