"""Several people and processes work in one session at once: nothing is lost, and who comes later sees it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from db.tenancy import account_scope
from services.errors import NotFoundError
from services.pilot.types import (
    Author,
    FixDecision,
    LaneKind,
    NewFix,
    NewItem,
    NewScript,
    Session,
    StaleSessionError,
    TicketRef,
)
from tests.pilot.engine.conftest import NEXT_DOOR, Desk, make_desk, restarted


async def outcomes(*work: object) -> tuple[list[Session], list[StaleSessionError]]:
    """Do things at once; return what came of them and who came too late. Other errors are raised."""
    results = await asyncio.gather(*work, return_exceptions=True)  # type: ignore[call-overload]
    late = [result for result in results if isinstance(result, StaleSessionError)]
    done = [result for result in results if isinstance(result, Session)]
    for result in results:
        if result not in late and result not in done:
            raise result
    return done, late


@pytest.mark.requirement("FLP-3.3", "FLP-2.3")
async def test_what_many_do_at_once_all_holds_and_each_change_is_one_version(either: Desk) -> None:
    session, other = await either.open(), restarted(either)
    notes = [
        (desk.sessions if n % 2 else other.sessions).add_note(session.id, f"Note {n}", either.alice)
        for n, desk in enumerate([either] * 12)
    ]

    async def watch() -> set[bool]:
        seen = [await other.sessions.get(session.id) for _ in range(8)]
        return {len(state.facts) == state.state_version for state in seen}

    watching = asyncio.create_task(watch())
    await asyncio.gather(*notes)
    assert await watching == {True}
    after = await either.sessions.get(session.id)
    assert after.state_version == 12 == await other.sessions.version(session.id)
    assert [fact.number for fact in after.facts] == list(range(1, 13))
    assert {fact.text for fact in after.facts} == {f"Note {n}" for n in range(12)}
    await other.database.close()


async def test_of_two_edits_of_one_fact_the_later_one_sees_the_first_and_edits_of_different_facts_hold(
    either: Desk,
) -> None:
    session = await either.noted()
    (fact,), seen = session.facts, session.state_version
    done, late = await outcomes(
        either.sessions.edit_fact(session.id, fact.id, "Alice's words", either.alice, seen=seen),
        either.sessions.edit_fact(session.id, fact.id, "Bob's words", either.bob, seen=seen),
    )
    assert (len(done), len(late)) == (1, 1)
    assert late[0].session.facts == done[0].facts
    assert (await either.sessions.get(session.id)).facts == done[0].facts
    session = await either.sessions.add_note(session.id, "The password is new", either.alice)
    first, second = session.facts
    done, late = await outcomes(
        either.sessions.edit_fact(session.id, first.id, "One", either.alice, seen=session.state_version),
        either.sessions.delete_fact(session.id, second.id, either.bob, seen=session.state_version),
    )
    assert (len(done), len(late)) == (2, 0)
    assert [fact.text for fact in (await either.sessions.get(session.id)).known] == ["One"]


async def test_a_question_is_answered_once_becomes_a_fact_once_and_a_session_ends_one_way(either: Desk) -> None:
    session, item = await either.asked("Is the account locked?")
    done, late = await outcomes(
        either.sessions.answer_item(session.id, item.id, "Yes", either.alice, promote=True),
        either.sessions.answer_item(session.id, item.id, "No", either.bob, promote=True),
    )
    assert (len(done), len(late)) == (1, 1)
    assert late[0].session.item(item.id) == done[0].item(item.id)
    await asyncio.gather(*(either.sessions.promote(session.id, item.id, either.bob) for _ in range(4)))
    after = await either.sessions.get(session.id)
    assert (len(after.facts), after.state_version) == (1, done[0].state_version)
    done, late = await outcomes(
        either.sessions.resolve(session.id, either.alice, artifacts={"note": "resolved"}, seen=after.state_version),
        either.sessions.escalate(session.id, either.bob, artifacts={"note": "escalated"}, seen=after.state_version),
    )
    assert (len(done), len(late)) == (1, 1)
    after = await either.sessions.get(session.id)
    assert (after.status, after.artifacts) == (done[0].status, {"note": done[0].status.value})
    assert after.closed_at is not None
    work, since, until = either.sessions, after.closed_at, after.closed_at + timedelta(seconds=1)
    assert await work.ended_with("note", since, until) == (after,)
    assert await work.ended_with("other", since, until) == await work.ended_with("note", until, until) == ()


@pytest.mark.requirement("FLP-2.3", "FLP-1.2")
async def test_another_account_sees_and_changes_nothing(either: Desk) -> None:
    session, item = await either.asked("Is the account locked?")
    session = await either.sessions.add_note(session.id, "A note", either.alice)
    session = await either.sessions.suggest_fix(session.id, NewFix("Unlock", "Unlock it"))
    await either.sessions.attach_thread(session.id, "C1", "1.1")
    before, fact, fix = await either.sessions.get(session.id), session.facts[0], session.fixes[0]
    with account_scope(NEXT_DOOR):
        them = await make_desk(either.database)
        theirs, their_item = await them.asked("Is it theirs?")
        work, eve = them.sessions, them.alice
        attempts = [
            work.get(session.id),
            work.version(session.id),
            work.messages(session.id),
            work.add_message(session.id, Author.PERSON, "hello", by=eve),
            work.attach_thread(session.id, "C2", "2.2"),
            work.set_lane_message(session.id, "2.2"),
            work.set_artifacts(session.id, {"a": 1}),
            work.add_items(session.id, [NewItem(LaneKind.QUESTION, "Who?")]),
            work.answer_item(session.id, item.id, "Yes", eve),
            work.dismiss_item(session.id, item.id, eve),
            work.promote(session.id, item.id, eve),
            work.add_note(session.id, "x", eve),
            work.edit_fact(session.id, fact.id, "x", eve),
            work.delete_fact(session.id, fact.id, eve),
            work.suggest_fix(session.id, NewFix("x", "x")),
            work.decide_fix(session.id, fix.id, FixDecision.ONE_OFF, eve),
            work.add_script_generation(session.id, NewScript("bash", "ls", "one_off")),
            work.link_ticket(session.id, TicketRef("jira", "A-1"), eve),
            work.resolve(session.id, eve),
            work.answer_item(theirs.id, item.id, "Yes", eve),
            work.edit_fact(theirs.id, fact.id, "x", eve),
            work.decide_fix(theirs.id, fix.id, FixDecision.ONE_OFF, eve),
        ]
        for attempt in attempts:
            with pytest.raises(NotFoundError):
                await attempt
        assert [summary.id for summary in (await work.list()).sessions] == [theirs.id]
        assert await work.in_thread("C1", "1.1") is None
        assert their_item.id in {entry.id for entry in (await work.get(theirs.id)).items}
    assert await either.sessions.get(session.id) == before
