"""Fill a template's form in from what is known. Every value stands in its source word for word; nothing is made up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.errors import InvalidInputError
from services.pilot.scripts.looks import INSIDE, looks_like
from services.pilot.scripts.types import Parameter, ParameterType
from services.pilot.scripts.values import clean_value
from services.pilot.types import Session

SCRIPT_VALUES_SETTING = "pilot.script_values"
"""Values that an account keeps for parameters: {"*": {"domain_controller": "dc01"}, "Acme Corp": {…}}."""


class ValueSource(StrEnum):
    """Where a value was found, the surest first."""

    FACT = "fact"
    TICKET = "ticket"
    PROBLEM = "problem"
    MODEL = "model"
    ACCOUNT = "account"
    DEFAULT = "default"


class Confidence(StrEnum):
    """How sure a value is: it is named, it is the only one of its kind, or it is one of several."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True)
class Suggestion:
    """A value and where it stands: `reference` is F3, a field of the ticket, a company."""

    value: str
    source: ValueSource
    reference: str
    confidence: Confidence

    @property
    def words(self) -> str:
        """Say where it comes from."""
        return {
            ValueSource.FACT: f"from fact {self.reference}",
            ValueSource.TICKET: f"from the ticket ({self.reference})",
            ValueSource.PROBLEM: "from the problem",
            ValueSource.MODEL: f"proposed, stands in {self.reference}",
            ValueSource.ACCOUNT: f"from the settings ({self.reference})",
            ValueSource.DEFAULT: "the template's default",
        }[self.source]


@dataclass(frozen=True)
class Prefilled:
    """A field of the form. With a conflict nothing is chosen: a person decides between `others`."""

    parameter: Parameter
    chosen: Suggestion | None
    others: tuple[Suggestion, ...] = ()

    @property
    def is_conflict(self) -> bool:
        """Tell whether sources name different values and none is surer."""
        return self.chosen is None and len({other.value for other in self.others}) > 1


@dataclass(frozen=True)
class _Text:
    source: ValueSource
    reference: str
    text: str


_LABEL_NOISE = frozenset(
    ("name", "value", "the", "which", "who", "person", "host", "path", "user", "email", "number", "for", "and", "first")
)
_NAMES_THE_TICKET = frozenset({"label", "url", "status"})
"""Fields of a ticket that tell nothing of the machine or person it is about, though `CW-48213` looks like a host."""
_SAID = r"\s*(?:is|was|are|=|:)?\s*"
_STANDS_BEFORE = {"true": r"enable|turn on|switch on", "false": r"disable|turn off|switch off"}
_STANDS_AFTER = {
    "false": r"no\b(?!\s+\w)|off\b(?!\s+\w)|false|disabled|not (?:on|enabled|wanted|needed)",
    "true": r"yes|on\b(?!\s+\w)|true|enabled|wanted|needed",
}
_NUMBER = re.compile(r"(?<![\w.:/-])\d{1,9}(?:\.\d{1,4})?(?![\w:/-]|\.\d)")
_QUOTED = re.compile(r"[“\"'‘`]([^“”\"'‘’`\n]{1,80})[”\"'’`]")
_NAMED_USER = re.compile(r"(?i)\b(?:user(?:name)?|account|login)" + _SAID + r"[“\"'`]?([A-Za-z][\w.\\-]*[\w])")
_REFERENCE = re.compile(r"secret:[A-Za-z0-9][A-Za-z0-9_-]{0,59}")


def prefill(
    parameters: Sequence[Parameter],
    session: Session,
    account: Mapping[str, Any] | None = None,
    proposed: Mapping[str, str] | None = None,
) -> tuple[Prefilled, ...]:
    """Return each parameter with a value or with what stands against each other.

    `account` is the setting `SCRIPT_VALUES_SETTING`; `proposed` are a model's values, taken only where they stand in a
    fact, the ticket or the problem. Named values go before those that are only of the right kind, then facts before the
    ticket, the ticket before the problem; a value that names another parameter is not taken for this one.
    """
    texts = list(_texts(session))
    found = {each.name: _ranked(each, texts) for each in parameters}
    named = {
        ranked[0].value: name
        for name, ranked in found.items()
        if ranked and ranked[0].confidence is Confidence.HIGH and not _ties(ranked)
    }
    fields: list[Prefilled] = []
    for each in parameters:
        suggestions = [one for one in found[each.name] if named.get(one.value, each.name) == each.name]
        suggestions += _from_model(each, texts, proposed or {})
        suggestions += _from_account(each, session.company, account or {})
        if each.default:
            suggestions.append(Suggestion(each.default, ValueSource.DEFAULT, "", Confidence.LOW))
        fields.append(_chosen(each, suggestions))
    return tuple(fields)


def sources_of(fields: Sequence[Prefilled], values: Mapping[str, str], *, typed: str) -> dict[str, str]:
    """Return where each given value comes from: what suggested the very value, else `typed`."""
    found: dict[str, str] = {}
    for field in fields:
        name = field.parameter.name
        if name in values:
            suggestions = [field.chosen, *field.others] if field.chosen else [*field.others]
            found[name] = next((one.words for one in suggestions if one.value == values[name]), typed)
        elif field.parameter.default:
            found[name] = "the template's default"
    return found


def told(session: Session) -> Iterator[tuple[str, str]]:
    """Return all that values are looked for in, each text with what it is called."""
    yield from ((text.reference, text.text) for text in _texts(session))


def _texts(session: Session) -> Iterator[_Text]:
    for fact in session.known:
        yield _Text(ValueSource.FACT, fact.label, fact.text)
    if session.ticket is not None:
        for name, value in session.ticket.details.items():
            if isinstance(value, str) and value and name not in _NAMES_THE_TICKET:
                yield _Text(ValueSource.TICKET, name.replace("_", " "), value)
    yield _Text(ValueSource.PROBLEM, "the problem", f"{session.title}\n{session.problem}")


def _ranked(parameter: Parameter, texts: Iterable[_Text]) -> list[Suggestion]:
    labels = _labels(parameter)
    found: dict[str, Suggestion] = {}
    for text in texts:
        words = f"{text.reference} {text.text}" if text.source is ValueSource.TICKET else text.text
        is_named = any(re.search(rf"(?i)\b{re.escape(label)}", words) for label in labels)
        for raw in _values_in(parameter, text.text, is_named):
            value = _clean(parameter, raw)
            confidence = Confidence.HIGH if is_named else Confidence.MEDIUM
            if value and (value not in found or _rank(confidence) < _rank(found[value].confidence)):
                found[value] = Suggestion(value, text.source, text.reference, confidence)
    ranked = sorted(found.values(), key=lambda one: (_rank(one.confidence), _rank_source(one.source)))
    if len({one.value for one in ranked}) > 1:
        return [_lowered(one) if one.confidence is Confidence.MEDIUM else one for one in ranked]
    return ranked


def _values_in(parameter: Parameter, text: str, is_named: bool) -> Iterator[str]:
    if parameter.type is ParameterType.SECRET:
        yield from _REFERENCE.findall(text) if is_named else ()
    elif parameter.type is ParameterType.CHOICE:
        yield from (each for each in parameter.options if re.search(rf"(?i)(?<!\w){re.escape(each)}(?!\w)", text))
    elif parameter.type is ParameterType.BOOLEAN:
        yield from _said_of(parameter, text)
    elif parameter.type is ParameterType.NUMBER:
        yield from _NUMBER.findall(text) if is_named else ()
    elif parameter.type is ParameterType.TEXT:
        yield from _QUOTED.findall(text) if is_named else ()
    else:
        yield from _of_type(parameter.type, text)


def _said_of(parameter: Parameter, text: str) -> Iterator[str]:
    """Yield what a text says of a switch by its whole name or label: "automapping is off", "turn on automapping"."""
    titles = {parameter.name.replace("_", " "), parameter.label} - {""}
    title = "|".join(r"[\s_-]*".join(map(re.escape, each.split())) for each in titles)
    for value, before in _STANDS_BEFORE.items():
        after = _STANDS_AFTER[value]
        is_asked = re.search(rf"(?i)\b(?:{before})\s+(?:the\s+)?(?:{title})\b", text)
        if is_asked or re.search(rf"(?i)\b(?:{title})(?:\s+(?:is|was))?\s*[:=]?\s*(?:{after})(?!\w)", text):
            yield value


def _of_type(type_: ParameterType, text: str) -> Iterator[str]:
    taken: list[tuple[int, int]] = []
    for expression, kind in INSIDE:
        for match in expression.finditer(text):
            if looks_like(match[0]) is None or any(match.start() < end and start < match.end() for start, end in taken):
                continue
            taken.append(match.span())
            if kind is type_:
                yield match[0]
    if type_ is ParameterType.USER:
        yield from (
            match for match in _NAMED_USER.findall(text) if match.lower() not in ("is", "was", "account", "locked")
        )


def _from_model(parameter: Parameter, texts: Iterable[_Text], proposed: Mapping[str, str]) -> Iterator[Suggestion]:
    given = proposed.get(parameter.name, "").strip()
    if not given or parameter.is_secret or parameter.type is ParameterType.BOOLEAN:
        return
    whole = re.compile(rf"(?i)(?<![\w]){re.escape(given)}(?![\w])")
    holder = next((text for text in texts if whole.search(text.text)), None)
    if holder is not None and (value := _clean(parameter, given)):
        yield Suggestion(value, ValueSource.MODEL, holder.reference, Confidence.MEDIUM)


def _from_account(parameter: Parameter, company: str, account: Mapping[str, Any]) -> Iterator[Suggestion]:
    for key, title in ((company, company), ("*", "all companies")):
        values = account.get(key) if key else None
        given = values.get(parameter.name) if isinstance(values, Mapping) else None
        if isinstance(given, str) and (value := _clean(parameter, given)):
            yield Suggestion(value, ValueSource.ACCOUNT, title, Confidence.MEDIUM)
            return


def _chosen(parameter: Parameter, suggestions: list[Suggestion]) -> Prefilled:
    from_texts = [one for one in suggestions if one.source not in (ValueSource.ACCOUNT, ValueSource.DEFAULT)]
    if _ties(from_texts):
        proposal = next((one for one in from_texts if one.source is ValueSource.MODEL), None)
        if proposal is None:
            return Prefilled(parameter, None, tuple(suggestions))
        return Prefilled(parameter, proposal, _others(suggestions, proposal))
    chosen = suggestions[0] if suggestions else None
    return Prefilled(parameter, chosen, _others(suggestions, chosen))


def _others(suggestions: list[Suggestion], chosen: Suggestion | None) -> tuple[Suggestion, ...]:
    return tuple(one for one in suggestions if chosen is not None and one.value != chosen.value)


def _ties(ranked: Sequence[Suggestion]) -> bool:
    """Tell whether the first two are different values that nothing but their source tells apart."""
    best = [one for one in ranked if one.confidence is ranked[0].confidence and one.source is not ValueSource.MODEL]
    return len({one.value for one in best}) > 1


def _labels(parameter: Parameter) -> list[str]:
    words = re.findall(r"[a-z]{3,}", f"{parameter.name.replace('_', ' ')} {parameter.label}".lower())
    return [word for word in dict.fromkeys(words) if word not in _LABEL_NOISE]


def _lowered(suggestion: Suggestion) -> Suggestion:
    return Suggestion(suggestion.value, suggestion.source, suggestion.reference, Confidence.LOW)


def _clean(parameter: Parameter, raw: str) -> str:
    try:
        return clean_value(parameter, raw)
    except InvalidInputError:
        return ""


def _rank(confidence: Confidence) -> int:
    return list(Confidence).index(confidence)


def _rank_source(source: ValueSource) -> int:
    return list(ValueSource).index(source)
