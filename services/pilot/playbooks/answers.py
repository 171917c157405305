"""Which open question somebody's words answer, and which of its options they mean: only what is plain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.pilot.facts import FUNCTION_WORDS, NO, YES, has_doubt, is_certain, words_of
from services.pilot.types import ItemStatus, LaneItem, Session

LONGEST_FREE_ANSWER = 400
MINIMUM_SHARED = 2
_DENIALS = frozenset(["not", "no", "never", "cannot", "without", "kein", "keine", "nicht"])
_ASKS_OR_PLANS = re.compile(
    r"(?i)\s*(?:i['’]?ll|i will|i am going|i['’]m going|we['’]?ll|we will|let me|let['’]s|can you|could you|please|hi"
    r"|hello|hey|thanks|thank you|ok|okay|wait|one moment|brb)\b"
)
_KNOWS_NOT = re.compile(
    r"(?i)\W*(?:(?:i |we )?(?:do not|don['’]?t) know|no idea|dunno|idk|unknown|not sure|n/?a"
    r"|can(?:no|['’]?)t (?:say|tell)|skip(?: it| this)?|keine ahnung|weiß nicht|no s[eé]|je ne sais pas|لا أعرف)\W*"
)
_NO_BY_ITSELF = re.compile(r"\W*\w+\s*(?:[,.;:!–-]|$)")
"""“No, several” says no; “no errors in the log” does not."""
_WORKED = re.compile(
    r"(?i)\b(?:(?:that|it|this|fix|which) (?:has |have )?(?:really )?(?:worked|helped|did it|fixed it|solved it"
    r"|works now)|(?:solved|resolved|fixed)(?: now)?[.!]*$|(?:works|working) (?:again|now|fine now)|problem (?:is )?"
    r"(?:gone|solved))"
)
_DID_NOT = re.compile(
    r"(?i)\b(?:(?:did|does|has|have)(?: not|n['’]?t) (?:help|work|fix|solve|change)\w*"
    r"|no (?:change|luck|effect|improvement)\b(?! (?:in|of|to|for)\b)"
    r"|(?:is|was|are|were)(?: not|n['’]?t) (?:\w+ )?(?:fixed|solved|resolved|working|gone|better)"
    r"|still (?:the same|not|asks|asking|happens|happening|broken|fails|failing|there)"
    r"|(?:same|problem) (?:as before|remains)|not (?:fixed|solved|resolved|working))"
)
_NOT_FOR_GOOD = re.compile(
    r"(?i)\b(?:for (?:a|an|about|some|only|one|two|\d+)\b|briefly|temporarily|at first|initially|until|till|but|except"
    r"|only|part(?:ly|ially)|half|mostly|almost|nearly|somewhat|sometimes)\b"
)
"""Anywhere beside words that something worked: then they do not say that the fix helped."""
_CONDITION = re.compile(r"(?i)\b(?:if|when|once|unless|as soon as)\b")
_NOT_SAID = re.compile(
    r"(?i)\b(?:not|never|no longer|will|would|should|could|can|must|need|needs|want|wants|get|gets|getting|to be|being"
    r"|hop(?:e|ing|efully)|make sure|tell me|before|earlier|yesterday|last \w+)\b|n['’]t\b|['’]ll\b"
)
"""In the same clause as words that something worked: then it is wished, denied or long ago."""
_CLAUSE_END = re.compile(r"[,;:–]\s+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True)
class Reading:
    """What somebody's words are to an open item: its answer, or that they cannot say."""

    item: LaneItem
    answer: str
    cannot_say: bool = False


def reading_of(session: Session, said: str) -> Reading | None:
    """Return which open item `said` answers, or None when that is not plain.

    An option's words answer the newest open item that has it. A yes or no is for the one yes-or-no question whose words
    it says again, else for the newest item, or for the only one that asks so. “Don't know” is for the newest item only.
    Free words are for the newest item if that has no options, else for the one without that they say again.
    """
    said = said.strip()
    waiting = sorted(
        (item for item in session.items if item.status is ItemStatus.OPEN), key=lambda item: -item.changed_in
    )
    if not said or not waiting or said.endswith(("?", "؟")):
        return None
    newest = waiting[0]
    if _KNOWS_NOT.fullmatch(said):
        return Reading(newest, said, cannot_say=True)
    if meant := _yes_or_no_for(said, waiting):
        return Reading(meant, said) if is_certain(said) else None
    if option_in(said, newest.options):
        return Reading(newest, said) if is_certain(said) else None
    for item in waiting[1:]:
        option = option_in(said, item.options)
        if option and option.casefold() not in YES | NO and is_certain(said):
            return Reading(item, said)
    if len(said) > LONGEST_FREE_ANSWER or _ASKS_OR_PLANS.match(said) or not is_certain(said):
        return None
    meant = newest if not newest.options else _said_again_in(said, waiting)
    return Reading(meant, said) if meant else None


def _yes_or_no_for(said: str, waiting: Sequence[LaneItem]) -> LaneItem | None:
    """Return the yes-or-no question that a yes or no with further words is about, or the only one, behind others."""
    words = words_of(said)
    if not words or words[0] not in YES | NO or (words[0] in NO and not _NO_BY_ITSELF.match(said)):
        return None
    asking = [item for item in waiting if any(option.casefold() in YES | NO for option in item.options)]
    content = [word for word in words if word not in FUNCTION_WORDS]
    shared = [sum(word in words_of(item.text) for word in content) for item in asking]
    most = max(shared, default=0)
    if most and shared.count(most) == 1:
        return asking[shared.index(most)]
    return asking[0] if len(asking) == 1 and len(words) == 1 and waiting[0].options else None


def _said_again_in(said: str, waiting: Sequence[LaneItem]) -> LaneItem | None:
    """Return the item without options that has at least two telling words of what was said, more than any other."""
    content = {word for word in words_of(said) if word not in FUNCTION_WORDS}
    free = [item for item in waiting if not item.options]
    shared = [len(content.intersection(words_of(item.text))) for item in free]
    most = max(shared, default=0)
    return free[shared.index(most)] if most >= MINIMUM_SHARED and shared.count(most) == 1 else None


def option_in(said: str, options: Sequence[str]) -> str | None:
    """Return the one option that words mean: the option itself, its yes or no, or its words among others."""
    words = words_of(said)
    if not words:
        return None
    for option in options:
        if words_of(option) == words:
            return option
    for option in options:
        own = option.casefold()
        if (own in YES and words[0] in YES) or (own in NO and words[0] in NO):
            return option
    found = [option for option in options if option.casefold() not in YES | NO and _contains(words, words_of(option))]
    longest = [o for o in found if not any(o != other and _contains(words_of(other), words_of(o)) for other in found)]
    if len(longest) != 1:
        return None
    return longest[0] if _denies(words) == _denies(words_of(longest[0])) else None


def says_it_worked(said: str) -> bool | None:
    """Return True when words say that a fix helped, False that it did not, None when they say neither plainly."""
    if _DID_NOT.search(said):
        return False
    if _NOT_FOR_GOOD.search(said) or has_doubt(said):
        return None
    return True if any(_plainly_worked(sentence) for sentence in _SENTENCE_END.split(said)) else None


def _plainly_worked(sentence: str) -> bool:
    if sentence.rstrip().endswith(("?", "؟")) or _CONDITION.search(sentence):
        return False
    return any(_WORKED.search(clause) and not _NOT_SAID.search(clause) for clause in _CLAUSE_END.split(sentence))


def outcome_words(said: str) -> str | None:
    """Return the sentences that say whether a fix helped, as they were said; None where that is not certain."""
    if says_it_worked(said) is None or has_doubt(said):
        return None
    telling = [each.strip() for each in _SENTENCE_END.split(said) if says_it_worked(each) is not None]
    words = " ".join(telling or [said.strip()])
    return None if words.endswith("?") else words


def _contains(words: Sequence[str], part: Sequence[str]) -> bool:
    return any(list(words[at : at + len(part)]) == list(part) for at in range(len(words) - len(part) + 1))


def _denies(words: Sequence[str]) -> bool:
    return any(word in _DENIALS or word.endswith("n't") for word in words)
