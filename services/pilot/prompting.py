"""What a model is told in a turn: the state of the session, what is like it, and the conversation, all as data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from services.ai import Tier
from services.ai.streaming import ChatTask
from services.pilot.similar import Similar
from services.pilot.types import Author, Fact, ItemStatus, LaneItem, Message, Session

ThingT = TypeVar("ThingT")

MOST_MESSAGES = 30
MOST_FIXES = 5
MOST_CHARACTERS = 24_000
"""Of facts, and as many of items; about 6,000 tokens each."""
LONGEST_LINE = 1_500
_QUOTATION_MARKS = str.maketrans(dict.fromkeys("“”„«»‘’'`\\", '"'))
NOTHING_SAID = "(clicked, said nothing)"


class TurnInput(BaseModel):
    """The volatile part of the prompt."""

    model_config = ConfigDict(frozen=True)

    state: dict[str, Any]
    similar: dict[str, Any]
    conversation: tuple[str, ...]
    said: str

    def quotes(self, marker: str, heard: Sequence[str] = ()) -> bool:
        """Tell whether a marker stands in what the model was told, or heard of tools.

        Then somebody else wrote it, and it does nothing. Blanks, case and kinds of quotation marks make no difference.
        """
        wanted = _plain(marker)
        return any(wanted in _plain(text) for text in (*_texts(self.model_dump()), *heard))


PILOT_TURN: ChatTask[TurnInput] = ChatTask("pilot.turn", Tier.STANDARD, "pilot_turn", request_field="said")


def turn_input(session: Session, similar: Similar, messages: Sequence[Message], said: str) -> TurnInput:
    """Return what the model is told; of what is too much, the newest and what is open stays, and the rest is named."""
    return TurnInput(
        state=_state(session),
        similar=dict(_similar(similar)),
        conversation=tuple(_line(message) for message in messages[-MOST_MESSAGES:]),
        said=said or NOTHING_SAID,
    )


def _state(session: Session) -> dict[str, Any]:
    by_interest = sorted(session.items, key=lambda item: (item.status is not ItemStatus.OPEN, -item.changed_in))
    facts = _fitting((fact, len(fact.text)) for fact in sorted(session.known, key=_need(session)))
    items = _fitting((item, min(len(item.text) + len(item.answer), LONGEST_LINE) + 100) for item in by_interest)
    return {
        "title": session.title,
        "problem": session.problem,
        "company": session.company,
        "ticket": dict(session.ticket.details) if session.ticket else {},
        "facts": {fact.label: cut(fact.text) for fact in sorted(facts, key=lambda fact: fact.number)},
        "items": [
            {
                "id": item.id,
                "kind": item.kind.value,
                "text": item.text,
                "status": item.status.value,
                "answer": cut(item.answer),
                "fact": item.fact_id is not None,
            }
            for item in items
        ],
        "fixes": [
            {"title": fix.title, "cause": fix.root_cause, "decision": fix.user_decision or "none yet"}
            for fix in session.fixes[-MOST_FIXES:]
        ],
        "left_out": _left_out(session, facts, items),
    }


def _need(session: Session) -> Callable[[Fact], tuple[bool, int]]:
    """Return the order in which facts are told: what the active fix rests on, then the newest."""
    needed = session.active_fix.fact_numbers if session.active_fix else ()
    return lambda fact: (fact.number not in needed, -fact.number)


def _fitting(sized: Iterable[tuple[ThingT, int]]) -> list[ThingT]:
    """Return the first things whose sizes are no more than `MOST_CHARACTERS` together, each at most a line."""
    fitting, room = [], MOST_CHARACTERS
    for thing, size in sized:
        room -= min(size, LONGEST_LINE)
        if room < 0:
            break
        fitting.append(thing)
    return fitting


def _left_out(session: Session, facts: Sequence[Fact], items: Sequence[LaneItem]) -> dict[str, str]:
    """Say what the session has and the model is not shown, {} where that is nothing."""
    told = {fact.number for fact in facts}
    missing = [fact.label for fact in session.known if fact.number not in told]
    left_out: dict[str, str] = {}
    if missing:
        left_out["facts"] = f"{len(missing)} more, between {missing[0]} and {missing[-1]}, are known to the engineer"
    if more := len(session.items) - len(items):
        left_out["items"] = f"{more} more, none of them newer than these"
    if (more := len(session.fixes) - MOST_FIXES) > 0:
        left_out["fixes"] = f"{more} older ones"
    return left_out


def cut(text: str) -> str:
    """Shorten a text to a line of a prompt, saying how much is missing."""
    missing = len(text) - LONGEST_LINE
    return f"{text[:LONGEST_LINE]} … [{missing} characters left out]" if missing > 0 else text


def _similar(similar: Similar) -> Mapping[str, Any]:
    return {
        "resolved sessions": [
            {"title": each.case.title, "cause": each.case.root_cause, "fix": each.case.fix_title, "why": each.reason}
            for each in similar.cases
        ],
        "script templates": [
            {"id": each.template.id, "name": each.template.name, "does": each.template.description}
            for each in similar.templates
        ],
    }


def _plain(text: str) -> str:
    return "".join(text.casefold().translate(_QUOTATION_MARKS).split())


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _line(message: Message) -> str:
    who = {Author.PERSON: "engineer", Author.PILOT: "you", Author.SYSTEM: "system"}[message.author]
    return f"{who}: {cut(message.text)}"


class Sanity:
    """Watches what a model says while it says it; `problem` says what is wrong with it so far, "" if nothing."""

    LONGEST = 12_000
    MOST_REPEATS = 4
    SHORTEST_REPEATED = 12

    def __init__(self) -> None:
        self._said = ""

    def feed(self, piece: str) -> None:
        """Take in what was said."""
        self._said += piece

    @property
    def problem(self) -> str:
        """Return why to stop the model now."""
        if len(self._said) > self.LONGEST:
            return "it did not come to an end"
        tail = self._said[-700:].rstrip()
        if tail[-40:].strip(" -=_*#.\n") and re.search(r"(.{2,80}?)\1{7,}\Z", tail, re.DOTALL):
            return "it repeated itself"
        sentences = Counter(part.strip() for part in re.split(r"[.!?\n]+", self._said[-4_000:]))
        if any(n >= self.MOST_REPEATS and len(part) >= self.SHORTEST_REPEATED for part, n in sentences.items()):
            return "it repeated itself"
        return ""

    @property
    def final_problem(self) -> str:
        """Return what is wrong with the whole of it."""
        characters = [character for character in self._said if not character.isspace()]
        if not characters:
            return "it said nothing"
        letters = sum(character.isalnum() for character in characters)
        return "it answered nonsense" if letters < len(characters) / 2 else ""
