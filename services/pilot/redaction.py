"""Take secrets out of what people and models say before it is stored.

Personal data stays: a note without the mailbox that it is about helps nobody. It goes out of texts that models read,
where `services.ai` puts placeholders in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.ai.sanitise import SECRET, find_all
from services.pilot.spoken_secrets import spoken

SECRET_REFERENCE = "secret:"  # noqa: S105 how references to secrets begin, no password

_CALLED = (
    r"(?:pass(?:word|wort|code|phrase|wd)|pwd?|kennwort|pin|mot de passe|contraseña|senha|recovery key|credentials?"
    r"|api key|token|secret|كلمة (?:المرور|السر))"
)
_NAMED = re.compile(rf"(?i)(?<!\w){_CALLED}(?!\w)(?P<rest>(?:(?![.;?!]\s)[^\n]){{0,100}})")
_THEN = re.compile(
    r"(?i)(?:[:=]|->|(?<!\w)(?:is|was|to|now|ist|lautet|auf|est|es|é|هي|هو)(?!\w))[\s:\"'`“„«]*(?=(?P<value>[^\s\"'`“”„«»]{4,120}))"
)
"""“I changed her password to …”: what people say of passwords, where configuration would assign them."""

_BESIDE = re.compile(rf"(?i)(?<!\w){_CALLED}\s+[\"'`“„«]?(?P<value>(?=\S*\d)(?=\S*[^\W\d])[^\s\"'`“”„«»]{{8,120}})")
"""“with password …”: a word right behind it that has letters and digits."""

_ASKED = re.compile(
    rf"(?i)(?:(?:what|which)(?:['’]s| is| was| are)?|tell|give|send|share|enter|wie (?:ist|lautet)|welches?|quel est)"
    rf"(?:\s+\w+){{0,4}}?\s+{_CALLED}(?!\w)(?!\s+(?:policy|manager|age|length|expiry|hint|prompt|reset|type))"
)
_DIGITS_ARE_SECRET = re.compile(r"(?i)(?<!\w)(?:pin|passcode)(?!\w)")
_PIN = re.compile(r"(?<![\w.:-])\d{4,12}(?![\w:-]|\.\d)")
_RECOVERY_KEY = re.compile(r"(?<![\d-])\d{6}(?:-\d{6}){7}(?![\d-])")
"""BitLocker's recovery password: 48 digits in groups of six."""

_PLACEHOLDER = re.compile(r"\[(?:SECRET_\d{1,6}|redacted)\]")
"""What stands for a secret in stored texts, and in notes."""

_TURNS_AROUND = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Unicode's embeddings, overrides and isolates; Arabic and Hebrew need none of them."""

_DATE_OR_NUMBER = re.compile(r"[\d.,:/+-]+(?:[apAP][mM]|%|[a-z]{1,3})?\.?")


def _looks_chosen(word: str) -> bool:
    """Tell whether a word looks like a password that somebody chose: letters mixed with digits or signs."""
    word = word.rstrip(".,;:!?)")
    if len(word) < 6 or word.startswith(("[SECRET_", SECRET_REFERENCE)) or _DATE_OR_NUMBER.fullmatch(word):
        return False
    has_letter = any(character.isalpha() for character in word)
    return has_letter and bool(re.search(r"\d|[^\w.'’@/\\-]", word)) and not re.match(r"https?://|\S+@\S+\.\w+$", word)


def _known(text: str) -> Iterator[tuple[int, int]]:
    """Find what is a secret by its shape."""
    for find in find_all(text):
        if find.kind == SECRET:
            yield find.start, find.end
    for key in _RECOVERY_KEY.finditer(text):
        yield key.span()
    for start, end in spoken(text):
        if not text[start:end].startswith(("[", SECRET_REFERENCE)):
            yield start, end


def _said(text: str) -> Iterator[tuple[int, int]]:
    """Find what people say that a password is."""
    for named in _NAMED.finditer(text):
        for then in _THEN.finditer(text, named.start("rest"), min(len(text), named.end("rest") + 120)):
            if then.start() < named.end("rest") and _looks_chosen(then["value"]):
                yield _trimmed(then["value"], then.start("value"))
            elif _DIGITS_ARE_SECRET.match(named[0]) and (pin := _PIN.match(text, then.end())):
                yield pin.span()
    for beside in _BESIDE.finditer(text):
        if _looks_chosen(beside["value"]):
            yield _trimmed(beside["value"], beside.start("value"))


def _answered(text: str, question: str) -> Iterator[tuple[int, int]]:
    """Find what answers a question for a secret."""
    asked = _ASKED.search(question)
    if asked is None:
        return
    if _DIGITS_ARE_SECRET.search(asked[0]):
        for pin in _PIN.finditer(text):
            yield pin.span()
    for word in re.finditer(r"\S{6,}", text):
        if _looks_chosen(word[0]):
            yield _trimmed(word[0], word.start())


def _trimmed(value: str, start: int) -> tuple[int, int]:
    return start, start + len(value.rstrip(".,;:"))


def _joined(spans: Iterable[tuple[int, int]], placeholders: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join what overlaps, so that no end of a secret is left; what was taken out already is none, but goes with one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        touched = [each for each in placeholders if max(start, each[0]) < min(end, each[1])]
        if any(a <= start and end <= b for a, b in touched):
            continue
        start, end = min([start, *(a for a, _ in touched)]), max([end, *(b for _, b in touched)])
        if joined and start < joined[-1][1]:
            joined[-1] = (min(start, joined[-1][0]), max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def secret_spans(text: str, *, question: str = "") -> list[tuple[int, int]]:
    """Return where secrets stand in a text, as far as one look tells."""
    return [*_known(text), *_said(text), *_answered(text, question)]


def replaced(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return `text` with `[SECRET_1]`, `[SECRET_2]`… in the place of `spans`, the same for the same secret."""
    parts: list[str] = []
    names: dict[str, str] = {}
    position = number = 0
    for start, end in _joined(spans, [match.span() for match in _PLACEHOLDER.finditer(text)]):
        value = text[start:end]
        if value not in names:
            number += 1
            while f"[SECRET_{number}]" in text:
                number += 1
            names[value] = f"[SECRET_{number}]"
        parts += [text[position:start], names[value]]
        position = end
    return "".join([*parts, text[position:]])


def without_secrets(text: str, *, question: str = "") -> str:
    """Return `text` with `[SECRET_1]`, `[SECRET_2]`… for secrets; doing it again changes nothing.

    Signs that turn the direction of writing around go as well: with them a text reads as something that it is not.
    `question` is what the text answers: after “What is the new password?” a bare word can be one.
    """
    text = _TURNS_AROUND.sub("", text)
    # without one secret the next may stand where it is seen; each look takes something out, so that there is an end
    while (clean := replaced(text, secret_spans(text, question=question))) != text:
        text = clean
    return text


def cleaned(value: Any) -> Any:
    """Return JSON-like data with every string free of secrets."""
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, Mapping):
        return {str(key): cleaned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(item) for item in value]
    return value


def as_reference(parameter: Mapping[str, Any]) -> dict[str, Any]:
    """Return a script's parameter as it may be stored: of a sensitive one its name, never its value."""
    kept = {str(key): value if key == "name" else cleaned(value) for key, value in parameter.items()}
    if parameter.get("sensitive") and "value" in parameter:
        value = str(parameter["value"] or "")
        kept["value"] = value if value.startswith(SECRET_REFERENCE) else f"{SECRET_REFERENCE}{parameter.get('name')}"
    return kept
