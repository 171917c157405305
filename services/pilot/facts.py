"""Put an answer, or the result of a check, into the words of a fact: nothing that was not said.

Three forms, the first that fits without doubt: a statement (“Is the account locked?” “No” → “The account is not
locked.”), a value (“What is the error code?” “0x80070005” → “The error code: 0x80070005.”), and otherwise question
and answer word by word. An answer that is nothing but doubt (“not sure”, “maybe since Monday”) is no fact.
"""

from __future__ import annotations

import re
from collections.abc import Sequence


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


YES = _set("yes y yep yeah yup correct right true confirmed affirmative ja oui si sí sim نعم")
NO = _set("no n nope nah false negative nein non não nao لا")

_DOUBT = re.compile(
    r"(?i)(?<!\w)(?:not (?:\w+ )?(?:sure|certain|clear|known|checked|tested)|un(?:sure|certain|clear)"
    r"|(?:do|does|did)(?: not|n['’]?t) (?:\w+ )?(?:know|remember|recall)|dunno|no (?:idea|clue)|maybe|perhaps|probably"
    r""
    r"|possibly|presumably|might(?: be)?|(?:could|may) be|(?:i|we) (?:think|guess|believe|suppose|assume)"
    r"|i['’]?d (?:say|guess)|hard to (?:say|tell)"
    r"|can(?:no|['’]?)t (?:say|tell|check)|(?:will|have to|need to|must) (?:check|ask|look|test)"
    r"|let me (?:check|ask|look)"
    r"|seems?(?: to| like)?|apparently|wei(?:ß|ss) (?:\w+ )?nicht|keine ahnung|vielleicht|je ne sais pas|peut-être"
    r"|no s[eé]|quiz[aá]s?|لا أعرف|لا أدري|ربما|غير متأكد)(?!\w)"
)
_NOTHING_SAID = re.compile(r"(?i)[\W_]*(?:n/?a|unknown|none given|no answer|skip(?:ped)?|tbd|tbc|later|idk|\?)?[\W_]*")
_CLAUSE_END = re.compile(r"[.;!?\n]+(?=\s|$)|,(?=\s)|\s(?:but|aber|mais|pero)\s|\s[-–—]\s|،|؛")
_FILLER = _set(
    "i we it is s that this the a an so well hmm um yet right now at moment sorry honestly really just to be me us you "
    "he she they was were here there and or if about"
)
_NEGATIONS = _set(
    "not no never none nothing nobody nowhere neither nor without cannot kein keine keinen nicht nie ne pas jamais non "
    "nein nunca لا ليس لم لن"
)

FUNCTION_WORDS = (
    _set(
        "a an the this that these those is are was were be been being am do does did has have had will would can could "
        "should shall may must of in on at to for from by with as and or but if then than so it its there here they "
        "them their he she his her him we our us you your i my me who what which when where why how any some"
    )
    | _NEGATIONS
    | YES
    | NO
)
"""Words that carry no content: a fact may use them freely, except those that deny."""

_WORD = re.compile(r"[^\W_]+(?:[.:/\\@'’_-]+[^\W_]+)*")

_AUXILIARIES = _set("is are was were has have had can could will does do did")
_DETERMINERS = _set("the this that their his her its our your my any")
_PRONOUNS = _set("it he she they this that")
_PIVOTS = _set(
    "able up down on off online offline in at under connected reachable available locked unlocked enabled disabled "
    "blocked expired installed running listed missing full empty new slow correct valid invalid active inactive "
    "affected working visible shared licensed unlicensed synced encrypted open closed still already also only always"
)
"""Words at which what is asked of a subject begins; a question with more than one of them is left as it is."""
_AFTER_PARTICIPLE = _set(
    "in at on off by from to with out there here since after before during again recently lately today yesterday "
    "correctly"
)
"""What follows a participle that tells of the subject: “changed in …”; in “the newly added printer” none does."""
_NO_PARTICIPLES = _set("speed feed seed need weed reed hundred")


def fact_words(question: str, answer: str) -> str | None:
    """Return the fact that an answer makes of its question, or None when the answer is no fact."""
    question, answer = _one_line(question), _one_line(answer)
    if not is_certain(answer):
        return None
    polarity = bare_polarity(answer)
    if polarity is not None and (statement := _statement(question, polarity)):
        return statement
    if polarity is None and (name := _asked_value(question)):
        return _sentence(f"{name}: {answer}")
    if question.endswith(("?", "؟", ":")):
        return _sentence(f"{question} {_capital(answer)}")
    return _sentence(f"{question.rstrip('.')}: {answer}")


def is_certain(answer: str) -> bool:
    """Tell whether some clause of an answer says something without doubt."""
    if _NOTHING_SAID.fullmatch(answer):
        return False
    clauses = [clause for clause in _CLAUSE_END.split(answer) if clause and _WORD.search(clause)]
    if not clauses:  # signs only, such as an exit code's “-”
        return bool(re.search(r"\w", answer))
    return any(not _DOUBT.search(clause) and not _is_filler(clause) for clause in clauses)


def has_doubt(words: str) -> bool:
    """Tell whether words say, anywhere, that something is not certain."""
    return bool(_DOUBT.search(words))


def bare_polarity(answer: str) -> bool | None:
    """Return True for yes and False for no when an answer is just that, else None."""
    words = [word.casefold() for word in _WORD.findall(answer)]
    if len(words) != 1:
        return None
    return True if words[0] in YES else False if words[0] in NO else None


def is_supported(text: str, question: str, answer: str) -> bool:
    """Tell whether a model's words for a fact say nothing that question and answer do not.

    Each content word and number must occur in one of them (up to an ending), and what the answer denies is denied. Who
    did what to whom is not checked: words are compared, not their order.
    """
    if not is_certain(answer):
        return False
    said = words_of(f"{question} {answer}")
    content = _content(text)
    if not content or not all(_occurs(word, said) for word in content):
        return False
    polarity = bare_polarity(answer)
    if polarity is None:
        # a part of the answer must be there, or the fact would be the question's own supposition
        own = _content(answer)
        if own and not any(_occurs(word, content) for word in own):
            return False
        return _denies(text) == _denies(answer)
    if _denies(question):  # “Is it not synced?” “No”: English leaves open what is meant
        return False
    return _denies(text) != polarity


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded; numbers, versions, paths and addresses are one word each."""
    return [word.casefold().replace("’", "'") for word in _WORD.findall(text)]


def _content(text: str) -> list[str]:
    return [word for word in words_of(text) if word not in FUNCTION_WORDS and not word.endswith("n't")]


def _occurs(word: str, said: list[str]) -> bool:
    if word in said:
        return True
    if any(character.isdigit() for character in word):
        return False
    stem = _stem(word)
    return any(_stem(other) == stem for other in said)


def _stem(word: str) -> str:
    """Take one English ending off a word of letters: asks, asked and asking are one word."""
    if not word.isalpha() or len(word) < 5:
        return word[:-1] if word.isalpha() and len(word) == 4 and word.endswith("s") and word[-2] != "s" else word
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)].removesuffix("e")
    return word.removesuffix("e")


def _denies(text: str) -> bool:
    words = words_of(text)
    return any(word in _NEGATIONS or word.endswith("n't") for word in words)


def _is_filler(clause: str) -> bool:
    return all(word in _FILLER for word in words_of(clause))


def _statement(question: str, is_so: bool) -> str | None:
    """Turn a yes/no question around when it is plain where its subject ends."""
    words = question.rstrip("?؟ ").split()
    if len(words) < 3 or words[0].lower() not in _AUXILIARIES - {"do", "does", "did"} or _denies(question):
        return None
    if any(not _WORD.fullmatch(word) for word in words):  # commas, brackets, alternatives: more than one question
        return None
    auxiliary, rest = words[0].lower(), words[1:]
    lowered = [word.lower() for word in rest]
    if "or" in lowered or "and" in lowered:
        return None
    if lowered[0] in _PRONOUNS and lowered[0] not in _DETERMINERS:
        split = 1
    elif lowered[0] in _DETERMINERS:
        pivots = [index for index in range(2, len(lowered)) if _begins_predicate(lowered, index)]
        if not pivots or (lowered[1] in _PIVOTS) or len([i for i in pivots if i != pivots[0] + 1]) > 1:
            return None
        split = pivots[0]
    else:
        return None
    subject, predicate = " ".join(rest[:split]), " ".join(rest[split:])
    if not predicate:
        return None
    denial = "" if is_so else " not"
    return _sentence(f"{_capital(subject)} {auxiliary}{denial} {predicate}")


def _begins_predicate(words: Sequence[str], index: int) -> bool:
    """Tell whether what is asked of the subject may begin at this word."""
    word, rest = words[index], words[index + 1 :]
    if word.endswith("ed") and word not in _NO_PARTICIPLES:
        return not rest or rest[0] in _AFTER_PARTICIPLE | _PIVOTS
    return word in _PIVOTS


_VALUE_QUESTION = re.compile(
    r"(?i)(?:what|which)(?:['’]s| is| are| was| were) (?P<name>(?:the|this|their|his|her) [^,?;]{2,80})\?"
)


def _asked_value(question: str) -> str | None:
    """Return the thing whose value a question asks for: a plain name, no clause."""
    match = _VALUE_QUESTION.fullmatch(question)
    if match is None or len(match["name"].split()) > 6:
        return None
    if {word.lower() for word in match["name"].split()} & {"if", "when", "that", "who", "doing", "happening", "best"}:
        return None
    return _capital(match["name"])


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _capital(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text[0].upper() + text[1:] if first.isalpha() and first.islower() else text


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…", "؟", "۔", "`")) else f"{text}."
