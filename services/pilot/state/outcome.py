"""What a person said came of a fix that was taken: a check that is answered at once."""

from __future__ import annotations

from services.pilot.state import knowledge, lane
from services.pilot.state.moment import Moment
from services.pilot.state.proposals import fix_of
from services.pilot.types import ItemStatus, LaneItem, LaneKind, NewItem, Session, SuggestedFix

OUTCOME = "outcome"
"""Origin of the checks that hold what was said."""


def outcome_item(session: Session, fix: SuggestedFix) -> LaneItem | None:
    """Return the check that holds what came of a fix, None before anybody said so."""
    text = _text(fix)
    return next((item for item in session.items if item.origin == OUTCOME and item.text == text), None)


def tell_outcome(session: Session, moment: Moment, fix_id: str, words: str, *, promote: bool) -> Session:
    """Keep what was said of a fix's effect; what is said later replaces it. `promote` makes a fact of it at once."""
    fix = fix_of(session, fix_id)
    if outcome_item(session, fix) is None:
        session = lane.add_items(session, moment, [NewItem(LaneKind.CHECK, _text(fix), origin=OUTCOME)])
    item = outcome_item(session, fix)
    if item is None:  # somebody else asks the same already: theirs is theirs to answer
        return session
    if item.status is ItemStatus.DONE and item.answer != words:
        session = lane.reopen(session, moment, item.id)
    session = lane.answer(session, moment, item.id, words, (LaneKind.CHECK,))
    return knowledge.promoted_if_certain(session, moment, item.id) if promote else session


def _text(fix: SuggestedFix) -> str:
    return f"Result of “{' '.join(fix.title.split()).rstrip('.')}”"
