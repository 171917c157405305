"""Whatever is wished for in whatever order, a session stays consistent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from services.errors import FlowPilotError
from services.pilot.state import knowledge, lane, proposals, standing
from services.pilot.state.moment import Moment
from services.pilot.types import (
    Fact,
    FactSource,
    FixDecision,
    ItemStatus,
    LaneItem,
    LaneKind,
    NewFix,
    NewItem,
    Session,
    SessionStatus,
    SuggestedFix,
)

AT = datetime(2026, 11, 21, tzinfo=UTC)
ALL = tuple(LaneKind)


def nth(things: Sequence[LaneItem | Fact | SuggestedFix], n: int) -> str:
    """Return the id of the n-th thing, or one that does not exist."""
    return things[n].id if n < len(things) else "none"


Wish = Callable[[Session, Moment, int], Session]
WISHES: dict[str, Wish] = {
    "ask": lambda s, m, n: lane.add_items(s, m, [NewItem(ALL[n % 3], f"Is it {n}?")]),
    "answer": lambda s, m, n: lane.answer(s, m, nth(s.items, n), f"Yes, {n}", ALL),
    "doubt": lambda s, m, n: lane.answer(s, m, nth(s.items, n), "not sure", ALL),
    "dismiss": lambda s, m, n: lane.dismiss(s, m, nth(s.items, n)),
    "take up": lambda s, m, n: lane.reopen(s, m, nth(s.items, n)),
    "promote": lambda s, m, n: knowledge.promote(s, m, nth(s.items, n)),
    "note": lambda s, m, n: knowledge.add_fact(s, m, f"Note {n}", FactSource.MANUAL),
    "edit": lambda s, m, n: knowledge.edit_fact(s, m, nth(s.facts, n), f"Edited {n}"),
    "delete": lambda s, m, n: knowledge.delete_fact(s, m, nth(s.facts, n)),
    "restore": lambda s, m, n: knowledge.restore_fact(s, m, nth(s.facts, n)),
    "fix": lambda s, m, n: proposals.suggest_fix(s, m, NewFix(f"Fix {n}", "Do", fact_numbers=(n,) if n else ())),
    "decide": lambda s, m, n: proposals.decide_fix(s, m, nth(s.fixes, n), list(FixDecision)[n]),
    "end": lambda s, m, n: standing.finish(s, m, list(SessionStatus)[n], {}),
    "resume": lambda s, m, n: standing.reopen(s, m),
}


def check(before: Session, after: Session) -> None:
    """Hold a session against the rules that must hold always."""
    facts = {fact.id: fact for fact in after.facts}
    assert [fact.number for fact in after.facts] == list(range(1, len(facts) + 1))
    assert {fact.id for fact in before.facts} <= set(facts)
    assert {item.id for item in before.items} <= {item.id for item in after.items}
    assert sum(fix.is_active for fix in after.fixes) <= 1
    assert all(fix.superseded_at is not None for fix in after.fixes[:-1])
    for item in after.items:
        assert (item.answer == "") == (item.status is not ItemStatus.DONE)
        if item.fact_id is not None:
            assert (facts[item.fact_id].source_ref, facts[item.fact_id].deleted_at) == (item.id, None)
    for fact in after.known:
        holders = [item for item in after.items if item.fact_id == fact.id]
        assert len(holders) == (0 if fact.source_ref is None else 1)
    assert (after.closed_at is None) == (after.status is SessionStatus.OPEN)


@given(st.lists(st.tuples(st.sampled_from(sorted(WISHES)), st.integers(0, 1)), max_size=40))
def test_any_wishes_in_any_order_leave_a_consistent_session(wishes: list[tuple[str, int]]) -> None:
    ids = count()
    moment = Moment(AT, 1, new_id=lambda: f"id-{next(ids)}")
    session = standing.opened(moment, "It does not work")
    for start in ("ask", "answer", "promote", "note", "fix"):
        session = replace(WISHES[start](session, moment, 0), state_version=session.state_version + 1)
    for wish, n in wishes:
        try:
            after = WISHES[wish](session, moment, n)
        except FlowPilotError:
            continue
        check(session, after)
        if after is not session:
            assert after != session
            session = replace(after, state_version=session.state_version + 1)


def test_the_title_is_the_problems_first_line_cut_at_a_word() -> None:
    session = standing.opened(Moment(AT), "Outlook asks\nfor the password " + "again " * 50)
    assert session.title == "Outlook asks"
    assert len(standing.opened(Moment(AT), "again " * 50).title) <= standing.LONGEST_TITLE
