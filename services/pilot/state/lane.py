"""The task lane: questions, checks and actions come in, are answered, put aside and taken up again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.errors import InvalidInputError, NotFoundError
from services.pilot.redaction import without_secrets
from services.pilot.state.moment import (
    Moment,
    check_room,
    clean,
    next_version,
    require_open,
    require_unseen_unchanged,
    shown,
)
from services.pilot.types import ItemStatus, LaneItem, LaneKind, NewItem, Session, StaleSessionError

LONGEST_ITEM = 600
LONGEST_DETAIL = 3_000
LONGEST_ANSWER = 3_000
MOST_OPEN_ITEMS = 40
"""More than anybody can work on: a model that goes on asking is stopped here."""
MOST_ITEMS = 1_000
"""All of them are written with each change of one."""


def add_items(session: Session, moment: Moment, items: Sequence[NewItem]) -> Session:
    """Put items into the lane under new ids; what is there already, in whatever state, is not asked again."""
    require_open(session)
    known = {(item.kind, _folded(item.text)) for item in session.items}
    added: list[LaneItem] = []
    for new in items:
        text = clean(new.text, f"The {new.kind}", longest=LONGEST_ITEM)
        if (new.kind, _folded(text)) in known:
            continue
        known.add((new.kind, _folded(text)))
        detail = clean(new.detail, "The detail", longest=LONGEST_DETAIL) if new.detail.strip() else ""
        options = tuple(dict.fromkeys(without_secrets(o.strip()) for o in new.options if o.strip()))
        added.append(
            LaneItem(
                id=moment.new_id(),
                kind=new.kind,
                text=text,
                options=options,
                detail=detail,
                origin=new.origin,
                changed_in=next_version(session),
            )
        )
    if sum(item.status is ItemStatus.OPEN for item in (*session.items, *added)) > MOST_OPEN_ITEMS and added:
        raise InvalidInputError(
            f"{MOST_OPEN_ITEMS} open items are the most; nothing was added.", hint="Answer or dismiss some first."
        )
    if added:
        check_room(len(session.items) + len(added) - 1, MOST_ITEMS, "questions, checks and actions")
    # one list after the other, as they are stored and shown
    ordered = sorted((*session.items, *added), key=lambda item: list(LaneKind).index(item.kind))
    return replace(session, items=tuple(ordered)) if added else session


def answer(session: Session, moment: Moment, item_id: str, text: str, kinds: Sequence[LaneKind]) -> Session:
    """Write down what was said to a question or came of a check; `StaleSessionError` if somebody else was first."""
    require_open(session)
    item = item_of(session, item_id)
    if item.kind not in kinds:
        raise InvalidInputError(f"“{shown(item.text)}” is no {kinds[0]}.")
    text = clean(text, "The answer", longest=LONGEST_ANSWER, question=item.text)
    if item.status is ItemStatus.DONE:
        if item.answer == text:
            return session
        raise StaleSessionError(
            f"“{shown(item.text)}” has the answer “{shown(item.answer)}” already; yours was not saved.",
            session,
            hint="Reopen it to answer anew.",
        )
    return with_item(
        session,
        replace(
            item,
            status=ItemStatus.DONE,
            answer=text,
            answered_by_member_id=moment.member_id,
            changed_in=next_version(session),
        ),
    )


def dismiss(session: Session, moment: Moment, item_id: str) -> Session:
    """Put an open item aside."""
    require_open(session)
    item = item_of(session, item_id)
    if item.status is ItemStatus.DISMISSED:
        return session
    if item.status is ItemStatus.DONE:
        raise StaleSessionError(
            f"“{shown(item.text)}” was answered meanwhile: “{shown(item.answer)}”.", session, hint="It was kept."
        )
    require_unseen_unchanged(session, moment, item.changed_in, "it")
    return with_item(session, replace(item, status=ItemStatus.DISMISSED, changed_in=next_version(session)))


def reopen(session: Session, moment: Moment, item_id: str) -> Session:
    """Take an item up again; the fact that came of its answer is taken back with it."""
    require_open(session)
    item = item_of(session, item_id)
    if item.status is ItemStatus.OPEN:
        return session
    require_unseen_unchanged(session, moment, item.changed_in, "it")
    version = next_version(session)
    facts = tuple(
        replace(fact, deleted_at=moment.at, updated_at=moment.at, changed_in=version)
        if fact.id == item.fact_id and fact.deleted_at is None
        else fact
        for fact in session.facts
    )
    opened = replace(
        item, status=ItemStatus.OPEN, answer="", fact_id=None, answered_by_member_id=None, changed_in=version
    )
    return with_item(replace(session, facts=facts), opened)


def item_of(session: Session, item_id: str) -> LaneItem:
    """Return a lane item, or raise `NotFoundError`: ids of other sessions are none of this one's."""
    item = session.item(item_id)
    if item is None:
        raise NotFoundError("This session has no such question, check or action.")
    return item


def with_item(session: Session, changed: LaneItem) -> Session:
    """Return the session with an item in the place of the one with its id."""
    return replace(session, items=tuple(changed if item.id == changed.id else item for item in session.items))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip("?.!؟ ")
