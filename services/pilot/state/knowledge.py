"""What is known: facts out of answers, notes of people, and taking back what turned out wrong."""

from __future__ import annotations

from dataclasses import replace

from services.errors import InvalidInputError, NotFoundError
from services.pilot.facts import fact_words, is_supported
from services.pilot.redaction import without_secrets
from services.pilot.state.lane import item_of, with_item
from services.pilot.state.moment import Moment, check_room, clean, next_version, require_open, require_unseen_unchanged
from services.pilot.types import Fact, FactSource, ItemStatus, LaneKind, Session, StaleSessionError

LONGEST_FACT = 4_000
"""Enough for the longest question with the longest answer, word by word."""

MOST_FACTS = 2_000

_SOURCES = {
    LaneKind.QUESTION: FactSource.QUESTION,
    LaneKind.CHECK: FactSource.CHECK,
    LaneKind.ACTION: FactSource.CHECK,
}


def promote(session: Session, moment: Moment, item_id: str, words: str = "") -> Session:
    """Make a fact of an answered item; `words` (a model's) are used only if they say nothing the answer does not.

    `InvalidInputError` when the item has no answer, or one that is no fact (“not sure”).
    """
    require_open(session)
    item = item_of(session, item_id)
    if item.fact_id is not None:
        return session
    if item.status is not ItemStatus.DONE:
        raise InvalidInputError("This has no answer yet, so there is nothing to note as a fact.")
    careful = fact_words(item.text, item.answer)
    if careful is None:
        raise InvalidInputError(
            "The answer is not certain, so it is no fact.", hint="Reopen it when you know more, or add a note."
        )
    words = without_secrets(words.strip(), question=item.text)
    text = words if words and is_supported(words, item.text, item.answer) else careful
    session, fact = _with_new_fact(session, moment, text, _SOURCES[item.kind], source_ref=item.id)
    return with_item(session, replace(item, fact_id=fact.id, changed_in=next_version(session)))


def promoted_if_certain(session: Session, moment: Moment, item_id: str) -> Session:
    """Make a fact of an answered item unless its answer is no fact."""
    item = item_of(session, item_id)
    return session if fact_words(item.text, item.answer) is None else promote(session, moment, item_id)


def add_fact(session: Session, moment: Moment, text: str, source: FactSource) -> Session:
    """Note something: a person's words (`manual`) or what was concluded from several facts (`synthesis`)."""
    require_open(session)
    text = clean(text, "The note", longest=LONGEST_FACT)
    if any(fact.text == text and fact.source_type is source for fact in session.known):
        return session
    return _with_new_fact(session, moment, text, source)[0]


def edit_fact(session: Session, moment: Moment, fact_id: str, text: str) -> Session:
    """Change a note's words; facts from questions and checks say what the answer says and are not edited."""
    require_open(session)
    fact = fact_of(session, fact_id)
    if not fact.source_type.is_editable:
        raise InvalidInputError(
            f"{fact.label} comes from a {fact.source_type} and says what was answered.",
            hint="Reopen that to answer it anew, or add a note.",
        )
    text = clean(text, "The note", longest=LONGEST_FACT)
    if text == fact.text and fact.deleted_at is None:
        return session
    require_unseen_unchanged(session, moment, fact.changed_in, fact.label)
    if fact.deleted_at is not None:
        raise StaleSessionError(f"{fact.label} was deleted meanwhile; your words were not saved.", session)
    return _with_fact(session, replace(fact, text=text, updated_at=moment.at, changed_in=next_version(session)))


def delete_fact(session: Session, moment: Moment, fact_id: str) -> Session:
    """Take a fact back; it keeps its number, and the item that it came from may become a fact again."""
    require_open(session)
    fact = fact_of(session, fact_id)
    if fact.deleted_at is not None:
        return session
    require_unseen_unchanged(session, moment, fact.changed_in, fact.label)
    version = next_version(session)
    session = _with_fact(session, replace(fact, deleted_at=moment.at, updated_at=moment.at, changed_in=version))
    item = session.item(fact.source_ref) if fact.source_ref else None
    if item is not None and item.fact_id == fact.id:
        session = with_item(session, replace(item, fact_id=None, changed_in=version))
    return session


def restore_fact(session: Session, moment: Moment, fact_id: str) -> Session:
    """Bring a deleted fact back, unless its question was answered anew since."""
    require_open(session)
    fact = fact_of(session, fact_id)
    if fact.deleted_at is None:
        return session
    require_unseen_unchanged(session, moment, fact.changed_in, fact.label)
    version = next_version(session)
    item = session.item(fact.source_ref) if fact.source_ref else None
    if item is not None:
        if item.status is not ItemStatus.DONE or item.fact_id is not None or item.changed_in > fact.changed_in:
            raise StaleSessionError(
                f"{fact.label} cannot come back: what it came from was reopened or answered anew.", session
            )
        session = with_item(session, replace(item, fact_id=fact.id, changed_in=version))
    return _with_fact(session, replace(fact, deleted_at=None, updated_at=moment.at, changed_in=version))


def fact_of(session: Session, fact_id: str) -> Fact:
    """Return a fact, taken back or not, or raise `NotFoundError`."""
    fact = session.fact(fact_id)
    if fact is None:
        raise NotFoundError("This session has no such fact.")
    return fact


def _with_new_fact(
    session: Session, moment: Moment, text: str, source: FactSource, source_ref: str | None = None
) -> tuple[Session, Fact]:
    check_room(len(session.facts), MOST_FACTS, "facts")
    fact = Fact(
        id=moment.new_id(),
        number=max((fact.number for fact in session.facts), default=0) + 1,
        text=text,
        source_type=source,
        source_ref=source_ref,
        created_by_member_id=moment.member_id,
        created_at=moment.at,
        updated_at=moment.at,
        changed_in=next_version(session),
    )
    return replace(session, facts=(*session.facts, fact)), fact


def _with_fact(session: Session, changed: Fact) -> Session:
    return replace(session, facts=tuple(changed if fact.id == changed.id else fact for fact in session.facts))
